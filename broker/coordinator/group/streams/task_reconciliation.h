// The way of one member from the tasks that it has to its target assignment (KIP-1071): first it
// lets go of what it loses, then its epoch moves on, then it gets what the others have let go of.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "broker/coordinator/group/streams/streams_member.h"
#include "protocol/error.h"

namespace broker::coordinator::group {

struct TaskReconciliation {
    using Holds = std::function<bool(const std::string& subtopology_id, int32_t partition)>;

    int32_t target_epoch = 0;
    const Tasks& target;
    // What the member says it has; nullopt: it says nothing of it.
    std::optional<Tasks> owned;
    // The process of the member that has the task as an active one; nullopt: nobody has.
    std::function<std::optional<std::string_view>(const std::string& subtopology_id,
                                                  int32_t partition)>
        active_process;
    // Whether any member of the same process has the task as standby, or as warm-up.
    Holds has_standby;
    Holds has_warmup;
};

// The member after its next step, which may be none. A task goes from one role to another at the
// same member at once. Two members of one process do not have the same task, in any roles: they
// share the state directory. Errors: fenced_member_epoch when the member is in a state that only a
// later version of Kafka knows.
std::expected<StreamsMember, protocol::ErrorCode> reconcile_tasks(const StreamsMember& member,
                                                                  const TaskReconciliation& to);

}  // namespace broker::coordinator::group
