// IncrementalAlterConfigs (API key 44): changes single configs of a resource (KIP-339);
// flexible v1.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "protocol/messages/alter_configs.h"
#include "protocol/types.h"

namespace protocol {

struct IncrementalAlterConfigsRequest {
    static constexpr int16_t api_key = 44;
    static constexpr Versions valid = between(0, 1), flexible = since(1);

    struct AlterConfigsResource {
        struct AlterableConfig {
            std::string_view name;
            int8_t config_operation = 0;  // set, delete, append, subtract
            std::optional<std::string_view> value = std::string_view{};

            static void fields(auto& f, auto& m) {
                f("Name", m.name);
                f("ConfigOperation", m.config_operation);
                f("Value", m.value);
            }
        };

        int8_t resource_type = 0;
        std::string_view resource_name;
        std::vector<AlterableConfig> configs;

        static void fields(auto& f, auto& m) {
            f("ResourceType", m.resource_type);
            f("ResourceName", m.resource_name);
            f("Configs", m.configs);
        }
    };

    std::vector<AlterConfigsResource> resources;
    bool validate_only = false;

    static void fields(auto& f, auto& m) {
        f("Resources", m.resources);
        f("ValidateOnly", m.validate_only);
    }
};

struct IncrementalAlterConfigsResponse {
    static constexpr int16_t api_key = 44;
    static constexpr Versions valid = between(0, 1), flexible = since(1);

    using AlterConfigsResourceResponse = AlterConfigsResponse::AlterConfigsResourceResponse;

    int32_t throttle_time_ms = 0;
    std::vector<AlterConfigsResourceResponse> responses;

    static void fields(auto& f, auto& m) {
        f("ThrottleTimeMs", m.throttle_time_ms);
        f("Responses", m.responses);
    }
};

}  // namespace protocol
