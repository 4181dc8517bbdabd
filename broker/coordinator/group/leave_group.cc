// LeaveGroup: one member, or since KIP-345 a batch of them, which an admin may name by instance id.
#include <algorithm>
#include <utility>

#include "broker/coordinator/group/group_coordinator.h"
#include "broker/coordinator/group/validation.h"

namespace broker::coordinator::group {

using protocol::ErrorCode;
using protocol::LeaveGroupRequest;
using protocol::LeaveGroupResponse;

namespace {

constexpr int16_t first_version_with_members = 3;  // KIP-345

LeaveGroupResponse::MemberResponse left(const LeaveGroupRequest::MemberIdentity& identity,
                                        ErrorCode error) {
    LeaveGroupResponse::MemberResponse response{.member_id = std::string(identity.member_id),
                                                .group_instance_id = std::nullopt,
                                                .error_code = error};
    if (identity.group_instance_id) response.group_instance_id = *identity.group_instance_id;
    return response;
}

}  // namespace

Effects GroupCoordinator::leave_group(const LeaveGroupRequest& request, const Caller& caller) {
    Effects effects;
    LeaveGroupResponse response;
    const bool is_batch = caller.version >= first_version_with_members;
    const std::vector<LeaveGroupRequest::MemberIdentity> alone{{.member_id = request.member_id}};
    const auto& identities = is_batch ? request.members : alone;
    std::vector<ErrorCode> errors(identities.size(), ErrorCode::unknown_member_id);
    if (request.group_id.empty()) {
        response.error_code = ErrorCode::invalid_group_id;
        effects.replies.push_back({caller.token, std::move(response)});
        return effects;
    }
    if (auto* consumers = find_consumer_group(request.group_id)) {
        errors = leave_all(*consumers, identities, caller.now_ms, effects);
    } else if (auto* group = find_group(request.group_id)) {
        for (size_t i = 0; i < identities.size(); ++i)
            errors[i] = leave(*group, identities[i], effects);
        const bool any_left = std::ranges::count(errors, ErrorCode::none) > 0;
        if (any_left && !group->is(GroupState::empty)) rebalance(*group, caller.now_ms, effects);
    }
    if (is_batch)
        for (size_t i = 0; i < identities.size(); ++i)
            response.members.push_back(left(identities[i], errors[i]));
    else
        response.error_code = errors.front();
    effects.replies.push_back({caller.token, std::move(response)});
    return effects;
}

std::vector<ErrorCode> GroupCoordinator::leave_all(
    ConsumerGroup& group, std::span<const LeaveGroupRequest::MemberIdentity> identities,
    int64_t now_ms, Effects& effects) {
    std::vector<ErrorCode> errors;
    std::vector<const ConsumerMember*> gone;
    for (const auto& [member_id, instance_id, reason] : identities) {
        const auto* member =
            instance_id ? group.find_static(*instance_id) : group.find_member(member_id);
        // An administrator names static members by their instance ids alone.
        const bool is_named = !(instance_id && member_id.empty());
        if (member == nullptr) {
            errors.push_back(ErrorCode::unknown_member_id);
        } else if (is_named && member->member_id != member_id) {
            errors.push_back(ErrorCode::fenced_instance_id);
        } else {
            errors.push_back(ErrorCode::none);
            if (std::ranges::count(gone, member) == 0) gone.push_back(member);
        }
    }
    if (!gone.empty()) remove_members(group, gone, now_ms, effects);
    return errors;
}

ErrorCode GroupCoordinator::leave(ClassicGroup& group,
                                  const LeaveGroupRequest::MemberIdentity& identity,
                                  Effects& effects) {
    std::string member_id(identity.member_id);
    if (member_id.empty() && identity.group_instance_id) {
        const std::string* current = group.find_static(*identity.group_instance_id);
        if (current == nullptr) return ErrorCode::unknown_member_id;
        member_id = *current;
    } else if (!group.is_pending(member_id)) {
        const auto error = validate_member(group, member_id, identity.group_instance_id);
        if (error != ErrorCode::none) return error;
    }
    remove_member(group, member_id, effects);
    return ErrorCode::none;
}

}  // namespace broker::coordinator::group
