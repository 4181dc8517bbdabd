// A group with members changes its protocol (KIP-848): to that of consumer groups with the first
// member that speaks it, and back when the last one of them has gone.
#include <algorithm>
#include <cassert>
#include <utility>

#include "broker/coordinator/group/consumer/consumer_records.h"
#include "broker/coordinator/group/consumer_protocol.h"
#include "broker/coordinator/group/group_coordinator.h"
#include "broker/coordinator/group/group_records.h"
#include "broker/coordinator/group/member_replies.h"

namespace broker::coordinator::group {

using protocol::ErrorCode;
using Kind = TimerKey::Kind;

namespace {

std::unexpected<Refusal> cannot_upgrade(const ClassicGroup& group, std::string_view why) {
    return std::unexpected(
        Refusal{ErrorCode::group_id_not_found,
                "The classic group " + group.group_id() + " stays one: " + std::string(why) + "."});
}

std::expected<TopicPartitions, std::string_view> assigned_partitions(const Member& member,
                                                                     const ClusterView& cluster) {
    if (member.assignment.empty()) return TopicPartitions{};
    const auto assignment = read_assignment(member.assignment);
    if (!assignment) return std::unexpected("an assignment cannot be read");
    // The group would not know what an assignor of its own has to say to its members.
    if (assignment->user_data && !assignment->user_data->empty())
        return std::unexpected("its assignor hands out data of its own");
    return by_topic_id(assignment->assigned_partitions, cluster);
}

ConsumerMember::Classic classic_part(const Member& member) {
    ConsumerMember::Classic classic{.session_timeout_ms = member.session_timeout_ms};
    for (const MemberProtocol& known : member.protocols)
        classic.supported_protocols.push_back({known.name, known.metadata});
    return classic;
}

ConsumerMember upgraded_member(const Member& member, int32_t epoch,
                               const protocol::ConsumerProtocolSubscription& subscription,
                               const TopicPartitions& target) {
    ConsumerMember upgraded{
        .member_id = member.member_id,
        .member_epoch = epoch,
        .previous_member_epoch = epoch,
        .instance_id = member.instance_id,
        .rebalance_timeout_ms = member.rebalance_timeout_ms,
        .client_id = member.client_id,
        .client_host = member.client_host,
        .subscribed_topic_names = {subscription.topics.begin(), subscription.topics.end()},
        .classic = classic_part(member)};
    if (subscription.rack_id && !subscription.rack_id->empty())
        upgraded.rack_id = subscription.rack_id;
    for (const auto& [topic_id, partitions] : target)
        for (const int32_t partition : partitions) upgraded.assigned[topic_id][partition] = epoch;
    return upgraded;
}

Member downgraded_member(const ConsumerMember& member) {
    Member classic{.member_id = member.member_id,
                   .instance_id = member.instance_id,
                   .client_id = member.client_id,
                   .client_host = member.client_host,
                   .session_timeout_ms = member.classic->session_timeout_ms,
                   .rebalance_timeout_ms = member.rebalance_timeout_ms};
    for (const auto& known : member.classic->supported_protocols)
        classic.protocols.push_back({known.name, known.metadata});
    return classic;
}

// All members know one protocol together, and its metadata can be read.
bool have_common_protocol(const std::vector<const ConsumerMember*>& members) {
    const auto knows = [](const ConsumerMember* member, const std::string& name) {
        return std::ranges::any_of(member->classic->supported_protocols, [&](const auto& known) {
            return known.name == name && read_subscription(known.metadata).has_value();
        });
    };
    const auto& names = members.front()->classic->supported_protocols;
    return std::ranges::all_of(names, [&](const auto& candidate) {
        return std::ranges::all_of(
            members, [&](const auto* member) { return knows(member, candidate.name); });
    });
}

}  // namespace

std::expected<ConsumerGroup, Refusal> GroupCoordinator::upgrade(ClassicGroup& group,
                                                                const Caller& caller,
                                                                Effects& effects) {
    if (!config_.group_consumer_migration_policy.may_upgrade)
        return cannot_upgrade(group, "the migration policy does not allow another protocol");
    const bool has_voted = group.protocol_name() || !group.is(GroupState::stable);
    if (!group.uses_consumer_protocol() || !has_voted)
        return cannot_upgrade(group, "its members are no consumers");
    if (std::cmp_greater(group.members().size(), config_.group_consumer_max_size))
        return cannot_upgrade(group, "it has more members than a consumer group may have");

    const int32_t epoch = group.generation();
    ConsumerGroup upgraded(group.group_id());
    upgraded.set_assignment_epoch(epoch, 0);
    const std::string name =
        group.protocol_name() ? *group.protocol_name() : group.select_protocol();
    for (const auto& [member_id, member] : group.members()) {
        const auto subscription = read_subscription(member.metadata(name));
        if (!subscription) return cannot_upgrade(group, "a subscription cannot be read");
        auto target = assigned_partitions(member, *cluster_);
        if (!target) return cannot_upgrade(group, target.error());
        upgraded.update_member(upgraded_member(member, epoch, *subscription, *target));
        upgraded.set_target(member_id, std::move(*target));
    }
    // What the leader knew of the topics is not known, so whoever joins makes a new assignment due.
    // It also ends a rebalance that was under way.
    constexpr int64_t no_metadata_hash = 0;
    upgraded.set_epoch(epoch, no_metadata_hash);

    for (const auto& [member_id, member] : upgraded.members())
        restart_consumer_session(group.group_id(), member, caller.now_ms);
    for (const auto& [member_id, member] : group.members())
        answer_waiting(member, ErrorCode::rebalance_in_progress, effects);
    effects.undo = OthersWaitOn{caller.token};
    effects.records.push_back(group_tombstone(group.group_id()));
    append_group_records(upgraded, effects.records);
    return upgraded;
}

bool GroupCoordinator::may_downgrade(const ConsumerGroup& group,
                                     const std::vector<const ConsumerMember*>& gone,
                                     const ConsumerMember* joining) const {
    std::vector<const ConsumerMember*> rest;
    if (joining != nullptr) rest.push_back(joining);
    for (const auto& [member_id, member] : group.members())
        if (std::ranges::count(gone, &member) == 0) rest.push_back(&member);
    if (rest.empty() || !config_.group_consumer_migration_policy.may_downgrade) return false;
    if (std::cmp_greater(rest.size(), config_.group_max_size)) return false;
    return std::ranges::all_of(rest,
                               [](const auto* member) { return member->classic.has_value(); }) &&
           have_common_protocol(rest);
}

void GroupCoordinator::downgrade(const ConsumerGroup& group,
                                 const std::vector<const ConsumerMember*>& gone,
                                 const ConsumerMember* joining, bool rebalances, int64_t now_ms,
                                 Effects& effects) {
    std::optional<RenamedMember> renamed;
    ClassicGroup classic(group.group_id());
    for (const auto& [member_id, member] : group.members()) {
        timers_.cancel_steps(group.group_id(), member_id);
        const bool is_replaced = joining != nullptr && member.instance_id == joining->instance_id;
        if (is_replaced) renamed = {member_id, joining->member_id};
        if (!is_replaced && std::ranges::count(gone, &member) == 0)
            classic.add(downgraded_member(member), consumer_protocol_type);
    }
    if (joining != nullptr) classic.add(downgraded_member(*joining), consumer_protocol_type);
    append_group_tombstones(group, renamed, effects.records);

    auto value = classic.to_record();
    value.generation = group.epoch();
    value.protocol = classic.select_protocol();
    if (!rebalances) value.current_state_timestamp = now_ms;
    for (auto& stored : value.members) {
        const bool is_joining = joining != nullptr && stored.member_id == joining->member_id;
        const auto& target =
            group.target(is_joining ? *joining : *group.find_member(stored.member_id));
        const auto metadata = classic.members().at(stored.member_id).metadata(*value.protocol);
        stored.subscription.assign(metadata.begin(), metadata.end());
        stored.assignment = write_assignment(target, *cluster_, metadata);
    }
    effects.records.push_back(group_record(group.group_id(), value));
    effects.downgraded_group_id = group.group_id();
}

}  // namespace broker::coordinator::group
