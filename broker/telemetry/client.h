// A client as subscriptions to its metrics tell it (KIP-714).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "protocol/types.h"

namespace broker::telemetry {

// What a connection's ApiVersions said of the client's library (KIP-511).
struct ClientSoftware {
    std::string name = "unknown";
    std::string version = "unknown";
};

struct Client {
    protocol::Uuid instance_id;
    std::string_view client_id;
    std::string_view software_name;
    std::string_view software_version;
    std::string_view source_address;
    uint16_t source_port = 0;
};

}  // namespace broker::telemetry
