// A member of a streams group (KIP-1071): what it told about itself, and which tasks it has.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "broker/coordinator/group/consumer/consumer_member.h"
#include "broker/coordinator/group/streams/task_assignor.h"
#include "broker/coordinator/group/streams/tasks.h"

namespace broker::coordinator::group {

struct StreamsMember {
    // Where other instances reach it (application.server).
    struct Endpoint {
        std::string host;
        uint16_t port = 0;
        bool operator==(const Endpoint&) const = default;
    };

    std::string member_id;
    int32_t member_epoch = joining_epoch;
    int32_t previous_member_epoch = joining_epoch;
    MemberState state = MemberState::stable;  // of its tasks
    std::optional<std::string> instance_id;   // static member
    std::optional<std::string> rack_id;
    std::string client_id;
    std::string client_host;
    int32_t rebalance_timeout_ms = -1;
    int32_t topology_epoch = -1;
    std::string process_id;  // members of one process share its local state
    std::optional<Endpoint> endpoint;
    std::map<std::string, std::string> client_tags;
    OwnedTasks assigned;
    OwnedTasks pending_revocation;

    bool operator==(const StreamsMember&) const = default;

    bool is_reconciled_to(int32_t assignment_epoch) const {
        return state == MemberState::stable && member_epoch == assignment_epoch;
    }
    void advance_to(int32_t epoch) {
        previous_member_epoch = member_epoch;
        member_epoch = epoch;
    }
};

// How far a member has come with the state of its tasks, as it last told, and how far that goes.
struct TaskProgress {
    TaskOffsets offsets;
    TaskOffsets end_offsets;
};

}  // namespace broker::coordinator::group
