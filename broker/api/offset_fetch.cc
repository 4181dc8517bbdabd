#include "broker/api/handlers.h"
#include "broker/api/on_group.h"

namespace broker::api {

namespace {

using protocol::ErrorCode;
using protocol::OffsetFetchRequest;
using protocol::OffsetFetchResponse;
using Wanted = OffsetFetchRequest::OffsetFetchRequestGroup;
using Answered = OffsetFetchResponse::OffsetFetchResponseGroup;

constexpr int16_t topic_id_version = 10;

Answered::OffsetFetchResponseTopics unknown_topic(const Wanted::OffsetFetchRequestTopics& wanted) {
    Answered::OffsetFetchResponseTopics topic{.topic_id = wanted.topic_id};
    for (const int32_t partition : wanted.partition_indexes)
        topic.partitions.push_back({.partition_index = partition,
                                    .committed_offset = -1,
                                    .error_code = ErrorCode::unknown_topic_id});
    return topic;
}

// v10 names topics by id: they get their names before, and their ids after.
Answer<Answered> fetch_group(RequestContext& context, Wanted wanted, bool require_stable) {
    const auto& image = context.home.image;
    std::vector<Answered::OffsetFetchResponseTopics> unknown;
    std::vector<metadata::TopicRef> named;  // keeps the names alive
    if (context.version >= topic_id_version && wanted.topics) {
        std::erase_if(*wanted.topics, [&](auto& topic) {
            const auto found = image.find(topic.topic_id);
            if (!found)
                unknown.push_back(unknown_topic(topic));
            else
                topic.name = named.emplace_back(found)->name;
            return !found;
        });
    }
    auto look = [&](auto& machine, int64_t) {
        return machine.offset_fetch(wanted, require_stable);
    };
    auto answered = co_await on_group(context, wanted.group_id, look);
    if (!answered)
        co_return Answered{.group_id = std::string(wanted.group_id),
                           .error_code = answered.error()};
    if (context.version >= topic_id_version) {
        std::erase_if(answered->topics, [&](auto& topic) {
            const auto found = image.find(std::string_view(topic.name));
            if (found) topic.topic_id = found->id;
            return !found;
        });
        for (auto& topic : unknown) answered->topics.push_back(std::move(topic));
    }
    co_return std::move(*answered);
}

// Before KIP-709 a request was for one group.
Wanted only_group(const OffsetFetchRequest& request) {
    Wanted wanted{.group_id = request.group_id};
    wanted.topics.reset();
    if (!request.topics) return wanted;
    wanted.topics.emplace();
    for (const auto& topic : *request.topics)
        wanted.topics->push_back(
            {.name = topic.name, .partition_indexes = topic.partition_indexes});
    return wanted;
}

void answer_only_group(Answered& group, OffsetFetchResponse& response) {
    response.error_code = group.error_code;
    for (auto& topic : group.topics) {
        auto& answered = response.topics.emplace_back();
        answered.name = std::move(topic.name);
        for (auto& partition : topic.partitions)
            answered.partitions.push_back(
                {.partition_index = partition.partition_index,
                 .committed_offset = partition.committed_offset,
                 .committed_leader_epoch = partition.committed_leader_epoch,
                 .metadata = std::move(partition.metadata),
                 .error_code = partition.error_code});
    }
}

// v1 has no error for the group: each partition carries it.
void spread_error(const OffsetFetchRequest& request, OffsetFetchResponse& response) {
    if (response.error_code == ErrorCode::none || !request.topics) return;
    response.topics.clear();
    for (const auto& topic : *request.topics) {
        auto& answered = response.topics.emplace_back();
        answered.name = topic.name;
        for (const int32_t partition : topic.partition_indexes)
            answered.partitions.push_back({.partition_index = partition,
                                           .committed_offset = -1,
                                           .error_code = response.error_code});
    }
}

}  // namespace

Answer<OffsetFetchResponse> offset_fetch(RequestContext& context,
                                         const OffsetFetchRequest& request) {
    OffsetFetchResponse response;
    if (context.version >= 8) {
        for (const Wanted& wanted : request.groups) {
            Answered group = co_await fetch_group(context, wanted, request.require_stable);
            response.groups.push_back(std::move(group));
        }
        co_return response;
    }
    Answered group = co_await fetch_group(context, only_group(request), request.require_stable);
    answer_only_group(group, response);
    if (context.version < 2) spread_error(request, response);
    co_return response;
}

}  // namespace broker::api
