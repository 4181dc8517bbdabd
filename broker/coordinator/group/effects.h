// What an operation of the group coordinator asks of the shell that runs it: records, then replies.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "broker/coordinator/group/member.h"
#include "broker/coordinator/group/streams/configured_topology.h"
#include "broker/coordinator/group/timers.h"
#include "broker/coordinator/record.h"
#include "protocol/messages/consumer_group_heartbeat.h"
#include "protocol/messages/join_group.h"
#include "protocol/messages/leave_group.h"
#include "protocol/messages/offset_commit.h"
#include "protocol/messages/share_group_heartbeat.h"
#include "protocol/messages/streams_group_heartbeat.h"
#include "protocol/messages/sync_group.h"
#include "protocol/messages/txn_offset_commit.h"

namespace broker::coordinator::group {

// Share-partitions whose state the share coordinator is to make (KIP-932).
struct ShareStateToInitialize {
    static constexpr int64_t not_known = -1;  // where to begin is found out at the first fetch
    std::string group_id;
    int32_t state_epoch = 0;
    std::map<protocol::Uuid, std::map<int32_t, int64_t>> start_offsets;  // by partition
};
struct ShareHeartbeat {
    protocol::ShareGroupHeartbeatResponse response;
    std::optional<ShareStateToInitialize> initialize;  // after the answer
};

// The heartbeat of a member of a streams group (KIP-1071).
struct StreamsHeartbeat {
    protocol::StreamsGroupHeartbeatResponse response;
    InternalTopics topics_to_create;
    int64_t creation_errors_until_ms = 0;  // how long it is told if they could not be
};

using Response =
    std::variant<protocol::JoinGroupResponse, protocol::SyncGroupResponse,
                 protocol::LeaveGroupResponse, protocol::OffsetCommitResponse,
                 protocol::TxnOffsetCommitResponse, protocol::ConsumerGroupHeartbeatResponse,
                 ShareHeartbeat, StreamsHeartbeat>;

// The answer of one waiting request. A token is answered exactly once.
struct Reply {
    Token token = 0;
    Response response;
};

// What GroupCoordinator::fail() has to take back when the records could not be appended.
struct ForgetGroup {
    std::string group_id;  // it is in no log
};
struct AssignmentLost {
    std::string group_id;  // its members have to rebalance again
};
struct StaticMemberStays {
    std::string group_id;
    std::string new_member_id;  // not valid after all
    Member old_member;          // the one to keep
};
struct OthersWaitOn {
    Token token = 0;  // only this request is answered
};
struct TimerAgain {
    TimerKey key;  // what became due is not done
};
using Undo = std::variant<std::monostate, ForgetGroup, AssignmentLost, StaticMemberStays,
                          OthersWaitOn, TimerAgain>;

// In this order: append `records`, replay each of them, GroupCoordinator::appended(), send
// `replies`; or, when the append fails, GroupCoordinator::fail(). No other operation of that
// coordinator comes in between: replay follows the append at once, only the replies may wait longer
// (for an fsync). Records may be split over several batches where their size asks for it.
struct Effects {
    std::vector<Record> records;
    // Set for TxnOffsetCommit: the batch is transactional and carries these.
    int64_t producer_id = -1;
    int16_t producer_epoch = -1;
    // The answer of the request itself, if it is ready, and those of other waiting members.
    std::vector<Reply> replies;
    Undo undo;
    // The group that becomes a classic one with these records (KIP-848).
    std::optional<std::string> downgraded_group_id;
    std::string initializes_share_state_of;  // this group

    bool empty() const { return records.empty() && replies.empty(); }
};

}  // namespace broker::coordinator::group
