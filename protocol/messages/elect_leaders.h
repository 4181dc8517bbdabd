// ElectLeaders (API key 43): KIP-183; KIP-460 election types v1, flexible v2.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct ElectLeadersRequest {
    static constexpr int16_t api_key = 43;
    static constexpr Versions valid = between(0, 2), flexible = since(2);

    struct TopicPartitions {
        std::string_view topic;
        std::vector<int32_t> partitions;

        static void fields(auto& f, auto& m) {
            f("Topic", m.topic);
            f("Partitions", m.partitions);
        }
    };

    int8_t election_type = 0;
    std::optional<std::vector<TopicPartitions>> topic_partitions = std::vector<TopicPartitions>{};
    int32_t timeout_ms = 60000;

    static void fields(auto& f, auto& m) {
        f("ElectionType", m.election_type, since(1));
        f("TopicPartitions", m.topic_partitions);
        f("TimeoutMs", m.timeout_ms);
    }
};

struct ElectLeadersResponse {
    static constexpr int16_t api_key = 43;
    static constexpr Versions valid = between(0, 2), flexible = since(2);

    struct ReplicaElectionResult {
        struct PartitionResult {
            int32_t partition_id = 0;
            ErrorCode error_code = ErrorCode::none;
            std::optional<std::string> error_message = std::string{};

            static void fields(auto& f, auto& m) {
                f("PartitionId", m.partition_id);
                f("ErrorCode", m.error_code);
                f("ErrorMessage", m.error_message);
            }
        };

        std::string topic;
        std::vector<PartitionResult> partition_result;

        static void fields(auto& f, auto& m) {
            f("Topic", m.topic);
            f("PartitionResult", m.partition_result);
        }
    };

    int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::vector<ReplicaElectionResult> replica_election_results;

    static void fields(auto& f, auto& m) {
        f("ThrottleTimeMs", m.throttle_time_ms);
        f("ErrorCode", m.error_code, since(1));
        f("ReplicaElectionResults", m.replica_election_results);
    }
};

}  // namespace protocol
