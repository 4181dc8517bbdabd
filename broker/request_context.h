// What a handler knows of the request at hand besides its body.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "broker/config/broker_config.h"

namespace broker {

struct Shard;
class Shards;
class Broker;

struct RequestContext {
    Broker& broker;
    Shards& shards;
    Shard& home;  // the shard that the connection lives on; handlers start and end here
    int16_t version = 0;
    std::string_view client_id;    // "" when the client sent null
    std::string_view client_host;  // its address without the port, as Kafka shows it: "/127.0.0.1"
    const config::Listener* listener = nullptr;  // that the connection came in by
    std::string_view local_host;                 // the address that the client reached

    // Produce with acks=0: nothing is sent back.
    bool respond = true;
    // After an error that acks=0 cannot tell: the client learns it from the closed connection.
    bool close = false;
    // For what Kafka's parser of requests refuses: there is no answer, and the connection closes.
    void refuse_request() {
        respond = false;
        close = true;
    }
    // What the response views (record bytes, names); it lives until the answer is written.
    std::vector<std::unique_ptr<std::byte[]>> buffers;
    std::vector<std::shared_ptr<const void>> kept;
};

}  // namespace broker
