#include <algorithm>
#include <set>

#include "broker/api/authorized_operations.h"
#include "broker/api/handlers.h"
#include "broker/broker.h"

namespace broker::api {

namespace {

using protocol::DescribeTopicPartitionsRequest;
using protocol::DescribeTopicPartitionsResponse;
using protocol::ErrorCode;
using Topic = DescribeTopicPartitionsResponse::DescribeTopicPartitionsResponseTopic;

// The names to describe from the cursor on; the answer is in their order, so that it can go on
// where it stopped.
std::set<std::string> names_from(const RequestContext& context,
                                 const DescribeTopicPartitionsRequest& request) {
    std::set<std::string> names;
    for (const auto& topic : request.topics) names.emplace(topic.name);
    if (request.topics.empty())
        context.home.image.for_each_topic(
            [&](const metadata::TopicRef& topic) { names.insert(topic->name); });
    if (request.cursor)
        names.erase(names.begin(), names.lower_bound(std::string(request.cursor->topic_name)));
    return names;
}

Topic unknown(std::string_view name) {
    const auto valid = metadata::validate_topic_name(name);
    return {.error_code = valid ? ErrorCode::unknown_topic_or_partition : valid.error().code,
            .name = std::string(name),
            .is_internal = metadata::is_internal_topic(name),
            .topic_authorized_operations = topic_operations};
}

Topic describe(const metadata::TopicImage& topic, int32_t first, int32_t count) {
    Topic described{.name = topic.name,
                    .topic_id = topic.id,
                    .is_internal = topic.is_internal,
                    .topic_authorized_operations = topic_operations};
    for (int32_t index = first; index < first + count; ++index) {
        const auto& partition = topic.partitions[static_cast<size_t>(index)];
        auto& shown = described.partitions.emplace_back();
        shown.partition_index = index;
        shown.leader_id = partition.leader;
        shown.leader_epoch = partition.leader_epoch;
        shown.replica_nodes = partition.replicas;
        shown.isr_nodes = partition.isr;
        shown.eligible_leader_replicas.emplace();
        shown.last_known_elr.emplace();
    }
    return described;
}

}  // namespace

Answer<DescribeTopicPartitionsResponse> describe_topic_partitions(
    RequestContext& context, const DescribeTopicPartitionsRequest& request) {
    DescribeTopicPartitionsResponse response;
    int32_t left = std::clamp(request.response_partition_limit, 1,
                              context.broker.config().network.request_partition_count_max);
    for (const std::string& name : names_from(context, request)) {
        const bool is_resumed = request.cursor && request.cursor->topic_name == name;
        int32_t first = is_resumed ? std::max(request.cursor->partition_index, 0) : 0;
        if (left == 0) {
            response.next_cursor = {.topic_name = name, .partition_index = first};
            break;
        }
        const auto topic = context.home.image.find(std::string_view(name));
        if (!topic) {
            response.topics.push_back(unknown(name));
            continue;
        }
        first = std::min(first, topic->partition_count());
        const int32_t count = std::min(left, topic->partition_count() - first);
        response.topics.push_back(describe(*topic, first, count));
        left -= count;
        if (first + count < topic->partition_count()) {
            response.next_cursor = {.topic_name = name, .partition_index = first + count};
            break;
        }
    }
    co_return response;
}

}  // namespace broker::api
