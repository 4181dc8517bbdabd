// The groups and committed offsets of one __consumer_offsets partition: Kafka's classic group
// protocol (KIP-62, 345, 394, 429, 814), consumer groups (KIP-848), share groups (KIP-932), streams
// groups (KIP-1071), offsets in transactions (KIP-98, 447), expiry (KIP-211).
//
// A state machine without I/O, clock or random numbers. Offsets, consumer groups and stable classic
// ones change only in replay(), which reads live records and those of a log being loaded alike. Who
// waits for whom in a classic rebalance is in memory only, as in Kafka: after a crash the members
// join again.
//
// Life: construct; replay() every record and complete_transaction() every marker of the log in
// order; loaded(); then operations. Times are milliseconds since the epoch.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "broker/coordinator/group/classic_group.h"
#include "broker/coordinator/group/cluster_view.h"
#include "broker/coordinator/group/consumer/consumer_group.h"
#include "broker/coordinator/group/consumer/group_change.h"
#include "broker/coordinator/group/effects.h"
#include "broker/coordinator/group/group_config.h"
#include "broker/coordinator/group/offset_store.h"
#include "broker/coordinator/group/share/share_group.h"
#include "broker/coordinator/group/streams/streams_group.h"
#include "broker/coordinator/group/streams/topology_descriptions.h"
#include "broker/coordinator/group/timers.h"
#include "broker/coordinator/record.h"
#include "protocol/error.h"
#include "protocol/messages/alter_share_group_offsets.h"
#include "protocol/messages/consumer_group_describe.h"
#include "protocol/messages/delete_share_group_offsets.h"
#include "protocol/messages/describe_groups.h"
#include "protocol/messages/heartbeat.h"
#include "protocol/messages/list_groups.h"
#include "protocol/messages/offset_fetch.h"
#include "protocol/messages/share_group_describe.h"
#include "protocol/messages/streams_group_describe.h"

namespace broker::coordinator::group {

// Who asks, and when. Views need to live for the call only.
struct Caller {
    Token token = 0;
    int16_t version = 0;           // of the request
    std::string_view client_id;    // "" when the client gave none
    std::string_view client_host;  // as Kafka prints it: "/127.0.0.1"
    int64_t now_ms = 0;
};

class GroupCoordinator {
  public:
    // The cluster outlives the coordinator.
    GroupCoordinator(const GroupConfig& config, const ClusterView& cluster)
        : config_(config), cluster_(&cluster) {}

    // Dynamic configuration; nothing in the log depends on it.
    void set_config(const GroupConfig& config) { config_ = config; }

    // --- The log ---------------------------------------------------------------------------

    // Applies one record. `producer_id` is that of its batch when the batch is transactional, else
    // -1: such offsets stay pending until complete_transaction(). Records of other kinds of groups
    // are passed over. Errors: corrupt_message when key or value cannot be read.
    std::expected<void, protocol::ErrorCode> replay(protocol::Bytes key,
                                                    std::optional<protocol::Bytes> value,
                                                    int64_t producer_id, int64_t log_offset);
    // Applies the control record that ends a transaction on this partition. A pending offset
    // becomes visible unless an ordinary commit of the same partition came later in the log.
    void complete_transaction(int64_t producer_id, bool commit);
    // The log has been replayed to its end: members of stable groups have one session from now on.
    void loaded(int64_t now_ms);
    // The records of `effects` are in the log and replayed.
    void appended(const Effects& effects, int64_t now_ms);
    // The records of `effects` could not be appended. The answers to send instead.
    std::vector<Reply> fail(Effects effects, protocol::ErrorCode error, int64_t now_ms);
    // The broker gives this partition up: answers everyone who waits with not_coordinator.
    std::vector<Reply> unload();

    // --- Members ---------------------------------------------------------------------------

    // JoinGroup v0-9. `member_uuid` is random, never the same again; it becomes part of a new
    // member's id.
    Effects join_group(const protocol::JoinGroupRequest& request, const Caller& caller,
                       const protocol::Uuid& member_uuid);
    // SyncGroup v0-5.
    Effects sync_group(const protocol::SyncGroupRequest& request, const Caller& caller);
    // Heartbeat v0-4. Depends on no record, so the answer is there at once.
    protocol::HeartbeatResponse heartbeat(const protocol::HeartbeatRequest& request,
                                          int64_t now_ms);
    // LeaveGroup v0-5.
    Effects leave_group(const protocol::LeaveGroupRequest& request, const Caller& caller);

    // ConsumerGroupHeartbeat v0-1: joins, stays, and leaves. `member_uuid` as for join_group().
    Effects consumer_group_heartbeat(const protocol::ConsumerGroupHeartbeatRequest& request,
                                     const Caller& caller, const protocol::Uuid& member_uuid);

    // --- Share groups ----------------------------------------------------------------------

    // ShareGroupHeartbeat v1: joins, stays, and leaves. What it says to initialize goes to the
    // share coordinator, and then to share_state_initialized().
    Effects share_group_heartbeat(const protocol::ShareGroupHeartbeatRequest& request,
                                  const Caller& caller);
    // ShareGroupDescribe v1: any other group is group_id_not_found.
    protocol::ShareGroupDescribeResponse::DescribedGroup describe_share_group(
        std::string_view group_id) const;
    // Of which partitions the share coordinator has state; none of a group that is not there.
    TopicPartitions initialized_share_partitions(std::string_view group_id) const;
    // Whether the share coordinator has made the state of these partitions.
    Effects share_state_initialized(std::string_view group_id, const TopicPartitions& partitions,
                                    bool is_done) const;
    // AlterShareGroupOffsets: what to initialize anew, and the answer if that goes well. Errors:
    // group_id_not_found (a group of another kind), non_empty_group.
    struct AlteredShareOffsets {
        Effects effects;
        protocol::AlterShareGroupOffsetsResponse response;
        ShareStateToInitialize initialize;
    };
    std::expected<AlteredShareOffsets, Refusal> alter_share_offsets(
        const protocol::AlterShareGroupOffsetsRequest& request) const;
    // DeleteShareGroupOffsets: what the share coordinator is to delete, after which
    // share_state_deleted() is to be told. Errors: group_id_not_found, non_empty_group.
    struct ShareStateToDelete {
        Effects effects;
        TopicPartitions partitions;
        std::vector<protocol::DeleteShareGroupOffsetsResponse::DeleteShareGroupOffsetsResponseTopic>
            refused;
    };
    std::expected<ShareStateToDelete, Refusal> delete_share_offsets(
        const protocol::DeleteShareGroupOffsetsRequest& request) const;
    // What comes before delete_group(); nothing for other groups. Errors: non_empty_group.
    std::expected<ShareStateToDelete, protocol::ErrorCode> delete_share_state(
        std::string_view group_id) const;
    Effects share_state_deleted(std::string_view group_id,
                                const std::set<protocol::Uuid>& topic_ids) const;

    // --- Streams groups --------------------------------------------------------------------

    // StreamsGroupHeartbeat v0-1: joins, stays, and leaves. What it says to create the caller does,
    // and tells internal_topics_not_created() of what could not be.
    Effects streams_group_heartbeat(const protocol::StreamsGroupHeartbeatRequest& request,
                                    const Caller& caller);
    // By topic, why. The members of the group are told so until then.
    void internal_topics_not_created(std::string_view group_id,
                                     const std::map<std::string, std::string>& errors,
                                     int64_t until_ms);
    // StreamsGroupDescribe v0-1: any other group is group_id_not_found. With the description that
    // describe_topology() was told, if it is wanted and there is one.
    protocol::StreamsGroupDescribeResponse::DescribedGroup describe_streams_group(
        std::string_view group_id, bool wants_topology_description = false) const;
    // StreamsGroupTopologyDescriptionUpdate v0: a member tells how its topology is made. Errors:
    // group_id_not_found, unknown_member_id, invalid_request (of another epoch than the group's
    // topology, or no sound description), those of TopologyDescriptions::keep().
    std::expected<void, Refusal> describe_topology(
        const protocol::StreamsGroupTopologyDescriptionUpdateRequest& request, int64_t now_ms);

    // --- Offsets ---------------------------------------------------------------------------

    // OffsetCommit v2-10. Requires: topics have their names, also in v10; topics that do not exist
    // or are not allowed are not in the request, their errors are the caller's to add.
    Effects offset_commit(const protocol::OffsetCommitRequest& request, const Caller& caller);
    // TxnOffsetCommit v0-6, as offset_commit(). Whether the transaction is open on this partition
    // is verified by the caller, in the same step as the append.
    Effects txn_offset_commit(const protocol::TxnOffsetCommitRequest& request,
                              const Caller& caller);
    // OffsetFetch v1-10 for one group; the caller translates v1-7 to and from this shape. Topics
    // null: all that the group committed, without topic ids. A member of a consumer group may say
    // who it is and with which epoch; a stale one is refused.
    protocol::OffsetFetchResponse::OffsetFetchResponseGroup offset_fetch(
        const protocol::OffsetFetchRequest::OffsetFetchRequestGroup& request,
        bool require_stable) const;
    // Drops offsets of single partitions (OffsetDelete, KIP-496). Errors for the whole group:
    // invalid_group_id, group_id_not_found, non_empty_group; for a partition (the result's errors,
    // in order): group_subscribed_to_topic.
    struct DeletedOffsets {
        Effects effects;
        std::vector<protocol::ErrorCode> errors;
    };
    std::expected<DeletedOffsets, protocol::ErrorCode> delete_offsets(
        std::string_view group_id, std::span<const TopicPartition> partitions) const;
    // Tombstones for every offset of the topic, those of open transactions too; share groups have
    // state of it no more. Offsets of another
    // topic of the same name (committed with its topic id) stay.
    Effects topic_deleted(std::string_view topic, const protocol::Uuid& topic_id) const;

    // --- Groups ----------------------------------------------------------------------------

    // DescribeGroups v0-6: an unknown group is Dead before v6, then group_id_not_found.
    protocol::DescribeGroupsResponse::DescribedGroup describe(std::string_view group_id,
                                                              int16_t version) const;
    // ConsumerGroupDescribe v0-1: an unknown or classic group is group_id_not_found.
    protocol::ConsumerGroupDescribeResponse::DescribedGroup describe_consumer_group(
        std::string_view group_id) const;
    // ListGroups v0-5: the groups in one of the states and of one of the types; an empty filter
    // takes all. Names are matched without regard to case.
    std::vector<protocol::ListGroupsResponse::ListedGroup> list(
        std::span<const std::string_view> states_filter,
        std::span<const std::string_view> types_filter) const;
    // Tombstones for an empty group and its offsets (DeleteGroups). Errors: invalid_group_id,
    // group_id_not_found, non_empty_group.
    std::expected<Effects, protocol::ErrorCode> delete_group(std::string_view group_id) const;
    bool has_group(std::string_view group_id) const {
        return groups_.contains(group_id) || consumer_groups_.contains(group_id) ||
               share_groups_.contains(group_id) || streams_groups_.contains(group_id);
    }

    // --- Time ------------------------------------------------------------------------------

    // When on_time() has something to do; nullopt: never, until another operation.
    std::optional<int64_t> next_deadline() const { return timers_.next_deadline(); }
    // Does what is due: sessions and rebalances that ran out, members that never came, offsets that
    // expired. Call it again while next_deadline() is not in the future.
    Effects on_time(int64_t now_ms);

  private:
    // JoinGroup, by who asks.
    void join_new(const protocol::JoinGroupRequest& request, const Caller& caller,
                  ClassicGroup& group, const std::string& member_id, Effects& effects);
    void join_known(const protocol::JoinGroupRequest& request, const Caller& caller,
                    ClassicGroup& group, Effects& effects);
    bool accepts(const ClassicGroup& group, std::string_view member_id) const;
    void add_member(const protocol::JoinGroupRequest& request, const Caller& caller,
                    ClassicGroup& group, const std::string& member_id, Effects& effects);
    void update_member(const protocol::JoinGroupRequest& request, const Caller& caller,
                       ClassicGroup& group, Member& member, Effects& effects);
    void replace_static_member(const protocol::JoinGroupRequest& request, const Caller& caller,
                               ClassicGroup& group, const std::string& new_member_id,
                               Effects& effects);
    void keep_static_member(StaticMemberStays& undo, int64_t now_ms);

    // The steps of a rebalance; each adds to `effects`.
    void rebalance(ClassicGroup& group, int64_t now_ms, Effects& effects);
    void prepare_rebalance(ClassicGroup& group, int64_t now_ms, Effects& effects);
    void complete_join_if_all_joined(ClassicGroup& group, int64_t now_ms, Effects& effects);
    void complete_join(ClassicGroup& group, int64_t now_ms, Effects& effects);
    void assign(const protocol::SyncGroupRequest& request, ClassicGroup& group, int64_t now_ms,
                Effects& effects);
    void note_sync(ClassicGroup& group, std::string_view member_id);
    // Also answers what the member waits for.
    void remove_member(ClassicGroup& group, const std::string& member_id, Effects& effects);
    protocol::ErrorCode leave(ClassicGroup& group,
                              const protocol::LeaveGroupRequest::MemberIdentity& identity,
                              Effects& effects);
    void restart_session(const ClassicGroup& group, const Member& member, int64_t now_ms);
    // Of all members of a group that the log has just made.
    void begin_sessions(ClassicGroup& group, int64_t now_ms);
    // One error for each identity.
    std::vector<protocol::ErrorCode> leave_all(
        ConsumerGroup& group,
        std::span<const protocol::LeaveGroupRequest::MemberIdentity> identities, int64_t now_ms,
        Effects& effects);

    // ConsumerGroupHeartbeat.
    std::expected<protocol::ConsumerGroupHeartbeatResponse, Refusal> beat(
        const protocol::ConsumerGroupHeartbeatRequest& request, const Caller& caller,
        const protocol::Uuid& member_uuid, Effects& effects);
    std::expected<protocol::ConsumerGroupHeartbeatResponse, Refusal> leave_consumer_group(
        const protocol::ConsumerGroupHeartbeatRequest& request, int64_t now_ms, Effects& effects);
    // The group that a member joins or stays in; `made` holds one that is not in the log yet.
    std::expected<ConsumerGroup*, Refusal> consumer_group_to_join(
        std::string_view group_id, bool joins, const Caller& caller,
        std::optional<ConsumerGroup>& made, Effects& effects);
    bool is_full(const ConsumerGroup& group, std::string_view member_id,
                 std::optional<std::string_view> instance_id) const;
    void remove_members(ConsumerGroup& group, const std::vector<const ConsumerMember*>& gone,
                        int64_t now_ms, Effects& effects);
    void restart_consumer_session(const std::string& group_id, const ConsumerMember& member,
                                  int64_t now_ms);

    // ShareGroupHeartbeat.
    std::expected<ShareHeartbeat, Refusal> beat_share_group(
        const protocol::ShareGroupHeartbeatRequest& request, const Caller& caller,
        Effects& effects);
    std::expected<ShareHeartbeat, Refusal> leave_share_group(
        const protocol::ShareGroupHeartbeatRequest& request, int64_t now_ms, Effects& effects);
    void restart_share_session(const std::string& group_id, const std::string& member_id,
                               int64_t now_ms);
    Refusal no_share_group(std::string_view group_id) const;
    void forget_share_state(const protocol::Uuid& topic_id, std::vector<Record>& records) const;

    // StreamsGroupHeartbeat.
    std::expected<StreamsHeartbeat, Refusal> beat_streams_group(
        const protocol::StreamsGroupHeartbeatRequest& request, const Caller& caller,
        Effects& effects);
    std::expected<StreamsHeartbeat, Refusal> leave_streams_group(
        const protocol::StreamsGroupHeartbeatRequest& request, int64_t now_ms, Effects& effects);
    // The group that a member joins or stays in; `made` holds one that is not in the log yet.
    std::expected<StreamsGroup*, Refusal> streams_group_to_join(
        const protocol::StreamsGroupHeartbeatRequest& request, std::optional<StreamsGroup>& made,
        Effects& effects);
    void restart_streams_session(const std::string& group_id, const std::string& member_id,
                                 int64_t now_ms);
    Refusal no_streams_group(std::string_view group_id) const;

    // A classic group becomes a consumer group, and back.
    std::expected<ConsumerGroup, Refusal> upgrade(ClassicGroup& group, const Caller& caller,
                                                  Effects& effects);
    bool may_downgrade(const ConsumerGroup& group, const std::vector<const ConsumerMember*>& gone,
                       const ConsumerMember* joining = nullptr) const;
    void downgrade(const ConsumerGroup& group, const std::vector<const ConsumerMember*>& gone,
                   const ConsumerMember* joining, bool rebalances, int64_t now_ms,
                   Effects& effects);

    // Members of consumer groups that speak the classic protocol.
    std::expected<protocol::JoinGroupResponse, Refusal> join_consumer_group(
        const protocol::JoinGroupRequest& request, const Caller& caller, ConsumerGroup& group,
        const protocol::Uuid& member_uuid, Effects& effects);
    protocol::SyncGroupResponse sync_consumer_group(const protocol::SyncGroupRequest& request,
                                                    const ConsumerGroup& group, int64_t now_ms);
    protocol::ErrorCode heartbeat_consumer_group(const protocol::HeartbeatRequest& request,
                                                 const ConsumerGroup& group, int64_t now_ms);

    // What became due.
    void expire_session(const TimerKey& key, int64_t now_ms, Effects& effects);
    void expire_join(ClassicGroup& group, int64_t now_ms, Effects& effects);
    void expire_sync(ClassicGroup& group, int64_t now_ms, Effects& effects);
    void expire_offsets(int64_t now_ms, Effects& effects);
    void expire_consumer_timer(const TimerKey& key, int64_t now_ms, Effects& effects);
    void expire_share_session(const TimerKey& key, int64_t now_ms, Effects& effects);
    void expire_streams_timer(const TimerKey& key, int64_t now_ms, Effects& effects);
    bool expire_offsets_of(const std::string& group_id, auto is_expired, Effects& effects) const;

    protocol::ErrorCode validate_commit(const protocol::OffsetCommitRequest& request,
                                        const Caller& caller);
    protocol::ErrorCode validate_commit(const protocol::TxnOffsetCommitRequest& request,
                                        const Caller& caller) const;
    void append_tombstones(const std::string& group_id, std::vector<Record>& records) const;
    void replay_group(const std::string& group_id,
                      const std::optional<protocol::GroupMetadataValue>& value);
    ClassicGroup* find_group(std::string_view group_id);
    const ClassicGroup* find_group(std::string_view group_id) const;
    ConsumerGroup* find_consumer_group(std::string_view group_id);
    const ConsumerGroup* find_consumer_group(std::string_view group_id) const;
    ShareGroup* find_share_group(std::string_view group_id);
    const ShareGroup* find_share_group(std::string_view group_id) const;
    StreamsGroup* find_streams_group(std::string_view group_id);
    const StreamsGroup* find_streams_group(std::string_view group_id) const;

    GroupConfig config_;
    const ClusterView* cluster_;
    std::map<std::string, ClassicGroup, std::less<>> groups_;  // a group is in one of the four
    ConsumerGroups consumer_groups_;
    ShareGroups share_groups_;
    StreamsGroups streams_groups_;
    TopologyDescriptions topology_descriptions_;
    OffsetStore offsets_;
    Timers timers_;
    bool loaded_ = false;
};

}  // namespace broker::coordinator::group
