// DeleteRecords (API key 21): KIP-107; flexible v2.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct DeleteRecordsRequest {
    static constexpr int16_t api_key = 21;
    static constexpr Versions valid = between(0, 2), flexible = since(2);

    struct DeleteRecordsTopic {
        struct DeleteRecordsPartition {
            int32_t partition_index = 0;
            int64_t offset = 0;

            static void fields(auto& f, auto& m) {
                f("PartitionIndex", m.partition_index);
                f("Offset", m.offset);
            }
        };

        std::string_view name;
        std::vector<DeleteRecordsPartition> partitions;

        static void fields(auto& f, auto& m) {
            f("Name", m.name);
            f("Partitions", m.partitions);
        }
    };

    std::vector<DeleteRecordsTopic> topics;
    int32_t timeout_ms = 0;

    static void fields(auto& f, auto& m) {
        f("Topics", m.topics);
        f("TimeoutMs", m.timeout_ms);
    }
};

struct DeleteRecordsResponse {
    static constexpr int16_t api_key = 21;
    static constexpr Versions valid = between(0, 2), flexible = since(2);

    struct DeleteRecordsTopicResult {
        struct DeleteRecordsPartitionResult {
            int32_t partition_index = 0;
            int64_t low_watermark = 0;
            ErrorCode error_code = ErrorCode::none;

            static void fields(auto& f, auto& m) {
                f("PartitionIndex", m.partition_index);
                f("LowWatermark", m.low_watermark);
                f("ErrorCode", m.error_code);
            }
        };

        std::string name;
        std::vector<DeleteRecordsPartitionResult> partitions;

        static void fields(auto& f, auto& m) {
            f("Name", m.name);
            f("Partitions", m.partitions);
        }
    };

    int32_t throttle_time_ms = 0;
    std::vector<DeleteRecordsTopicResult> topics;

    static void fields(auto& f, auto& m) {
        f("ThrottleTimeMs", m.throttle_time_ms);
        f("Topics", m.topics);
    }
};

}  // namespace protocol
