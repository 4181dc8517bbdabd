// WriteShareGroupState (API key 85): KIP-932; KIP-1226 count of delivered records v1.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct WriteShareGroupStateRequest {
    static constexpr int16_t api_key = 85;
    static constexpr Versions valid = between(0, 1), flexible = since(0);

    struct WriteStateData {
        struct PartitionData {
            struct StateBatch {
                int64_t first_offset = 0;
                int64_t last_offset = 0;
                int8_t delivery_state = 0;
                int16_t delivery_count = 0;

                static void fields(auto& f, auto& m) {
                    f("FirstOffset", m.first_offset);
                    f("LastOffset", m.last_offset);
                    f("DeliveryState", m.delivery_state);
                    f("DeliveryCount", m.delivery_count);
                }
            };

            int32_t partition = 0;
            int32_t state_epoch = 0;
            int32_t leader_epoch = 0;
            int64_t start_offset = 0;
            int32_t delivery_complete_count = -1;
            std::vector<StateBatch> state_batches;

            static void fields(auto& f, auto& m) {
                f("Partition", m.partition);
                f("StateEpoch", m.state_epoch);
                f("LeaderEpoch", m.leader_epoch);
                f("StartOffset", m.start_offset);
                f("DeliveryCompleteCount", m.delivery_complete_count, since(1));
                f("StateBatches", m.state_batches);
            }
        };

        Uuid topic_id;
        std::vector<PartitionData> partitions;

        static void fields(auto& f, auto& m) {
            f("TopicId", m.topic_id);
            f("Partitions", m.partitions);
        }
    };

    std::string_view group_id;
    std::vector<WriteStateData> topics;

    static void fields(auto& f, auto& m) {
        f("GroupId", m.group_id);
        f("Topics", m.topics);
    }
};

struct WriteShareGroupStateResponse {
    static constexpr int16_t api_key = 85;
    static constexpr Versions valid = between(0, 1), flexible = since(0);

    struct WriteStateResult {
        struct PartitionResult {
            int32_t partition = 0;
            ErrorCode error_code = ErrorCode::none;
            std::optional<std::string> error_message;

            static void fields(auto& f, auto& m) {
                f("Partition", m.partition);
                f("ErrorCode", m.error_code);
                f("ErrorMessage", m.error_message);
            }
        };

        Uuid topic_id;
        std::vector<PartitionResult> partitions;

        static void fields(auto& f, auto& m) {
            f("TopicId", m.topic_id);
            f("Partitions", m.partitions);
        }
    };

    std::vector<WriteStateResult> results;

    static void fields(auto& f, auto& m) { f("Results", m.results); }
};

}  // namespace protocol
