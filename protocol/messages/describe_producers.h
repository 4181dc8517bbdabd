// DescribeProducers (API key 61): KIP-664.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct DescribeProducersRequest {
    static constexpr int16_t api_key = 61;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    struct TopicRequest {
        std::string_view name;
        std::vector<int32_t> partition_indexes;

        static void fields(auto& f, auto& m) {
            f("Name", m.name);
            f("PartitionIndexes", m.partition_indexes);
        }
    };

    std::vector<TopicRequest> topics;

    static void fields(auto& f, auto& m) { f("Topics", m.topics); }
};

struct DescribeProducersResponse {
    static constexpr int16_t api_key = 61;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    struct TopicResponse {
        struct PartitionResponse {
            struct ProducerState {
                int64_t producer_id = 0;
                int32_t producer_epoch = 0;
                int32_t last_sequence = -1;
                int64_t last_timestamp = -1;
                int32_t coordinator_epoch = 0;
                int64_t current_txn_start_offset = -1;

                static void fields(auto& f, auto& m) {
                    f("ProducerId", m.producer_id);
                    f("ProducerEpoch", m.producer_epoch);
                    f("LastSequence", m.last_sequence);
                    f("LastTimestamp", m.last_timestamp);
                    f("CoordinatorEpoch", m.coordinator_epoch);
                    f("CurrentTxnStartOffset", m.current_txn_start_offset);
                }
            };

            int32_t partition_index = 0;
            ErrorCode error_code = ErrorCode::none;
            std::optional<std::string> error_message;
            std::vector<ProducerState> active_producers;

            static void fields(auto& f, auto& m) {
                f("PartitionIndex", m.partition_index);
                f("ErrorCode", m.error_code);
                f("ErrorMessage", m.error_message);
                f("ActiveProducers", m.active_producers);
            }
        };

        std::string name;
        std::vector<PartitionResponse> partitions;

        static void fields(auto& f, auto& m) {
            f("Name", m.name);
            f("Partitions", m.partitions);
        }
    };

    int32_t throttle_time_ms = 0;
    std::vector<TopicResponse> topics;

    static void fields(auto& f, auto& m) {
        f("ThrottleTimeMs", m.throttle_time_ms);
        f("Topics", m.topics);
    }
};

}  // namespace protocol
