// ListGroups (API key 16): flexible v3, KIP-518 states v4, KIP-848 types v5.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct ListGroupsRequest {
    static constexpr int16_t api_key = 16;
    static constexpr Versions valid = between(0, 5), flexible = since(3);

    std::vector<std::string_view> states_filter;
    std::vector<std::string_view> types_filter;

    static void fields(auto& f, auto& m) {
        f("StatesFilter", m.states_filter, since(4));
        f("TypesFilter", m.types_filter, since(5));
    }
};

struct ListGroupsResponse {
    static constexpr int16_t api_key = 16;
    static constexpr Versions valid = between(0, 5), flexible = since(3);

    struct ListedGroup {
        std::string group_id;
        std::string protocol_type;
        std::string group_state;
        std::string group_type;

        static void fields(auto& f, auto& m) {
            f("GroupId", m.group_id);
            f("ProtocolType", m.protocol_type);
            f("GroupState", m.group_state, since(4));
            f("GroupType", m.group_type, since(5));
        }
    };

    int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::vector<ListedGroup> groups;

    static void fields(auto& f, auto& m) {
        f("ThrottleTimeMs", m.throttle_time_ms, since(1));
        f("ErrorCode", m.error_code);
        f("Groups", m.groups);
    }
};

}  // namespace protocol
