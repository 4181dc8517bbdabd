// AlterReplicaLogDirs (API key 34): KIP-113; flexible v2.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct AlterReplicaLogDirsRequest {
    static constexpr int16_t api_key = 34;
    static constexpr Versions valid = between(1, 2), flexible = since(2);

    struct AlterReplicaLogDir {
        struct AlterReplicaLogDirTopic {
            std::string_view name;
            std::vector<int32_t> partitions;

            static void fields(auto& f, auto& m) {
                f("Name", m.name);
                f("Partitions", m.partitions);
            }
        };

        std::string_view path;
        std::vector<AlterReplicaLogDirTopic> topics;

        static void fields(auto& f, auto& m) {
            f("Path", m.path);
            f("Topics", m.topics);
        }
    };

    std::vector<AlterReplicaLogDir> dirs;

    static void fields(auto& f, auto& m) { f("Dirs", m.dirs); }
};

struct AlterReplicaLogDirsResponse {
    static constexpr int16_t api_key = 34;
    static constexpr Versions valid = between(1, 2), flexible = since(2);

    struct AlterReplicaLogDirTopicResult {
        struct AlterReplicaLogDirPartitionResult {
            int32_t partition_index = 0;
            ErrorCode error_code = ErrorCode::none;

            static void fields(auto& f, auto& m) {
                f("PartitionIndex", m.partition_index);
                f("ErrorCode", m.error_code);
            }
        };

        std::string topic_name;
        std::vector<AlterReplicaLogDirPartitionResult> partitions;

        static void fields(auto& f, auto& m) {
            f("TopicName", m.topic_name);
            f("Partitions", m.partitions);
        }
    };

    int32_t throttle_time_ms = 0;
    std::vector<AlterReplicaLogDirTopicResult> results;

    static void fields(auto& f, auto& m) {
        f("ThrottleTimeMs", m.throttle_time_ms);
        f("Results", m.results);
    }
};

}  // namespace protocol
