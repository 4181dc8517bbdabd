// InitializeShareGroupState (API key 83): KIP-932.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct InitializeShareGroupStateRequest {
    static constexpr int16_t api_key = 83;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    struct InitializeStateData {
        struct PartitionData {
            int32_t partition = 0;
            int32_t state_epoch = 0;
            int64_t start_offset = 0;

            static void fields(auto& f, auto& m) {
                f("Partition", m.partition);
                f("StateEpoch", m.state_epoch);
                f("StartOffset", m.start_offset);
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
    std::vector<InitializeStateData> topics;

    static void fields(auto& f, auto& m) {
        f("GroupId", m.group_id);
        f("Topics", m.topics);
    }
};

struct InitializeShareGroupStateResponse {
    static constexpr int16_t api_key = 83;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    struct InitializeStateResult {
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

    std::vector<InitializeStateResult> results;

    static void fields(auto& f, auto& m) { f("Results", m.results); }
};

}  // namespace protocol
