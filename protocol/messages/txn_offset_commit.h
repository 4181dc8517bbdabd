// TxnOffsetCommit (API key 28): KIP-98; KIP-320 leader epochs v2, flexible and KIP-447 group
// fencing v3, KIP-890 v4 and v5, KIP-516 topic ids v6.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct TxnOffsetCommitRequest {
    static constexpr int16_t api_key = 28;
    static constexpr Versions valid = between(0, 6), flexible = since(3);

    struct TxnOffsetCommitRequestTopic {
        struct TxnOffsetCommitRequestPartition {
            int32_t partition_index = 0;
            int64_t committed_offset = 0;
            int32_t committed_leader_epoch = -1;
            std::optional<std::string_view> committed_metadata = std::string_view{};

            static void fields(auto& f, auto& m) {
                f("PartitionIndex", m.partition_index);
                f("CommittedOffset", m.committed_offset);
                f("CommittedLeaderEpoch", m.committed_leader_epoch, since(2));
                f("CommittedMetadata", m.committed_metadata);
            }
        };

        std::string_view name;
        Uuid topic_id;
        std::vector<TxnOffsetCommitRequestPartition> partitions;

        static void fields(auto& f, auto& m) {
            f("Name", m.name, until(5));
            f("TopicId", m.topic_id, since(6));
            f("Partitions", m.partitions);
        }
    };

    std::string_view transactional_id;
    std::string_view group_id;
    int64_t producer_id = 0;
    int16_t producer_epoch = 0;
    int32_t generation_id_or_member_epoch = -1;
    std::string_view member_id;
    std::optional<std::string_view> group_instance_id;
    std::vector<TxnOffsetCommitRequestTopic> topics;

    static void fields(auto& f, auto& m) {
        f("TransactionalId", m.transactional_id);
        f("GroupId", m.group_id);
        f("ProducerId", m.producer_id);
        f("ProducerEpoch", m.producer_epoch);
        f("GenerationIdOrMemberEpoch", m.generation_id_or_member_epoch, since(3));
        f("MemberId", m.member_id, since(3));
        f("GroupInstanceId", m.group_instance_id, since(3));
        f("Topics", m.topics);
    }
};

struct TxnOffsetCommitResponse {
    static constexpr int16_t api_key = 28;
    static constexpr Versions valid = between(0, 6), flexible = since(3);

    struct TxnOffsetCommitResponseTopic {
        struct TxnOffsetCommitResponsePartition {
            int32_t partition_index = 0;
            ErrorCode error_code = ErrorCode::none;

            static void fields(auto& f, auto& m) {
                f("PartitionIndex", m.partition_index);
                f("ErrorCode", m.error_code);
            }
        };

        std::string name;
        Uuid topic_id;
        std::vector<TxnOffsetCommitResponsePartition> partitions;

        static void fields(auto& f, auto& m) {
            f("Name", m.name, until(5));
            f("TopicId", m.topic_id, since(6));
            f("Partitions", m.partitions);
        }
    };

    int32_t throttle_time_ms = 0;
    std::vector<TxnOffsetCommitResponseTopic> topics;

    static void fields(auto& f, auto& m) {
        f("ThrottleTimeMs", m.throttle_time_ms);
        f("Topics", m.topics);
    }
};

}  // namespace protocol
