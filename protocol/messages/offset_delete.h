// OffsetDelete (API key 47): KIP-496.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct OffsetDeleteRequest {
    static constexpr int16_t api_key = 47;
    static constexpr Versions valid = between(0, 0), flexible = never;

    struct OffsetDeleteRequestTopic {
        struct OffsetDeleteRequestPartition {
            int32_t partition_index = 0;

            static void fields(auto& f, auto& m) { f("PartitionIndex", m.partition_index); }
        };

        std::string_view name;
        std::vector<OffsetDeleteRequestPartition> partitions;

        static void fields(auto& f, auto& m) {
            f("Name", m.name);
            f("Partitions", m.partitions);
        }
    };

    std::string_view group_id;
    std::vector<OffsetDeleteRequestTopic> topics;

    static void fields(auto& f, auto& m) {
        f("GroupId", m.group_id);
        f("Topics", m.topics);
    }
};

struct OffsetDeleteResponse {
    static constexpr int16_t api_key = 47;
    static constexpr Versions valid = between(0, 0), flexible = never;

    struct OffsetDeleteResponseTopic {
        struct OffsetDeleteResponsePartition {
            int32_t partition_index = 0;
            ErrorCode error_code = ErrorCode::none;

            static void fields(auto& f, auto& m) {
                f("PartitionIndex", m.partition_index);
                f("ErrorCode", m.error_code);
            }
        };

        std::string name;
        std::vector<OffsetDeleteResponsePartition> partitions;

        static void fields(auto& f, auto& m) {
            f("Name", m.name);
            f("Partitions", m.partitions);
        }
    };

    ErrorCode error_code = ErrorCode::none;
    int32_t throttle_time_ms = 0;
    std::vector<OffsetDeleteResponseTopic> topics;

    static void fields(auto& f, auto& m) {
        f("ErrorCode", m.error_code);
        f("ThrottleTimeMs", m.throttle_time_ms);
        f("Topics", m.topics);
    }
};

}  // namespace protocol
