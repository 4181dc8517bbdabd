// What an operation of the group coordinator asks of the shell that runs it: records, then replies.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "broker/coordinator/record.h"
#include "protocol/messages/join_group.h"
#include "protocol/messages/leave_group.h"
#include "protocol/messages/offset_commit.h"
#include "protocol/messages/sync_group.h"
#include "protocol/messages/txn_offset_commit.h"

namespace broker::coordinator::group {

// Names a request that waits for its answer; chosen by the shell, unique among the waiting ones.
using Token = uint64_t;

using Response = std::variant<protocol::JoinGroupResponse, protocol::SyncGroupResponse,
                              protocol::LeaveGroupResponse, protocol::OffsetCommitResponse,
                              protocol::TxnOffsetCommitResponse>;

// The answer of one waiting request. A token is answered exactly once.
struct Reply {
    Token token = 0;
    Response response;
};

// What GroupCoordinator::fail() has to take back when the records could not be appended.
struct ForgetGroup {
    std::string group_id;  // it exists in no log
};
struct AssignmentLost {
    std::string group_id;  // its members have to rebalance again
};
struct StaticMemberStays {
    std::string group_id;  // the id of the replaced member is the valid one again
    std::string old_member_id;
    std::string new_member_id;
};
using Undo = std::variant<std::monostate, ForgetGroup, AssignmentLost, StaticMemberStays>;

// In this order: append `records` as one batch, replay each of them, send `replies`; or, when
// the append fails, GroupCoordinator::fail(). No other operation of that coordinator comes between.
struct Effects {
    std::vector<Record> records;
    // Set for TxnOffsetCommit: the batch is transactional and carries these.
    int64_t producer_id = -1;
    int16_t producer_epoch = -1;
    // The answer of the request itself, if it is ready, and those of other waiting members.
    std::vector<Reply> replies;
    Undo undo;

    bool empty() const { return records.empty() && replies.empty(); }
};

}  // namespace broker::coordinator::group
