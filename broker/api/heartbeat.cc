#include "broker/api/handlers.h"
#include "broker/api/on_group.h"

namespace broker::api {

Answer<protocol::HeartbeatResponse> heartbeat(RequestContext& context,
                                              const protocol::HeartbeatRequest& request) {
    auto beat = [&request](auto& machine, int64_t now_ms) {
        return machine.heartbeat(request, now_ms);
    };
    const auto response = co_await on_group(context, request.group_id, beat);
    if (response) co_return *response;
    co_return protocol::HeartbeatResponse{.error_code = response.error()};
}

}  // namespace broker::api
