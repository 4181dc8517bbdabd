// DescribeShareGroupOffsets (API key 90): KIP-932; KIP-1226 lag v1.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct DescribeShareGroupOffsetsRequest {
    static constexpr int16_t api_key = 90;
    static constexpr Versions valid = between(0, 1), flexible = since(0);

    struct DescribeShareGroupOffsetsRequestGroup {
        struct DescribeShareGroupOffsetsRequestTopic {
            std::string_view topic_name;
            std::vector<int32_t> partitions;

            static void fields(auto& f, auto& m) {
                f("TopicName", m.topic_name);
                f("Partitions", m.partitions);
            }
        };

        std::string_view group_id;
        std::optional<std::vector<DescribeShareGroupOffsetsRequestTopic>> topics =
            std::vector<DescribeShareGroupOffsetsRequestTopic>{};

        static void fields(auto& f, auto& m) {
            f("GroupId", m.group_id);
            f("Topics", m.topics);
        }
    };

    std::vector<DescribeShareGroupOffsetsRequestGroup> groups;

    static void fields(auto& f, auto& m) { f("Groups", m.groups); }
};

struct DescribeShareGroupOffsetsResponse {
    static constexpr int16_t api_key = 90;
    static constexpr Versions valid = between(0, 1), flexible = since(0);

    struct DescribeShareGroupOffsetsResponseGroup {
        struct DescribeShareGroupOffsetsResponseTopic {
            struct DescribeShareGroupOffsetsResponsePartition {
                int32_t partition_index = 0;
                int64_t start_offset = 0;
                int32_t leader_epoch = 0;
                int64_t lag = -1;
                ErrorCode error_code = ErrorCode::none;
                std::optional<std::string> error_message;

                static void fields(auto& f, auto& m) {
                    f("PartitionIndex", m.partition_index);
                    f("StartOffset", m.start_offset);
                    f("LeaderEpoch", m.leader_epoch);
                    f("Lag", m.lag, since(1));
                    f("ErrorCode", m.error_code);
                    f("ErrorMessage", m.error_message);
                }
            };

            std::string topic_name;
            Uuid topic_id;
            std::vector<DescribeShareGroupOffsetsResponsePartition> partitions;

            static void fields(auto& f, auto& m) {
                f("TopicName", m.topic_name);
                f("TopicId", m.topic_id);
                f("Partitions", m.partitions);
            }
        };

        std::string group_id;
        std::vector<DescribeShareGroupOffsetsResponseTopic> topics;
        ErrorCode error_code = ErrorCode::none;
        std::optional<std::string> error_message;

        static void fields(auto& f, auto& m) {
            f("GroupId", m.group_id);
            f("Topics", m.topics);
            f("ErrorCode", m.error_code);
            f("ErrorMessage", m.error_message);
        }
    };

    int32_t throttle_time_ms = 0;
    std::vector<DescribeShareGroupOffsetsResponseGroup> groups;

    static void fields(auto& f, auto& m) {
        f("ThrottleTimeMs", m.throttle_time_ms);
        f("Groups", m.groups);
    }
};

}  // namespace protocol
