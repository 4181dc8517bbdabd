// DeleteAcls (API key 31): KIP-140; KIP-290 pattern types v1, flexible v2, KIP-373 users as
// resources v3.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct DeleteAclsRequest {
    static constexpr int16_t api_key = 31;
    static constexpr Versions valid = between(1, 3), flexible = since(2);

    struct DeleteAclsFilter {
        int8_t resource_type_filter = 0;
        std::optional<std::string_view> resource_name_filter = std::string_view{};
        int8_t pattern_type_filter = 3;
        std::optional<std::string_view> principal_filter = std::string_view{};
        std::optional<std::string_view> host_filter = std::string_view{};
        int8_t operation = 0;
        int8_t permission_type = 0;

        static void fields(auto& f, auto& m) {
            f("ResourceTypeFilter", m.resource_type_filter);
            f("ResourceNameFilter", m.resource_name_filter);
            f("PatternTypeFilter", m.pattern_type_filter);
            f("PrincipalFilter", m.principal_filter);
            f("HostFilter", m.host_filter);
            f("Operation", m.operation);
            f("PermissionType", m.permission_type);
        }
    };

    std::vector<DeleteAclsFilter> filters;

    static void fields(auto& f, auto& m) { f("Filters", m.filters); }
};

struct DeleteAclsResponse {
    static constexpr int16_t api_key = 31;
    static constexpr Versions valid = between(1, 3), flexible = since(2);

    struct DeleteAclsFilterResult {
        struct DeleteAclsMatchingAcl {
            ErrorCode error_code = ErrorCode::none;
            std::optional<std::string> error_message = std::string{};
            int8_t resource_type = 0;
            std::string resource_name;
            int8_t pattern_type = 3;
            std::string principal;
            std::string host;
            int8_t operation = 0;
            int8_t permission_type = 0;

            static void fields(auto& f, auto& m) {
                f("ErrorCode", m.error_code);
                f("ErrorMessage", m.error_message);
                f("ResourceType", m.resource_type);
                f("ResourceName", m.resource_name);
                f("PatternType", m.pattern_type);
                f("Principal", m.principal);
                f("Host", m.host);
                f("Operation", m.operation);
                f("PermissionType", m.permission_type);
            }
        };

        ErrorCode error_code = ErrorCode::none;
        std::optional<std::string> error_message = std::string{};
        std::vector<DeleteAclsMatchingAcl> matching_acls;

        static void fields(auto& f, auto& m) {
            f("ErrorCode", m.error_code);
            f("ErrorMessage", m.error_message);
            f("MatchingAcls", m.matching_acls);
        }
    };

    int32_t throttle_time_ms = 0;
    std::vector<DeleteAclsFilterResult> filter_results;

    static void fields(auto& f, auto& m) {
        f("ThrottleTimeMs", m.throttle_time_ms);
        f("FilterResults", m.filter_results);
    }
};

}  // namespace protocol
