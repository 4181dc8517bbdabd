// What administrators ask of share groups (KIP-932): ShareGroupDescribe, AlterShareGroupOffsets,
// DeleteShareGroupOffsets; and what the share coordinator has done of it. Each change is noted
// before the share coordinator is asked, so that one that was cut short can be done again.
#include <utility>

#include "broker/coordinator/group/group_coordinator.h"
#include "broker/coordinator/group/share/share_records.h"

namespace broker::coordinator::group {

using protocol::AlterShareGroupOffsetsResponse;
using protocol::ErrorCode;
using DescribeResponse = protocol::ShareGroupDescribeResponse;

namespace {

constexpr std::string_view no_such_partition = "This server does not host this topic-partition.";

// Topics that are gone have no name to be shown by.
DescribeResponse::Assignment shown(const TopicPartitions& partitions, const ClusterView& cluster) {
    DescribeResponse::Assignment assignment;
    for (const auto& [topic_id, indexes] : partitions)
        if (const auto topic = cluster.find_topic(topic_id))
            assignment.topic_partitions.push_back(
                {topic_id, std::string(topic->name), {indexes.begin(), indexes.end()}});
    return assignment;
}

std::set<int32_t> all_partitions(const TopicView& topic) {
    std::set<int32_t> partitions;
    for (int32_t i = 0; i < topic.partition_count; ++i) partitions.insert(i);
    return partitions;
}

Effects writing(const std::string& group_id, const ShareStatePartitions& partitions) {
    return {.records = {share_state_partitions_record(group_id, partitions)}};
}

}  // namespace

DescribeResponse::DescribedGroup GroupCoordinator::describe_share_group(
    std::string_view group_id) const {
    DescribeResponse::DescribedGroup described{.group_id = std::string(group_id)};
    const ShareGroup* group = find_share_group(group_id);
    if (group == nullptr) {
        auto refusal = no_share_group(group_id);
        described.error_code = refusal.error;
        described.error_message = std::move(refusal.message);
        return described;
    }
    described.group_state = group->state_name();
    described.group_epoch = group->epoch();
    described.assignment_epoch = group->assignment_epoch();
    described.assignor_name = "simple";
    for (const auto& [member_id, member] : group->members())
        described.members.push_back(
            {.member_id = member_id,
             .rack_id = member.rack_id,
             .member_epoch = member.member_epoch,
             .client_id = member.client_id,
             .client_host = member.client_host,
             .subscribed_topic_names = {member.subscribed_topic_names.begin(),
                                        member.subscribed_topic_names.end()},
             .assignment = shown(member.assigned, *cluster_)});
    return described;
}

TopicPartitions GroupCoordinator::initialized_share_partitions(std::string_view group_id) const {
    const ShareGroup* group = find_share_group(group_id);
    return group == nullptr ? TopicPartitions{}
                            : partitions_of(group->state_partitions().initialized);
}

Effects GroupCoordinator::share_state_initialized(std::string_view group_id,
                                                  const TopicPartitions& partitions,
                                                  bool is_done) const {
    const ShareGroup* group = find_share_group(group_id);
    if (group == nullptr) return {};
    ShareStatePartitions after = group->state_partitions();
    remove_topics(after.initializing, partitions);
    if (is_done) {
        ShareStatePartitions::Topics done;
        for (const auto& [topic_id, indexes] : partitions)
            // A topic that was deleted meanwhile has no state.
            if (const auto topic = cluster_->find_topic(topic_id))
                done[topic_id] = {std::string(topic->name), indexes};
        add_topics(after.initialized, done);
    }
    if (after == group->state_partitions()) return {};
    return writing(group->group_id(), after);
}

std::expected<GroupCoordinator::AlteredShareOffsets, Refusal> GroupCoordinator::alter_share_offsets(
    const protocol::AlterShareGroupOffsetsRequest& request) const {
    const ShareGroup* group = find_share_group(request.group_id);
    if (group == nullptr && has_group(request.group_id))
        return std::unexpected(no_share_group(request.group_id));
    if (group != nullptr && !group->is_empty())
        return std::unexpected(Refusal{ErrorCode::non_empty_group, "The group is not empty."});
    const ShareGroup made{std::string(request.group_id)};
    if (group == nullptr) group = &made;

    AlteredShareOffsets altered{
        .initialize = {.group_id = group->group_id(), .state_epoch = group->epoch()}};
    ShareStatePartitions::Topics initializing;
    for (const auto& asked : request.topics) {
        auto& answer = altered.response.responses.emplace_back();
        answer.topic_name = asked.topic_name;
        const auto topic = cluster_->find_topic(asked.topic_name);
        if (topic) answer.topic_id = topic->id;
        for (const auto& partition : asked.partitions) {
            const int32_t index = partition.partition_index;
            auto& answered = answer.partitions.emplace_back();
            answered.partition_index = index;
            if (!topic || index < 0 || index >= topic->partition_count) {
                answered.error_code = ErrorCode::unknown_topic_or_partition;
                answered.error_message = no_such_partition;
                continue;
            }
            initializing[topic->id].name = topic->name;
            initializing[topic->id].partitions.insert(index);
            altered.initialize.start_offsets[topic->id][index] = partition.start_offset;
        }
    }
    if (initializing.empty()) return altered;
    ShareStatePartitions after = group->state_partitions();
    add_topics(after.initializing, initializing);
    for (const auto& [topic_id, topic] : initializing) after.deleting.erase(topic_id);
    altered.effects = writing(group->group_id(), after);
    return altered;
}

std::expected<GroupCoordinator::ShareStateToDelete, Refusal> GroupCoordinator::delete_share_offsets(
    const protocol::DeleteShareGroupOffsetsRequest& request) const {
    const ShareGroup* group = find_share_group(request.group_id);
    if (group == nullptr) return std::unexpected(no_share_group(request.group_id));
    if (!group->is_empty())
        return std::unexpected(Refusal{ErrorCode::non_empty_group, "The group is not empty."});
    ShareStateToDelete deleted;
    ShareStatePartitions after = group->state_partitions();
    for (const auto& asked : request.topics) {
        const auto topic = cluster_->find_topic(asked.topic_name);
        const auto refuse = [&](std::string_view message) {
            deleted.refused.push_back({.topic_name = std::string(asked.topic_name),
                                       .error_code = ErrorCode::unknown_topic_or_partition,
                                       .error_message = std::string(message)});
        };
        if (!topic) {
            refuse(no_such_partition);
        } else if (const auto found = after.initialized.find(topic->id);
                   found != after.initialized.end()) {
            deleted.partitions[topic->id] = found->second.partitions;
            after.deleting[topic->id] = topic->name;
            after.initialized.erase(found);
        } else if (after.deleting.contains(topic->id)) {
            deleted.partitions[topic->id] = all_partitions(*topic);
        } else {
            refuse("There is no offset information to delete.");
        }
    }
    if (after != group->state_partitions()) deleted.effects = writing(group->group_id(), after);
    return deleted;
}

std::expected<GroupCoordinator::ShareStateToDelete, ErrorCode> GroupCoordinator::delete_share_state(
    std::string_view group_id) const {
    const ShareGroup* group = find_share_group(group_id);
    if (group == nullptr) return ShareStateToDelete{};
    if (!group->is_empty()) return std::unexpected(ErrorCode::non_empty_group);
    const ShareStatePartitions& before = group->state_partitions();
    ShareStatePartitions::Topics topics = before.initialized;
    add_topics(topics, before.initializing);
    for (const auto& [topic_id, name] : before.deleting)
        if (const auto topic = cluster_->find_topic(topic_id))
            add_topics(topics, {{topic_id, {name, all_partitions(*topic)}}});
    ShareStateToDelete deleted{.partitions = partitions_of(topics)};
    ShareStatePartitions after;
    for (const auto& [topic_id, topic] : topics) after.deleting[topic_id] = topic.name;
    if (after != before) deleted.effects = writing(group->group_id(), after);
    return deleted;
}

Effects GroupCoordinator::share_state_deleted(std::string_view group_id,
                                              const std::set<protocol::Uuid>& topic_ids) const {
    const ShareGroup* group = find_share_group(group_id);
    if (group == nullptr) return {};
    ShareStatePartitions after = group->state_partitions();
    for (const auto& topic_id : topic_ids) after.deleting.erase(topic_id);
    if (after == group->state_partitions()) return {};
    return writing(group->group_id(), after);
}

void GroupCoordinator::forget_share_state(const protocol::Uuid& topic_id,
                                          std::vector<Record>& records) const {
    for (const auto& [group_id, group] : share_groups_) {
        ShareStatePartitions after = group.state_partitions();
        after.initializing.erase(topic_id);
        after.initialized.erase(topic_id);
        after.deleting.erase(topic_id);
        if (after != group.state_partitions())
            records.push_back(share_state_partitions_record(group_id, after));
    }
}

}  // namespace broker::coordinator::group
