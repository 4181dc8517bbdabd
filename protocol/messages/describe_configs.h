// DescribeConfigs (API key 32): KIP-226 synonyms v1, KIP-569 types and documentation v3,
// flexible v4.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct DescribeConfigsRequest {
    static constexpr int16_t api_key = 32;
    static constexpr Versions valid = between(1, 4), flexible = since(4);

    struct DescribeConfigsResource {
        int8_t resource_type = 0;
        std::string_view resource_name;
        std::optional<std::vector<std::string_view>> configuration_keys =
            std::vector<std::string_view>{};

        static void fields(auto& f, auto& m) {
            f("ResourceType", m.resource_type);
            f("ResourceName", m.resource_name);
            f("ConfigurationKeys", m.configuration_keys);
        }
    };

    std::vector<DescribeConfigsResource> resources;
    bool include_synonyms = false;
    bool include_documentation = false;

    static void fields(auto& f, auto& m) {
        f("Resources", m.resources);
        f("IncludeSynonyms", m.include_synonyms);
        f("IncludeDocumentation", m.include_documentation, since(3));
    }
};

struct DescribeConfigsResponse {
    static constexpr int16_t api_key = 32;
    static constexpr Versions valid = between(1, 4), flexible = since(4);

    struct DescribeConfigsResult {
        struct DescribeConfigsResourceResult {
            struct DescribeConfigsSynonym {
                std::string name;
                std::optional<std::string> value = std::string{};
                int8_t source = 0;

                static void fields(auto& f, auto& m) {
                    f("Name", m.name);
                    f("Value", m.value);
                    f("Source", m.source);
                }
            };

            std::string name;
            std::optional<std::string> value = std::string{};
            bool read_only = false;
            int8_t config_source = -1;
            bool is_sensitive = false;
            std::vector<DescribeConfigsSynonym> synonyms;
            int8_t config_type = 0;
            std::optional<std::string> documentation = std::string{};

            static void fields(auto& f, auto& m) {
                f("Name", m.name);
                f("Value", m.value);
                f("ReadOnly", m.read_only);
                f("ConfigSource", m.config_source);
                f("IsSensitive", m.is_sensitive);
                f("Synonyms", m.synonyms);
                f("ConfigType", m.config_type, since(3));
                f("Documentation", m.documentation, since(3));
            }
        };

        ErrorCode error_code = ErrorCode::none;
        std::optional<std::string> error_message = std::string{};
        int8_t resource_type = 0;
        std::string resource_name;
        std::vector<DescribeConfigsResourceResult> configs;

        static void fields(auto& f, auto& m) {
            f("ErrorCode", m.error_code);
            f("ErrorMessage", m.error_message);
            f("ResourceType", m.resource_type);
            f("ResourceName", m.resource_name);
            f("Configs", m.configs);
        }
    };

    int32_t throttle_time_ms = 0;
    std::vector<DescribeConfigsResult> results;

    static void fields(auto& f, auto& m) {
        f("ThrottleTimeMs", m.throttle_time_ms);
        f("Results", m.results);
    }
};

}  // namespace protocol
