#include "broker/api/authorized_operations.h"
#include "broker/api/handlers.h"
#include "broker/api/on_group.h"

namespace broker::api {

Answer<protocol::DescribeGroupsResponse> describe_groups(
    RequestContext& context, const protocol::DescribeGroupsRequest& request) {
    protocol::DescribeGroupsResponse response;
    for (const std::string_view group_id : request.groups) {
        auto look = [&](auto& machine, int64_t) {
            return machine.describe(group_id, context.version);
        };
        auto described = co_await on_group(context, group_id, look);
        auto& group = response.groups.emplace_back();
        if (described)
            group = std::move(*described);
        else
            group = {.error_code = described.error(), .group_id = std::string(group_id)};
        if (request.include_authorized_operations && group.error_code == protocol::ErrorCode::none)
            group.authorized_operations = group_operations;
    }
    co_return response;
}

}  // namespace broker::api
