// JoinGroup: KIP-394 (the member id comes first), KIP-345 (static members), KIP-814 (a static
// leader that comes back keeps the assignment).
#include <set>
#include <utility>

#include "broker/coordinator/group/consumer/consumer_records.h"
#include "broker/coordinator/group/group_coordinator.h"
#include "broker/coordinator/group/group_records.h"
#include "broker/coordinator/group/member_replies.h"
#include "broker/coordinator/group/streams/streams_records.h"
#include "broker/coordinator/group/validation.h"

namespace broker::coordinator::group {

using protocol::ErrorCode;
using protocol::JoinGroupRequest;
using Kind = TimerKey::Kind;

namespace {

constexpr int16_t first_version_with_skip_assignment = 9;  // KIP-814

// A member that has just joined may wait this long for the rebalance; Kafka's
// group.new.member.join.timeout.ms, which cannot be configured either.
constexpr int64_t new_member_join_timeout_ms = 300'000;

// Ids that are given out and not used yet would otherwise let one client fill the memory.
constexpr size_t pending_members_max = 10'000;

// "client-01234567-89ab-cdef-0123-456789abcdef", as Kafka makes it.
std::string make_member_id(std::string_view prefix, const protocol::Uuid& uuid) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string id(prefix);
    for (size_t i = 0; i < uuid.bytes.size(); ++i) {
        if (i == 0 || i == 4 || i == 6 || i == 8 || i == 10) id += '-';
        const auto byte = std::to_integer<uint8_t>(uuid.bytes[i]);
        id += digits[byte >> 4];
        id += digits[byte & 0x0f];
    }
    return id;
}

// A name that is said twice counts once, as it would otherwise vote for two.
std::vector<MemberProtocol> protocols_of(const JoinGroupRequest& request) {
    std::vector<MemberProtocol> protocols;
    std::set<std::string_view> names;
    for (const auto& offered : request.protocols) {
        if (!names.insert(offered.name).second) continue;
        protocols.push_back(
            {std::string(offered.name), {offered.metadata.begin(), offered.metadata.end()}});
    }
    return protocols;
}

bool offers_the_same(const Member& member, const JoinGroupRequest& request) {
    return member.protocols == protocols_of(request);
}

}  // namespace

Effects GroupCoordinator::join_group(const JoinGroupRequest& request, const Caller& caller,
                                     const protocol::Uuid& member_uuid) {
    Effects effects;
    auto refuse = [&](std::string_view member_id, ErrorCode error) {
        effects.replies.push_back({caller.token, join_error(member_id, error)});
        return std::move(effects);
    };
    if (request.group_id.empty()) return refuse(request.member_id, ErrorCode::invalid_group_id);
    if (request.session_timeout_ms < config_.group_min_session_timeout_ms ||
        request.session_timeout_ms > config_.group_max_session_timeout_ms) {
        return refuse(request.member_id, ErrorCode::invalid_session_timeout);
    }
    const bool has_id = !request.member_id.empty();
    ConsumerGroup* consumers = find_consumer_group(request.group_id);
    if (consumers != nullptr && !consumers->is_empty()) {
        auto joined = join_consumer_group(request, caller, *consumers, member_uuid, effects);
        if (!joined) {
            effects = {};
            return refuse("", joined.error().error);
        }
        effects.replies.push_back({caller.token, std::move(*joined)});
        return effects;
    }
    const StreamsGroup* streams = find_streams_group(request.group_id);
    const bool is_other = find_share_group(request.group_id) != nullptr ||
                          (streams != nullptr && !streams->is_empty());
    if (is_other) return refuse("", ErrorCode::inconsistent_group_protocol);
    ClassicGroup* group = find_group(request.group_id);
    const bool is_new_group = group == nullptr;
    if (is_new_group) {
        if (has_id) return refuse(request.member_id, ErrorCode::unknown_member_id);
        if (request.protocol_type.empty() || request.protocols.empty()) {
            return refuse("", ErrorCode::inconsistent_group_protocol);
        }
        const std::string group_id(request.group_id);
        // Nobody has to go on with the protocol of an empty group.
        if (consumers != nullptr)
            append_group_tombstones(*consumers, std::nullopt, effects.records);
        if (streams != nullptr) append_streams_group_tombstones(*streams, effects.records);
        group = &groups_.try_emplace(group_id, group_id).first->second;
        group->transition_to(GroupState::empty, caller.now_ms);
    }
    if (!accepts(*group, request.member_id)) {
        if (has_id) {
            remove_member(*group, std::string(request.member_id), effects);
            complete_join_if_all_joined(*group, caller.now_ms, effects);
        }
        return refuse("", ErrorCode::group_max_size_reached);
    }
    if (has_id) {
        join_known(request, caller, *group, effects);
    } else {
        const auto prefix = request.group_instance_id.value_or(caller.client_id);
        join_new(request, caller, *group, make_member_id(prefix, member_uuid), effects);
    }
    if (is_new_group) {
        effects.records.push_back(
            group_record(group->group_id(), {.protocol_type = "",
                                             .generation = 0,
                                             .protocol = std::nullopt,
                                             .leader = std::nullopt,
                                             .current_state_timestamp = caller.now_ms}));
        effects.undo = ForgetGroup{group->group_id()};
    }
    return effects;
}

bool GroupCoordinator::accepts(const ClassicGroup& group, std::string_view member_id) const {
    if (group.pending_count() >= pending_members_max && member_id.empty()) return false;
    const auto size_max = static_cast<size_t>(config_.group_max_size);
    const Member* member = group.find_member(member_id);
    switch (group.state()) {
        case GroupState::empty: return true;
        // Counting those who wait lets the last to come back drop out when the limit was lowered.
        case GroupState::preparing_rebalance:
            return (member != nullptr && member->join_token) ||
                   group.awaiting_join_count() < size_max;
        case GroupState::completing_rebalance:
        case GroupState::stable: return member != nullptr || group.members().size() < size_max;
    }
    return false;
}

void GroupCoordinator::join_new(const JoinGroupRequest& request, const Caller& caller,
                                ClassicGroup& group, const std::string& member_id,
                                Effects& effects) {
    if (!group.supports(request.protocol_type, request.protocols)) {
        effects.replies.push_back(
            {caller.token, join_error("", ErrorCode::inconsistent_group_protocol)});
        return;
    }
    if (request.group_instance_id) {
        if (group.find_static(*request.group_instance_id) != nullptr) {
            replace_static_member(request, caller, group, member_id, effects);
        } else {
            add_member(request, caller, group, member_id, effects);
        }
        return;
    }
    if (caller.version < first_join_with_member_id_first) {
        add_member(request, caller, group, member_id, effects);
        return;
    }
    group.add_pending(member_id);
    timers_.set({Kind::session, group.group_id(), member_id},
                caller.now_ms + request.session_timeout_ms);
    effects.replies.push_back({caller.token, join_error(member_id, ErrorCode::member_id_required)});
}

void GroupCoordinator::join_known(const JoinGroupRequest& request, const Caller& caller,
                                  ClassicGroup& group, Effects& effects) {
    auto refuse = [&](ErrorCode error) {
        effects.replies.push_back({caller.token, join_error(request.member_id, error)});
    };
    if (!group.supports(request.protocol_type, request.protocols)) {
        return refuse(ErrorCode::inconsistent_group_protocol);
    }
    if (group.is_pending(request.member_id)) {
        // Ids are given out to dynamic members only.
        if (request.group_instance_id) return refuse(ErrorCode::unknown_member_id);
        return add_member(request, caller, group, std::string(request.member_id), effects);
    }
    const auto error = validate_member(group, request.member_id, request.group_instance_id);
    if (error != ErrorCode::none) return refuse(error);

    Member& member = *group.find_member(request.member_id);
    const bool answer_was_lost =
        (group.is(GroupState::completing_rebalance) ||
         (group.is(GroupState::stable) && !group.is_leader(member.member_id))) &&
        offers_the_same(member, request);
    if (answer_was_lost) {
        effects.replies.push_back({caller.token, joined(group, member)});
        return;
    }
    // In a stable group the leader may rejoin to have the partitions divided anew.
    update_member(request, caller, group, member, effects);
    rebalance(group, caller.now_ms, effects);
}

void GroupCoordinator::add_member(const JoinGroupRequest& request, const Caller& caller,
                                  ClassicGroup& group, const std::string& member_id,
                                  Effects& effects) {
    Member member{.member_id = member_id,
                  .instance_id = {},
                  .client_id = std::string(caller.client_id),
                  .client_host = std::string(caller.client_host),
                  .session_timeout_ms = request.session_timeout_ms,
                  .rebalance_timeout_ms = rebalance_timeout_of(request, caller.version),
                  .protocols = protocols_of(request),
                  .is_new = true,
                  .join_token = caller.token};
    if (request.group_instance_id) member.instance_id = std::string(*request.group_instance_id);
    if (group.initial_delay()) group.initial_delay()->new_member_added = true;
    group.add(std::move(member), request.protocol_type);
    timers_.set({Kind::session, group.group_id(), member_id},
                caller.now_ms + new_member_join_timeout_ms);
    rebalance(group, caller.now_ms, effects);
}

void GroupCoordinator::update_member(const JoinGroupRequest& request, const Caller& caller,
                                     ClassicGroup& group, Member& member, Effects& effects) {
    // A request that was sent again replaces the one that still waits, perhaps on a lost
    // connection.
    if (auto token = group.take_join(member)) {
        effects.replies.push_back(
            {*token, join_error(member.member_id, ErrorCode::rebalance_in_progress)});
    }
    group.set_protocols(member, protocols_of(request));
    member.session_timeout_ms = request.session_timeout_ms;
    member.rebalance_timeout_ms = rebalance_timeout_of(request, caller.version);
    group.park_join(member, caller.token);
}

void GroupCoordinator::replace_static_member(const JoinGroupRequest& request, const Caller& caller,
                                             ClassicGroup& group, const std::string& new_member_id,
                                             Effects& effects) {
    const std::string old_member_id = *group.find_static(*request.group_instance_id);
    const std::string old_leader = group.leader().value_or("");
    Member old_member = *group.find_member(old_member_id);
    answer_waiting(old_member, ErrorCode::fenced_instance_id, effects);
    Member& member = group.replace_static(old_member_id, new_member_id);
    timers_.cancel({Kind::session, group.group_id(), old_member_id});
    update_member(request, caller, group, member, effects);
    restart_session(group, member, caller.now_ms);

    const bool keeps_generation =
        group.is(GroupState::stable) && group.select_protocol() == group.protocol_name();
    if (!keeps_generation) {
        rebalance(group, caller.now_ms, effects);
        return;
    }
    // The member goes on with the assignment of the one it replaces.
    group.take_join(member);
    protocol::JoinGroupResponse response = joined(group, member);
    if (caller.version >= first_version_with_skip_assignment) {
        response.skip_assignment = group.is_leader(new_member_id);
    } else {
        // Told the old leader's id, the member takes itself for a follower and assigns nothing.
        response.leader = old_leader;
        response.members.clear();
    }
    effects.records.push_back(group_record(group.group_id(), group.to_record()));
    effects.replies.push_back({caller.token, std::move(response)});
    effects.undo = StaticMemberStays{group.group_id(), new_member_id, std::move(old_member)};
}

void GroupCoordinator::keep_static_member(StaticMemberStays& undo, int64_t now_ms) {
    ClassicGroup& group = *find_group(undo.group_id);
    Member& member = group.replace_static(undo.new_member_id, undo.old_member.member_id);
    group.set_protocols(member, std::move(undo.old_member.protocols));
    member.session_timeout_ms = undo.old_member.session_timeout_ms;
    member.rebalance_timeout_ms = undo.old_member.rebalance_timeout_ms;
    timers_.cancel({Kind::session, undo.group_id, undo.new_member_id});
    restart_session(group, member, now_ms);
}

}  // namespace broker::coordinator::group
