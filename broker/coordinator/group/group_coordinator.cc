#include "broker/coordinator/group/group_coordinator.h"

#include <cassert>
#include <utility>

#include "broker/coordinator/group/consumer/consumer_records.h"
#include "broker/coordinator/group/group_records.h"
#include "broker/coordinator/group/member_replies.h"
#include "broker/coordinator/group/share/share_records.h"
#include "broker/coordinator/group/streams/streams_records.h"
#include "broker/coordinator/group/validation.h"

namespace broker::coordinator::group {

using protocol::ErrorCode;
using Kind = TimerKey::Kind;

std::expected<void, ErrorCode> GroupCoordinator::replay(protocol::Bytes key,
                                                        std::optional<protocol::Bytes> value,
                                                        int64_t producer_id, int64_t log_offset) {
    const auto consumer_group_id = replay_consumer_record(key, value, consumer_groups_);
    if (!consumer_group_id) return std::unexpected(consumer_group_id.error());
    if (*consumer_group_id) {
        // Offsets alone may have made it one before.
        if (value) groups_.erase(**consumer_group_id);
        return {};
    }
    const auto share_group_id = replay_share_record(key, value, share_groups_);
    if (!share_group_id) return std::unexpected(share_group_id.error());
    if (*share_group_id) return {};
    const auto streams_group_id = replay_streams_record(key, value, streams_groups_);
    if (!streams_group_id) return std::unexpected(streams_group_id.error());
    if (*streams_group_id) {
        if (value)
            groups_.erase(**streams_group_id);
        else if (!streams_groups_.contains(**streams_group_id))
            topology_descriptions_.forget(**streams_group_id);
        return {};
    }
    auto record = read_record(key, value);
    if (!record) return std::unexpected(record.error());
    if (const auto* of_group = std::get_if<GroupRecord>(&*record)) {
        if (of_group->value) {
            consumer_groups_.erase(of_group->group_id);
            streams_groups_.erase(of_group->group_id);
            topology_descriptions_.forget(of_group->group_id);
        }
        replay_group(of_group->group_id, of_group->value);
    }
    if (auto* commit = std::get_if<OffsetRecord>(&*record)) {
        if (!commit->value) {
            offsets_.erase(commit->group_id, commit->partition);
            return {};
        }
        // Offsets make a group, for consumers that divide partitions without one.
        if (!has_group(commit->group_id)) groups_.try_emplace(commit->group_id, commit->group_id);
        commit->value->log_offset = log_offset;
        if (producer_id == -1) {
            offsets_.commit(commit->group_id, commit->partition, std::move(*commit->value));
        } else {
            offsets_.commit_pending(producer_id, commit->group_id, commit->partition,
                                    std::move(*commit->value));
        }
    }
    return {};
}

void GroupCoordinator::replay_group(const std::string& group_id,
                                    const std::optional<protocol::GroupMetadataValue>& value) {
    if (!value) {
        timers_.cancel_group(group_id);
        groups_.erase(group_id);
        return;
    }
    ClassicGroup* group = find_group(group_id);
    if (!loaded_ || group == nullptr) {
        groups_.insert_or_assign(group_id, ClassicGroup(group_id, *value));
        return;
    }
    // In operation, who is a member is in memory ahead of the log. Only the assignment that
    // everybody waits for is settled by its record.
    if (group->is(GroupState::completing_rebalance) && group->generation() == value->generation &&
        !value->members.empty()) {
        group->settle(*value);
    }
}

void GroupCoordinator::complete_transaction(int64_t producer_id, bool commit) {
    offsets_.complete_transaction(producer_id, commit);
}

void GroupCoordinator::loaded(int64_t now_ms) {
    loaded_ = true;
    for (auto& [group_id, group] : groups_) begin_sessions(group, now_ms);
    for (const auto& [group_id, group] : consumer_groups_) {
        for (const auto& [member_id, member] : group.members()) {
            restart_consumer_session(group_id, member, now_ms);
            if (member.state == MemberState::unrevoked_partitions && !member.classic)
                timers_.set({Kind::revocation, group_id, member_id},
                            now_ms + member.rebalance_timeout_ms);
        }
    }
    for (const auto& [group_id, group] : share_groups_)
        for (const auto& [member_id, member] : group.members())
            restart_share_session(group_id, member_id, now_ms);
    for (const auto& [group_id, group] : streams_groups_) {
        for (const auto& [member_id, member] : group.members()) {
            restart_streams_session(group_id, member_id, now_ms);
            if (member.state == MemberState::unrevoked_partitions)
                timers_.set({Kind::streams_revocation, group_id, member_id},
                            now_ms + member.rebalance_timeout_ms);
        }
    }
    timers_.set({Kind::offsets_expiry, "", ""},
                now_ms + config_.offsets_retention_check_interval_ms);
}

void GroupCoordinator::appended(const Effects& effects, int64_t now_ms) {
    if (auto* share = find_share_group(effects.initializes_share_state_of))
        share->in_memory().initializing_since_ms = now_ms;
    if (effects.downgraded_group_id)
        begin_sessions(*find_group(*effects.downgraded_group_id), now_ms);
}

void GroupCoordinator::begin_sessions(ClassicGroup& group, int64_t now_ms) {
    for (const auto& [member_id, member] : group.members()) restart_session(group, member, now_ms);
    // What downgrade() leaves to a rebalance, also where the coordinator crashes before it.
    const bool is_undivided =
        !group.members().empty() && group.state_timestamp() == protocol::no_timestamp;
    if (!is_undivided && std::cmp_less_equal(group.members().size(), config_.group_max_size))
        return;
    Effects effects;
    prepare_rebalance(group, now_ms, effects);
    assert(effects.empty());  // nobody waits yet
}

std::vector<Reply> GroupCoordinator::fail(Effects effects, ErrorCode error, int64_t now_ms) {
    error = error_of_failed_append(error);
    if (const auto* others = std::get_if<OthersWaitOn>(&effects.undo))
        std::erase_if(effects.replies,
                      [&](const Reply& reply) { return reply.token != others->token; });
    if (const auto* again = std::get_if<TimerAgain>(&effects.undo)) timers_.set(again->key, now_ms);
    const auto* forget = std::get_if<ForgetGroup>(&effects.undo);
    for (Reply& reply : effects.replies) replace_by_error(reply, error, forget != nullptr);
    Effects undone{.replies = std::move(effects.replies)};
    if (forget != nullptr) {
        ClassicGroup& group = groups_.find(forget->group_id)->second;
        while (!group.members().empty()) {
            const std::string member_id = group.members().begin()->first;
            Member* member = group.find_member(member_id);
            if (auto token = group.take_join(*member)) {
                undone.replies.push_back({*token, join_error(member_id, error)});
            }
            group.remove(member_id);
        }
        timers_.cancel_group(forget->group_id);
        groups_.erase(forget->group_id);
    }
    if (const auto* lost = std::get_if<AssignmentLost>(&effects.undo)) {
        prepare_rebalance(groups_.find(lost->group_id)->second, now_ms, undone);
    }
    if (auto* stays = std::get_if<StaticMemberStays>(&effects.undo)) {
        keep_static_member(*stays, now_ms);
    }
    assert(undone.records.empty());
    return std::move(undone.replies);
}

std::vector<Reply> GroupCoordinator::unload() {
    Effects effects;
    for (auto& [group_id, group] : groups_) {
        for (const auto& [member_id, member] : group.members()) {
            answer_waiting(member, ErrorCode::not_coordinator, effects);
        }
    }
    *this = GroupCoordinator(config_, *cluster_);
    return std::move(effects.replies);
}

ClassicGroup* GroupCoordinator::find_group(std::string_view group_id) {
    auto group = groups_.find(group_id);
    return group == groups_.end() ? nullptr : &group->second;
}

const ClassicGroup* GroupCoordinator::find_group(std::string_view group_id) const {
    auto group = groups_.find(group_id);
    return group == groups_.end() ? nullptr : &group->second;
}

ConsumerGroup* GroupCoordinator::find_consumer_group(std::string_view group_id) {
    const auto group = consumer_groups_.find(group_id);
    return group == consumer_groups_.end() ? nullptr : &group->second;
}

const ConsumerGroup* GroupCoordinator::find_consumer_group(std::string_view group_id) const {
    const auto group = consumer_groups_.find(group_id);
    return group == consumer_groups_.end() ? nullptr : &group->second;
}

ShareGroup* GroupCoordinator::find_share_group(std::string_view group_id) {
    const auto group = share_groups_.find(group_id);
    return group == share_groups_.end() ? nullptr : &group->second;
}

const ShareGroup* GroupCoordinator::find_share_group(std::string_view group_id) const {
    const auto group = share_groups_.find(group_id);
    return group == share_groups_.end() ? nullptr : &group->second;
}

StreamsGroup* GroupCoordinator::find_streams_group(std::string_view group_id) {
    const auto group = streams_groups_.find(group_id);
    return group == streams_groups_.end() ? nullptr : &group->second;
}

const StreamsGroup* GroupCoordinator::find_streams_group(std::string_view group_id) const {
    const auto group = streams_groups_.find(group_id);
    return group == streams_groups_.end() ? nullptr : &group->second;
}

}  // namespace broker::coordinator::group
