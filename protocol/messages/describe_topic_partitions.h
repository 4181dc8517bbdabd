// DescribeTopicPartitions (API key 75): KIP-966 paged topic descriptions.
#pragma once

#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct DescribeTopicPartitionsRequest {
    static constexpr int16_t api_key = 75;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    struct TopicRequest {
        std::string_view name;

        static void fields(auto& f, auto& m) { f("Name", m.name); }
    };

    struct Cursor {
        std::string_view topic_name;
        int32_t partition_index = 0;

        static void fields(auto& f, auto& m) {
            f("TopicName", m.topic_name);
            f("PartitionIndex", m.partition_index);
        }
    };

    std::vector<TopicRequest> topics;
    int32_t response_partition_limit = 2000;
    std::optional<Cursor> cursor;

    static void fields(auto& f, auto& m) {
        f("Topics", m.topics);
        f("ResponsePartitionLimit", m.response_partition_limit);
        f("Cursor", m.cursor);
    }
};

struct DescribeTopicPartitionsResponse {
    static constexpr int16_t api_key = 75;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    struct DescribeTopicPartitionsResponseTopic {
        struct DescribeTopicPartitionsResponsePartition {
            ErrorCode error_code = ErrorCode::none;
            int32_t partition_index = 0;
            int32_t leader_id = 0;
            int32_t leader_epoch = -1;
            std::vector<int32_t> replica_nodes;
            std::vector<int32_t> isr_nodes;
            std::optional<std::vector<int32_t>> eligible_leader_replicas;
            std::optional<std::vector<int32_t>> last_known_elr;
            std::vector<int32_t> offline_replicas;

            static void fields(auto& f, auto& m) {
                f("ErrorCode", m.error_code);
                f("PartitionIndex", m.partition_index);
                f("LeaderId", m.leader_id);
                f("LeaderEpoch", m.leader_epoch);
                f("ReplicaNodes", m.replica_nodes);
                f("IsrNodes", m.isr_nodes);
                f("EligibleLeaderReplicas", m.eligible_leader_replicas);
                f("LastKnownElr", m.last_known_elr);
                f("OfflineReplicas", m.offline_replicas);
            }
        };

        ErrorCode error_code = ErrorCode::none;
        std::optional<std::string> name = std::string{};
        Uuid topic_id;
        bool is_internal = false;
        std::vector<DescribeTopicPartitionsResponsePartition> partitions;
        int32_t topic_authorized_operations = std::numeric_limits<int32_t>::min();

        static void fields(auto& f, auto& m) {
            f("ErrorCode", m.error_code);
            f("Name", m.name);
            f("TopicId", m.topic_id);
            f("IsInternal", m.is_internal);
            f("Partitions", m.partitions);
            f("TopicAuthorizedOperations", m.topic_authorized_operations);
        }
    };

    struct Cursor {
        std::string topic_name;
        int32_t partition_index = 0;

        static void fields(auto& f, auto& m) {
            f("TopicName", m.topic_name);
            f("PartitionIndex", m.partition_index);
        }
    };

    int32_t throttle_time_ms = 0;
    std::vector<DescribeTopicPartitionsResponseTopic> topics;
    std::optional<Cursor> next_cursor;

    static void fields(auto& f, auto& m) {
        f("ThrottleTimeMs", m.throttle_time_ms);
        f("Topics", m.topics);
        f("NextCursor", m.next_cursor);
    }
};

}  // namespace protocol
