#include "broker/coordinator/group/consumer/consumer_group.h"

#include <algorithm>
#include <utility>

namespace broker::coordinator::group {

std::string_view name(ConsumerGroupState state) {
    switch (state) {
        case ConsumerGroupState::empty: return "Empty";
        case ConsumerGroupState::assigning: return "Assigning";
        case ConsumerGroupState::reconciling: return "Reconciling";
        case ConsumerGroupState::stable: return "Stable";
    }
    return "Dead";
}

void ConsumerGroup::set_epoch(int32_t epoch, int64_t metadata_hash) {
    epoch_ = epoch;
    metadata_hash_ = metadata_hash;
}

void ConsumerGroup::set_assignment_epoch(int32_t epoch, int64_t timestamp_ms) {
    assignment_epoch_ = epoch;
    assignment_timestamp_ms_ = timestamp_ms;
}

void ConsumerGroup::update_member(ConsumerMember member) {
    if (const auto* old = find_member(member.member_id)) forget(*old);
    add_owner_epochs(member.assigned, member.member_epoch);
    add_owner_epochs(member.pending_revocation, member.member_epoch);
    if (member.instance_id) static_members_[*member.instance_id] = member.member_id;
    members_.insert_or_assign(member.member_id, std::move(member));
}

void ConsumerGroup::remove_member(std::string_view member_id) {
    const auto member = members_.find(member_id);
    if (member == members_.end()) return;
    forget(member->second);
    members_.erase(member);
}

void ConsumerGroup::forget(const ConsumerMember& member) {
    remove_owner_epochs(member.assigned, member.member_epoch);
    remove_owner_epochs(member.pending_revocation, member.member_epoch);
    if (!member.instance_id) return;
    const auto current = static_members_.find(*member.instance_id);
    if (current != static_members_.end() && current->second == member.member_id)
        static_members_.erase(current);
}

void ConsumerGroup::set_target(const std::string& member_id, TopicPartitions target) {
    targets_.insert_or_assign(member_id, std::move(target));
}

void ConsumerGroup::remove_target(std::string_view member_id) {
    if (const auto target = targets_.find(member_id); target != targets_.end())
        targets_.erase(target);
}

void ConsumerGroup::set_resolved_regex(const std::string& regex, ResolvedRegex resolved) {
    resolved_regexes_.insert_or_assign(regex, std::move(resolved));
}

void ConsumerGroup::remove_resolved_regex(std::string_view regex) {
    if (const auto resolved = resolved_regexes_.find(regex); resolved != resolved_regexes_.end())
        resolved_regexes_.erase(resolved);
}

ConsumerGroupState ConsumerGroup::state() const {
    if (members_.empty()) return ConsumerGroupState::empty;
    if (epoch_ > assignment_epoch_) return ConsumerGroupState::assigning;
    const bool is_stable = std::ranges::all_of(members_, [&](const auto& entry) {
        return entry.second.is_reconciled_to(assignment_epoch_);
    });
    return is_stable ? ConsumerGroupState::stable : ConsumerGroupState::reconciling;
}

const ConsumerMember* ConsumerGroup::find_member(std::string_view member_id) const {
    const auto member = members_.find(member_id);
    return member == members_.end() ? nullptr : &member->second;
}

const ConsumerMember* ConsumerGroup::find_static(std::string_view instance_id) const {
    const auto member_id = static_members_.find(instance_id);
    return member_id == static_members_.end() ? nullptr : find_member(member_id->second);
}

const TopicPartitions* ConsumerGroup::find_target(const ConsumerMember& member) const {
    const auto* current = member.instance_id ? find_static(*member.instance_id) : &member;
    if (current == nullptr) return nullptr;
    const auto target = targets_.find(current->member_id);
    return target == targets_.end() ? nullptr : &target->second;
}

const TopicPartitions& ConsumerGroup::target(const ConsumerMember& member) const {
    static const TopicPartitions nothing;
    const auto* target = find_target(member);
    return target == nullptr ? nothing : *target;
}

std::optional<int32_t> ConsumerGroup::owner_epoch(const protocol::Uuid& topic_id,
                                                  int32_t partition) const {
    const auto topic = owner_epochs_.find(topic_id);
    if (topic == owner_epochs_.end()) return std::nullopt;
    const auto epoch = topic->second.find(partition);
    return epoch == topic->second.end() ? std::nullopt : std::optional(epoch->second);
}

const ResolvedRegex* ConsumerGroup::find_resolved_regex(std::string_view regex) const {
    const auto resolved = resolved_regexes_.find(regex);
    return resolved == resolved_regexes_.end() ? nullptr : &resolved->second;
}

size_t ConsumerGroup::subscriber_count(std::string_view regex) const {
    return static_cast<size_t>(std::ranges::count_if(
        members_, [&](const auto& entry) { return entry.second.subscribed_topic_regex == regex; }));
}

size_t ConsumerGroup::classic_member_count() const {
    return static_cast<size_t>(std::ranges::count_if(
        members_, [](const auto& entry) { return entry.second.classic.has_value(); }));
}

bool ConsumerGroup::is_subscribed_to(std::string_view topic) const {
    return std::ranges::any_of(members_,
                               [&](const auto& entry) {
                                   return entry.second.subscribed_topic_names.contains(topic);
                               }) ||
           std::ranges::any_of(resolved_regexes_, [&](const auto& entry) {
               return entry.second.topics.contains(topic);
           });
}

void ConsumerGroup::add_owner_epochs(const PartitionEpochs& owned, int32_t epoch) {
    for (const auto& [topic_id, partitions] : owned) {
        auto& epochs = owner_epochs_[topic_id];
        for (const auto& entry : partitions) epochs[entry.first] = epoch;
    }
}

// What has gone to another member meanwhile stays.
void ConsumerGroup::remove_owner_epochs(const PartitionEpochs& owned, int32_t epoch) {
    for (const auto& [topic_id, partitions] : owned) {
        const auto topic = owner_epochs_.find(topic_id);
        if (topic == owner_epochs_.end()) continue;
        for (const auto& entry : partitions) {
            const auto owner = topic->second.find(entry.first);
            if (owner != topic->second.end() && owner->second == epoch) topic->second.erase(owner);
        }
        if (topic->second.empty()) owner_epochs_.erase(topic);
    }
}

}  // namespace broker::coordinator::group
