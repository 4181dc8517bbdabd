#include "broker/coordinator/group/classic_group.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "broker/coordinator/group/consumer_protocol.h"

namespace broker::coordinator::group {

std::string_view name(GroupState state) {
    switch (state) {
        case GroupState::empty: return "Empty";
        case GroupState::preparing_rebalance: return "PreparingRebalance";
        case GroupState::completing_rebalance: return "CompletingRebalance";
        case GroupState::stable: return "Stable";
    }
    return "Dead";
}

ClassicGroup::ClassicGroup(std::string group_id, const protocol::GroupMetadataValue& value)
    : group_id_(std::move(group_id)),
      state_timestamp_(value.current_state_timestamp),
      generation_(value.generation),
      protocol_name_(value.protocol) {
    for (const auto& stored : value.members) {
        Member member{.member_id = stored.member_id,
                      .instance_id = stored.group_instance_id,
                      .client_id = stored.client_id,
                      .client_host = stored.client_host,
                      .session_timeout_ms = stored.session_timeout,
                      // Before version 1 there was no rebalance timeout of its own.
                      .rebalance_timeout_ms = stored.rebalance_timeout == -1
                                                  ? stored.session_timeout
                                                  : stored.rebalance_timeout,
                      .protocols = {},
                      .assignment = stored.assignment};
        if (value.protocol) member.protocols.push_back({*value.protocol, stored.subscription});
        add(std::move(member), value.protocol_type);
    }
    if (!value.protocol_type.empty()) protocol_type_ = value.protocol_type;
    leader_ = value.leader;
    state_ = previous_state_ = members_.empty() ? GroupState::empty : GroupState::stable;
    update_subscribed_topics();
}

Member* ClassicGroup::find_member(std::string_view member_id) {
    auto member = members_.find(member_id);
    return member == members_.end() ? nullptr : &member->second;
}

const Member* ClassicGroup::find_member(std::string_view member_id) const {
    auto member = members_.find(member_id);
    return member == members_.end() ? nullptr : &member->second;
}

const std::string* ClassicGroup::find_static(std::string_view instance_id) const {
    auto entry = static_members_.find(instance_id);
    return entry == static_members_.end() ? nullptr : &entry->second;
}

bool ClassicGroup::has_all_members_joined() const {
    return members_.size() == awaiting_join_count_ && pending_members_.empty();
}

int32_t ClassicGroup::rebalance_timeout_ms() const {
    int32_t longest = 0;
    for (const auto& [id, member] : members_) {
        longest = std::max(longest, member.rebalance_timeout_ms);
    }
    return longest;
}

bool ClassicGroup::supports(
    std::string_view protocol_type,
    const std::vector<protocol::JoinGroupRequest::JoinGroupRequestProtocol>& protocols) const {
    if (is(GroupState::empty)) return !protocol_type.empty() && !protocols.empty();
    if (protocol_type_ != protocol_type) return false;
    return std::ranges::any_of(protocols, [&](const auto& offered) {
        auto support = protocol_support_.find(offered.name);
        return support != protocol_support_.end() &&
               support->second == static_cast<int32_t>(members_.size());
    });
}

std::string ClassicGroup::select_protocol() const {
    assert(!members_.empty());
    const auto everyone = static_cast<int32_t>(members_.size());
    std::map<std::string_view, int32_t> votes;
    for (const auto& [id, member] : members_) {
        for (const MemberProtocol& candidate : member.protocols) {
            if (protocol_support_.find(candidate.name)->second != everyone) continue;
            ++votes[candidate.name];
            break;
        }
    }
    assert(!votes.empty());
    auto winner = std::ranges::max_element(
        votes, [](const auto& left, const auto& right) { return left.second < right.second; });
    return std::string(winner->first);
}

Member& ClassicGroup::add(Member member, std::string_view protocol_type) {
    if (members_.empty()) protocol_type_ = protocol_type;
    if (!leader_) leader_ = member.member_id;
    if (member.instance_id) static_members_[*member.instance_id] = member.member_id;
    count_protocols(member, 1);
    if (member.join_token) ++awaiting_join_count_;
    pending_members_.erase(member.member_id);
    auto [entry, is_new] = members_.emplace(member.member_id, std::move(member));
    assert(is_new);
    return entry->second;
}

std::optional<Member> ClassicGroup::remove(std::string_view member_id) {
    if (auto pending = pending_members_.find(member_id); pending != pending_members_.end()) {
        pending_members_.erase(pending);
    }
    if (auto pending = pending_sync_.find(member_id); pending != pending_sync_.end()) {
        pending_sync_.erase(pending);
    }
    auto entry = members_.find(member_id);
    if (entry == members_.end()) return std::nullopt;
    Member removed = std::move(entry->second);
    members_.erase(entry);
    count_protocols(removed, -1);
    if (removed.join_token) --awaiting_join_count_;
    if (removed.instance_id) static_members_.erase(*removed.instance_id);
    if (is_leader(removed.member_id)) {
        leader_.reset();
        if (!members_.empty()) leader_ = members_.begin()->first;
    }
    return removed;
}

Member& ClassicGroup::replace_static(std::string_view old_member_id,
                                     const std::string& new_member_id) {
    auto node = members_.extract(members_.find(old_member_id));
    assert(!node.empty() && node.mapped().instance_id);
    node.key() = new_member_id;
    Member& member = members_.insert(std::move(node)).position->second;
    take_join(member);
    member.sync_token.reset();
    if (is_leader(old_member_id)) leader_ = new_member_id;
    static_members_[*member.instance_id] = new_member_id;
    if (auto pending = pending_sync_.find(old_member_id); pending != pending_sync_.end()) {
        pending_sync_.erase(pending);
        pending_sync_.insert(new_member_id);
    }
    member.member_id = new_member_id;
    return member;
}

void ClassicGroup::set_protocols(Member& member, std::vector<MemberProtocol> protocols) {
    count_protocols(member, -1);
    member.protocols = std::move(protocols);
    count_protocols(member, 1);
}

void ClassicGroup::park_join(Member& member, Token token) {
    if (!member.join_token) ++awaiting_join_count_;
    member.join_token = token;
}

std::optional<Token> ClassicGroup::take_join(Member& member) {
    if (member.join_token) --awaiting_join_count_;
    return std::exchange(member.join_token, std::nullopt);
}

void ClassicGroup::transition_to(GroupState state, int64_t now_ms) {
    previous_state_ = std::exchange(state_, state);
    state_timestamp_ = now_ms;
}

void ClassicGroup::settle(const protocol::GroupMetadataValue& value) {
    for (const auto& stored : value.members) {
        if (Member* member = find_member(stored.member_id)) member->assignment = stored.assignment;
    }
    transition_to(GroupState::stable, value.current_state_timestamp);
}

void ClassicGroup::clear_assignments() {
    for (auto& [id, member] : members_) member.assignment.clear();
}

bool ClassicGroup::elect_joined_leader() {
    if (!leader_) return false;
    const Member* leader = find_member(*leader_);
    if (leader != nullptr && leader->join_token) return true;
    for (const auto& [id, member] : members_) {
        if (!member.join_token) continue;
        leader_ = id;
        return true;
    }
    return false;
}

void ClassicGroup::begin_generation(int64_t now_ms) {
    ++generation_;
    pending_sync_.clear();
    if (members_.empty()) {
        protocol_name_.reset();
        transition_to(GroupState::empty, now_ms);
    } else {
        protocol_name_ = select_protocol();
        transition_to(GroupState::completing_rebalance, now_ms);
    }
    update_subscribed_topics();
}

protocol::GroupMetadataValue ClassicGroup::to_record() const {
    protocol::GroupMetadataValue value{.protocol_type = protocol_type_.value_or(""),
                                       .generation = generation_,
                                       .protocol = protocol_name_,
                                       .leader = leader_,
                                       .current_state_timestamp = state_timestamp_};
    for (const auto& [id, member] : members_) {
        protocol::Bytes metadata = member.metadata(protocol_name_.value_or(""));
        value.members.push_back({.member_id = id,
                                 .group_instance_id = member.instance_id,
                                 .client_id = member.client_id,
                                 .client_host = member.client_host,
                                 .rebalance_timeout = member.rebalance_timeout_ms,
                                 .session_timeout = member.session_timeout_ms,
                                 .subscription = {metadata.begin(), metadata.end()},
                                 .assignment = member.assignment});
    }
    return value;
}

bool ClassicGroup::uses_consumer_protocol() const {
    return protocol_type_ == consumer_protocol_type;
}

bool ClassicGroup::is_subscribed_to(std::string_view topic) const {
    // Kafka is careful with a consumer group whose subscriptions it could not read.
    if (!subscribed_topics_) return uses_consumer_protocol();
    return subscribed_topics_->contains(topic);
}

void ClassicGroup::count_protocols(const Member& member, int32_t change) {
    for (const MemberProtocol& known : member.protocols) {
        int32_t& count = protocol_support_[known.name];
        count += change;
        if (count == 0) protocol_support_.erase(known.name);
    }
}

void ClassicGroup::update_subscribed_topics() {
    subscribed_topics_.reset();
    if (!uses_consumer_protocol()) return;
    if (members_.empty()) {
        subscribed_topics_.emplace();
        return;
    }
    if (!protocol_name_) return;
    std::set<std::string, std::less<>> topics;
    for (const auto& [id, member] : members_) {
        auto subscribed = subscribed_topics_of(member.metadata(*protocol_name_));
        if (!subscribed) return;
        topics.insert(subscribed->begin(), subscribed->end());
    }
    subscribed_topics_ = std::move(topics);
}

}  // namespace broker::coordinator::group
