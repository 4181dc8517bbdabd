#include "broker/api/handlers.h"
#include "broker/api/run_group.h"
#include "broker/api/share_group_protocol.h"
#include "broker/api/share_state.h"

namespace broker::api {

using coordinator::group::ShareHeartbeat;
using coordinator::group::ShareStateToInitialize;
using Response = protocol::ShareGroupHeartbeatResponse;

namespace {

// Members learn of it with their next heartbeats.
asio::awaitable<void> initialize_later(Broker& broker, Shard& here, ShareStateToInitialize wanted) {
    (void)co_await initialize_share_state(broker, here, std::move(wanted), /*forgets=*/true);
}

}  // namespace

Answer<Response> share_group_heartbeat(RequestContext& context,
                                       const protocol::ShareGroupHeartbeatRequest& request) {
    if (!has_share_groups(context))
        co_return Response{.error_code = protocol::ErrorCode::unsupported_version};
    const coordinator::GroupService::Operation beat = [&request](auto& machine,
                                                                 const auto& caller) {
        return machine.share_group_heartbeat(request, caller);
    };
    auto answer = co_await run_group<ShareHeartbeat>(context, request.group_id, beat);
    if (!answer) co_return Response{.error_code = answer.error()};
    if (answer->initialize) {
        Shard& home = context.home;
        home.spawn(initialize_later(context.broker, home, std::move(*answer->initialize)));
    }
    co_return std::move(answer->response);
}

}  // namespace broker::api
