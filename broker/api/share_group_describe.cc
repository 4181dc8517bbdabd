#include "broker/api/authorized_operations.h"
#include "broker/api/handlers.h"
#include "broker/api/on_group.h"
#include "broker/api/share_group_protocol.h"

namespace broker::api {

using protocol::ErrorCode;
using Response = protocol::ShareGroupDescribeResponse;

namespace {

Answer<Response::DescribedGroup> describe(RequestContext& context, std::string_view group_id) {
    Response::DescribedGroup failed{.group_id = std::string(group_id)};
    if (!has_share_groups(context))
        failed.error_code = ErrorCode::unsupported_version;
    else if (group_id.empty())
        failed.error_code = ErrorCode::invalid_group_id;
    if (failed.error_code != ErrorCode::none) co_return failed;
    auto look = [&](auto& machine, int64_t) { return machine.describe_share_group(group_id); };
    auto described = co_await on_group(context, group_id, look);
    if (described) co_return std::move(*described);
    failed.error_code = described.error();
    co_return failed;
}

}  // namespace

Answer<Response> share_group_describe(RequestContext& context,
                                      const protocol::ShareGroupDescribeRequest& request) {
    Response response;
    for (const std::string_view group_id : request.group_ids) {
        auto described = co_await describe(context, group_id);
        if (request.include_authorized_operations && described.error_code == ErrorCode::none)
            described.authorized_operations = group_operations;
        response.groups.push_back(std::move(described));
    }
    co_return response;
}

}  // namespace broker::api
