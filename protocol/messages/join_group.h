// JoinGroup (API key 11): KIP-394 the member id comes first v4, KIP-345 static members v5,
// flexible v6, KIP-559 protocol type v7, KIP-800 reasons v8, KIP-814 skip_assignment v9.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct JoinGroupRequest {
    static constexpr int16_t api_key = 11;
    static constexpr Versions valid = between(0, 9), flexible = since(6);

    struct JoinGroupRequestProtocol {
        std::string_view name;
        Bytes metadata;

        static void fields(auto& f, auto& m) {
            f("Name", m.name);
            f("Metadata", m.metadata);
        }
    };

    std::string_view group_id;
    int32_t session_timeout_ms = 0;
    int32_t rebalance_timeout_ms = -1;
    std::string_view member_id;
    std::optional<std::string_view> group_instance_id;
    std::string_view protocol_type;
    std::vector<JoinGroupRequestProtocol> protocols;
    std::optional<std::string_view> reason;

    static void fields(auto& f, auto& m) {
        f("GroupId", m.group_id);
        f("SessionTimeoutMs", m.session_timeout_ms);
        f("RebalanceTimeoutMs", m.rebalance_timeout_ms, since(1));
        f("MemberId", m.member_id);
        f("GroupInstanceId", m.group_instance_id, since(5));
        f("ProtocolType", m.protocol_type);
        f("Protocols", m.protocols);
        f("Reason", m.reason, since(8));
    }
};

struct JoinGroupResponse {
    static constexpr int16_t api_key = 11;
    static constexpr Versions valid = between(0, 9), flexible = since(6);

    struct JoinGroupResponseMember {
        std::string member_id;
        std::optional<std::string> group_instance_id;
        Blob metadata;

        static void fields(auto& f, auto& m) {
            f("MemberId", m.member_id);
            f("GroupInstanceId", m.group_instance_id, since(5));
            f("Metadata", m.metadata);
        }
    };

    int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    int32_t generation_id = -1;
    std::optional<std::string> protocol_type;
    std::optional<std::string> protocol_name = std::string{};
    std::string leader;
    bool skip_assignment = false;
    std::string member_id;
    std::vector<JoinGroupResponseMember> members;

    static void fields(auto& f, auto& m) {
        f("ThrottleTimeMs", m.throttle_time_ms, since(2));
        f("ErrorCode", m.error_code);
        f("GenerationId", m.generation_id);
        f("ProtocolType", m.protocol_type, since(7));
        f("ProtocolName", m.protocol_name, always, nullable(since(7)));
        f("Leader", m.leader);
        f("SkipAssignment", m.skip_assignment, since(9));
        f("MemberId", m.member_id);
        f("Members", m.members);
    }
};

}  // namespace protocol
