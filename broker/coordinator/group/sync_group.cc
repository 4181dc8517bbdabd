// SyncGroup and Heartbeat: the leader hands the assignment in, everybody fetches it and stays.
#include <algorithm>
#include <unordered_map>
#include <utility>

#include "broker/coordinator/group/group_coordinator.h"
#include "broker/coordinator/group/group_records.h"
#include "broker/coordinator/group/member_replies.h"
#include "broker/coordinator/group/validation.h"

namespace broker::coordinator::group {

using protocol::ErrorCode;
using protocol::SyncGroupRequest;
using Kind = TimerKey::Kind;

namespace {

// KIP-559: older requests leave them out.
bool contradicts(std::optional<std::string_view> asked, const std::optional<std::string>& actual) {
    return asked && actual && *asked != *actual;
}

ErrorCode validate_sync(const ClassicGroup& group, const SyncGroupRequest& request) {
    const auto error = validate_member(group, request.member_id, request.group_instance_id);
    if (error != ErrorCode::none) return error;
    if (request.generation_id != group.generation()) return ErrorCode::illegal_generation;
    if (contradicts(request.protocol_type, group.protocol_type()) ||
        contradicts(request.protocol_name, group.protocol_name())) {
        return ErrorCode::inconsistent_group_protocol;
    }
    if (group.is(GroupState::preparing_rebalance)) return ErrorCode::rebalance_in_progress;
    return ErrorCode::none;
}

}  // namespace

Effects GroupCoordinator::sync_group(const SyncGroupRequest& request, const Caller& caller) {
    Effects effects;
    auto refuse = [&](ErrorCode error) {
        effects.replies.push_back({caller.token, sync_error(error)});
        return std::move(effects);
    };
    if (request.group_id.empty()) return refuse(ErrorCode::invalid_group_id);
    if (const auto* consumers = find_consumer_group(request.group_id)) {
        auto response = sync_consumer_group(request, *consumers, caller.now_ms);
        effects.replies.push_back({caller.token, std::move(response)});
        return effects;
    }
    ClassicGroup* group = find_group(request.group_id);
    if (group == nullptr) return refuse(ErrorCode::unknown_member_id);
    const auto error = validate_sync(*group, request);
    if (error != ErrorCode::none) return refuse(error);

    Member& member = *group->find_member(request.member_id);
    if (group->is(GroupState::stable)) {
        note_sync(*group, member.member_id);
        effects.replies.push_back({caller.token, assigned(*group, member.assignment)});
        return effects;
    }
    // A request that was sent again replaces the one that still waits.
    if (auto token = std::exchange(member.sync_token, caller.token)) {
        effects.replies.push_back({*token, sync_error(ErrorCode::rebalance_in_progress)});
    }
    note_sync(*group, member.member_id);
    if (group->is_leader(member.member_id)) assign(request, *group, caller.now_ms, effects);
    return effects;
}

void GroupCoordinator::assign(const SyncGroupRequest& request, ClassicGroup& group, int64_t now_ms,
                              Effects& effects) {
    std::unordered_map<std::string_view, protocol::Bytes> assignments;
    for (const auto& [member_id, assignment] : request.assignments) {
        assignments[member_id] = assignment;
    }
    protocol::GroupMetadataValue value = group.to_record();
    value.current_state_timestamp = now_ms;
    for (auto& stored : value.members) {
        const protocol::Bytes assignment = assignments[stored.member_id];
        stored.assignment.assign(assignment.begin(), assignment.end());
        Member& member = *group.find_member(stored.member_id);
        auto token = std::exchange(member.sync_token, std::nullopt);
        if (!token) continue;
        effects.replies.push_back({*token, assigned(group, assignment)});
        restart_session(group, member, now_ms);
    }
    effects.records.push_back(group_record(group.group_id(), value));
    effects.undo = AssignmentLost{group.group_id()};
}

void GroupCoordinator::note_sync(ClassicGroup& group, std::string_view member_id) {
    auto& pending = group.pending_sync();
    if (auto entry = pending.find(member_id); entry != pending.end()) pending.erase(entry);
    if (pending.empty()) timers_.cancel({Kind::sync, group.group_id(), ""});
}

protocol::HeartbeatResponse GroupCoordinator::heartbeat(const protocol::HeartbeatRequest& request,
                                                        int64_t now_ms) {
    auto answer = [](ErrorCode error) { return protocol::HeartbeatResponse{.error_code = error}; };
    if (request.group_id.empty()) return answer(ErrorCode::invalid_group_id);
    if (const auto* consumers = find_consumer_group(request.group_id))
        return answer(heartbeat_consumer_group(request, *consumers, now_ms));
    const ClassicGroup* group = find_group(request.group_id);
    if (group == nullptr) return answer(ErrorCode::unknown_member_id);
    const auto error = validate_member(*group, request.member_id, request.group_instance_id);
    if (error != ErrorCode::none) return answer(error);
    if (request.generation_id != group->generation()) return answer(ErrorCode::illegal_generation);

    const Member& member = *group->find_member(request.member_id);
    // A new member's time to come through its first rebalance is not for it to prolong or shorten.
    if (!member.is_new) restart_session(*group, member, now_ms);
    return answer(group->is(GroupState::preparing_rebalance) ? ErrorCode::rebalance_in_progress
                                                             : ErrorCode::none);
}

}  // namespace broker::coordinator::group
