// AlterShareGroupOffsets (API key 91): KIP-932.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct AlterShareGroupOffsetsRequest {
    static constexpr int16_t api_key = 91;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    struct AlterShareGroupOffsetsRequestTopic {
        struct AlterShareGroupOffsetsRequestPartition {
            int32_t partition_index = 0;
            int64_t start_offset = 0;

            static void fields(auto& f, auto& m) {
                f("PartitionIndex", m.partition_index);
                f("StartOffset", m.start_offset);
            }
        };

        std::string_view topic_name;
        std::vector<AlterShareGroupOffsetsRequestPartition> partitions;

        static void fields(auto& f, auto& m) {
            f("TopicName", m.topic_name);
            f("Partitions", m.partitions);
        }
    };

    std::string_view group_id;
    std::vector<AlterShareGroupOffsetsRequestTopic> topics;

    static void fields(auto& f, auto& m) {
        f("GroupId", m.group_id);
        f("Topics", m.topics);
    }
};

struct AlterShareGroupOffsetsResponse {
    static constexpr int16_t api_key = 91;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    struct AlterShareGroupOffsetsResponseTopic {
        struct AlterShareGroupOffsetsResponsePartition {
            int32_t partition_index = 0;
            ErrorCode error_code = ErrorCode::none;
            std::optional<std::string> error_message;

            static void fields(auto& f, auto& m) {
                f("PartitionIndex", m.partition_index);
                f("ErrorCode", m.error_code);
                f("ErrorMessage", m.error_message);
            }
        };

        std::string topic_name;
        Uuid topic_id;
        std::vector<AlterShareGroupOffsetsResponsePartition> partitions;

        static void fields(auto& f, auto& m) {
            f("TopicName", m.topic_name);
            f("TopicId", m.topic_id);
            f("Partitions", m.partitions);
        }
    };

    int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message;
    std::vector<AlterShareGroupOffsetsResponseTopic> responses;

    static void fields(auto& f, auto& m) {
        f("ThrottleTimeMs", m.throttle_time_ms);
        f("ErrorCode", m.error_code);
        f("ErrorMessage", m.error_message);
        f("Responses", m.responses);
    }
};

}  // namespace protocol
