// What the three APIs of access control lists have in common: the filter as clients send it, and
// the answer where there is no authorizer.
#pragma once

#include <string>

#include "broker/metadata/acl_changes.h"

namespace broker::api {

inline constexpr const char* no_authorizer = "No Authorizer is configured.";

// `filter`: the part of a DescribeAcls or DeleteAcls request that names entries.
metadata::AclFilter acl_filter(const auto& filter) {
    const auto text = [](const std::optional<std::string_view>& wanted) {
        return wanted ? std::optional(std::string(*wanted)) : std::nullopt;
    };
    return {.resource_type = filter.resource_type_filter,
            .resource_name = text(filter.resource_name_filter),
            .pattern_type = filter.pattern_type_filter,
            .principal = text(filter.principal_filter),
            .host = text(filter.host_filter),
            .operation = filter.operation,
            .permission_type = filter.permission_type};
}

}  // namespace broker::api
