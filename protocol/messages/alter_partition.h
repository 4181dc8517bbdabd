// AlterPartition (API key 56): KIP-497; KIP-841 topic ids v2, KIP-903 broker epochs v3.
#pragma once

#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct AlterPartitionRequest {
    static constexpr int16_t api_key = 56;
    static constexpr Versions valid = between(2, 3), flexible = since(0);

    struct TopicData {
        struct PartitionData {
            struct BrokerState {
                int32_t broker_id = 0;
                int64_t broker_epoch = -1;

                static void fields(auto& f, auto& m) {
                    f("BrokerId", m.broker_id);
                    f("BrokerEpoch", m.broker_epoch);
                }
            };

            int32_t partition_index = 0;
            int32_t leader_epoch = 0;
            std::vector<int32_t> new_isr;
            std::vector<BrokerState> new_isr_with_epochs;
            int8_t leader_recovery_state = 0;
            int32_t partition_epoch = 0;

            static void fields(auto& f, auto& m) {
                f("PartitionIndex", m.partition_index);
                f("LeaderEpoch", m.leader_epoch);
                f("NewIsr", m.new_isr, until(2));
                f("NewIsrWithEpochs", m.new_isr_with_epochs, since(3));
                f("LeaderRecoveryState", m.leader_recovery_state);
                f("PartitionEpoch", m.partition_epoch);
            }
        };

        Uuid topic_id;
        std::vector<PartitionData> partitions;

        static void fields(auto& f, auto& m) {
            f("TopicId", m.topic_id);
            f("Partitions", m.partitions);
        }
    };

    int32_t broker_id = 0;
    int64_t broker_epoch = -1;
    std::vector<TopicData> topics;

    static void fields(auto& f, auto& m) {
        f("BrokerId", m.broker_id);
        f("BrokerEpoch", m.broker_epoch);
        f("Topics", m.topics);
    }
};

struct AlterPartitionResponse {
    static constexpr int16_t api_key = 56;
    static constexpr Versions valid = between(2, 3), flexible = since(0);

    struct TopicData {
        struct PartitionData {
            int32_t partition_index = 0;
            ErrorCode error_code = ErrorCode::none;
            int32_t leader_id = 0;
            int32_t leader_epoch = 0;
            std::vector<int32_t> isr;
            int8_t leader_recovery_state = 0;
            int32_t partition_epoch = 0;

            static void fields(auto& f, auto& m) {
                f("PartitionIndex", m.partition_index);
                f("ErrorCode", m.error_code);
                f("LeaderId", m.leader_id);
                f("LeaderEpoch", m.leader_epoch);
                f("Isr", m.isr);
                f("LeaderRecoveryState", m.leader_recovery_state);
                f("PartitionEpoch", m.partition_epoch);
            }
        };

        Uuid topic_id;
        std::vector<PartitionData> partitions;

        static void fields(auto& f, auto& m) {
            f("TopicId", m.topic_id);
            f("Partitions", m.partitions);
        }
    };

    int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::vector<TopicData> topics;

    static void fields(auto& f, auto& m) {
        f("ThrottleTimeMs", m.throttle_time_ms);
        f("ErrorCode", m.error_code);
        f("Topics", m.topics);
    }
};

}  // namespace protocol
