#include "broker/api/handlers.h"
#include "broker/api/run_group.h"

namespace broker::api {

Answer<protocol::JoinGroupResponse> join_group(RequestContext& context,
                                               const protocol::JoinGroupRequest& request) {
    const coordinator::GroupService::Operation join = [&request, uuid = context.home.random_uuid()](
                                                          auto& machine, const auto& caller) {
        return machine.join_group(request, caller, uuid);
    };
    auto response =
        co_await run_group<protocol::JoinGroupResponse>(context, request.group_id, join);
    if (response) co_return std::move(*response);
    co_return protocol::JoinGroupResponse{.error_code = response.error(),
                                          .member_id = std::string(request.member_id)};
}

}  // namespace broker::api
