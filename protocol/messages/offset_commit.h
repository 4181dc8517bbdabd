// OffsetCommit (API key 8): KIP-211 no retention time v5, KIP-320 leader epochs v6, KIP-345
// static members v7, flexible v8, KIP-848 v9, KIP-516 topic ids v10.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct OffsetCommitRequest {
    static constexpr int16_t api_key = 8;
    static constexpr Versions valid = between(2, 10), flexible = since(8);

    struct OffsetCommitRequestTopic {
        struct OffsetCommitRequestPartition {
            int32_t partition_index = 0;
            int64_t committed_offset = 0;
            int32_t committed_leader_epoch = -1;
            std::optional<std::string_view> committed_metadata = std::string_view{};

            static void fields(auto& f, auto& m) {
                f("PartitionIndex", m.partition_index);
                f("CommittedOffset", m.committed_offset);
                f("CommittedLeaderEpoch", m.committed_leader_epoch, since(6));
                f("CommittedMetadata", m.committed_metadata);
            }
        };

        std::string_view name;
        Uuid topic_id;
        std::vector<OffsetCommitRequestPartition> partitions;

        static void fields(auto& f, auto& m) {
            f("Name", m.name, until(9));
            f("TopicId", m.topic_id, since(10));
            f("Partitions", m.partitions);
        }
    };

    std::string_view group_id;
    int32_t generation_id_or_member_epoch = -1;
    std::string_view member_id;
    std::optional<std::string_view> group_instance_id;
    int64_t retention_time_ms = -1;
    std::vector<OffsetCommitRequestTopic> topics;

    static void fields(auto& f, auto& m) {
        f("GroupId", m.group_id);
        f("GenerationIdOrMemberEpoch", m.generation_id_or_member_epoch);
        f("MemberId", m.member_id);
        f("GroupInstanceId", m.group_instance_id, since(7));
        f("RetentionTimeMs", m.retention_time_ms, until(4));
        f("Topics", m.topics);
    }
};

struct OffsetCommitResponse {
    static constexpr int16_t api_key = 8;
    static constexpr Versions valid = between(2, 10), flexible = since(8);

    struct OffsetCommitResponseTopic {
        struct OffsetCommitResponsePartition {
            int32_t partition_index = 0;
            ErrorCode error_code = ErrorCode::none;

            static void fields(auto& f, auto& m) {
                f("PartitionIndex", m.partition_index);
                f("ErrorCode", m.error_code);
            }
        };

        std::string name;
        Uuid topic_id;
        std::vector<OffsetCommitResponsePartition> partitions;

        static void fields(auto& f, auto& m) {
            f("Name", m.name, until(9));
            f("TopicId", m.topic_id, since(10));
            f("Partitions", m.partitions);
        }
    };

    int32_t throttle_time_ms = 0;
    std::vector<OffsetCommitResponseTopic> topics;

    static void fields(auto& f, auto& m) {
        f("ThrottleTimeMs", m.throttle_time_ms, since(3));
        f("Topics", m.topics);
    }
};

}  // namespace protocol
