#include "broker/coordinator/group/share/share_group.h"

#include <algorithm>
#include <utility>

namespace broker::coordinator::group {

void add_topics(ShareStatePartitions::Topics& topics, const ShareStatePartitions::Topics& more) {
    for (const auto& [topic_id, added] : more) {
        auto& topic = topics[topic_id];
        topic.name = added.name;
        topic.partitions.insert(added.partitions.begin(), added.partitions.end());
    }
}

void remove_topics(ShareStatePartitions::Topics& topics, const TopicPartitions& less) {
    for (const auto& [topic_id, partitions] : less) {
        const auto topic = topics.find(topic_id);
        if (topic == topics.end()) continue;
        for (const int32_t partition : partitions) topic->second.partitions.erase(partition);
        if (topic->second.partitions.empty()) topics.erase(topic);
    }
}

TopicPartitions partitions_of(const ShareStatePartitions::Topics& topics) {
    TopicPartitions partitions;
    for (const auto& [topic_id, topic] : topics) partitions[topic_id] = topic.partitions;
    return partitions;
}

void ShareGroup::set_epoch(int32_t epoch, int64_t metadata_hash) {
    epoch_ = epoch;
    metadata_hash_ = metadata_hash;
}

void ShareGroup::set_assignment_epoch(int32_t epoch, int64_t timestamp_ms) {
    assignment_epoch_ = epoch;
    assignment_timestamp_ms_ = timestamp_ms;
}

void ShareGroup::update_member(ShareMember member) {
    in_memory_.has_unassigned_partitions.reset();
    in_memory_.initialized_version.reset();
    members_.insert_or_assign(member.member_id, std::move(member));
}

void ShareGroup::remove_member(std::string_view member_id) {
    in_memory_.has_unassigned_partitions.reset();
    if (const auto member = members_.find(member_id); member != members_.end())
        members_.erase(member);
}

void ShareGroup::set_target(const std::string& member_id, TopicPartitions target) {
    in_memory_.has_unassigned_partitions.reset();
    targets_.insert_or_assign(member_id, std::move(target));
}

void ShareGroup::remove_target(std::string_view member_id) {
    in_memory_.has_unassigned_partitions.reset();
    if (const auto target = targets_.find(member_id); target != targets_.end())
        targets_.erase(target);
}

void ShareGroup::set_state_partitions(ShareStatePartitions partitions) {
    in_memory_.has_unassigned_partitions.reset();
    in_memory_.initialized_version.reset();
    state_partitions_ = std::move(partitions);
}

const ShareMember* ShareGroup::find_member(std::string_view member_id) const {
    const auto member = members_.find(member_id);
    return member == members_.end() ? nullptr : &member->second;
}

const TopicPartitions* ShareGroup::find_target(std::string_view member_id) const {
    const auto target = targets_.find(member_id);
    return target == targets_.end() ? nullptr : &target->second;
}

bool ShareGroup::has_unassigned_partitions() {
    auto& known = in_memory_.has_unassigned_partitions;
    if (!known) known = look_for_unassigned_partitions();
    return *known;
}

bool ShareGroup::look_for_unassigned_partitions() const {
    TopicPartitions assigned;
    for (const auto& [member_id, target] : targets_)
        for (const auto& [topic_id, partitions] : target)
            assigned[topic_id].insert(partitions.begin(), partitions.end());
    return std::ranges::any_of(state_partitions_.initialized, [&](const auto& entry) {
        const auto& [topic_id, topic] = entry;
        const bool is_subscribed = std::ranges::any_of(members_, [&](const auto& member) {
            return member.second.subscribed_topic_names.contains(topic.name);
        });
        return is_subscribed && assigned[topic_id] != topic.partitions;
    });
}

}  // namespace broker::coordinator::group
