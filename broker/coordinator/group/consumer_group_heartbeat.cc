// ConsumerGroupHeartbeat (KIP-848): joins with epoch 0, stays, leaves with -1, and for a while with
// -2, as static members do.
#include <algorithm>
#include <utility>

#include "broker/coordinator/group/group_coordinator.h"
#include "broker/coordinator/group/group_records.h"
#include "broker/coordinator/group/validation.h"
#include "protocol/uuid.h"

namespace broker::coordinator::group {

using protocol::ConsumerGroupHeartbeatRequest;
using protocol::ConsumerGroupHeartbeatResponse;
using protocol::ErrorCode;
using Kind = TimerKey::Kind;

namespace {

constexpr int16_t first_version_with_own_member_id = 1;  // KIP-1082
constexpr int32_t not_said = -1;

std::expected<void, Refusal> validate(const ConsumerGroupHeartbeatRequest& request, int16_t version,
                                      const GroupConfig& config) {
    const auto invalid = [](std::string message) {
        return refuse(ErrorCode::invalid_request, std::move(message));
    };
    const int32_t epoch = request.member_epoch;
    const bool needs_member_id =
        version >= first_version_with_own_member_id || epoch > 0 || epoch == leaving_epoch;
    if (needs_member_id && is_blank(request.member_id)) return invalid("MemberId can't be empty.");
    if (is_blank(request.group_id)) return invalid("GroupId can't be empty.");
    if (is_blank(request.instance_id)) return invalid("InstanceId can't be empty.");
    if (is_blank(request.rack_id)) return invalid("RackId can't be empty.");
    if (epoch == joining_epoch) {
        if (request.rebalance_timeout_ms == not_said)
            return invalid("A member that joins has to tell its RebalanceTimeoutMs.");
        if (!request.topic_partitions || !request.topic_partitions->empty())
            return invalid("A member that joins must own no TopicPartitions.");
        if (!request.subscribed_topic_names && !request.subscribed_topic_regex)
            return invalid(
                "A member that joins needs SubscribedTopicNames or " "SubscribedTopicRegex.");
    }
    if (epoch == static_leaving_epoch && !request.instance_id)
        return invalid("InstanceId can't be null.");
    if (epoch < static_leaving_epoch) return invalid("MemberEpoch is invalid.");
    const auto& assignors = config.group_consumer_assignors;
    if (request.server_assignor && std::ranges::count(assignors, *request.server_assignor) == 0) {
        std::string known;
        for (const std::string& name : assignors) known += (known.empty() ? "" : ", ") + name;
        return refuse(ErrorCode::unsupported_assignor,
                      "ServerAssignor " + std::string(*request.server_assignor) +
                          " is not supported; there are: " + known + ".");
    }
    return {};
}

std::optional<TopicPartitions> owned_partitions(const ConsumerGroupHeartbeatRequest& request) {
    if (!request.topic_partitions) return std::nullopt;
    TopicPartitions owned;
    for (const auto& topic : *request.topic_partitions)
        owned[topic.topic_id].insert(topic.partitions.begin(), topic.partitions.end());
    return owned;
}

// What is not said has not changed.
ConsumerMember told_by(const ConsumerGroupHeartbeatRequest& request, const Caller& caller,
                       ConsumerMember member) {
    if (request.instance_id) member.instance_id = *request.instance_id;
    if (request.rack_id) member.rack_id = *request.rack_id;
    if (request.rebalance_timeout_ms != not_said)
        member.rebalance_timeout_ms = request.rebalance_timeout_ms;
    if (request.server_assignor) member.server_assignor = *request.server_assignor;
    if (request.subscribed_topic_names)
        member.subscribed_topic_names = {request.subscribed_topic_names->begin(),
                                         request.subscribed_topic_names->end()};
    if (request.subscribed_topic_regex)
        member.subscribed_topic_regex = *request.subscribed_topic_regex;
    member.client_id = caller.client_id;
    member.client_host = caller.client_host;
    member.classic.reset();
    return member;
}

// A client that tells everything starts anew, and wants to be told everything.
bool tells_everything(const ConsumerGroupHeartbeatRequest& request) {
    return request.rebalance_timeout_ms != not_said &&
           (request.subscribed_topic_names || request.subscribed_topic_regex) &&
           request.topic_partitions;
}

ConsumerGroupHeartbeatResponse::GroupAssignment assignment_of(const ConsumerMember& member) {
    ConsumerGroupHeartbeatResponse::GroupAssignment assignment;
    for (const auto& [topic_id, partitions] : member.assigned) {
        auto& topic = assignment.topic_partitions.emplace_back();
        topic.topic_id = topic_id;
        for (const auto& entry : partitions) topic.partitions.push_back(entry.first);
    }
    return assignment;
}

}  // namespace

Effects GroupCoordinator::consumer_group_heartbeat(const ConsumerGroupHeartbeatRequest& request,
                                                   const Caller& caller,
                                                   const protocol::Uuid& member_uuid) {
    Effects effects;
    auto response = beat(request, caller, member_uuid, effects);
    if (response) {
        effects.replies.push_back({caller.token, std::move(*response)});
        return effects;
    }
    // What was begun is not done.
    const auto& refusal = response.error();
    return {.replies = {
                {caller.token, ConsumerGroupHeartbeatResponse{.error_code = refusal.error,
                                                              .error_message = refusal.message}}}};
}

std::expected<ConsumerGroupHeartbeatResponse, Refusal> GroupCoordinator::beat(
    const ConsumerGroupHeartbeatRequest& request, const Caller& caller,
    const protocol::Uuid& member_uuid, Effects& effects) {
    const auto valid = validate(request, caller.version, config_);
    if (!valid) return std::unexpected(valid.error());
    if (request.member_epoch < joining_epoch)
        return leave_consumer_group(request, caller.now_ms, effects);

    const bool joins = request.member_epoch == joining_epoch;
    std::optional<ConsumerGroup> made;
    const auto group = consumer_group_to_join(request.group_id, joins, caller, made, effects);
    if (!group) return std::unexpected(group.error());
    if (is_full(**group, request.member_id, request.instance_id))
        return refuse(ErrorCode::group_max_size_reached,
                      "The group has as many members as it may have: " +
                          std::to_string(config_.group_consumer_max_size) + ".");

    const ChangeContext context{config_, *cluster_, timers_, caller.now_ms};
    GroupChange change(**group, context, effects.records);
    GroupChange::Identity identity{.member_id = std::string(request.member_id),
                                   .member_epoch = request.member_epoch,
                                   .owned = owned_partitions(request),
                                   .joins = joins};
    if (identity.member_id.empty()) identity.member_id = protocol::to_string(member_uuid);
    if (request.instance_id) identity.instance_id = *request.instance_id;
    const auto before = change.find_or_add(identity);
    if (!before) return std::unexpected(before.error());
    const ConsumerMember told = told_by(request, caller, *before);
    const auto updated = change.update(*before, told);
    if (!updated) return std::unexpected(updated.error());
    const auto after = change.assign(told, identity.owned);
    if (!after) return std::unexpected(after.error());

    restart_consumer_session((*group)->group_id(), *after, caller.now_ms);
    ConsumerGroupHeartbeatResponse response{
        .member_id = after->member_id,
        .member_epoch = after->member_epoch,
        .heartbeat_interval_ms =
            context.setting((*group)->group_id(), "consumer.heartbeat.interval.ms",
                            config_.group_consumer_heartbeat_interval_ms)};
    if (joins || tells_everything(request) || after->assigned != before->assigned)
        response.assignment = assignment_of(*after);
    return response;
}

std::expected<ConsumerGroup*, Refusal> GroupCoordinator::consumer_group_to_join(
    std::string_view group_id, bool joins, const Caller& caller, std::optional<ConsumerGroup>& made,
    Effects& effects) {
    if (auto* group = find_consumer_group(group_id)) return group;
    ClassicGroup* classic = find_group(group_id);
    const bool is_other = classic == nullptr && has_group(group_id);
    if (!joins || is_other)
        return refuse(ErrorCode::group_id_not_found,
                      classic == nullptr && !is_other
                          ? "Consumer group " + std::string(group_id) + " not found."
                          : "Group " + std::string(group_id) + " is not a consumer group.");
    if (classic == nullptr) return &made.emplace(std::string(group_id));
    // It may be about to rebalance all the same, until it notices that nobody is left.
    if (classic->members().empty()) {
        effects.records.push_back(group_tombstone(classic->group_id()));
        return &made.emplace(std::string(group_id));
    }
    auto upgraded = upgrade(*classic, caller, effects);
    if (!upgraded) return std::unexpected(std::move(upgraded.error()));
    return &made.emplace(std::move(*upgraded));
}

bool GroupCoordinator::is_full(const ConsumerGroup& group, std::string_view member_id,
                               std::optional<std::string_view> instance_id) const {
    if (instance_id && group.find_static(*instance_id) != nullptr) return false;
    return std::cmp_greater_equal(group.members().size(), config_.group_consumer_max_size) &&
           group.find_member(member_id) == nullptr;
}

std::expected<ConsumerGroupHeartbeatResponse, Refusal> GroupCoordinator::leave_consumer_group(
    const ConsumerGroupHeartbeatRequest& request, int64_t now_ms, Effects& effects) {
    ConsumerGroup* group = find_consumer_group(request.group_id);
    if (group == nullptr)
        return refuse(ErrorCode::group_id_not_found,
                      !has_group(request.group_id)
                          ? "Group " + std::string(request.group_id) + " not found."
                          : "Group " + std::string(request.group_id) + " is not a consumer group.");
    const ConsumerMember* member = request.instance_id ? group->find_static(*request.instance_id)
                                                       : group->find_member(request.member_id);
    if (member == nullptr)
        return refuse(ErrorCode::unknown_member_id,
                      "The group has no member " +
                          std::string(request.instance_id.value_or(request.member_id)) + ".");
    if (member->member_id != request.member_id)
        return refuse(ErrorCode::fenced_instance_id,
                      "The instance id has gone to the member " + member->member_id + ".");
    ConsumerGroupHeartbeatResponse response{.member_id = member->member_id,
                                            .member_epoch = request.member_epoch};
    if (request.instance_id && request.member_epoch == static_leaving_epoch) {
        const ChangeContext context{config_, *cluster_, timers_, now_ms};
        GroupChange(*group, context, effects.records).leave_for_now(*member);
    } else {
        remove_members(*group, {member}, now_ms, effects);
    }
    return response;
}

void GroupCoordinator::remove_members(ConsumerGroup& group,
                                      const std::vector<const ConsumerMember*>& gone,
                                      int64_t now_ms, Effects& effects) {
    if (may_downgrade(group, gone)) {
        downgrade(group, gone, nullptr, /*rebalances=*/true, now_ms, effects);
        return;
    }
    const ChangeContext context{config_, *cluster_, timers_, now_ms};
    GroupChange(group, context, effects.records).remove(gone);
}

void GroupCoordinator::restart_consumer_session(const std::string& group_id,
                                                const ConsumerMember& member, int64_t now_ms) {
    const ChangeContext context{config_, *cluster_, timers_, now_ms};
    const int32_t timeout_ms = member.classic
                                   ? member.classic->session_timeout_ms
                                   : context.setting(group_id, "consumer.session.timeout.ms",
                                                     config_.group_consumer_session_timeout_ms);
    timers_.set({Kind::consumer_session, group_id, member.member_id}, now_ms + timeout_ms);
}

// A timer may be older than what became of its member.
void GroupCoordinator::expire_consumer_timer(const TimerKey& key, int64_t now_ms,
                                             Effects& effects) {
    ConsumerGroup* group = find_consumer_group(key.group_id);
    if (group == nullptr) return;
    effects.undo = TimerAgain{key};
    if (key.kind == Kind::regex) {
        const ChangeContext context{config_, *cluster_, timers_, now_ms};
        GroupChange(*group, context, effects.records).resolve_regexes();
        return;
    }
    const ConsumerMember* member = group->find_member(key.member_id);
    if (member == nullptr) return;
    const bool has_revoked = member->state != MemberState::unrevoked_partitions ||
                             member->member_epoch == static_leaving_epoch;
    if (key.kind == Kind::revocation && has_revoked) return;
    remove_members(*group, {member}, now_ms, effects);
}

}  // namespace broker::coordinator::group
