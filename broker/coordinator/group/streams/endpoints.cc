#include "broker/coordinator/group/streams/endpoints.h"

#include <set>
#include <string>

namespace broker::coordinator::group {

using protocol::StreamsGroupHeartbeatResponse;

namespace {

void add_partitions(const std::string& topic, const std::set<int32_t>& tasks,
                    const ClusterView& cluster,
                    std::vector<StreamsGroupHeartbeatResponse::TopicPartition>& list) {
    const auto known = cluster.find_topic(topic);
    if (!known) return;
    StreamsGroupHeartbeatResponse::TopicPartition partitions{.topic = topic};
    for (const int32_t partition : tasks)
        if (partition < known->partition_count) partitions.partitions.push_back(partition);
    if (!partitions.partitions.empty()) list.push_back(std::move(partitions));
}

// What the tasks read.
std::vector<StreamsGroupHeartbeatResponse::TopicPartition> partitions_of(
    const TaskIds& tasks, const ConfiguredTopology::Subtopologies& subtopologies,
    const ClusterView& cluster) {
    std::vector<StreamsGroupHeartbeatResponse::TopicPartition> partitions;
    for (const auto& [subtopology_id, indexes] : tasks) {
        const auto subtopology = subtopologies.find(subtopology_id);
        if (subtopology == subtopologies.end()) continue;
        std::set<std::string> topics = subtopology->second.source_topics;
        for (const auto& entry : subtopology->second.repartition_source_topics)
            topics.insert(entry.first);
        for (const std::string& topic : topics) add_partitions(topic, indexes, cluster, partitions);
    }
    return partitions;
}

TaskIds active_tasks(const StreamsMember& member) {
    TaskIds tasks;
    for (const auto& [subtopology_id, partitions] : member.assigned.active)
        for (const auto& entry : partitions) tasks[subtopology_id].insert(entry.first);
    return tasks;
}

TaskIds replicas(const StreamsMember& member) {
    TaskIds tasks = member.assigned.standby;
    for (const auto& [subtopology_id, partitions] : member.assigned.warmup)
        tasks[subtopology_id].insert(partitions.begin(), partitions.end());
    return tasks;
}

}  // namespace

std::vector<StreamsGroupHeartbeatResponse::EndpointToPartitions> partitions_by_endpoint(
    const StreamsGroup& group, const StreamsMember& updated, std::string_view replaced_member_id,
    const ClusterView& cluster) {
    std::vector<StreamsGroupHeartbeatResponse::EndpointToPartitions> endpoints;
    static const ConfiguredTopology::Subtopologies nothing;
    const auto& configured = group.in_memory().configured;
    const auto& subtopologies =
        configured && configured->subtopologies ? *configured->subtopologies : nothing;
    const auto add = [&](const StreamsMember& member) {
        if (!member.endpoint) return;
        endpoints.push_back(
            {.user_endpoint = {member.endpoint->host, member.endpoint->port},
             .active_partitions = partitions_of(active_tasks(member), subtopologies, cluster),
             .standby_partitions = partitions_of(replicas(member), subtopologies, cluster)});
    };
    for (const auto& [member_id, member] : group.members())
        if (member_id != updated.member_id && member_id != replaced_member_id) add(member);
    add(updated);
    return endpoints;
}

}  // namespace broker::coordinator::group
