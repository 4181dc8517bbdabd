#include "broker/api/authorized_operations.h"
#include "broker/api/consumer_group_protocol.h"
#include "broker/api/handlers.h"
#include "broker/api/on_group.h"

namespace broker::api {

using protocol::ErrorCode;
using Response = protocol::ConsumerGroupDescribeResponse;

namespace {

Answer<Response::DescribedGroup> describe(RequestContext& context, std::string_view group_id) {
    Response::DescribedGroup failed{.group_id = std::string(group_id)};
    if (!has_consumer_group_protocol(context))
        failed.error_code = ErrorCode::unsupported_version;
    else if (group_id.empty())
        failed.error_code = ErrorCode::invalid_group_id;
    if (failed.error_code != ErrorCode::none) co_return failed;
    auto look = [&](auto& machine, int64_t) { return machine.describe_consumer_group(group_id); };
    auto described = co_await on_group(context, group_id, look);
    if (described) co_return std::move(*described);
    failed.error_code = described.error();
    co_return failed;
}

}  // namespace

Answer<Response> consumer_group_describe(RequestContext& context,
                                         const protocol::ConsumerGroupDescribeRequest& request) {
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
