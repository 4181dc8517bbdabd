// LeaveGroup: one member, or since KIP-345 a batch of them, which an admin may name by instance id.
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
    ClassicGroup* group = find_group(request.group_id);
    bool any_left = false;
    for (const auto& identity : is_batch ? request.members : alone) {
        if (request.group_id.empty()) break;
        const auto error =
            group == nullptr ? ErrorCode::unknown_member_id : leave(*group, identity, effects);
        any_left |= error == ErrorCode::none;
        if (is_batch) {
            response.members.push_back(left(identity, error));
        } else {
            response.error_code = error;
        }
    }
    if (request.group_id.empty()) response.error_code = ErrorCode::invalid_group_id;
    if (any_left && !group->is(GroupState::empty)) rebalance(*group, caller.now_ms, effects);
    effects.replies.push_back({caller.token, std::move(response)});
    return effects;
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
