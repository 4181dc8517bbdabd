// The answers to members, made in one place: of JoinGroup and SyncGroup, well or badly ended.
#pragma once

#include <string>
#include <string_view>

#include "broker/coordinator/group/classic_group.h"
#include "broker/coordinator/group/effects.h"
#include "protocol/error.h"

namespace broker::coordinator::group {

protocol::JoinGroupResponse join_error(std::string_view member_id, protocol::ErrorCode error);
protocol::SyncGroupResponse sync_error(protocol::ErrorCode error);

// The generation that the group is in; the leader learns all members, to divide among them.
protocol::JoinGroupResponse joined(const ClassicGroup& group, const Member& member);
std::vector<protocol::JoinGroupResponse::JoinGroupResponseMember> members_for_leader(
    const ClassicGroup& group);
protocol::SyncGroupResponse assigned(const ClassicGroup& group, protocol::Bytes assignment);

// Answers the member's waiting JoinGroup and SyncGroup, if there are. The tokens stay set.
void answer_waiting(const Member& member, protocol::ErrorCode error, Effects& effects);

// Turns success into the error; an answer that is an error already stays, unless `always`.
void replace_by_error(Reply& reply, protocol::ErrorCode error, bool always);

}  // namespace broker::coordinator::group
