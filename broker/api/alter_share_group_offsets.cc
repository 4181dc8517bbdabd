#include "broker/api/coordinator_home.h"
#include "broker/api/handlers.h"
#include "broker/api/share_group_protocol.h"
#include "broker/api/share_state.h"
#include "broker/broker.h"

namespace broker::api {

namespace {

using coordinator::group::GroupCoordinator;
using coordinator::group::Refusal;
using protocol::AlterShareGroupOffsetsRequest;
using protocol::AlterShareGroupOffsetsResponse;
using protocol::ErrorCode;
using Altered = GroupCoordinator::AlteredShareOffsets;

// Notes what is to be initialized.
asio::awaitable<std::expected<Altered, Refusal>> begin(
    RequestContext& context, const AlterShareGroupOffsetsRequest& request) {
    const auto home = group_home(context.home, request.group_id);
    if (!home) co_return std::unexpected(Refusal{home.error(), {}});
    std::expected<Altered, Refusal> altered;
    auto work = [&] {
        return home->owner->groups.change(
            home->partition,
            [&](const auto& machine) -> std::expected<coordinator::group::Effects, ErrorCode> {
                altered = machine.alter_share_offsets(request);
                if (!altered) return std::unexpected(altered.error().error);
                return std::move(altered->effects);
            });
    };
    const ErrorCode error = co_await home->owner->run(std::move(work));
    if (error != ErrorCode::none && altered) altered = std::unexpected(Refusal{error, {}});
    co_return altered;
}

void put(const ShareStateRefusals& refusals, AlterShareGroupOffsetsResponse& response) {
    for (auto& topic : response.responses) {
        const auto of_topic = refusals.find(topic.topic_id);
        if (of_topic == refusals.end()) continue;
        for (auto& partition : topic.partitions) {
            const auto refusal = of_topic->second.find(partition.partition_index);
            if (refusal == of_topic->second.end()) continue;
            partition.error_code = refusal->second.error;
            partition.error_message = refusal->second.message;
        }
    }
}

}  // namespace

Answer<AlterShareGroupOffsetsResponse> alter_share_group_offsets(
    RequestContext& context, const AlterShareGroupOffsetsRequest& request) {
    using Response = AlterShareGroupOffsetsResponse;
    if (!has_share_groups(context))
        co_return Response{.error_code = ErrorCode::unsupported_version};
    if (request.group_id.empty()) co_return Response{.error_code = ErrorCode::invalid_group_id};
    auto altered = co_await begin(context, request);
    if (!altered) {
        Response refused{.error_code = altered.error().error};
        if (!altered.error().message.empty()) refused.error_message = altered.error().message;
        co_return refused;
    }
    const auto refusals = co_await initialize_share_state(
        context.broker, context.home, std::move(altered->initialize), /*forgets=*/false);
    co_await forget_share_group(context.home, std::string(request.group_id));
    put(refusals, altered->response);
    co_return std::move(altered->response);
}

}  // namespace broker::api
