// DeleteGroups (API key 42): KIP-229; flexible v2, KIP-1043 error messages v3.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct DeleteGroupsRequest {
    static constexpr int16_t api_key = 42;
    static constexpr Versions valid = between(0, 3), flexible = since(2);

    std::vector<std::string_view> groups_names;

    static void fields(auto& f, auto& m) { f("GroupsNames", m.groups_names); }
};

struct DeleteGroupsResponse {
    static constexpr int16_t api_key = 42;
    static constexpr Versions valid = between(0, 3), flexible = since(2);

    struct DeletableGroupResult {
        std::string group_id;
        ErrorCode error_code = ErrorCode::none;
        std::optional<std::string> error_message;

        static void fields(auto& f, auto& m) {
            f("GroupId", m.group_id);
            f("ErrorCode", m.error_code);
            f("ErrorMessage", m.error_message, since(3));
        }
    };

    int32_t throttle_time_ms = 0;
    std::vector<DeletableGroupResult> results;

    static void fields(auto& f, auto& m) {
        f("ThrottleTimeMs", m.throttle_time_ms);
        f("Results", m.results);
    }
};

}  // namespace protocol
