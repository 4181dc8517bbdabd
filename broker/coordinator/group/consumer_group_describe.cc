// ConsumerGroupDescribe (KIP-848, KIP-1099).
#include "broker/coordinator/group/consumer/subscriptions.h"
#include "broker/coordinator/group/group_coordinator.h"

namespace broker::coordinator::group {

using protocol::ErrorCode;
using DescribeResponse = protocol::ConsumerGroupDescribeResponse;

namespace {

constexpr int8_t classic_member_type = 0, consumer_member_type = 1;

TopicPartitions owned_partitions(const ConsumerMember& member) {
    TopicPartitions owned;
    for (const auto* epochs : {&member.assigned, &member.pending_revocation})
        for (const auto& [topic_id, partitions] : *epochs)
            for (const auto& entry : partitions) owned[topic_id].insert(entry.first);
    return owned;
}

// Topics that are gone have no name to be shown by.
DescribeResponse::MemberAssignment shown(const TopicPartitions& partitions,
                                         const ClusterView& cluster) {
    DescribeResponse::MemberAssignment assignment;
    for (const auto& [topic_id, indexes] : partitions)
        if (const auto topic = cluster.find_topic(topic_id))
            assignment.topic_partitions.push_back(
                {topic_id, std::string(topic->name), {indexes.begin(), indexes.end()}});
    return assignment;
}

}  // namespace

DescribeResponse::DescribedGroup GroupCoordinator::describe_consumer_group(
    std::string_view group_id) const {
    DescribeResponse::DescribedGroup described{.group_id = std::string(group_id)};
    const ConsumerGroup* group = find_consumer_group(group_id);
    if (group == nullptr) {
        described.error_code = ErrorCode::group_id_not_found;
        described.error_message =
            "Group " + described.group_id +
            (has_group(group_id) ? " is not a consumer group." : " not found.");
        return described;
    }
    described.group_state = name(group->state());
    described.group_epoch = group->epoch();
    described.assignment_epoch = group->assignment_epoch();
    described.assignor_name = preferred_assignor(members_with(*group, nullptr), config_);
    for (const auto& [member_id, member] : group->members())
        described.members.push_back(
            {.member_id = member_id,
             .instance_id = member.instance_id,
             .rack_id = member.rack_id,
             .member_epoch = member.member_epoch,
             .client_id = member.client_id,
             .client_host = member.client_host,
             .subscribed_topic_names = {member.subscribed_topic_names.begin(),
                                        member.subscribed_topic_names.end()},
             .subscribed_topic_regex = member.subscribed_topic_regex,
             .assignment = shown(owned_partitions(member), *cluster_),
             .target_assignment = shown(group->target(member), *cluster_),
             .member_type = member.classic ? classic_member_type : consumer_member_type});
    return described;
}

}  // namespace broker::coordinator::group
