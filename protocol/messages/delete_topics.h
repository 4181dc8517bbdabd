// DeleteTopics (API key 20): KIP-599 v5, KIP-516 topic ids v6; flexible v4.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct DeleteTopicsRequest {
    static constexpr int16_t api_key = 20;
    static constexpr Versions valid = between(1, 6), flexible = since(4);

    struct DeleteTopicState {
        std::optional<std::string_view> name;
        Uuid topic_id;

        static void fields(auto& f, auto& m) {
            f("Name", m.name);
            f("TopicId", m.topic_id);
        }
    };

    std::vector<DeleteTopicState> topics;
    std::vector<std::string_view> topic_names;
    int32_t timeout_ms = 0;

    static void fields(auto& f, auto& m) {
        f("Topics", m.topics, since(6));
        f("TopicNames", m.topic_names, until(5));
        f("TimeoutMs", m.timeout_ms);
    }
};

struct DeleteTopicsResponse {
    static constexpr int16_t api_key = 20;
    static constexpr Versions valid = between(1, 6), flexible = since(4);

    struct DeletableTopicResult {
        std::optional<std::string> name = std::string{};
        Uuid topic_id;
        ErrorCode error_code = ErrorCode::none;
        std::optional<std::string> error_message;

        static void fields(auto& f, auto& m) {
            f("Name", m.name, always, nullable(since(6)));
            f("TopicId", m.topic_id, since(6));
            f("ErrorCode", m.error_code);
            f("ErrorMessage", m.error_message, since(5));
        }
    };

    int32_t throttle_time_ms = 0;
    std::vector<DeletableTopicResult> responses;

    static void fields(auto& f, auto& m) {
        f("ThrottleTimeMs", m.throttle_time_ms);
        f("Responses", m.responses);
    }
};

}  // namespace protocol
