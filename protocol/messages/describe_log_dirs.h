// DescribeLogDirs (API key 35): KIP-113; flexible v2, KIP-784 error code v3, KIP-827
// volume sizes v4, KIP-1066 cordoned directories v5.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct DescribeLogDirsRequest {
    static constexpr int16_t api_key = 35;
    static constexpr Versions valid = between(1, 5), flexible = since(2);

    struct DescribableLogDirTopic {
        std::string_view topic;
        std::vector<int32_t> partitions;

        static void fields(auto& f, auto& m) {
            f("Topic", m.topic);
            f("Partitions", m.partitions);
        }
    };

    std::optional<std::vector<DescribableLogDirTopic>> topics =
        std::vector<DescribableLogDirTopic>{};

    static void fields(auto& f, auto& m) { f("Topics", m.topics); }
};

struct DescribeLogDirsResponse {
    static constexpr int16_t api_key = 35;
    static constexpr Versions valid = between(1, 5), flexible = since(2);

    struct DescribeLogDirsResult {
        struct DescribeLogDirsTopic {
            struct DescribeLogDirsPartition {
                int32_t partition_index = 0;
                int64_t partition_size = 0;
                int64_t offset_lag = 0;
                bool is_future_key = false;

                static void fields(auto& f, auto& m) {
                    f("PartitionIndex", m.partition_index);
                    f("PartitionSize", m.partition_size);
                    f("OffsetLag", m.offset_lag);
                    f("IsFutureKey", m.is_future_key);
                }
            };

            std::string name;
            std::vector<DescribeLogDirsPartition> partitions;

            static void fields(auto& f, auto& m) {
                f("Name", m.name);
                f("Partitions", m.partitions);
            }
        };

        ErrorCode error_code = ErrorCode::none;
        std::string log_dir;
        std::vector<DescribeLogDirsTopic> topics;
        int64_t total_bytes = -1;
        int64_t usable_bytes = -1;
        bool is_cordoned = false;

        static void fields(auto& f, auto& m) {
            f("ErrorCode", m.error_code);
            f("LogDir", m.log_dir);
            f("Topics", m.topics);
            f("TotalBytes", m.total_bytes, since(4));
            f("UsableBytes", m.usable_bytes, since(4));
            f("IsCordoned", m.is_cordoned, since(5));
        }
    };

    int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::vector<DescribeLogDirsResult> results;

    static void fields(auto& f, auto& m) {
        f("ThrottleTimeMs", m.throttle_time_ms);
        f("ErrorCode", m.error_code, since(3));
        f("Results", m.results);
    }
};

}  // namespace protocol
