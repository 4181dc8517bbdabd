// DescribeClientQuotas (API key 48): KIP-546; flexible v1.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct DescribeClientQuotasRequest {
    static constexpr int16_t api_key = 48;
    static constexpr Versions valid = between(0, 1), flexible = since(1);

    struct ComponentData {
        std::string_view entity_type;
        int8_t match_type = 0;
        std::optional<std::string_view> match = std::string_view{};

        static void fields(auto& f, auto& m) {
            f("EntityType", m.entity_type);
            f("MatchType", m.match_type);
            f("Match", m.match);
        }
    };

    std::vector<ComponentData> components;
    bool strict = false;

    static void fields(auto& f, auto& m) {
        f("Components", m.components);
        f("Strict", m.strict);
    }
};

struct DescribeClientQuotasResponse {
    static constexpr int16_t api_key = 48;
    static constexpr Versions valid = between(0, 1), flexible = since(1);

    struct EntryData {
        struct EntityData {
            std::string entity_type;
            std::optional<std::string> entity_name = std::string{};

            static void fields(auto& f, auto& m) {
                f("EntityType", m.entity_type);
                f("EntityName", m.entity_name);
            }
        };

        struct ValueData {
            std::string key;
            double value = 0;

            static void fields(auto& f, auto& m) {
                f("Key", m.key);
                f("Value", m.value);
            }
        };

        std::vector<EntityData> entity;
        std::vector<ValueData> values;

        static void fields(auto& f, auto& m) {
            f("Entity", m.entity);
            f("Values", m.values);
        }
    };

    int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message = std::string{};
    std::optional<std::vector<EntryData>> entries = std::vector<EntryData>{};

    static void fields(auto& f, auto& m) {
        f("ThrottleTimeMs", m.throttle_time_ms);
        f("ErrorCode", m.error_code);
        f("ErrorMessage", m.error_message);
        f("Entries", m.entries);
    }
};

}  // namespace protocol
