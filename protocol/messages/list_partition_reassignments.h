// ListPartitionReassignments (API key 46): KIP-455.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct ListPartitionReassignmentsRequest {
    static constexpr int16_t api_key = 46;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    struct ListPartitionReassignmentsTopics {
        std::string_view name;
        std::vector<int32_t> partition_indexes;

        static void fields(auto& f, auto& m) {
            f("Name", m.name);
            f("PartitionIndexes", m.partition_indexes);
        }
    };

    int32_t timeout_ms = 60000;
    std::optional<std::vector<ListPartitionReassignmentsTopics>> topics;

    static void fields(auto& f, auto& m) {
        f("TimeoutMs", m.timeout_ms);
        f("Topics", m.topics);
    }
};

struct ListPartitionReassignmentsResponse {
    static constexpr int16_t api_key = 46;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    struct OngoingTopicReassignment {
        struct OngoingPartitionReassignment {
            int32_t partition_index = 0;
            std::vector<int32_t> replicas;
            std::vector<int32_t> adding_replicas;
            std::vector<int32_t> removing_replicas;

            static void fields(auto& f, auto& m) {
                f("PartitionIndex", m.partition_index);
                f("Replicas", m.replicas);
                f("AddingReplicas", m.adding_replicas);
                f("RemovingReplicas", m.removing_replicas);
            }
        };

        std::string name;
        std::vector<OngoingPartitionReassignment> partitions;

        static void fields(auto& f, auto& m) {
            f("Name", m.name);
            f("Partitions", m.partitions);
        }
    };

    int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message = std::string{};
    std::vector<OngoingTopicReassignment> topics;

    static void fields(auto& f, auto& m) {
        f("ThrottleTimeMs", m.throttle_time_ms);
        f("ErrorCode", m.error_code);
        f("ErrorMessage", m.error_message);
        f("Topics", m.topics);
    }
};

}  // namespace protocol
