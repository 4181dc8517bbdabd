// JoinGroup, SyncGroup and Heartbeat of members that speak the classic protocol in a consumer group
// (KIP-848): the coordinator assigns, and they learn of it by rebalances of their own.
#include <algorithm>
#include <set>
#include <utility>

#include "broker/coordinator/group/consumer_protocol.h"
#include "broker/coordinator/group/group_coordinator.h"
#include "broker/coordinator/group/member_replies.h"
#include "broker/coordinator/group/validation.h"
#include "protocol/uuid.h"

namespace broker::coordinator::group {

using protocol::ErrorCode;
using protocol::JoinGroupRequest;
using protocol::JoinGroupResponse;
using protocol::SyncGroupRequest;
using Kind = TimerKey::Kind;

namespace {

// One of the protocols is known to all who speak the classic protocol.
bool supports(const ConsumerGroup& group, const JoinGroupRequest& request) {
    if (request.protocol_type != consumer_protocol_type) return false;
    return std::ranges::any_of(request.protocols, [&](const auto& offered) {
        return std::ranges::all_of(group.members(), [&](const auto& entry) {
            const auto& classic = entry.second.classic;
            return !classic || std::ranges::any_of(
                                   classic->supported_protocols,
                                   [&](const auto& known) { return known.name == offered.name; });
        });
    });
}

ConsumerMember told_by(const JoinGroupRequest& request, const Caller& caller,
                       const protocol::ConsumerProtocolSubscription& subscription,
                       ConsumerMember member) {
    if (request.group_instance_id) member.instance_id = *request.group_instance_id;
    if (subscription.rack_id && !subscription.rack_id->empty())
        member.rack_id = subscription.rack_id;
    member.rebalance_timeout_ms = rebalance_timeout_of(request, caller.version);
    member.subscribed_topic_names = {subscription.topics.begin(), subscription.topics.end()};
    member.subscribed_topic_regex.clear();
    member.client_id = caller.client_id;
    member.client_host = caller.client_host;
    ConsumerMember::Classic classic{.session_timeout_ms = request.session_timeout_ms};
    std::set<std::string_view> names;
    for (const auto& offered : request.protocols)
        if (names.insert(offered.name).second)
            classic.supported_protocols.push_back(
                {std::string(offered.name), {offered.metadata.begin(), offered.metadata.end()}});
    member.classic = std::move(classic);
    return member;
}

ErrorCode validate_classic_member(const ConsumerGroup& group, std::string_view member_id,
                                  std::optional<std::string_view> instance_id, int32_t generation) {
    const auto* member =
        instance_id ? group.find_static(*instance_id) : group.find_member(member_id);
    if (member == nullptr) return ErrorCode::unknown_member_id;
    if (member->member_id != member_id) return ErrorCode::fenced_instance_id;
    if (!member->classic) return ErrorCode::unknown_member_id;
    return member->member_epoch == generation ? ErrorCode::none : ErrorCode::illegal_generation;
}

// It has what its epoch gives it, but a partition that it waits for is free by now.
bool may_take_more(const ConsumerGroup& group, const ConsumerMember& member) {
    if (member.state != MemberState::unreleased_partitions) return false;
    for (const auto& [topic_id, partitions] : group.target(member))
        for (const int32_t partition : partitions)
            if (!contains(member.assigned, topic_id, partition) &&
                group.owner_epoch(topic_id, partition))
                return false;
    return true;
}

// An assignment is computed when somebody who speaks the new protocol is heard, or when a member
// joins. Kafka waits for either, also where all members wait for the coordinator.
bool waits_for_a_join(const ConsumerGroup& group) {
    return group.epoch() > group.assignment_epoch() &&
           group.classic_member_count() == group.members().size();
}

// Not all have, or have been told, what their targets at the group's epoch give them. Nobody would
// tell them later if they became a classic group as they are.
bool is_in_motion(const ConsumerGroup& group, int32_t epoch, const ConsumerMember* replaced) {
    return group.assignment_epoch() < epoch ||
           std::ranges::any_of(
               group.members(),
               [&](const auto& entry) {
                   return &entry.second != replaced && !entry.second.is_reconciled_to(epoch);
               });
}

// What it was answered as the group's protocol.
const auto& first_protocol(const ConsumerMember& member) {
    static const ConsumerMember::Classic::ClassicProtocol nothing;
    const auto& known = member.classic->supported_protocols;
    return known.empty() ? nothing : known.front();
}

}  // namespace

std::expected<JoinGroupResponse, Refusal> GroupCoordinator::join_consumer_group(
    const JoinGroupRequest& request, const Caller& caller, ConsumerGroup& group,
    const protocol::Uuid& member_uuid, Effects& effects) {
    const auto& policy = config_.group_consumer_migration_policy;
    if (!policy.may_upgrade && !policy.may_downgrade)
        return refuse(ErrorCode::inconsistent_group_protocol);
    GroupChange::Identity identity{.member_id = std::string(request.member_id),
                                   .owned = TopicPartitions{},
                                   .is_classic = true};
    const bool is_unknown = identity.member_id.empty();
    if (is_unknown) identity.member_id = protocol::to_string(member_uuid);
    if (request.group_instance_id) identity.instance_id = *request.group_instance_id;
    if (is_full(group, identity.member_id, request.group_instance_id))
        return refuse(ErrorCode::group_max_size_reached);
    if (!supports(group, request)) return refuse(ErrorCode::inconsistent_group_protocol);
    if (is_unknown && !identity.instance_id && caller.version >= first_join_with_member_id_first)
        return JoinGroupResponse{.error_code = ErrorCode::member_id_required,
                                 .member_id = identity.member_id};
    const auto subscription = read_subscription(request.protocols.front().metadata);
    if (!subscription) return refuse(ErrorCode::inconsistent_group_protocol);

    // Who was told its id joins with it; a static member's id is never given out before.
    identity.joins = identity.instance_id ? is_unknown : true;
    const ChangeContext context{config_, *cluster_, timers_, caller.now_ms};
    GroupChange change(group, context, effects.records);
    const auto before = change.find_or_add(identity);
    if (!before) return std::unexpected(before.error());
    const ConsumerMember told = told_by(request, caller, *subscription, *before);
    const auto updated = change.update(*before, told);
    if (!updated) return std::unexpected(updated.error());

    const auto owned = by_topic_id(subscription->owned_partitions, *cluster_);
    const auto* replaced =
        identity.instance_id ? group.find_static(*identity.instance_id) : nullptr;
    const bool downgrades =
        replaced != nullptr && !replaced->classic && may_downgrade(group, {replaced}, &told);
    const bool rebalances = is_in_motion(group, change.epoch(), replaced);
    auto after = !downgrades  ? change.assign(told, owned)
                 : rebalances ? std::expected<ConsumerMember, Refusal>(told)
                              : change.take_step(told, owned);
    if (!after) return std::unexpected(after.error());
    const std::string& group_id = group.group_id();
    timers_.cancel({Kind::consumer_join, group_id, after->member_id});
    if (downgrades) {
        downgrade(group, {}, &*after, rebalances, caller.now_ms, effects);
    } else {
        restart_consumer_session(group_id, *after, caller.now_ms);
        timers_.set({Kind::consumer_sync, group_id, after->member_id},
                    caller.now_ms + after->rebalance_timeout_ms);
    }
    return JoinGroupResponse{.generation_id = after->member_epoch,
                             .protocol_type = std::string(consumer_protocol_type),
                             .protocol_name = first_protocol(*after).name,
                             .member_id = after->member_id};
}

protocol::SyncGroupResponse GroupCoordinator::sync_consumer_group(const SyncGroupRequest& request,
                                                                  const ConsumerGroup& group,
                                                                  int64_t now_ms) {
    const auto error = validate_classic_member(group, request.member_id, request.group_instance_id,
                                               request.generation_id);
    if (error != ErrorCode::none) return sync_error(error);
    const ConsumerMember& member = *group.find_member(request.member_id);
    if ((request.protocol_type && *request.protocol_type != consumer_protocol_type) ||
        (request.protocol_name && *request.protocol_name != first_protocol(member).name))
        return sync_error(ErrorCode::inconsistent_group_protocol);
    const TimerKey join{Kind::consumer_join, group.group_id(), member.member_id};
    if (group.assignment_epoch() > member.member_epoch &&
        member.state != MemberState::unrevoked_partitions) {
        if (!timers_.deadline_of(join)) timers_.set(join, now_ms + member.rebalance_timeout_ms);
        return sync_error(ErrorCode::rebalance_in_progress);
    }
    timers_.cancel({Kind::consumer_sync, group.group_id(), member.member_id});
    restart_consumer_session(group.group_id(), member, now_ms);
    TopicPartitions assigned;
    for (const auto& [topic_id, partitions] : member.assigned)
        for (const auto& entry : partitions) assigned[topic_id].insert(entry.first);
    protocol::SyncGroupResponse response{
        .assignment = write_assignment(assigned, *cluster_, first_protocol(member).metadata)};
    if (request.protocol_type) response.protocol_type = *request.protocol_type;
    if (request.protocol_name) response.protocol_name = *request.protocol_name;
    return response;
}

ErrorCode GroupCoordinator::heartbeat_consumer_group(const protocol::HeartbeatRequest& request,
                                                     const ConsumerGroup& group, int64_t now_ms) {
    const auto error = validate_classic_member(group, request.member_id, request.group_instance_id,
                                               request.generation_id);
    if (error != ErrorCode::none) return error;
    const ConsumerMember& member = *group.find_member(request.member_id);
    restart_consumer_session(group.group_id(), member, now_ms);
    const bool has_to_join = member.member_epoch < group.assignment_epoch() ||
                             member.state == MemberState::unrevoked_partitions ||
                             may_take_more(group, member) || waits_for_a_join(group);
    if (!has_to_join) return ErrorCode::none;
    const TimerKey join{Kind::consumer_join, group.group_id(), member.member_id};
    if (!timers_.deadline_of(join)) timers_.set(join, now_ms + member.rebalance_timeout_ms);
    return ErrorCode::rebalance_in_progress;
}

}  // namespace broker::coordinator::group
