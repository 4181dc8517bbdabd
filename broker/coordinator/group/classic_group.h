// One classic group: its members, their votes, and the state machine of a rebalance (KIP-62).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "broker/coordinator/group/member.h"
#include "protocol/messages/join_group.h"
#include "protocol/record.h"
#include "protocol/stored/group_metadata.h"
#include "protocol/types.h"

namespace broker::coordinator::group {

// Dead is the name of a group that is not there; no group has that state.
enum class GroupState : uint8_t { empty, preparing_rebalance, completing_rebalance, stable };
// As Kafka spells it: "PreparingRebalance".
std::string_view name(GroupState state);

class ClassicGroup {
  public:
    using Members = std::map<std::string, Member, std::less<>>;

    explicit ClassicGroup(std::string group_id) : group_id_(std::move(group_id)) {}
    // Stable, or Empty without members, as the record says.
    ClassicGroup(std::string group_id, const protocol::GroupMetadataValue& value);

    const std::string& group_id() const { return group_id_; }
    GroupState state() const { return state_; }
    GroupState previous_state() const { return previous_state_; }
    bool is(GroupState state) const { return state_ == state; }
    // When the state was entered; protocol::no_timestamp: not known.
    int64_t state_timestamp() const { return state_timestamp_; }
    int32_t generation() const { return generation_; }
    const std::optional<std::string>& leader() const { return leader_; }
    const std::optional<std::string>& protocol_type() const { return protocol_type_; }
    const std::optional<std::string>& protocol_name() const { return protocol_name_; }
    // Topics that the members of a consumer group asked for; nullopt: not known.
    const std::optional<std::set<std::string, std::less<>>>& subscribed_topics() const {
        return subscribed_topics_;
    }

    const Members& members() const { return members_; }
    Member* find_member(std::string_view member_id);
    const Member* find_member(std::string_view member_id) const;
    // The current member id of a static member; nullptr if nobody has the instance id.
    const std::string* find_static(std::string_view instance_id) const;
    bool is_leader(std::string_view member_id) const { return leader_ && *leader_ == member_id; }
    size_t awaiting_join_count() const { return awaiting_join_count_; }
    bool has_all_members_joined() const;
    // The longest of the members.
    int32_t rebalance_timeout_ms() const;

    // Whether a member with these protocols may be in the group together with the others.
    bool supports(
        std::string_view protocol_type,
        const std::vector<protocol::JoinGroupRequest::JoinGroupRequestProtocol>& protocols) const;
    // The protocol that all know and most members prefer. Requires: there are members.
    std::string select_protocol() const;

    // The first member becomes leader. Requires: supports() its protocols.
    Member& add(Member member, std::string_view protocol_type);
    // Takes a member, or a member id given out, away; passes the leadership on. What the member
    // waited for is the caller's to answer. Nullopt: no such member.
    std::optional<Member> remove(std::string_view member_id);
    // The static member goes on under a new id, with its assignment; nothing of the old one waits
    // any more (the caller has answered it).
    Member& replace_static(std::string_view old_member_id, const std::string& new_member_id);
    void set_protocols(Member& member, std::vector<MemberProtocol> protocols);
    void park_join(Member& member, Token token);
    // The waiting JoinGroup's token, which waits no longer.
    std::optional<Token> take_join(Member& member);

    // Ids given out with member_id_required (KIP-394).
    bool add_pending(const std::string& member_id) {
        return pending_members_.insert(member_id).second;
    }
    bool is_pending(std::string_view member_id) const {
        return pending_members_.contains(member_id);
    }
    size_t pending_count() const { return pending_members_.size(); }
    // Members that have joined this generation and not yet asked for their assignment.
    std::set<std::string, std::less<>>& pending_sync() { return pending_sync_; }

    // The first rebalance of an empty group waits for more members (KIP-134).
    struct InitialDelay {
        int32_t remaining_ms = 0;       // by which it may still be extended
        bool new_member_added = false;  // since the timer was set
    };
    std::optional<InitialDelay>& initial_delay() { return initial_delay_; }

    void transition_to(GroupState state, int64_t now_ms);
    // What the log says the leader decided: everybody's assignment. The group is stable.
    void settle(const protocol::GroupMetadataValue& value);
    void clear_assignments();
    // Another leader if the present one has not joined. False: nobody has.
    bool elect_joined_leader();
    // Generation + 1 with the protocol voted for; Empty without members, else CompletingRebalance.
    void begin_generation(int64_t now_ms);

    // The durable image, with the members' present assignments.
    protocol::GroupMetadataValue to_record() const;
    bool uses_consumer_protocol() const;
    bool is_subscribed_to(std::string_view topic) const;

  private:
    void count_protocols(const Member& member, int32_t change);
    void update_subscribed_topics();

    std::string group_id_;
    GroupState state_ = GroupState::empty;
    GroupState previous_state_ = GroupState::empty;
    int64_t state_timestamp_ = protocol::no_timestamp;
    int32_t generation_ = 0;
    std::optional<std::string> leader_;
    std::optional<std::string> protocol_type_;
    std::optional<std::string> protocol_name_;
    std::optional<std::set<std::string, std::less<>>> subscribed_topics_;
    Members members_;
    std::map<std::string, std::string, std::less<>> static_members_;  // instance id → member id
    std::set<std::string, std::less<>> pending_members_;
    std::set<std::string, std::less<>> pending_sync_;
    std::map<std::string, int32_t, std::less<>> protocol_support_;  // name → members
    size_t awaiting_join_count_ = 0;
    std::optional<InitialDelay> initial_delay_;
};

}  // namespace broker::coordinator::group
