#include "broker/coordinator/group/consumer/reconciliation.h"

#include <algorithm>
#include <utility>

namespace broker::coordinator::group {

namespace {

using protocol::Uuid;

// Who says nothing of what it owns may still own anything.
bool owns_any_of(const std::optional<TopicPartitions>& owned, const PartitionEpochs& revoked) {
    if (!owned) return true;
    return std::ranges::any_of(*owned, [&](const auto& topic) {
        return std::ranges::any_of(topic.second, [&](int32_t partition) {
            return contains(revoked, topic.first, partition);
        });
    });
}

// What the target makes of the member's partitions.
struct Difference {
    PartitionEpochs kept;
    PartitionEpochs revoked;
    PartitionEpochs added;        // free to be taken
    bool has_unreleased = false;  // others have some of them yet
};

Difference compare(const ConsumerMember& member, const Reconciliation& to) {
    Difference difference;
    static const std::set<int32_t> nothing;
    const auto target_of = [&](const Uuid& topic_id) -> const std::set<int32_t>& {
        const auto target = to.target.find(topic_id);
        const bool has = target != to.target.end() && to.subscribed_topics.contains(topic_id);
        return has ? target->second : nothing;
    };
    for (const auto& [topic_id, partitions] : member.assigned) {
        const auto& target = target_of(topic_id);
        for (const auto& [partition, epoch] : partitions) {
            auto& side = target.contains(partition) ? difference.kept : difference.revoked;
            side[topic_id][partition] = epoch;
        }
    }
    for (const auto& entry : to.target) {
        const Uuid& topic_id = entry.first;
        for (const int32_t partition : target_of(topic_id)) {
            if (contains(member.assigned, topic_id, partition)) continue;
            const bool is_free = !to.owner_epoch(topic_id, partition) ||
                                 contains(member.pending_revocation, topic_id, partition);
            if (is_free)
                difference.added[topic_id][partition] = to.target_epoch;
            else
                difference.has_unreleased = true;
        }
    }
    return difference;
}

ConsumerMember next_assignment(const ConsumerMember& member, int32_t member_epoch,
                               const Reconciliation& to) {
    Difference difference = compare(member, to);
    ConsumerMember next = member;
    next.assigned = std::move(difference.kept);
    if (!difference.revoked.empty() && owns_any_of(to.owned, difference.revoked)) {
        next.state = MemberState::unrevoked_partitions;
        next.advance_to(member_epoch);
        next.pending_revocation = std::move(difference.revoked);
        return next;
    }
    next.state =
        difference.has_unreleased ? MemberState::unreleased_partitions : MemberState::stable;
    next.advance_to(to.target_epoch);
    for (auto& [topic_id, partitions] : difference.added) next.assigned[topic_id].merge(partitions);
    next.pending_revocation.clear();
    return next;
}

// No new target, but topics that the member does not ask for any more.
ConsumerMember without_dropped_topics(const ConsumerMember& member, const Reconciliation& to) {
    if (!to.has_subscription_changed) return member;
    ConsumerMember next = member;
    for (const auto& [topic_id, partitions] : member.assigned) {
        if (to.subscribed_topics.contains(topic_id)) continue;
        next.pending_revocation[topic_id].insert(partitions.begin(), partitions.end());
        next.assigned.erase(topic_id);
    }
    if (next.assigned == member.assigned) return member;
    next.advance_to(member.member_epoch);
    if (owns_any_of(to.owned, next.pending_revocation)) {
        next.state = MemberState::unrevoked_partitions;
    } else {
        next.pending_revocation = member.pending_revocation;
    }
    return next;
}

}  // namespace

std::expected<ConsumerMember, protocol::ErrorCode> reconcile(const ConsumerMember& member,
                                                             const Reconciliation& to) {
    switch (member.state) {
        case MemberState::stable:
            if (member.member_epoch == to.target_epoch) return without_dropped_topics(member, to);
            break;
        case MemberState::unrevoked_partitions:
            if (owns_any_of(to.owned, member.pending_revocation))
                return without_dropped_topics(member, to);
            break;
        case MemberState::unreleased_partitions: break;
        case MemberState::unknown:
            // Who owns nothing can begin anew.
            if (to.owned && to.owned->empty()) return next_assignment(member, to.target_epoch, to);
            return std::unexpected(protocol::ErrorCode::fenced_member_epoch);
    }
    return next_assignment(member, member.member_epoch, to);
}

}  // namespace broker::coordinator::group
