// OffsetForLeaderEpoch (API key 23): KIP-320; replica id v3, flexible v4.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct OffsetForLeaderEpochRequest {
    static constexpr int16_t api_key = 23;
    static constexpr Versions valid = between(2, 4), flexible = since(4);

    struct OffsetForLeaderTopic {
        struct OffsetForLeaderPartition {
            int32_t partition = 0;
            int32_t current_leader_epoch = -1;
            int32_t leader_epoch = 0;

            static void fields(auto& f, auto& m) {
                f("Partition", m.partition);
                f("CurrentLeaderEpoch", m.current_leader_epoch);
                f("LeaderEpoch", m.leader_epoch);
            }
        };

        std::string_view topic;
        std::vector<OffsetForLeaderPartition> partitions;

        static void fields(auto& f, auto& m) {
            f("Topic", m.topic);
            f("Partitions", m.partitions);
        }
    };

    int32_t replica_id = -2;
    std::vector<OffsetForLeaderTopic> topics;

    static void fields(auto& f, auto& m) {
        f("ReplicaId", m.replica_id, since(3));
        f("Topics", m.topics);
    }
};

struct OffsetForLeaderEpochResponse {
    static constexpr int16_t api_key = 23;
    static constexpr Versions valid = between(2, 4), flexible = since(4);

    struct OffsetForLeaderTopicResult {
        struct EpochEndOffset {
            ErrorCode error_code = ErrorCode::none;
            int32_t partition = 0;
            int32_t leader_epoch = -1;
            int64_t end_offset = -1;

            static void fields(auto& f, auto& m) {
                f("ErrorCode", m.error_code);
                f("Partition", m.partition);
                f("LeaderEpoch", m.leader_epoch);
                f("EndOffset", m.end_offset);
            }
        };

        std::string topic;
        std::vector<EpochEndOffset> partitions;

        static void fields(auto& f, auto& m) {
            f("Topic", m.topic);
            f("Partitions", m.partitions);
        }
    };

    int32_t throttle_time_ms = 0;
    std::vector<OffsetForLeaderTopicResult> topics;

    static void fields(auto& f, auto& m) {
        f("ThrottleTimeMs", m.throttle_time_ms);
        f("Topics", m.topics);
    }
};

}  // namespace protocol
