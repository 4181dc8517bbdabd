// The steps of a rebalance: everybody joins, the leader assigns, everybody syncs (KIP-62).
#include <algorithm>
#include <cassert>
#include <utility>

#include "broker/coordinator/group/group_coordinator.h"
#include "broker/coordinator/group/group_records.h"
#include "broker/coordinator/group/member_replies.h"

namespace broker::coordinator::group {

using protocol::ErrorCode;
using Kind = TimerKey::Kind;

void GroupCoordinator::rebalance(ClassicGroup& group, int64_t now_ms, Effects& effects) {
    if (group.is(GroupState::preparing_rebalance)) {
        complete_join_if_all_joined(group, now_ms, effects);
    } else {
        prepare_rebalance(group, now_ms, effects);
    }
}

void GroupCoordinator::prepare_rebalance(ClassicGroup& group, int64_t now_ms, Effects& effects) {
    if (group.is(GroupState::completing_rebalance)) {
        group.clear_assignments();
        for (const auto& [member_id, known] : group.members()) {
            Member& member = *group.find_member(member_id);
            auto token = std::exchange(member.sync_token, std::nullopt);
            if (!token) continue;
            effects.replies.push_back({*token, sync_error(ErrorCode::rebalance_in_progress)});
            restart_session(group, member, now_ms);
        }
    }
    group.pending_sync().clear();
    timers_.cancel({Kind::sync, group.group_id(), ""});

    const bool is_initial = group.is(GroupState::empty);
    const int32_t delay_ms = config_.group_initial_rebalance_delay_ms;
    group.transition_to(GroupState::preparing_rebalance, now_ms);
    if (is_initial && delay_ms > 0) {
        group.initial_delay() = {std::max(group.rebalance_timeout_ms() - delay_ms, 0), false};
        timers_.set({Kind::join, group.group_id(), ""}, now_ms + delay_ms);
    } else if (is_initial || group.has_all_members_joined()) {
        complete_join(group, now_ms, effects);
    } else {
        timers_.set({Kind::join, group.group_id(), ""},
                    now_ms + std::max(group.rebalance_timeout_ms(), 1));
    }
}

void GroupCoordinator::complete_join_if_all_joined(ClassicGroup& group, int64_t now_ms,
                                                   Effects& effects) {
    if (!group.is(GroupState::preparing_rebalance) || group.initial_delay()) return;
    if (group.has_all_members_joined()) complete_join(group, now_ms, effects);
}

void GroupCoordinator::complete_join(ClassicGroup& group, int64_t now_ms, Effects& effects) {
    timers_.cancel({Kind::join, group.group_id(), ""});
    group.initial_delay().reset();
    // Static members that are away stay until their session ends (KIP-345).
    std::vector<std::string> away;
    for (const auto& [member_id, member] : group.members()) {
        if (!member.join_token && !member.instance_id) away.push_back(member_id);
    }
    for (const std::string& member_id : away) remove_member(group, member_id, effects);

    if (!group.members().empty() && !group.elect_joined_leader()) {
        timers_.set({Kind::join, group.group_id(), ""},
                    now_ms + std::max(group.rebalance_timeout_ms(), 1));
        return;
    }
    group.begin_generation(now_ms);
    if (group.is(GroupState::empty)) {
        effects.records.push_back(group_record(group.group_id(), group.to_record()));
        return;
    }
    for (const auto& [member_id, known] : group.members()) {
        Member& member = *group.find_member(member_id);
        if (auto token = group.take_join(member)) {
            effects.replies.push_back({*token, joined(group, member)});
        }
        restart_session(group, member, now_ms);
        member.is_new = false;
        group.pending_sync().insert(member_id);
    }
    timers_.set({Kind::sync, group.group_id(), ""},
                now_ms + std::max(group.rebalance_timeout_ms(), 1));
}

void GroupCoordinator::remove_member(ClassicGroup& group, const std::string& member_id,
                                     Effects& effects) {
    timers_.cancel({Kind::session, group.group_id(), member_id});
    auto removed = group.remove(member_id);
    if (removed) answer_waiting(*removed, ErrorCode::unknown_member_id, effects);
}

void GroupCoordinator::restart_session(const ClassicGroup& group, const Member& member,
                                       int64_t now_ms) {
    timers_.set({Kind::session, group.group_id(), member.member_id},
                now_ms + member.session_timeout_ms);
}

}  // namespace broker::coordinator::group
