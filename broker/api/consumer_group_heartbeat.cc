#include "broker/api/consumer_group_protocol.h"
#include "broker/api/handlers.h"
#include "broker/api/run_group.h"

namespace broker::api {

Answer<protocol::ConsumerGroupHeartbeatResponse> consumer_group_heartbeat(
    RequestContext& context, const protocol::ConsumerGroupHeartbeatRequest& request) {
    using Response = protocol::ConsumerGroupHeartbeatResponse;
    if (!has_consumer_group_protocol(context))
        co_return Response{.error_code = protocol::ErrorCode::unsupported_version};
    const coordinator::GroupService::Operation beat = [&request, uuid = context.home.random_uuid()](
                                                          auto& machine, const auto& caller) {
        return machine.consumer_group_heartbeat(request, caller, uuid);
    };
    auto response = co_await run_group<Response>(context, request.group_id, beat);
    if (response) co_return std::move(*response);
    co_return Response{.error_code = response.error()};
}

}  // namespace broker::api
