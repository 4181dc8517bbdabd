// What a handler knows of the request at hand besides its body.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/config/broker_config.h"
#include "broker/telemetry/client.h"
#include "broker/work_time.h"
#include "storage/log.h"

namespace broker {

struct Shard;
class Shards;
class Broker;
namespace partition {
class AppendGroup;
}

// Who has not said who it is (KafkaPrincipal.ANONYMOUS).
inline constexpr std::string_view anonymous_user = "ANONYMOUS";

// What is kept for a connection, from one request to the next.
struct ConnectionState {
    // Group and member: share sessions that began here, and end with the connection (KIP-932).
    std::set<std::pair<std::string, std::string>> share_sessions;
    telemetry::ClientSoftware software;
};

struct RequestContext {
    Broker& broker;
    Shards& shards;
    Shard& home;  // the shard that the connection lives on; handlers start and end here
    int16_t version = 0;
    std::string_view client_id;    // "" when the client sent null
    std::string_view client_host;  // its address without the port, as Kafka shows it: "/127.0.0.1"
    uint16_t client_port = 0;
    const config::Listener* listener = nullptr;  // that the connection came in by
    std::string_view local_host;                 // the address that the client reached
    std::string_view user = anonymous_user;      // its principal's name
    ConnectionState* connection = nullptr;
    size_t request_bytes = 0;  // of the frame, without its size
    // Of a request that is answered at once: who writes what it appends, before anybody is told.
    partition::AppendGroup* appends = nullptr;

    // Produce with acks=0: nothing is sent back.
    bool respond = true;
    // After an error that acks=0 cannot tell: the client learns it from the closed connection.
    bool close = false;
    // For what Kafka's parser of requests refuses: there is no answer, and the connection closes.
    void refuse_request() {
        respond = false;
        close = true;
    }
    // How long the client is to wait for its quotas (KIP-219): told in the answer, and from when it
    // was found on the connection is not read for so long.
    int32_t throttle_time_ms = 0;
    int64_t throttled_until_ms = 0;
    // What threads have worked on it, while somebody counts that.
    WorkTime work_time;
    bool is_work_counted = true;  // against the client's quota
    // What the response views (record bytes, names); it lives until the answer is written.
    std::vector<std::unique_ptr<std::byte[]>> buffers;
    // What the response leaves out (protocol::Records::elsewhere_bytes), in its order.
    std::vector<storage::FileSlice> slices;
    std::vector<std::shared_ptr<const void>> kept;
};

}  // namespace broker
