#include <algorithm>
#include <iterator>

#include "broker/api/coordinator_home.h"
#include "broker/api/handlers.h"
#include "broker/api/share_group_protocol.h"
#include "broker/api/share_state.h"

namespace broker::api {

namespace {

using coordinator::group::Effects;
using coordinator::group::GroupCoordinator;
using coordinator::group::Refusal;
using protocol::DeleteShareGroupOffsetsRequest;
using protocol::DeleteShareGroupOffsetsResponse;
using protocol::ErrorCode;
using ToDelete = GroupCoordinator::ShareStateToDelete;

asio::awaitable<std::expected<ToDelete, Refusal>> begin(
    const CoordinatorHome& home, const DeleteShareGroupOffsetsRequest& request) {
    std::expected<ToDelete, Refusal> deleted;
    auto work = [&] {
        return home.owner->groups.change(
            home.partition, [&](const auto& machine) -> std::expected<Effects, ErrorCode> {
                deleted = machine.delete_share_offsets(request);
                if (!deleted) return std::unexpected(deleted.error().error);
                return std::move(deleted->effects);
            });
    };
    const ErrorCode error = co_await home.owner->run(std::move(work));
    if (error != ErrorCode::none && deleted) deleted = std::unexpected(Refusal{error, {}});
    co_return deleted;
}

DeleteShareGroupOffsetsResponse refuse(ErrorCode error, const std::string& message = {}) {
    DeleteShareGroupOffsetsResponse refused{.error_code = error};
    if (!message.empty()) refused.error_message = message;
    return refused;
}

}  // namespace

Answer<DeleteShareGroupOffsetsResponse> delete_share_group_offsets(
    RequestContext& context, const DeleteShareGroupOffsetsRequest& request) {
    if (!has_share_groups(context)) co_return refuse(ErrorCode::unsupported_version);
    if (request.group_id.empty()) co_return refuse(ErrorCode::invalid_group_id);
    const auto home = group_home(context.home, request.group_id);
    if (!home) co_return refuse(home.error());
    auto deleted = co_await begin(*home, request);
    if (!deleted) co_return refuse(deleted.error().error, deleted.error().message);

    const std::string group_id(request.group_id);
    const auto refusals = co_await delete_share_state(context.home, group_id, deleted->partitions);
    co_await forget_share_group(context.home, group_id);
    DeleteShareGroupOffsetsResponse response;
    std::set<protocol::Uuid> done;
    for (const auto& [topic_id, partitions] : deleted->partitions) {
        const auto topic = context.home.image.find(topic_id);
        auto& answer = response.responses.emplace_back();
        answer.topic_id = topic_id;
        if (topic) answer.topic_name = topic->name;
        const auto refusal = refusals.find(topic_id);
        if (refusal == refusals.end())
            done.insert(topic_id);
        else
            answer.error_code = refusal->second.begin()->second.error;
    }
    std::ranges::move(deleted->refused, std::back_inserter(response.responses));
    auto complete = [&] {
        return home->owner->groups.change(home->partition, [&](const auto& machine) {
            return machine.share_state_deleted(group_id, done);
        });
    };
    const ErrorCode noted = co_await home->owner->run(std::move(complete));
    if (noted != ErrorCode::none) co_return refuse(noted);
    co_return response;
}

}  // namespace broker::api
