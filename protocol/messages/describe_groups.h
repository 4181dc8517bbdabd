// DescribeGroups (API key 15): KIP-430 authorized operations v3, KIP-345 v4, flexible v5,
// KIP-1043 v6.
#pragma once

#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct DescribeGroupsRequest {
    static constexpr int16_t api_key = 15;
    static constexpr Versions valid = between(0, 6), flexible = since(5);

    std::vector<std::string_view> groups;
    bool include_authorized_operations = false;

    static void fields(auto& f, auto& m) {
        f("Groups", m.groups);
        f("IncludeAuthorizedOperations", m.include_authorized_operations, since(3));
    }
};

struct DescribeGroupsResponse {
    static constexpr int16_t api_key = 15;
    static constexpr Versions valid = between(0, 6), flexible = since(5);

    struct DescribedGroup {
        struct DescribedGroupMember {
            std::string member_id;
            std::optional<std::string> group_instance_id;
            std::string client_id;
            std::string client_host;
            Blob member_metadata;
            Blob member_assignment;

            static void fields(auto& f, auto& m) {
                f("MemberId", m.member_id);
                f("GroupInstanceId", m.group_instance_id, since(4));
                f("ClientId", m.client_id);
                f("ClientHost", m.client_host);
                f("MemberMetadata", m.member_metadata);
                f("MemberAssignment", m.member_assignment);
            }
        };

        ErrorCode error_code = ErrorCode::none;
        std::optional<std::string> error_message;
        std::string group_id;
        std::string group_state;
        std::string protocol_type;
        std::string protocol_data;
        std::vector<DescribedGroupMember> members;
        int32_t authorized_operations = std::numeric_limits<int32_t>::min();

        static void fields(auto& f, auto& m) {
            f("ErrorCode", m.error_code);
            f("ErrorMessage", m.error_message, since(6));
            f("GroupId", m.group_id);
            f("GroupState", m.group_state);
            f("ProtocolType", m.protocol_type);
            f("ProtocolData", m.protocol_data);
            f("Members", m.members);
            f("AuthorizedOperations", m.authorized_operations, since(3));
        }
    };

    int32_t throttle_time_ms = 0;
    std::vector<DescribedGroup> groups;

    static void fields(auto& f, auto& m) {
        f("ThrottleTimeMs", m.throttle_time_ms, since(1));
        f("Groups", m.groups);
    }
};

}  // namespace protocol
