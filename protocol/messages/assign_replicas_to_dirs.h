// AssignReplicasToDirs (API key 73): KIP-858.
#pragma once

#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct AssignReplicasToDirsRequest {
    static constexpr int16_t api_key = 73;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    struct DirectoryData {
        struct TopicData {
            struct PartitionData {
                int32_t partition_index = 0;

                static void fields(auto& f, auto& m) { f("PartitionIndex", m.partition_index); }
            };

            Uuid topic_id;
            std::vector<PartitionData> partitions;

            static void fields(auto& f, auto& m) {
                f("TopicId", m.topic_id);
                f("Partitions", m.partitions);
            }
        };

        Uuid id;
        std::vector<TopicData> topics;

        static void fields(auto& f, auto& m) {
            f("Id", m.id);
            f("Topics", m.topics);
        }
    };

    int32_t broker_id = 0;
    int64_t broker_epoch = -1;
    std::vector<DirectoryData> directories;

    static void fields(auto& f, auto& m) {
        f("BrokerId", m.broker_id);
        f("BrokerEpoch", m.broker_epoch);
        f("Directories", m.directories);
    }
};

struct AssignReplicasToDirsResponse {
    static constexpr int16_t api_key = 73;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    struct DirectoryData {
        struct TopicData {
            struct PartitionData {
                int32_t partition_index = 0;
                ErrorCode error_code = ErrorCode::none;

                static void fields(auto& f, auto& m) {
                    f("PartitionIndex", m.partition_index);
                    f("ErrorCode", m.error_code);
                }
            };

            Uuid topic_id;
            std::vector<PartitionData> partitions;

            static void fields(auto& f, auto& m) {
                f("TopicId", m.topic_id);
                f("Partitions", m.partitions);
            }
        };

        Uuid id;
        std::vector<TopicData> topics;

        static void fields(auto& f, auto& m) {
            f("Id", m.id);
            f("Topics", m.topics);
        }
    };

    int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::vector<DirectoryData> directories;

    static void fields(auto& f, auto& m) {
        f("ThrottleTimeMs", m.throttle_time_ms);
        f("ErrorCode", m.error_code);
        f("Directories", m.directories);
    }
};

}  // namespace protocol
