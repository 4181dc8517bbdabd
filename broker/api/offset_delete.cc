#include <algorithm>

#include "broker/api/coordinator_home.h"
#include "broker/api/handlers.h"
#include "broker/shard.h"

namespace broker::api {

namespace {

using coordinator::TopicPartition;
using protocol::ErrorCode;
using protocol::OffsetDeleteRequest;
using protocol::OffsetDeleteResponse;

void answer(OffsetDeleteResponse& response, const TopicPartition& partition, ErrorCode error) {
    auto topic = std::ranges::find(response.topics, partition.topic,
                                   &OffsetDeleteResponse::OffsetDeleteResponseTopic::name);
    if (topic == response.topics.end()) {
        response.topics.push_back({.name = partition.topic});
        topic = std::prev(response.topics.end());
    }
    topic->partitions.push_back({.partition_index = partition.partition, .error_code = error});
}

// The partitions that there are; the others are answered.
std::vector<TopicPartition> resolve(const RequestContext& context,
                                    const OffsetDeleteRequest& request,
                                    OffsetDeleteResponse& response) {
    std::vector<TopicPartition> known;
    for (const auto& asked : request.topics) {
        const auto topic = context.home.image.find(asked.name);
        for (const auto& [index] : asked.partitions) {
            TopicPartition partition{std::string(asked.name), index};
            if (topic && index >= 0 && index < topic->partition_count())
                known.push_back(std::move(partition));
            else
                answer(response, partition, ErrorCode::unknown_topic_or_partition);
        }
    }
    return known;
}

// One error per partition, in their order. Errors: those of the whole group.
Answer<std::expected<std::vector<ErrorCode>, ErrorCode>> remove(
    RequestContext& context, std::string_view group_id,
    const std::vector<TopicPartition>& partitions) {
    const auto home = group_home(context, group_id);
    if (!home) co_return std::unexpected(home.error());
    std::vector<ErrorCode> errors;
    using coordinator::group::Effects;
    auto decide = [&](const auto& machine) -> std::expected<Effects, ErrorCode> {
        auto deleted = machine.delete_offsets(group_id, partitions);
        if (!deleted) return std::unexpected(deleted.error());
        errors = std::move(deleted->errors);
        return std::move(deleted->effects);
    };
    auto work = [&] { return home->owner->groups.change(home->partition, decide); };
    const ErrorCode error = co_await home->owner->run(std::move(work));
    if (error != ErrorCode::none) co_return std::unexpected(error);
    co_return errors;
}

}  // namespace

Answer<OffsetDeleteResponse> offset_delete(RequestContext& context,
                                           const OffsetDeleteRequest& request) {
    OffsetDeleteResponse response;
    const auto partitions = resolve(context, request, response);
    const auto removed = co_await remove(context, request.group_id, partitions);
    if (!removed) co_return OffsetDeleteResponse{.error_code = removed.error()};
    for (size_t i = 0; i < partitions.size(); ++i) answer(response, partitions[i], (*removed)[i]);
    co_return response;
}

}  // namespace broker::api
