#include "broker/coordinator/group/member_replies.h"

#include <utility>

namespace broker::coordinator::group {

using protocol::ErrorCode;
using protocol::JoinGroupResponse;
using protocol::LeaveGroupResponse;
using protocol::SyncGroupResponse;

JoinGroupResponse join_error(std::string_view member_id, ErrorCode error) {
    return {.error_code = error, .member_id = std::string(member_id)};
}

SyncGroupResponse sync_error(ErrorCode error) { return {.error_code = error}; }

JoinGroupResponse joined(const ClassicGroup& group, const Member& member) {
    JoinGroupResponse response{.generation_id = group.generation(),
                               .protocol_type = group.protocol_type(),
                               .protocol_name = group.protocol_name(),
                               .leader = group.leader().value_or(""),
                               .member_id = member.member_id};
    if (group.is_leader(member.member_id)) response.members = members_for_leader(group);
    return response;
}

std::vector<JoinGroupResponse::JoinGroupResponseMember> members_for_leader(
    const ClassicGroup& group) {
    std::vector<JoinGroupResponse::JoinGroupResponseMember> members;
    members.reserve(group.members().size());
    for (const auto& [id, member] : group.members()) {
        protocol::Bytes metadata = member.metadata(group.protocol_name().value_or(""));
        members.push_back({id, member.instance_id, {metadata.begin(), metadata.end()}});
    }
    return members;
}

SyncGroupResponse assigned(const ClassicGroup& group, protocol::Bytes assignment) {
    return {.protocol_type = group.protocol_type(),
            .protocol_name = group.protocol_name(),
            .assignment = {assignment.begin(), assignment.end()}};
}

void answer_waiting(const Member& member, ErrorCode error, Effects& effects) {
    if (member.join_token) {
        effects.replies.push_back({*member.join_token, join_error(member.member_id, error)});
    }
    if (member.sync_token) effects.replies.push_back({*member.sync_token, sync_error(error)});
}

void replace_by_error(Reply& reply, ErrorCode error, bool always) {
    auto replaces = [&](ErrorCode answered) { return always || answered == ErrorCode::none; };
    if (auto* join = std::get_if<JoinGroupResponse>(&reply.response)) {
        if (replaces(join->error_code)) *join = join_error(join->member_id, error);
    } else if (auto* sync = std::get_if<SyncGroupResponse>(&reply.response)) {
        if (replaces(sync->error_code)) *sync = sync_error(error);
    } else if (auto* leave = std::get_if<LeaveGroupResponse>(&reply.response)) {
        if (replaces(leave->error_code)) *leave = LeaveGroupResponse{.error_code = error};
    } else if (auto* beat =
                   std::get_if<protocol::ConsumerGroupHeartbeatResponse>(&reply.response)) {
        if (replaces(beat->error_code))
            *beat = protocol::ConsumerGroupHeartbeatResponse{.error_code = error};
    } else if (auto* share = std::get_if<ShareHeartbeat>(&reply.response)) {
        if (replaces(share->response.error_code)) *share = {.response = {.error_code = error}};
    } else if (auto* streams = std::get_if<StreamsHeartbeat>(&reply.response)) {
        if (replaces(streams->response.error_code)) *streams = {.response = {.error_code = error}};
    } else {
        auto replace_in_partitions = [&](auto& commit) {
            for (auto& topic : commit.topics) {
                for (auto& partition : topic.partitions) {
                    if (replaces(partition.error_code)) partition.error_code = error;
                }
            }
        };
        if (auto* commit = std::get_if<protocol::OffsetCommitResponse>(&reply.response)) {
            replace_in_partitions(*commit);
        } else {
            replace_in_partitions(std::get<protocol::TxnOffsetCommitResponse>(reply.response));
        }
    }
}

}  // namespace broker::coordinator::group
