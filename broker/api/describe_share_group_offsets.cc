#include <algorithm>

#include "broker/api/handlers.h"
#include "broker/api/on_group.h"
#include "broker/api/on_replica.h"
#include "broker/api/share_group_protocol.h"
#include "broker/api/share_state.h"

namespace broker::api {

namespace {

using coordinator::ShareService;
using coordinator::share::SharePartitionKey;
using protocol::DescribeShareGroupOffsetsRequest;
using protocol::DescribeShareGroupOffsetsResponse;
using protocol::ErrorCode;
using AskedGroup = DescribeShareGroupOffsetsRequest::DescribeShareGroupOffsetsRequestGroup;
using Group = DescribeShareGroupOffsetsResponse::DescribeShareGroupOffsetsResponseGroup;
using Topic = Group::DescribeShareGroupOffsetsResponseTopic;
using Partition = Topic::DescribeShareGroupOffsetsResponsePartition;

constexpr int64_t no_offset = coordinator::share::uninitialized_start_offset;

// A partition without state is no error: it has no offset.
Answer<Partition> describe(RequestContext& context, const SharePartitionKey& key,
                           metadata::TopicRef topic) {
    Partition described{.partition_index = key.partition, .start_offset = no_offset};
    auto ask = [&](ShareService& service, int32_t state_partition) {
        return service.read_summary(state_partition, key);
    };
    const auto state = co_await at_share_coordinator(context.home, key, std::move(ask));
    if (!state || !*state) co_return described;
    described.start_offset = (*state)->start_offset;
    described.leader_epoch = (*state)->leader_epoch;
    const int32_t done_count = (*state)->delivery_complete_count;
    if (described.start_offset == no_offset || done_count < 0) co_return described;
    auto look = [](partition::Replica& replica, Shard&) { return replica.high_watermark(); };
    const auto end = co_await on_replica(context, std::move(topic), key.partition, look);
    if (!end) co_return Partition{.partition_index = key.partition, .error_code = end.error()};
    described.lag = *end - described.start_offset - done_count;
    co_return described;
}

Answer<Topic> describe_topic(RequestContext& context, std::string_view group_id,
                             std::string_view name, const std::vector<int32_t>& partitions) {
    Topic described{.topic_name = std::string(name)};
    const auto topic = context.home.image.find(name);
    if (topic) described.topic_id = topic->id;
    for (const int32_t partition : partitions) {
        if (!topic) {
            described.partitions.push_back(
                {.partition_index = partition, .start_offset = no_offset});
            continue;
        }
        const SharePartitionKey key{std::string(group_id), topic->id, partition};
        auto one = co_await describe(context, key, topic);
        described.partitions.push_back(std::move(one));
    }
    co_return described;
}

Answer<Group> describe_all(RequestContext& context, std::string_view group_id) {
    Group described{.group_id = std::string(group_id)};
    auto look = [&](auto& machine, int64_t) {
        return machine.initialized_share_partitions(group_id);
    };
    const auto initialized = co_await on_group(context, group_id, look);
    if (!initialized) {
        described.error_code = initialized.error();
        co_return described;
    }
    for (const auto& [topic_id, indexes] : *initialized) {
        const auto topic = context.home.image.find(topic_id);
        if (!topic) continue;
        const std::vector<int32_t> partitions(indexes.begin(), indexes.end());
        auto one = co_await describe_topic(context, group_id, topic->name, partitions);
        described.topics.push_back(std::move(one));
    }
    co_return described;
}

// What Kafka answers with an unknown server error.
ErrorCode validate(const AskedGroup& asked) {
    if (asked.group_id.empty()) return ErrorCode::invalid_group_id;
    const auto is_faulty = [](const auto& topic) {
        return topic.partitions.empty() || std::ranges::min(topic.partitions) < 0;
    };
    return std::ranges::any_of(*asked.topics, is_faulty) ? ErrorCode::invalid_request
                                                         : ErrorCode::none;
}

Answer<Group> describe_group(RequestContext& context, const AskedGroup& asked) {
    Group described{.group_id = std::string(asked.group_id)};
    if (!has_share_groups(context)) {
        described.error_code = ErrorCode::unsupported_version;
        co_return described;
    }
    if (!asked.topics) co_return co_await describe_all(context, asked.group_id);
    described.error_code = validate(asked);
    if (described.error_code != ErrorCode::none) co_return described;
    for (const auto& topic : *asked.topics) {
        auto one =
            co_await describe_topic(context, asked.group_id, topic.topic_name, topic.partitions);
        described.topics.push_back(std::move(one));
    }
    co_return described;
}

}  // namespace

Answer<DescribeShareGroupOffsetsResponse> describe_share_group_offsets(
    RequestContext& context, const DescribeShareGroupOffsetsRequest& request) {
    DescribeShareGroupOffsetsResponse response;
    for (const auto& asked : request.groups) {
        auto described = co_await describe_group(context, asked);
        response.groups.push_back(std::move(described));
    }
    co_return response;
}

}  // namespace broker::api
