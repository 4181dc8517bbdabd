// What becomes due: sessions, rebalances that take too long, offsets that nobody needs (KIP-211).
#include <optional>

#include "broker/coordinator/group/consumer/consumer_records.h"
#include "broker/coordinator/group/group_coordinator.h"
#include "broker/coordinator/group/group_records.h"
#include "broker/coordinator/group/streams/streams_records.h"

namespace broker::coordinator::group {

using Kind = TimerKey::Kind;

namespace {

// From when on an offset ages; nullopt: for now it does not.
std::optional<int64_t> ages_since(const ClassicGroup& group, const CommittedOffset& offset) {
    // Without members of its own the group is only a name for the offsets.
    if (!group.protocol_type()) return offset.commit_timestamp;
    if (group.is(GroupState::empty)) {
        return group.state_timestamp() == protocol::no_timestamp ? offset.commit_timestamp
                                                                 : group.state_timestamp();
    }
    if (group.is(GroupState::stable) && group.subscribed_topics()) return offset.commit_timestamp;
    return std::nullopt;
}

bool is_expired(std::optional<int64_t> since, bool is_subscribed, const CommittedOffset& offset,
                int64_t retention_ms, int64_t now_ms) {
    if (!since || is_subscribed) return false;
    if (offset.expire_timestamp != -1) return now_ms >= offset.expire_timestamp;
    return now_ms - *since >= retention_ms;
}

bool is_of_classic_group(Kind kind) {
    return kind == Kind::session || kind == Kind::join || kind == Kind::sync;
}

bool is_of_streams_group(Kind kind) {
    return kind == Kind::streams_session || kind == Kind::streams_revocation ||
           kind == Kind::streams_first_assignment;
}

}  // namespace

Effects GroupCoordinator::on_time(int64_t now_ms) {
    Effects effects;
    while (auto due = timers_.pop_due(now_ms)) {
        if (due->kind == Kind::offsets_expiry) {
            expire_offsets(now_ms, effects);
            continue;
        }
        if (!is_of_classic_group(due->kind)) {
            // What is due for other groups looks at the state that the log has made of it, so
            // that each record has to be replayed before the next decision.
            if (!effects.empty())
                timers_.set(*due, now_ms);
            else if (due->kind == Kind::share_session)
                expire_share_session(*due, now_ms, effects);
            else if (is_of_streams_group(due->kind))
                expire_streams_timer(*due, now_ms, effects);
            else
                expire_consumer_timer(*due, now_ms, effects);
            return effects;
        }
        ClassicGroup& group = *find_group(due->group_id);
        if (due->kind == Kind::session) expire_session(*due, now_ms, effects);
        if (due->kind == Kind::join) expire_join(group, now_ms, effects);
        if (due->kind == Kind::sync) expire_sync(group, now_ms, effects);
    }
    return effects;
}

void GroupCoordinator::expire_session(const TimerKey& key, int64_t now_ms, Effects& effects) {
    ClassicGroup& group = *find_group(key.group_id);
    const Member* member = group.find_member(key.member_id);
    if (member != nullptr) {
        // Who waits for the coordinator cannot send heartbeats; but a new member may be a request
        // whose client gave up, so that it waits only so long.
        const bool waits = member->join_token || member->sync_token;
        if (waits && !member->is_new) return;
        remove_member(group, key.member_id, effects);
        rebalance(group, now_ms, effects);
        return;
    }
    remove_member(group, key.member_id, effects);
    complete_join_if_all_joined(group, now_ms, effects);
}

void GroupCoordinator::expire_join(ClassicGroup& group, int64_t now_ms, Effects& effects) {
    auto& delay = group.initial_delay();
    if (delay && delay->new_member_added && delay->remaining_ms > 0) {
        // As long as members come in, the first rebalance waits for more of them (KIP-134).
        const int32_t delay_ms =
            std::min(config_.group_initial_rebalance_delay_ms, delay->remaining_ms);
        delay = {delay->remaining_ms - delay_ms, false};
        timers_.set({Kind::join, group.group_id(), ""}, now_ms + delay_ms);
        return;
    }
    complete_join(group, now_ms, effects);
}

void GroupCoordinator::expire_sync(ClassicGroup& group, int64_t now_ms, Effects& effects) {
    const auto missing = group.pending_sync();
    if (missing.empty()) return;
    for (const std::string& member_id : missing) remove_member(group, member_id, effects);
    prepare_rebalance(group, now_ms, effects);
}

// True: the group keeps no offset.
bool GroupCoordinator::expire_offsets_of(const std::string& group_id, auto is_expired,
                                         Effects& effects) const {
    bool keeps_offsets = offsets_.has_pending(group_id);
    const OffsetStore::Topics* topics = offsets_.of_group(group_id);
    if (topics == nullptr) return !keeps_offsets;
    for (const auto& [topic, partitions] : *topics) {
        for (const auto& [partition, offset] : partitions) {
            const bool goes =
                !offsets_.is_pending(group_id, topic, partition) && is_expired(topic, offset);
            keeps_offsets |= !goes;
            if (goes) effects.records.push_back(offset_tombstone(group_id, {topic, partition}));
        }
    }
    return !keeps_offsets;
}

void GroupCoordinator::expire_offsets(int64_t now_ms, Effects& effects) {
    timers_.set({Kind::offsets_expiry, "", ""},
                now_ms + config_.offsets_retention_check_interval_ms);
    const int64_t retention_ms = config_.offsets_retention_ms;
    for (const auto& [group_id, group] : groups_) {
        const auto expired = [&](const std::string& topic, const CommittedOffset& offset) {
            return is_expired(ages_since(group, offset), group.is_subscribed_to(topic), offset,
                              retention_ms, now_ms);
        };
        const bool is_bare = expire_offsets_of(group_id, expired, effects);
        // A member id that was given out keeps the group for the member that is about to join.
        if (is_bare && group.is(GroupState::empty) && group.pending_count() == 0)
            effects.records.push_back(group_tombstone(group_id));
    }
    const auto expire = [&](const std::string& group_id, const auto& group) {
        const auto expired = [&](const std::string& topic, const CommittedOffset& offset) {
            return is_expired(offset.commit_timestamp, group.is_subscribed_to(topic), offset,
                              retention_ms, now_ms);
        };
        return expire_offsets_of(group_id, expired, effects) && group.is_empty();
    };
    for (const auto& [group_id, group] : consumer_groups_)
        if (expire(group_id, group)) append_group_tombstones(group, std::nullopt, effects.records);
    for (const auto& [group_id, group] : streams_groups_)
        if (expire(group_id, group)) append_streams_group_tombstones(group, effects.records);
}

}  // namespace broker::coordinator::group
