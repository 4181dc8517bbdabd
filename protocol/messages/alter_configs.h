// AlterConfigs (API key 33): replaces all configs of a resource (KIP-133); flexible v2.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct AlterConfigsRequest {
    static constexpr int16_t api_key = 33;
    static constexpr Versions valid = between(0, 2), flexible = since(2);

    struct AlterConfigsResource {
        struct AlterableConfig {
            std::string_view name;
            std::optional<std::string_view> value = std::string_view{};

            static void fields(auto& f, auto& m) {
                f("Name", m.name);
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

struct AlterConfigsResponse {
    static constexpr int16_t api_key = 33;
    static constexpr Versions valid = between(0, 2), flexible = since(2);

    struct AlterConfigsResourceResponse {
        ErrorCode error_code = ErrorCode::none;
        std::optional<std::string> error_message = std::string{};
        int8_t resource_type = 0;
        std::string resource_name;

        static void fields(auto& f, auto& m) {
            f("ErrorCode", m.error_code);
            f("ErrorMessage", m.error_message);
            f("ResourceType", m.resource_type);
            f("ResourceName", m.resource_name);
        }
    };

    int32_t throttle_time_ms = 0;
    std::vector<AlterConfigsResourceResponse> responses;

    static void fields(auto& f, auto& m) {
        f("ThrottleTimeMs", m.throttle_time_ms);
        f("Responses", m.responses);
    }
};

}  // namespace protocol
