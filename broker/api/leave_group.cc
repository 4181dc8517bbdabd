#include "broker/api/handlers.h"
#include "broker/api/run_group.h"

namespace broker::api {

Answer<protocol::LeaveGroupResponse> leave_group(RequestContext& context,
                                                 const protocol::LeaveGroupRequest& request) {
    const coordinator::GroupService::Operation leave = [&request](auto& machine,
                                                                  const auto& caller) {
        return machine.leave_group(request, caller);
    };
    auto response =
        co_await run_group<protocol::LeaveGroupResponse>(context, request.group_id, leave);
    if (response) co_return std::move(*response);
    co_return protocol::LeaveGroupResponse{.error_code = response.error()};
}

}  // namespace broker::api
