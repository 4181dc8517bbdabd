// ListOffsets (API key 2): KIP-98 isolation v2, KIP-320 leader epochs v4, flexible v6, KIP-734
// max timestamp v7, KIP-405 tiered offsets v8 and v9, KIP-1075 timeout v10, KIP-1023 v11.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct ListOffsetsRequest {
    static constexpr int16_t api_key = 2;
    static constexpr Versions valid = between(1, 11), flexible = since(6);

    struct ListOffsetsTopic {
        struct ListOffsetsPartition {
            int32_t partition_index = 0;
            int32_t current_leader_epoch = -1;
            int64_t timestamp = 0;

            static void fields(auto& f, auto& m) {
                f("PartitionIndex", m.partition_index);
                f("CurrentLeaderEpoch", m.current_leader_epoch, since(4));
                f("Timestamp", m.timestamp);
            }
        };

        std::string_view name;
        std::vector<ListOffsetsPartition> partitions;

        static void fields(auto& f, auto& m) {
            f("Name", m.name);
            f("Partitions", m.partitions);
        }
    };

    int32_t replica_id = 0;
    int8_t isolation_level = 0;
    std::vector<ListOffsetsTopic> topics;
    int32_t timeout_ms = 0;

    static void fields(auto& f, auto& m) {
        f("ReplicaId", m.replica_id);
        f("IsolationLevel", m.isolation_level, since(2));
        f("Topics", m.topics);
        f("TimeoutMs", m.timeout_ms, since(10));
    }
};

struct ListOffsetsResponse {
    static constexpr int16_t api_key = 2;
    static constexpr Versions valid = between(1, 11), flexible = since(6);

    struct ListOffsetsTopicResponse {
        struct ListOffsetsPartitionResponse {
            int32_t partition_index = 0;
            ErrorCode error_code = ErrorCode::none;
            int64_t timestamp = -1;
            int64_t offset = -1;
            int32_t leader_epoch = -1;

            static void fields(auto& f, auto& m) {
                f("PartitionIndex", m.partition_index);
                f("ErrorCode", m.error_code);
                f("Timestamp", m.timestamp);
                f("Offset", m.offset);
                f("LeaderEpoch", m.leader_epoch, since(4));
            }
        };

        std::string name;
        std::vector<ListOffsetsPartitionResponse> partitions;

        static void fields(auto& f, auto& m) {
            f("Name", m.name);
            f("Partitions", m.partitions);
        }
    };

    int32_t throttle_time_ms = 0;
    std::vector<ListOffsetsTopicResponse> topics;

    static void fields(auto& f, auto& m) {
        f("ThrottleTimeMs", m.throttle_time_ms, since(2));
        f("Topics", m.topics);
    }
};

}  // namespace protocol
