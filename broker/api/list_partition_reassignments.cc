#include <set>

#include "broker/api/handlers.h"
#include "broker/metadata/partition_changes.h"
#include "broker/shard.h"

namespace broker::api {

namespace {

using protocol::ListPartitionReassignmentsRequest;
using protocol::ListPartitionReassignmentsResponse;
using Topic = ListPartitionReassignmentsResponse::OngoingTopicReassignment;

// Those of the partitions that are on their way; `wanted` null: of all.
void add(const metadata::TopicImage& topic, const std::set<int32_t>* wanted,
         std::vector<Topic>& topics) {
    Topic found{.name = topic.name};
    for (const metadata::PartitionImage& partition : topic.partitions) {
        if (wanted && !wanted->contains(partition.partition_id)) continue;
        if (!metadata::is_reassigning(partition)) continue;
        found.partitions.push_back({.partition_index = partition.partition_id,
                                    .replicas = partition.replicas,
                                    .adding_replicas = partition.adding_replicas,
                                    .removing_replicas = partition.removing_replicas});
    }
    if (!found.partitions.empty()) topics.push_back(std::move(found));
}

}  // namespace

Answer<ListPartitionReassignmentsResponse> list_partition_reassignments(
    RequestContext& context, const ListPartitionReassignmentsRequest& request) {
    ListPartitionReassignmentsResponse response{.error_message = std::nullopt};
    if (!request.topics) {
        context.home.image.for_each_topic(
            [&](const metadata::TopicRef& topic) { add(*topic, nullptr, response.topics); });
        co_return response;
    }
    for (const auto& asked : *request.topics) {
        const std::set<int32_t> wanted(asked.partition_indexes.begin(),
                                       asked.partition_indexes.end());
        if (const auto topic = context.home.image.find(asked.name))
            add(*topic, &wanted, response.topics);
    }
    co_return response;
}

}  // namespace broker::api
