#include <map>
#include <tuple>

#include "broker/api/acl_filter.h"
#include "broker/api/handlers.h"
#include "broker/broker.h"

namespace broker::api {

using protocol::DescribeAclsRequest;
using protocol::DescribeAclsResponse;
using protocol::ErrorCode;

Answer<DescribeAclsResponse> describe_acls(RequestContext& context,
                                           const DescribeAclsRequest& request) {
    DescribeAclsResponse response{.error_message = std::nullopt};
    const metadata::AclFilter filter = acl_filter(request);
    if (!context.broker.config().has_authorizer) {
        response.error_code = ErrorCode::security_disabled;
        response.error_message = no_authorizer;
        co_return response;
    }
    using Resource = std::tuple<int8_t, std::string_view, int8_t>;
    std::map<Resource, DescribeAclsResponse::DescribeAclsResource> resources;
    for (const auto& [id, entry] : context.home.image.acls()) {
        if (!filter.matches(entry)) continue;
        auto& resource = resources[{entry.resource_type, entry.resource_name, entry.pattern_type}];
        resource.resource_type = entry.resource_type;
        resource.resource_name = entry.resource_name;
        resource.pattern_type = entry.pattern_type;
        resource.acls.push_back({.principal = entry.principal,
                                 .host = entry.host,
                                 .operation = entry.operation,
                                 .permission_type = entry.permission_type});
    }
    for (auto& [name, resource] : resources) response.resources.push_back(std::move(resource));
    co_return response;
}

}  // namespace broker::api
