#include <set>

#include "broker/api/coordinator_home.h"
#include "broker/api/handlers.h"
#include "broker/shard.h"

namespace broker::api {

namespace {

using protocol::ErrorCode;

Answer<ErrorCode> remove(RequestContext& context, std::string_view group_id) {
    const auto home = group_home(context, group_id);
    if (!home) co_return home.error();
    auto work = [&] {
        return home->owner->groups.change(
            home->partition, [&](const auto& machine) { return machine.delete_group(group_id); });
    };
    co_return co_await home->owner->run(std::move(work));
}

}  // namespace

Answer<protocol::DeleteGroupsResponse> delete_groups(RequestContext& context,
                                                     const protocol::DeleteGroupsRequest& request) {
    protocol::DeleteGroupsResponse response;
    std::set<std::string_view> answered;
    for (const std::string_view group_id : request.groups_names) {
        if (!answered.insert(group_id).second) continue;
        const ErrorCode error = co_await remove(context, group_id);
        response.results.push_back({.group_id = std::string(group_id), .error_code = error});
    }
    co_return response;
}

}  // namespace broker::api
