// DeleteShareGroupOffsets (API key 92): KIP-932.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct DeleteShareGroupOffsetsRequest {
    static constexpr int16_t api_key = 92;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    struct DeleteShareGroupOffsetsRequestTopic {
        std::string_view topic_name;

        static void fields(auto& f, auto& m) { f("TopicName", m.topic_name); }
    };

    std::string_view group_id;
    std::vector<DeleteShareGroupOffsetsRequestTopic> topics;

    static void fields(auto& f, auto& m) {
        f("GroupId", m.group_id);
        f("Topics", m.topics);
    }
};

struct DeleteShareGroupOffsetsResponse {
    static constexpr int16_t api_key = 92;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    struct DeleteShareGroupOffsetsResponseTopic {
        std::string topic_name;
        Uuid topic_id;
        ErrorCode error_code = ErrorCode::none;
        std::optional<std::string> error_message;

        static void fields(auto& f, auto& m) {
            f("TopicName", m.topic_name);
            f("TopicId", m.topic_id);
            f("ErrorCode", m.error_code);
            f("ErrorMessage", m.error_message);
        }
    };

    int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message;
    std::vector<DeleteShareGroupOffsetsResponseTopic> responses;

    static void fields(auto& f, auto& m) {
        f("ThrottleTimeMs", m.throttle_time_ms);
        f("ErrorCode", m.error_code);
        f("ErrorMessage", m.error_message);
        f("Responses", m.responses);
    }
};

}  // namespace protocol
