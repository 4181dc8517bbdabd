// CreatePartitions (API key 37): KIP-195; validate-only, flexible v2, KIP-599 quotas v3.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct CreatePartitionsRequest {
    static constexpr int16_t api_key = 37;
    static constexpr Versions valid = between(0, 3), flexible = since(2);

    struct CreatePartitionsTopic {
        struct CreatePartitionsAssignment {
            std::vector<int32_t> broker_ids;

            static void fields(auto& f, auto& m) { f("BrokerIds", m.broker_ids); }
        };

        std::string_view name;
        int32_t count = 0;
        std::optional<std::vector<CreatePartitionsAssignment>> assignments =
            std::vector<CreatePartitionsAssignment>{};

        static void fields(auto& f, auto& m) {
            f("Name", m.name);
            f("Count", m.count);
            f("Assignments", m.assignments);
        }
    };

    std::vector<CreatePartitionsTopic> topics;
    int32_t timeout_ms = 0;
    bool validate_only = false;

    static void fields(auto& f, auto& m) {
        f("Topics", m.topics);
        f("TimeoutMs", m.timeout_ms);
        f("ValidateOnly", m.validate_only);
    }
};

struct CreatePartitionsResponse {
    static constexpr int16_t api_key = 37;
    static constexpr Versions valid = between(0, 3), flexible = since(2);

    struct CreatePartitionsTopicResult {
        std::string name;
        ErrorCode error_code = ErrorCode::none;
        std::optional<std::string> error_message;

        static void fields(auto& f, auto& m) {
            f("Name", m.name);
            f("ErrorCode", m.error_code);
            f("ErrorMessage", m.error_message);
        }
    };

    int32_t throttle_time_ms = 0;
    std::vector<CreatePartitionsTopicResult> results;

    static void fields(auto& f, auto& m) {
        f("ThrottleTimeMs", m.throttle_time_ms);
        f("Results", m.results);
    }
};

}  // namespace protocol
