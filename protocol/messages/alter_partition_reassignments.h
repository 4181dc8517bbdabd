// AlterPartitionReassignments (API key 45): KIP-455; KIP-860 a replication factor that
// must stay v1.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct AlterPartitionReassignmentsRequest {
    static constexpr int16_t api_key = 45;
    static constexpr Versions valid = between(0, 1), flexible = since(0);

    struct ReassignableTopic {
        struct ReassignablePartition {
            int32_t partition_index = 0;
            std::optional<std::vector<int32_t>> replicas;

            static void fields(auto& f, auto& m) {
                f("PartitionIndex", m.partition_index);
                f("Replicas", m.replicas);
            }
        };

        std::string_view name;
        std::vector<ReassignablePartition> partitions;

        static void fields(auto& f, auto& m) {
            f("Name", m.name);
            f("Partitions", m.partitions);
        }
    };

    int32_t timeout_ms = 60000;
    bool allow_replication_factor_change = true;
    std::vector<ReassignableTopic> topics;

    static void fields(auto& f, auto& m) {
        f("TimeoutMs", m.timeout_ms);
        f("AllowReplicationFactorChange", m.allow_replication_factor_change, since(1));
        f("Topics", m.topics);
    }
};

struct AlterPartitionReassignmentsResponse {
    static constexpr int16_t api_key = 45;
    static constexpr Versions valid = between(0, 1), flexible = since(0);

    struct ReassignableTopicResponse {
        struct ReassignablePartitionResponse {
            int32_t partition_index = 0;
            ErrorCode error_code = ErrorCode::none;
            std::optional<std::string> error_message = std::string{};

            static void fields(auto& f, auto& m) {
                f("PartitionIndex", m.partition_index);
                f("ErrorCode", m.error_code);
                f("ErrorMessage", m.error_message);
            }
        };

        std::string name;
        std::vector<ReassignablePartitionResponse> partitions;

        static void fields(auto& f, auto& m) {
            f("Name", m.name);
            f("Partitions", m.partitions);
        }
    };

    int32_t throttle_time_ms = 0;
    bool allow_replication_factor_change = true;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message = std::string{};
    std::vector<ReassignableTopicResponse> responses;

    static void fields(auto& f, auto& m) {
        f("ThrottleTimeMs", m.throttle_time_ms);
        f("AllowReplicationFactorChange", m.allow_replication_factor_change, since(1));
        f("ErrorCode", m.error_code);
        f("ErrorMessage", m.error_message);
        f("Responses", m.responses);
    }
};

}  // namespace protocol
