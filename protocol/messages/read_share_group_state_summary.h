// ReadShareGroupStateSummary (API key 87): KIP-932; KIP-1226 count of delivered records v1.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct ReadShareGroupStateSummaryRequest {
    static constexpr int16_t api_key = 87;
    static constexpr Versions valid = between(0, 1), flexible = since(0);

    struct ReadStateSummaryData {
        struct PartitionData {
            int32_t partition = 0;
            int32_t leader_epoch = 0;

            static void fields(auto& f, auto& m) {
                f("Partition", m.partition);
                f("LeaderEpoch", m.leader_epoch);
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
    std::vector<ReadStateSummaryData> topics;

    static void fields(auto& f, auto& m) {
        f("GroupId", m.group_id);
        f("Topics", m.topics);
    }
};

struct ReadShareGroupStateSummaryResponse {
    static constexpr int16_t api_key = 87;
    static constexpr Versions valid = between(0, 1), flexible = since(0);

    struct ReadStateSummaryResult {
        struct PartitionResult {
            int32_t partition = 0;
            ErrorCode error_code = ErrorCode::none;
            std::optional<std::string> error_message;
            int32_t state_epoch = 0;
            int32_t leader_epoch = 0;
            int64_t start_offset = 0;
            int32_t delivery_complete_count = -1;

            static void fields(auto& f, auto& m) {
                f("Partition", m.partition);
                f("ErrorCode", m.error_code);
                f("ErrorMessage", m.error_message);
                f("StateEpoch", m.state_epoch);
                f("LeaderEpoch", m.leader_epoch);
                f("StartOffset", m.start_offset);
                f("DeliveryCompleteCount", m.delivery_complete_count, since(1));
            }
        };

        Uuid topic_id;
        std::vector<PartitionResult> partitions;

        static void fields(auto& f, auto& m) {
            f("TopicId", m.topic_id);
            f("Partitions", m.partitions);
        }
    };

    std::vector<ReadStateSummaryResult> results;

    static void fields(auto& f, auto& m) { f("Results", m.results); }
};

}  // namespace protocol
