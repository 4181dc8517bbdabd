// LeaveGroup (API key 13): KIP-345 batches of members v3, flexible v4, KIP-800 reasons v5.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct LeaveGroupRequest {
    static constexpr int16_t api_key = 13;
    static constexpr Versions valid = between(0, 5), flexible = since(4);

    struct MemberIdentity {
        std::string_view member_id;
        std::optional<std::string_view> group_instance_id;
        std::optional<std::string_view> reason;

        static void fields(auto& f, auto& m) {
            f("MemberId", m.member_id);
            f("GroupInstanceId", m.group_instance_id);
            f("Reason", m.reason, since(5));
        }
    };

    std::string_view group_id;
    std::string_view member_id;
    std::vector<MemberIdentity> members;

    static void fields(auto& f, auto& m) {
        f("GroupId", m.group_id);
        f("MemberId", m.member_id, until(2));
        f("Members", m.members, since(3));
    }
};

struct LeaveGroupResponse {
    static constexpr int16_t api_key = 13;
    static constexpr Versions valid = between(0, 5), flexible = since(4);

    struct MemberResponse {
        std::string member_id;
        std::optional<std::string> group_instance_id = std::string{};
        ErrorCode error_code = ErrorCode::none;

        static void fields(auto& f, auto& m) {
            f("MemberId", m.member_id);
            f("GroupInstanceId", m.group_instance_id);
            f("ErrorCode", m.error_code);
        }
    };

    int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::vector<MemberResponse> members;

    static void fields(auto& f, auto& m) {
        f("ThrottleTimeMs", m.throttle_time_ms, since(1));
        f("ErrorCode", m.error_code);
        f("Members", m.members, since(3));
    }
};

}  // namespace protocol
