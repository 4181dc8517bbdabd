// OffsetFetch (API key 9): KIP-320 leader epochs v5, flexible v6, KIP-447 require_stable v7,
// KIP-709 many groups v8, KIP-848 v9, KIP-516 topic ids v10.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct OffsetFetchRequest {
    static constexpr int16_t api_key = 9;
    static constexpr Versions valid = between(1, 10), flexible = since(6);

    struct OffsetFetchRequestTopic {
        std::string_view name;
        std::vector<int32_t> partition_indexes;

        static void fields(auto& f, auto& m) {
            f("Name", m.name);
            f("PartitionIndexes", m.partition_indexes);
        }
    };

    struct OffsetFetchRequestGroup {
        struct OffsetFetchRequestTopics {
            std::string_view name;
            Uuid topic_id;
            std::vector<int32_t> partition_indexes;

            static void fields(auto& f, auto& m) {
                f("Name", m.name, until(9));
                f("TopicId", m.topic_id, since(10));
                f("PartitionIndexes", m.partition_indexes);
            }
        };

        std::string_view group_id;
        std::optional<std::string_view> member_id;
        int32_t member_epoch = -1;
        std::optional<std::vector<OffsetFetchRequestTopics>> topics =
            std::vector<OffsetFetchRequestTopics>{};

        static void fields(auto& f, auto& m) {
            f("GroupId", m.group_id);
            f("MemberId", m.member_id, since(9));
            f("MemberEpoch", m.member_epoch, since(9));
            f("Topics", m.topics);
        }
    };

    std::string_view group_id;
    std::optional<std::vector<OffsetFetchRequestTopic>> topics =
        std::vector<OffsetFetchRequestTopic>{};
    std::vector<OffsetFetchRequestGroup> groups;
    bool require_stable = false;

    static void fields(auto& f, auto& m) {
        f("GroupId", m.group_id, until(7));
        f("Topics", m.topics, until(7), nullable(between(2, 7)));
        f("Groups", m.groups, since(8));
        f("RequireStable", m.require_stable, since(7));
    }
};

struct OffsetFetchResponse {
    static constexpr int16_t api_key = 9;
    static constexpr Versions valid = between(1, 10), flexible = since(6);

    struct OffsetFetchResponseTopic {
        struct OffsetFetchResponsePartition {
            int32_t partition_index = 0;
            int64_t committed_offset = 0;
            int32_t committed_leader_epoch = -1;
            std::optional<std::string> metadata = std::string{};
            ErrorCode error_code = ErrorCode::none;

            static void fields(auto& f, auto& m) {
                f("PartitionIndex", m.partition_index);
                f("CommittedOffset", m.committed_offset);
                f("CommittedLeaderEpoch", m.committed_leader_epoch, since(5));
                f("Metadata", m.metadata);
                f("ErrorCode", m.error_code);
            }
        };

        std::string name;
        std::vector<OffsetFetchResponsePartition> partitions;

        static void fields(auto& f, auto& m) {
            f("Name", m.name);
            f("Partitions", m.partitions);
        }
    };

    struct OffsetFetchResponseGroup {
        struct OffsetFetchResponseTopics {
            struct OffsetFetchResponsePartitions {
                int32_t partition_index = 0;
                int64_t committed_offset = 0;
                int32_t committed_leader_epoch = -1;
                std::optional<std::string> metadata = std::string{};
                ErrorCode error_code = ErrorCode::none;

                static void fields(auto& f, auto& m) {
                    f("PartitionIndex", m.partition_index);
                    f("CommittedOffset", m.committed_offset);
                    f("CommittedLeaderEpoch", m.committed_leader_epoch);
                    f("Metadata", m.metadata);
                    f("ErrorCode", m.error_code);
                }
            };

            std::string name;
            Uuid topic_id;
            std::vector<OffsetFetchResponsePartitions> partitions;

            static void fields(auto& f, auto& m) {
                f("Name", m.name, until(9));
                f("TopicId", m.topic_id, since(10));
                f("Partitions", m.partitions);
            }
        };

        std::string group_id;
        std::vector<OffsetFetchResponseTopics> topics;
        ErrorCode error_code = ErrorCode::none;

        static void fields(auto& f, auto& m) {
            f("GroupId", m.group_id);
            f("Topics", m.topics);
            f("ErrorCode", m.error_code);
        }
    };

    int32_t throttle_time_ms = 0;
    std::vector<OffsetFetchResponseTopic> topics;
    ErrorCode error_code = ErrorCode::none;
    std::vector<OffsetFetchResponseGroup> groups;

    static void fields(auto& f, auto& m) {
        f("ThrottleTimeMs", m.throttle_time_ms, since(3));
        f("Topics", m.topics, until(7));
        f("ErrorCode", m.error_code, between(2, 7));
        f("Groups", m.groups, since(8));
    }
};

}  // namespace protocol
