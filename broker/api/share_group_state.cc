// The five APIs of the share coordinator (KIP-932), which brokers and tools ask: each partition of
// a request goes to the coordinator of that share-partition.
#include <algorithm>
#include <utility>

#include "broker/api/handlers.h"
#include "broker/api/share_state.h"
#include "broker/broker.h"

namespace broker::api {

namespace {

using coordinator::ShareService;
using coordinator::share::DeliveryState;
using coordinator::share::Refusal;
using coordinator::share::SharePartitionKey;
using coordinator::share::ShareState;
using protocol::ErrorCode;

// As Kafka does: such a request is answered with nothing at all.
template <class Request>
bool is_empty(const Request& request) {
    return request.group_id.empty() || request.topics.empty() ||
           std::ranges::any_of(request.topics,
                               [](const auto& topic) { return topic.partitions.empty(); });
}

// For each partition: what ask(service, state_partition, key, partition) gives, put into its result
// by put(outcome, result).
template <class Response, class Request, class Ask, class Put>
Answer<Response> answer_each(RequestContext& context, const Request& request, Ask ask, Put put) {
    Response response;
    if (is_empty(request)) co_return response;
    for (const auto& topic : request.topics) {
        auto& results = response.results.emplace_back();
        results.topic_id = topic.topic_id;
        for (const auto& partition : topic.partitions) {
            const SharePartitionKey key{std::string(request.group_id), topic.topic_id,
                                        partition.partition};
            auto work = [&](ShareService& service, int32_t state_partition) {
                return ask(service, state_partition, key, partition);
            };
            const auto outcome = co_await at_share_coordinator(context.home, key, std::move(work));
            auto& result = results.partitions.emplace_back();
            result.partition = partition.partition;
            if (outcome) {
                put(outcome, result);
                continue;
            }
            result.error_code = outcome.error().error;
            if (!outcome.error().message.empty()) result.error_message = outcome.error().message;
        }
    }
    co_return response;
}

// For those that only succeed or fail.
constexpr auto put_nothing = [](const auto&, auto&) {};

}  // namespace

Answer<protocol::InitializeShareGroupStateResponse> initialize_share_group_state(
    RequestContext& context, const protocol::InitializeShareGroupStateRequest& request) {
    const auto ask = [](ShareService& service, int32_t state_partition,
                        const SharePartitionKey& key, const auto& asked) {
        return service.initialize(state_partition, key, asked.state_epoch, asked.start_offset);
    };
    return answer_each<protocol::InitializeShareGroupStateResponse>(context, request, ask,
                                                                    put_nothing);
}

Answer<protocol::ReadShareGroupStateResponse> read_share_group_state(
    RequestContext& context, const protocol::ReadShareGroupStateRequest& request) {
    const auto ask = [](ShareService& service, int32_t state_partition,
                        const SharePartitionKey& key, const auto& asked) {
        return service.read(state_partition, key, asked.leader_epoch);
    };
    const auto put = [](const std::expected<ShareState, Refusal>& state, auto& result) {
        result.state_epoch = state->state_epoch;
        result.start_offset = state->start_offset;
        for (const auto& batch : state->batches)
            result.state_batches.push_back(
                {.first_offset = batch.first_offset,
                 .last_offset = batch.last_offset,
                 .delivery_state = static_cast<int8_t>(batch.delivery_state),
                 .delivery_count = batch.delivery_count});
    };
    return answer_each<protocol::ReadShareGroupStateResponse>(context, request, ask, put);
}

Answer<protocol::WriteShareGroupStateResponse> write_share_group_state(
    RequestContext& context, const protocol::WriteShareGroupStateRequest& request) {
    const auto ask = [](ShareService& service, int32_t state_partition,
                        const SharePartitionKey& key, const auto& asked) {
        coordinator::share::ShareCoordinator::Write write{
            .state_epoch = asked.state_epoch,
            .leader_epoch = asked.leader_epoch,
            .start_offset = asked.start_offset,
            .delivery_complete_count = asked.delivery_complete_count};
        for (const auto& batch : asked.state_batches)
            write.batches.push_back({batch.first_offset, batch.last_offset,
                                     static_cast<DeliveryState>(batch.delivery_state),
                                     batch.delivery_count});
        return service.write(state_partition, key, write);
    };
    return answer_each<protocol::WriteShareGroupStateResponse>(context, request, ask, put_nothing);
}

Answer<protocol::DeleteShareGroupStateResponse> delete_share_group_state(
    RequestContext& context, const protocol::DeleteShareGroupStateRequest& request) {
    const auto ask = [](ShareService& service, int32_t state_partition,
                        const SharePartitionKey& key,
                        const auto&) { return service.remove(state_partition, key); };
    return answer_each<protocol::DeleteShareGroupStateResponse>(context, request, ask, put_nothing);
}

Answer<protocol::ReadShareGroupStateSummaryResponse> read_share_group_state_summary(
    RequestContext& context, const protocol::ReadShareGroupStateSummaryRequest& request) {
    const auto ask = [](ShareService& service, int32_t state_partition,
                        const SharePartitionKey& key,
                        const auto&) { return service.read_summary(state_partition, key); };
    const auto put = [](const std::expected<std::optional<ShareState>, Refusal>& state,
                        auto& result) {
        result.start_offset = coordinator::share::uninitialized_start_offset;
        if (!*state) return;
        result.state_epoch = (*state)->state_epoch;
        result.leader_epoch = (*state)->leader_epoch;
        result.start_offset = (*state)->start_offset;
        result.delivery_complete_count = (*state)->delivery_complete_count;
    };
    return answer_each<protocol::ReadShareGroupStateSummaryResponse>(context, request, ask, put);
}

}  // namespace broker::api
