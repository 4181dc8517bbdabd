// ShareGroupHeartbeat (KIP-932): joins with epoch 0, stays, leaves with -1.
#include <utility>

#include "broker/coordinator/group/group_coordinator.h"
#include "broker/coordinator/group/share/share_group_change.h"
#include "broker/coordinator/group/validation.h"

namespace broker::coordinator::group {

using protocol::ErrorCode;
using protocol::ShareGroupHeartbeatRequest;
using protocol::ShareGroupHeartbeatResponse;
using Kind = TimerKey::Kind;

namespace {

constexpr size_t member_id_size_max = 36;  // of a UUID as text

std::expected<void, Refusal> validate(const ShareGroupHeartbeatRequest& request) {
    const auto invalid = [](std::string message) {
        return refuse(ErrorCode::invalid_request, std::move(message));
    };
    if (is_blank(request.member_id)) return invalid("MemberId can't be empty.");
    if (request.member_id.size() > member_id_size_max) return invalid("MemberId is too long.");
    if (is_blank(request.group_id)) return invalid("GroupId can't be empty.");
    if (is_blank(request.rack_id)) return invalid("RackId can't be empty.");
    const auto& topics = request.subscribed_topic_names;
    if (request.member_epoch == joining_epoch && (!topics || topics->empty()))
        return invalid("A member that joins needs SubscribedTopicNames.");
    if (request.member_epoch < leaving_epoch) return invalid("MemberEpoch is invalid.");
    return {};
}

// What is not said has not changed.
ShareMember told_by(const ShareGroupHeartbeatRequest& request, const Caller& caller,
                    ShareMember member) {
    if (request.rack_id) member.rack_id = *request.rack_id;
    if (request.subscribed_topic_names)
        member.subscribed_topic_names = {request.subscribed_topic_names->begin(),
                                         request.subscribed_topic_names->end()};
    member.client_id = caller.client_id;
    member.client_host = caller.client_host;
    return member;
}

ShareGroupHeartbeatResponse::Assignment assignment_of(const ShareMember& member) {
    ShareGroupHeartbeatResponse::Assignment assignment;
    for (const auto& [topic_id, partitions] : member.assigned)
        assignment.topic_partitions.push_back({topic_id, {partitions.begin(), partitions.end()}});
    return assignment;
}

}  // namespace

Effects GroupCoordinator::share_group_heartbeat(const ShareGroupHeartbeatRequest& request,
                                                const Caller& caller) {
    Effects effects;
    auto beat = beat_share_group(request, caller, effects);
    if (beat) {
        effects.replies.push_back({caller.token, std::move(*beat)});
        return effects;
    }
    // What was begun is not done.
    ShareHeartbeat refused;
    refused.response.error_code = beat.error().error;
    refused.response.error_message = beat.error().message;
    return {.replies = {{caller.token, std::move(refused)}}};
}

std::expected<ShareHeartbeat, Refusal> GroupCoordinator::beat_share_group(
    const ShareGroupHeartbeatRequest& request, const Caller& caller, Effects& effects) {
    const auto valid = validate(request);
    if (!valid) return std::unexpected(valid.error());
    if (request.member_epoch == leaving_epoch)
        return leave_share_group(request, caller.now_ms, effects);

    std::optional<ShareGroup> made;
    ShareGroup* group = find_share_group(request.group_id);
    if (group == nullptr) {
        const bool is_other = has_group(request.group_id);
        if (is_other || request.member_epoch != joining_epoch)
            return std::unexpected(no_share_group(request.group_id));
        group = &made.emplace(std::string(request.group_id));
    }
    const bool is_full =
        std::cmp_greater_equal(group->members().size(), config_.group_share_max_size);
    if (is_full && group->find_member(request.member_id) == nullptr)
        return refuse(ErrorCode::group_max_size_reached,
                      "The group has as many members as it may have: " +
                          std::to_string(config_.group_share_max_size) + ".");

    const ChangeContext context{config_, *cluster_, timers_, caller.now_ms};
    ShareGroupChange change(*group, context, effects.records);
    const auto before = change.find_or_add(std::string(request.member_id), request.member_epoch);
    if (!before) return std::unexpected(before.error());
    const ShareMember after = change.update(*before, told_by(request, caller, *before));
    restart_share_session(group->group_id(), after.member_id, caller.now_ms);
    ShareHeartbeat beat{.response = {.member_id = after.member_id,
                                     .member_epoch = after.member_epoch,
                                     .heartbeat_interval_ms = context.setting(
                                         group->group_id(), "share.heartbeat.interval.ms",
                                         config_.group_share_heartbeat_interval_ms)},
                        .initialize = change.initialize(after)};
    if (beat.initialize) effects.initializes_share_state_of = group->group_id();
    if (request.member_epoch == joining_epoch || request.subscribed_topic_names ||
        after.assigned != before->assigned)
        beat.response.assignment = assignment_of(after);
    return beat;
}

std::expected<ShareHeartbeat, Refusal> GroupCoordinator::leave_share_group(
    const ShareGroupHeartbeatRequest& request, int64_t now_ms, Effects& effects) {
    ShareGroup* group = find_share_group(request.group_id);
    if (group == nullptr) return std::unexpected(no_share_group(request.group_id));
    const ShareMember* member = group->find_member(request.member_id);
    if (member == nullptr)
        return refuse(ErrorCode::unknown_member_id,
                      "The group has no member " + std::string(request.member_id) + ".");
    const ChangeContext context{config_, *cluster_, timers_, now_ms};
    ShareHeartbeat left;
    left.response.member_id = member->member_id;
    left.response.member_epoch = request.member_epoch;
    ShareGroupChange(*group, context, effects.records).remove(*member);
    return left;
}

void GroupCoordinator::restart_share_session(const std::string& group_id,
                                             const std::string& member_id, int64_t now_ms) {
    const ChangeContext context{config_, *cluster_, timers_, now_ms};
    const int32_t timeout_ms = context.setting(group_id, "share.session.timeout.ms",
                                               config_.group_share_session_timeout_ms);
    timers_.set({Kind::share_session, group_id, member_id}, now_ms + timeout_ms);
}

// A timer may be older than what became of its member.
void GroupCoordinator::expire_share_session(const TimerKey& key, int64_t now_ms, Effects& effects) {
    ShareGroup* group = find_share_group(key.group_id);
    const ShareMember* member = group == nullptr ? nullptr : group->find_member(key.member_id);
    if (member == nullptr) return;
    effects.undo = TimerAgain{key};
    const ChangeContext context{config_, *cluster_, timers_, now_ms};
    ShareGroupChange(*group, context, effects.records).remove(*member);
}

Refusal GroupCoordinator::no_share_group(std::string_view group_id) const {
    return {ErrorCode::group_id_not_found,
            "Group " + std::string(group_id) +
                (has_group(group_id) ? " is not a share group." : " not found.")};
}

}  // namespace broker::coordinator::group
