// StreamsGroupDescribe (KIP-1071).
#include <utility>

#include "broker/coordinator/group/group_coordinator.h"

namespace broker::coordinator::group {

using DescribeResponse = protocol::StreamsGroupDescribeResponse;

namespace {

constexpr const char* assignor_name = "sticky";

// TopologyDescriptionStatus of the schema; 0: nobody asked for the description.
constexpr int8_t description_not_stored = 1;
constexpr int8_t description_available = 3;

std::vector<DescribeResponse::TaskIds> shown(const TaskIds& tasks) {
    std::vector<DescribeResponse::TaskIds> list;
    for (const auto& [subtopology_id, partitions] : tasks)
        list.push_back({subtopology_id, {partitions.begin(), partitions.end()}});
    return list;
}

std::vector<DescribeResponse::TaskIds> shown(const TaskEpochs& tasks) {
    std::vector<DescribeResponse::TaskIds> list;
    for (const auto& [subtopology_id, partitions] : tasks) {
        auto& subtopology = list.emplace_back();
        subtopology.subtopology_id = subtopology_id;
        for (const auto& entry : partitions) subtopology.partitions.push_back(entry.first);
    }
    return list;
}

std::vector<DescribeResponse::TaskOffset> shown(const TaskOffsets& offsets) {
    std::vector<DescribeResponse::TaskOffset> list;
    for (const auto& [subtopology_id, partitions] : offsets)
        for (const auto& [partition, offset] : partitions)
            list.push_back({subtopology_id, partition, offset});
    return list;
}

template <class AnyTasks>
DescribeResponse::Assignment shown_assignment(const AnyTasks& tasks) {
    return {.active_tasks = shown(tasks.active),
            .standby_tasks = shown(tasks.standby),
            .warmup_tasks = shown(tasks.warmup)};
}

DescribeResponse::DescribedGroup::Member shown(const StreamsMember& member,
                                               const StreamsGroup& group) {
    DescribeResponse::DescribedGroup::Member described{
        .member_id = member.member_id,
        .member_epoch = member.member_epoch,
        .instance_id = member.instance_id,
        .rack_id = member.rack_id,
        .client_id = member.client_id,
        .client_host = member.client_host,
        .topology_epoch = member.topology_epoch,
        .process_id = member.process_id,
        .assignment = shown_assignment(member.assigned)};
    if (member.endpoint)
        described.user_endpoint.emplace(member.endpoint->host, member.endpoint->port);
    for (const auto& [key, value] : member.client_tags)
        described.client_tags.push_back({key, value});
    if (const auto* target = group.find_target(member))
        described.target_assignment = shown_assignment(*target);
    const auto& progress = group.in_memory().progress;
    if (const auto told = progress.find(member.member_id); told != progress.end()) {
        described.task_offsets = shown(told->second.offsets);
        described.task_end_offsets = shown(told->second.end_offsets);
    }
    return described;
}

}  // namespace

DescribeResponse::DescribedGroup GroupCoordinator::describe_streams_group(
    std::string_view group_id, bool wants_topology_description) const {
    DescribeResponse::DescribedGroup described{.group_id = std::string(group_id)};
    const StreamsGroup* group = find_streams_group(group_id);
    if (group == nullptr) {
        described.error_code = protocol::ErrorCode::group_id_not_found;
        described.error_message =
            "Group " + described.group_id +
            (has_group(group_id) ? " is not a streams group." : " not found.");
        return described;
    }
    described.group_state = name(group->state());
    described.group_epoch = group->epoch();
    described.assignment_epoch = group->assignment_epoch();
    described.assignor_name = assignor_name;
    // Internal topics have their partition counts when all topics are there.
    const auto& configured = group->in_memory().configured;
    if (configured && configured->is_ready())
        described.topology = group::describe(*configured);
    else if (group->topology())
        described.topology = group::describe(*group->topology());
    for (const auto& entry : group->members())
        described.members.push_back(shown(entry.second, *group));
    if (!wants_topology_description) return described;
    const auto* description = group->topology()
                                  ? topology_descriptions_.find(group_id, group->topology()->epoch)
                                  : nullptr;
    if (description != nullptr) described.topology_description = *description;
    described.topology_description_status =
        description != nullptr ? description_available : description_not_stored;
    return described;
}

}  // namespace broker::coordinator::group
