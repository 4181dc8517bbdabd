// Heartbeat (API key 12): KIP-345 static members v3, flexible v4.
#pragma once

#include <optional>
#include <string_view>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct HeartbeatRequest {
    static constexpr int16_t api_key = 12;
    static constexpr Versions valid = between(0, 4), flexible = since(4);

    std::string_view group_id;
    int32_t generation_id = 0;
    std::string_view member_id;
    std::optional<std::string_view> group_instance_id;

    static void fields(auto& f, auto& m) {
        f("GroupId", m.group_id);
        f("GenerationId", m.generation_id);
        f("MemberId", m.member_id);
        f("GroupInstanceId", m.group_instance_id, since(3));
    }
};

struct HeartbeatResponse {
    static constexpr int16_t api_key = 12;
    static constexpr Versions valid = between(0, 4), flexible = since(4);

    int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;

    static void fields(auto& f, auto& m) {
        f("ThrottleTimeMs", m.throttle_time_ms, since(1));
        f("ErrorCode", m.error_code);
    }
};

}  // namespace protocol
