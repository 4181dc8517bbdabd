#include "broker/api/handlers.h"
#include "broker/api/run_group.h"

namespace broker::api {

Answer<protocol::SyncGroupResponse> sync_group(RequestContext& context,
                                               const protocol::SyncGroupRequest& request) {
    const coordinator::GroupService::Operation sync = [&request](auto& machine,
                                                                 const auto& caller) {
        return machine.sync_group(request, caller);
    };
    auto response =
        co_await run_group<protocol::SyncGroupResponse>(context, request.group_id, sync);
    if (response) co_return std::move(*response);
    co_return protocol::SyncGroupResponse{.error_code = response.error()};
}

}  // namespace broker::api
