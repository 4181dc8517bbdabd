#include "broker/coordinator/group/share/share_group_change.h"

#include <algorithm>
#include <utility>

#include "broker/coordinator/group/consumer/subscriptions.h"
#include "broker/coordinator/group/share/share_records.h"
#include "broker/coordinator/group/share/simple_assignor.h"

namespace broker::coordinator::group {

using protocol::ErrorCode;

namespace {

std::set<protocol::Uuid> topic_ids(const ShareMember& member, const ClusterView& cluster) {
    std::set<protocol::Uuid> ids;
    for (const std::string& name : member.subscribed_topic_names)
        if (const auto topic = cluster.find_topic(name)) ids.insert(topic->id);
    return ids;
}

}  // namespace

ShareGroupChange::Members ShareGroupChange::members_with(const ShareMember* updated) const {
    Members members;
    for (const auto& [member_id, member] : group_.members()) members.emplace(member_id, &member);
    if (updated != nullptr) members.insert_or_assign(updated->member_id, updated);
    return members;
}

int64_t ShareGroupChange::metadata_hash(const Members& members) const {
    TopicNames names;
    for (const auto& [member_id, member] : members)
        names.insert(member->subscribed_topic_names.begin(), member->subscribed_topic_names.end());
    return group::metadata_hash(names, context_.cluster);
}

std::expected<ShareMember, Refusal> ShareGroupChange::find_or_add(const std::string& member_id,
                                                                  int32_t member_epoch) const {
    const auto* known = group_.find_member(member_id);
    if (known == nullptr && member_epoch != joining_epoch)
        return std::unexpected(
            Refusal{ErrorCode::unknown_member_id, "The group has no member " + member_id + "."});
    if (known == nullptr) return ShareMember{.member_id = member_id};
    // Who did not get the last answer comes with the epoch before.
    if (member_epoch == joining_epoch || member_epoch == known->member_epoch ||
        (member_epoch < known->member_epoch && member_epoch == known->previous_member_epoch))
        return *known;
    return std::unexpected(Refusal{ErrorCode::fenced_member_epoch,
                                   "The member's epoch is " + std::to_string(known->member_epoch) +
                                       ", not " + std::to_string(member_epoch) +
                                       ": it has to join again."});
}

ShareMember ShareGroupChange::update(const ShareMember& before, const ShareMember& after) {
    if (after != before || group_.find_member(after.member_id) == nullptr)
        records_.push_back(share_member_record(group_.group_id(), after));
    const bool has_changed = after.subscribed_topic_names != before.subscribed_topic_names;
    const bool is_assigned = group_.assignment_epoch() >= group_.epoch();
    update_epoch(after, has_changed || (is_assigned && group_.has_unassigned_partitions()));
    return assign(after, has_changed);
}

void ShareGroupChange::update_epoch(const ShareMember& after, bool moves_on) {
    auto& memory = group_.in_memory();
    const bool looks_again = memory.checked_version != context_.cluster.layout_version() ||
                             group_.epoch() < memory.checked_epoch;
    if (!moves_on && !looks_again) return;
    const int64_t hash = metadata_hash(members_with(&after));
    if (moves_on || hash != group_.metadata_hash())
        records_.push_back(share_epoch_record(group_.group_id(), ++epoch_, hash));
    memory.checked_version = context_.cluster.layout_version();
    memory.checked_epoch = epoch_;
}

ShareMember ShareGroupChange::assign(const ShareMember& after, bool has_subscription_changed) {
    const int64_t last_ms = group_.assignment_timestamp_ms();
    const int32_t interval_ms =
        context_.setting(group_.group_id(), "share.assignment.interval.ms",
                         context_.config.group_share_assignment_interval_ms);
    const bool is_due = last_ms == 0 || context_.now_ms >= last_ms + interval_ms;
    const bool is_new = group_.assignment_epoch() < epoch_ && is_due;
    const int32_t target_epoch = is_new ? epoch_ : group_.assignment_epoch();
    if (!is_new && after.member_epoch == target_epoch && !has_subscription_changed) return after;
    const auto* known = group_.find_target(after.member_id);
    const TopicPartitions target = is_new             ? compute_target(after)
                                   : known != nullptr ? *known
                                                      : TopicPartitions{};
    if (after.member_epoch == target_epoch && !has_subscription_changed) return after;

    ShareMember next = after;
    const auto subscribed = topic_ids(after, context_.cluster);
    next.assigned = target;
    std::erase_if(next.assigned,
                  [&](const auto& topic) { return !subscribed.contains(topic.first); });
    if (after.member_epoch != target_epoch) {
        next.previous_member_epoch = after.member_epoch;
        next.member_epoch = target_epoch;
    }
    if (next != after) records_.push_back(share_current_assignment_record(group_.group_id(), next));
    return next;
}

TopicPartitions ShareGroupChange::compute_target(const ShareMember& after) {
    static const TopicPartitions nothing;
    const auto members = members_with(&after);
    ShareAssignmentTask task;
    std::set<protocol::Uuid> subscribed;
    for (const auto& [member_id, member] : members) {
        const auto* target = group_.find_target(member_id);
        auto& asks = task.members[member_id];
        asks = {.topics = topic_ids(*member, context_.cluster),
                .current = target != nullptr ? target : &nothing};
        subscribed.insert(asks.topics.begin(), asks.topics.end());
        task.is_homogeneous &= member->subscribed_topic_names == after.subscribed_topic_names;
    }
    task.assignable = partitions_of(group_.state_partitions().initialized);
    std::erase_if(task.assignable,
                  [&](const auto& topic) { return !subscribed.contains(topic.first); });
    auto assignment = assign_simply(task);
    for (const auto& [member_id, member] : members) {
        const auto* before = group_.find_target(member_id);
        const TopicPartitions& target = assignment[member_id];
        if (before == nullptr || *before != target)
            records_.push_back(share_target_record(group_.group_id(), member->member_id, target));
    }
    records_.push_back(share_assignment_epoch_record(group_.group_id(), epoch_, context_.now_ms));
    return assignment[after.member_id];
}

std::optional<ShareStateToInitialize> ShareGroupChange::initialize(const ShareMember& after) {
    auto& initialized_version = group_.in_memory().initialized_version;
    const int64_t version = context_.cluster.layout_version();
    if (records_.empty() && initialized_version == version) return std::nullopt;
    ShareStatePartitions partitions = group_.state_partitions();
    // What is under way is left alone for a while.
    const auto& since_ms = group_.in_memory().initializing_since_ms;
    const bool waits = since_ms && context_.now_ms - *since_ms <
                                       context_.config.group_share_initialize_retry_interval_ms;
    ShareStatePartitions::Topics missing;
    for (const auto& [member_id, member] : members_with(&after)) {
        for (const std::string& name : member->subscribed_topic_names) {
            const auto topic = context_.cluster.find_topic(name);
            if (!topic || missing.contains(topic->id)) continue;
            auto& indexes = missing[topic->id];
            indexes.name = name;
            for (int32_t i = 0; i < topic->partition_count; ++i) indexes.partitions.insert(i);
        }
    }
    remove_topics(missing, partitions_of(partitions.initialized));
    if (missing.empty() && records_.empty()) initialized_version = version;
    if (waits) remove_topics(missing, partitions_of(partitions.initializing));
    if (missing.empty()) return std::nullopt;
    add_topics(partitions.initializing, missing);
    for (const auto& [topic_id, topic] : partitions.initializing)
        partitions.deleting.erase(topic_id);
    records_.push_back(share_state_partitions_record(group_.group_id(), partitions));
    ShareStateToInitialize wanted{.group_id = group_.group_id(), .state_epoch = epoch_};
    for (const auto& [topic_id, topic] : missing)
        for (const int32_t partition : topic.partitions)
            wanted.start_offsets[topic_id][partition] = ShareStateToInitialize::not_known;
    return wanted;
}

void ShareGroupChange::remove(const ShareMember& member) {
    auto members = members_with(nullptr);
    members.erase(member.member_id);
    append_share_member_tombstones(group_.group_id(), member.member_id, records_);
    records_.push_back(share_epoch_record(group_.group_id(), ++epoch_, metadata_hash(members)));
    if (members.empty())
        records_.push_back(share_assignment_epoch_record(group_.group_id(), epoch_, 0));
}

}  // namespace broker::coordinator::group
