#include <iterator>

#include "broker/api/handlers.h"
#include "broker/shard.h"

namespace broker::api {

Answer<protocol::ListGroupsResponse> list_groups(RequestContext& context,
                                                 const protocol::ListGroupsRequest& request) {
    protocol::ListGroupsResponse response;
    for (const auto& shard : context.shards) {
        auto list = [&] {
            shard->groups.for_each([&](int32_t, const auto& machine) {
                auto listed = machine.list(request.states_filter, request.types_filter);
                std::ranges::move(listed, std::back_inserter(response.groups));
            });
        };
        co_await shard->run(std::move(list));
    }
    co_return response;
}

}  // namespace broker::api
