// SyncGroup (API key 14): KIP-345 static members v3, flexible v4, KIP-559 protocol type v5.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct SyncGroupRequest {
    static constexpr int16_t api_key = 14;
    static constexpr Versions valid = between(0, 5), flexible = since(4);

    struct SyncGroupRequestAssignment {
        std::string_view member_id;
        Bytes assignment;

        static void fields(auto& f, auto& m) {
            f("MemberId", m.member_id);
            f("Assignment", m.assignment);
        }
    };

    std::string_view group_id;
    int32_t generation_id = 0;
    std::string_view member_id;
    std::optional<std::string_view> group_instance_id;
    std::optional<std::string_view> protocol_type;
    std::optional<std::string_view> protocol_name;
    std::vector<SyncGroupRequestAssignment> assignments;

    static void fields(auto& f, auto& m) {
        f("GroupId", m.group_id);
        f("GenerationId", m.generation_id);
        f("MemberId", m.member_id);
        f("GroupInstanceId", m.group_instance_id, since(3));
        f("ProtocolType", m.protocol_type, since(5));
        f("ProtocolName", m.protocol_name, since(5));
        f("Assignments", m.assignments);
    }
};

struct SyncGroupResponse {
    static constexpr int16_t api_key = 14;
    static constexpr Versions valid = between(0, 5), flexible = since(4);

    int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> protocol_type;
    std::optional<std::string> protocol_name;
    Blob assignment;

    static void fields(auto& f, auto& m) {
        f("ThrottleTimeMs", m.throttle_time_ms, since(1));
        f("ErrorCode", m.error_code);
        f("ProtocolType", m.protocol_type, since(5));
        f("ProtocolName", m.protocol_name, since(5));
        f("Assignment", m.assignment);
    }
};

}  // namespace protocol
