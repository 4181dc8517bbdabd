// AlterClientQuotas (API key 49): KIP-546; flexible v1.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct AlterClientQuotasRequest {
    static constexpr int16_t api_key = 49;
    static constexpr Versions valid = between(0, 1), flexible = since(1);

    struct EntryData {
        struct EntityData {
            std::string_view entity_type;
            std::optional<std::string_view> entity_name = std::string_view{};

            static void fields(auto& f, auto& m) {
                f("EntityType", m.entity_type);
                f("EntityName", m.entity_name);
            }
        };

        struct OpData {
            std::string_view key;
            double value = 0;
            bool remove = false;

            static void fields(auto& f, auto& m) {
                f("Key", m.key);
                f("Value", m.value);
                f("Remove", m.remove);
            }
        };

        std::vector<EntityData> entity;
        std::vector<OpData> ops;

        static void fields(auto& f, auto& m) {
            f("Entity", m.entity);
            f("Ops", m.ops);
        }
    };

    std::vector<EntryData> entries;
    bool validate_only = false;

    static void fields(auto& f, auto& m) {
        f("Entries", m.entries);
        f("ValidateOnly", m.validate_only);
    }
};

struct AlterClientQuotasResponse {
    static constexpr int16_t api_key = 49;
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

        ErrorCode error_code = ErrorCode::none;
        std::optional<std::string> error_message = std::string{};
        std::vector<EntityData> entity;

        static void fields(auto& f, auto& m) {
            f("ErrorCode", m.error_code);
            f("ErrorMessage", m.error_message);
            f("Entity", m.entity);
        }
    };

    int32_t throttle_time_ms = 0;
    std::vector<EntryData> entries;

    static void fields(auto& f, auto& m) {
        f("ThrottleTimeMs", m.throttle_time_ms);
        f("Entries", m.entries);
    }
};

}  // namespace protocol
