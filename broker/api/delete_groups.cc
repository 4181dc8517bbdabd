#include <set>

#include "broker/api/coordinator_home.h"
#include "broker/api/handlers.h"
#include "broker/api/share_state.h"
#include "broker/shard.h"

namespace broker::api {

namespace {

using protocol::ErrorCode;

// Before a share group goes, its state at the share coordinator does.
Answer<ErrorCode> remove_share_state(RequestContext& context, const CoordinatorHome& home,
                                     std::string_view group_id) {
    coordinator::group::TopicPartitions partitions;
    auto begin = [&] {
        return home.owner->groups.change(
            home.partition,
            [&](const auto& machine) -> std::expected<coordinator::group::Effects, ErrorCode> {
                auto deleted = machine.delete_share_state(group_id);
                if (!deleted) return std::unexpected(deleted.error());
                partitions = std::move(deleted->partitions);
                return std::move(deleted->effects);
            });
    };
    const ErrorCode begun = co_await home.owner->run(std::move(begin));
    if (begun != ErrorCode::none || partitions.empty()) co_return begun;
    const auto refusals =
        co_await delete_share_state(context.home, std::string(group_id), partitions);
    co_await forget_share_group(context.home, std::string(group_id));
    if (refusals.empty()) co_return ErrorCode::none;
    co_return refusals.begin()->second.begin()->second.error;
}

Answer<ErrorCode> remove(RequestContext& context, std::string_view group_id) {
    const auto home = group_home(context, group_id);
    if (!home) co_return home.error();
    const ErrorCode without_state = co_await remove_share_state(context, *home, group_id);
    if (without_state != ErrorCode::none) co_return without_state;
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
