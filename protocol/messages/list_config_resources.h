// ListConfigResources (API key 74): client metrics (KIP-714); any kind of resource v1 (KIP-1142).
#pragma once

#include <string>
#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

// The only kind of resource before v1.
inline constexpr int8_t client_metrics_resource = 16;

struct ListConfigResourcesRequest {
    static constexpr int16_t api_key = 74;
    static constexpr Versions valid = between(0, 1), flexible = since(0);

    std::vector<int8_t> resource_types;  // empty: all

    static void fields(auto& f, auto& m) { f("ResourceTypes", m.resource_types, since(1)); }
};

struct ListConfigResourcesResponse {
    static constexpr int16_t api_key = 74;
    static constexpr Versions valid = between(0, 1), flexible = since(0);

    struct ConfigResource {
        std::string resource_name;
        int8_t resource_type = client_metrics_resource;

        static void fields(auto& f, auto& m) {
            f("ResourceName", m.resource_name);
            f("ResourceType", m.resource_type, since(1));
        }
    };

    int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::vector<ConfigResource> config_resources;

    static void fields(auto& f, auto& m) {
        f("ThrottleTimeMs", m.throttle_time_ms);
        f("ErrorCode", m.error_code);
        f("ConfigResources", m.config_resources);
    }
};

}  // namespace protocol
