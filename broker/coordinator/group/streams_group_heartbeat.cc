// StreamsGroupHeartbeat (KIP-1071): joins with epoch 0, stays, leaves with -1, and for a while with
// -2, as static members do.
#include <algorithm>
#include <set>
#include <utility>

#include "broker/coordinator/group/group_coordinator.h"
#include "broker/coordinator/group/group_records.h"
#include "broker/coordinator/group/streams/heartbeat_answer.h"
#include "broker/coordinator/group/streams/streams_group_change.h"
#include "broker/coordinator/group/validation.h"

namespace broker::coordinator::group {

using protocol::ErrorCode;
using protocol::StreamsGroupHeartbeatRequest;
using Kind = TimerKey::Kind;
using Tag = StreamsGroupHeartbeatRequest::KeyValue;

namespace {

constexpr int32_t not_said = -1;
constexpr int16_t first_version_with_topology_descriptions = 1;

std::unexpected<Refusal> invalid(std::string message) {
    return refuse(ErrorCode::invalid_request, std::move(message));
}

bool is_told_empty(const std::optional<std::vector<StreamsGroupHeartbeatRequest::TaskIds>>& tasks) {
    return tasks && tasks->empty();
}

std::expected<void, Refusal> validate_joining(const StreamsGroupHeartbeatRequest& request) {
    if (request.rebalance_timeout_ms == not_said)
        return invalid("A member that joins has to tell its RebalanceTimeoutMs.");
    if (!is_told_empty(request.active_tasks) || !is_told_empty(request.standby_tasks) ||
        !is_told_empty(request.warmup_tasks))
        return invalid("A member that joins must have no tasks, and say so.");
    if (!request.topology) return invalid("A member that joins has to tell its Topology.");
    return check_changelogs(*request.topology);
}

std::expected<void, Refusal> validate(const StreamsGroupHeartbeatRequest& request) {
    if (request.topology) {
        const auto supported = check_supported(*request.topology);
        if (!supported) return supported;
    }
    if (is_blank(request.member_id)) return invalid("MemberId can't be empty.");
    if (is_blank(request.group_id)) return invalid("GroupId can't be empty.");
    if (is_blank(request.instance_id)) return invalid("InstanceId can't be empty.");
    if (is_blank(request.rack_id)) return invalid("RackId can't be empty.");
    const int32_t epoch = request.member_epoch;
    if (epoch == joining_epoch) {
        const auto joins = validate_joining(request);
        if (!joins) return joins;
    }
    if (epoch == static_leaving_epoch && !request.instance_id)
        return invalid("InstanceId can't be null.");
    if (epoch < static_leaving_epoch) return invalid("MemberEpoch is invalid.");
    const bool tells_all = request.active_tasks && request.standby_tasks && request.warmup_tasks;
    const bool tells_any = request.active_tasks || request.standby_tasks || request.warmup_tasks;
    if (tells_any && !tells_all)
        return invalid("If one task-type is non-null, all must be non-null.");
    if (epoch != joining_epoch && request.topology)
        return invalid("Topology can only be provided when (re-)joining.");
    std::set<std::string_view> tags;
    for (const auto& tag : request.client_tags.value_or(std::vector<Tag>{}))
        if (!tags.insert(tag.key).second)
            return refuse(ErrorCode::unknown_server_error,
                          "There are two client tags " + std::string(tag.key) + ".");
    return {};
}

// With what is named without tasks, only to be looked at.
TaskIds named(const std::vector<StreamsGroupHeartbeatRequest::TaskIds>& listed) {
    TaskIds tasks;
    for (const auto& subtopology : listed)
        tasks[std::string(subtopology.subtopology_id)].insert(subtopology.partitions.begin(),
                                                              subtopology.partitions.end());
    return tasks;
}

std::optional<Tasks> named_tasks(const StreamsGroupHeartbeatRequest& request) {
    if (!request.active_tasks) return std::nullopt;
    return Tasks{.active = named(*request.active_tasks),
                 .standby = named(*request.standby_tasks),
                 .warmup = named(*request.warmup_tasks)};
}

std::optional<Tasks> owned_tasks(std::optional<Tasks> named) {
    if (!named) return named;
    for (TaskIds* tasks : {&named->active, &named->standby, &named->warmup})
        std::erase_if(*tasks, [](const auto& subtopology) { return subtopology.second.empty(); });
    return named;
}

using Told = std::optional<std::vector<StreamsGroupHeartbeatRequest::TaskOffset>>;
std::expected<std::optional<TaskOffsets>, Refusal> offsets_of(const Told& told) {
    if (!told) return std::nullopt;
    TaskOffsets offsets;
    for (const auto& [subtopology_id, partition, offset] : *told)
        if (!offsets[std::string(subtopology_id)].emplace(partition, offset).second)
            return invalid("There are two offsets of the task " + std::string(subtopology_id) +
                           "_" + std::to_string(partition) + ".");
    return offsets;
}

// What is not said has not changed; but who joins without an endpoint has none.
StreamsMember told_by(const StreamsGroupHeartbeatRequest& request, const Caller& caller,
                      StreamsMember member) {
    if (request.instance_id) member.instance_id = *request.instance_id;
    if (request.rack_id) member.rack_id = *request.rack_id;
    if (request.rebalance_timeout_ms != not_said)
        member.rebalance_timeout_ms = request.rebalance_timeout_ms;
    if (request.topology) member.topology_epoch = request.topology->epoch;
    member.client_id = caller.client_id;
    member.client_host = caller.client_host;
    if (request.process_id) member.process_id = *request.process_id;
    if (request.client_tags) {
        member.client_tags.clear();
        for (const auto& tag : *request.client_tags)
            member.client_tags[std::string(tag.key)] = tag.value;
    }
    if (request.user_endpoint)
        member.endpoint = {std::string(request.user_endpoint->host), request.user_endpoint->port};
    else if (request.member_epoch == joining_epoch)
        member.endpoint.reset();
    return member;
}

// Not so an instance of an older version of the application.
bool knows_topology(const protocol::StreamsGroupHeartbeatResponse& response) {
    return std::ranges::none_of(*response.status, [](const auto& status) {
        return status.status_code == static_cast<int8_t>(StreamsStatus::stale_topology);
    });
}

}  // namespace

Effects GroupCoordinator::streams_group_heartbeat(const StreamsGroupHeartbeatRequest& request,
                                                  const Caller& caller) {
    Effects effects;
    auto beat = beat_streams_group(request, caller, effects);
    if (beat) {
        effects.replies.push_back({caller.token, std::move(*beat)});
        return effects;
    }
    // What was begun is not done.
    StreamsHeartbeat refused;
    refused.response.error_code = beat.error().error;
    refused.response.error_message = beat.error().message;
    return {.replies = {{caller.token, std::move(refused)}}};
}

std::expected<StreamsGroup*, Refusal> GroupCoordinator::streams_group_to_join(
    const StreamsGroupHeartbeatRequest& request, std::optional<StreamsGroup>& made,
    Effects& effects) {
    const bool joins = request.member_epoch == joining_epoch;
    StreamsGroup* group = find_streams_group(request.group_id);
    if (group == nullptr) {
        const ClassicGroup* classic = find_group(request.group_id);
        const bool is_free =
            !has_group(request.group_id) || (classic != nullptr && classic->members().empty());
        if (!joins || !is_free) return std::unexpected(no_streams_group(request.group_id));
        if (classic != nullptr) effects.records.push_back(group_tombstone(classic->group_id()));
        return &made.emplace(std::string(request.group_id));
    }
    const bool is_known = group->find_member(request.member_id) != nullptr ||
                          (request.instance_id && group->find_static(*request.instance_id));
    const bool is_full =
        std::cmp_greater_equal(group->members().size(), config_.group_streams_max_size);
    if (joins && is_full && !is_known)
        return refuse(ErrorCode::group_max_size_reached,
                      "The group has as many members as it may have: " +
                          std::to_string(config_.group_streams_max_size) + ".");
    return group;
}

std::expected<StreamsHeartbeat, Refusal> GroupCoordinator::beat_streams_group(
    const StreamsGroupHeartbeatRequest& request, const Caller& caller, Effects& effects) {
    const auto valid = validate(request);
    if (!valid) return std::unexpected(valid.error());
    if (request.member_epoch < joining_epoch)
        return leave_streams_group(request, caller.now_ms, effects);

    std::optional<StreamsGroup> made;
    const auto found = streams_group_to_join(request, made, effects);
    if (!found) return std::unexpected(found.error());
    StreamsGroup& group = **found;
    const ChangeContext context{config_, *cluster_, timers_, caller.now_ms};
    StreamsGroupChange change(group, context, effects.records);
    StreamsGroupChange::Identity identity{.member_id = std::string(request.member_id),
                                          .member_epoch = request.member_epoch,
                                          .owned = owned_tasks(named_tasks(request))};
    if (request.instance_id) identity.instance_id = *request.instance_id;
    const auto before = change.find_or_add(identity);
    if (!before) return std::unexpected(before.error());

    auto offsets = offsets_of(request.task_offsets);
    if (!offsets) return std::unexpected(offsets.error());
    auto end_offsets = offsets_of(request.task_end_offsets);
    if (!end_offsets) return std::unexpected(end_offsets.error());
    StreamsGroupChange::Told told{.owned = named_tasks(request),
                                  .offsets = std::move(*offsets),
                                  .end_offsets = std::move(*end_offsets)};
    if (request.topology) told.topology = topology_value(*request.topology);
    const StreamsMember updated = told_by(request, caller, *before);
    const auto noted = change.update(*before, updated, std::move(told));
    if (!noted) return std::unexpected(noted.error());
    const auto after = change.assign(updated, identity.owned);
    if (!after) return std::unexpected(after.error());
    restart_streams_session(group.group_id(), after->member_id, caller.now_ms);
    auto beat = answer_heartbeat(request, caller.version, *before, *after, identity.owned, change,
                                 group, /*is_new_group=*/made.has_value(), context);
    if (caller.version >= first_version_with_topology_descriptions &&
        config_.group_streams_keeps_topology_descriptions && knows_topology(beat.response))
        beat.response.topology_description_required =
            topology_descriptions_.ask(group.group_id(), change.topology()->epoch, caller.now_ms);
    return beat;
}

std::expected<StreamsHeartbeat, Refusal> GroupCoordinator::leave_streams_group(
    const StreamsGroupHeartbeatRequest& request, int64_t now_ms, Effects& effects) {
    StreamsGroup* group = find_streams_group(request.group_id);
    if (group == nullptr)
        return refuse(
            ErrorCode::group_id_not_found,
            "Group " + std::string(request.group_id) +
                (has_group(request.group_id) ? " is not a streams group." : " not found."));
    const StreamsMember* member = request.instance_id ? group->find_static(*request.instance_id)
                                                      : group->find_member(request.member_id);
    if (request.shutdown_application && !group->in_memory().shutdown_requested_by)
        group->in_memory().shutdown_requested_by = request.member_id;
    if (member == nullptr)
        return refuse(ErrorCode::unknown_member_id,
                      "The group has no member " +
                          std::string(request.instance_id.value_or(request.member_id)) + ".");
    if (member->member_id != request.member_id)
        return refuse(ErrorCode::fenced_instance_id,
                      "The instance id has gone to the member " + member->member_id + ".");
    StreamsHeartbeat left;
    left.response.member_id = member->member_id;
    left.response.member_epoch = request.member_epoch;
    const ChangeContext context{config_, *cluster_, timers_, now_ms};
    StreamsGroupChange change(*group, context, effects.records);
    if (request.instance_id && request.member_epoch == static_leaving_epoch)
        change.leave_for_now(*member);
    else
        change.remove(*member);
    return left;
}

void GroupCoordinator::restart_streams_session(const std::string& group_id,
                                               const std::string& member_id, int64_t now_ms) {
    const ChangeContext context{config_, *cluster_, timers_, now_ms};
    const int32_t timeout_ms = context.setting(group_id, "streams.session.timeout.ms",
                                               config_.group_streams_session_timeout_ms);
    timers_.set({Kind::streams_session, group_id, member_id}, now_ms + timeout_ms);
}

// A timer may be older than what became of its member.
void GroupCoordinator::expire_streams_timer(const TimerKey& key, int64_t now_ms, Effects& effects) {
    StreamsGroup* group = find_streams_group(key.group_id);
    if (group == nullptr) return;
    effects.undo = TimerAgain{key};
    const ChangeContext context{config_, *cluster_, timers_, now_ms};
    StreamsGroupChange change(*group, context, effects.records);
    if (key.kind == Kind::streams_first_assignment) {
        change.assign_after_delay();
        return;
    }
    const StreamsMember* member = group->find_member(key.member_id);
    if (member == nullptr) return;
    const bool has_revoked = member->state != MemberState::unrevoked_partitions ||
                             member->member_epoch == static_leaving_epoch;
    if (key.kind == Kind::streams_revocation && has_revoked) return;
    change.remove(*member);
}

void GroupCoordinator::internal_topics_not_created(std::string_view group_id,
                                                   const std::map<std::string, std::string>& errors,
                                                   int64_t until_ms) {
    StreamsGroup* group = find_streams_group(group_id);
    if (group == nullptr) return;
    auto& known = group->in_memory().creation_errors;
    known.clear();
    for (const auto& [topic, message] : errors) known[topic] = {message, until_ms};
}

Refusal GroupCoordinator::no_streams_group(std::string_view group_id) const {
    const std::string group(group_id);
    return {ErrorCode::group_id_not_found, has_group(group_id)
                                               ? "Group " + group + " is not a streams group."
                                               : "Streams group " + group + " not found."};
}

}  // namespace broker::coordinator::group
