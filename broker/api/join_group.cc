#include "broker/api/handlers.h"
#include "broker/api/run_group.h"

namespace broker::api {

Answer<protocol::JoinGroupResponse> join_group(RequestContext& context,
                                               const protocol::JoinGroupRequest& request) {
    const coordinator::GroupService::Operation join = [&request, uuid = context.home.random_uuid()](
                                                          auto& machine, const auto& caller) {
        return machine.join_group(request, caller, uuid);
    };
    auto joined = co_await run_group<protocol::JoinGroupResponse>(context, request.group_id, join);
    auto response = joined
                        ? std::move(*joined)
                        : protocol::JoinGroupResponse{.error_code = joined.error(),
                                                      .member_id = std::string(request.member_id)};
    // Since v7 a refusal names no protocol; before, the name cannot be null.
    if (response.error_code != protocol::ErrorCode::none && context.version >= 7)
        response.protocol_name.reset();
    co_return response;
}

}  // namespace broker::api
