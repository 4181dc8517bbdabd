// The server-side assignor of streams groups, "sticky" (KIP-1071): a pure function from members and
// tasks to who runs what.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "broker/coordinator/group/streams/tasks.h"

namespace broker::coordinator::group {

// How far a member has come with the changelogs of tasks that it has state of: by subtopology and
// partition, the sum of the offsets.
using TaskOffsets = std::map<std::string, std::map<int32_t, int64_t>, std::less<>>;

struct TaskAssignorMember {
    std::string_view process_id;           // members of one process share its local state
    const Tasks* current = nullptr;        // its target so far; nullptr: none
    const TaskOffsets* offsets = nullptr;  // state that it has told about; nullptr: none
};

struct TaskAssignorSubtopology {
    int32_t task_count = 0;
    bool is_stateful = false;
};

struct TaskAssignorInput {
    std::map<std::string_view, TaskAssignorMember> members;  // by id
    std::map<std::string_view, TaskAssignorSubtopology> subtopologies;
    int32_t num_standby_replicas = 0;  // of each task of a stateful subtopology
};

// By member id; each member is in it.
using GroupTaskAssignment = std::map<std::string_view, Tasks>;
using TaskAssignor = GroupTaskAssignment (*)(const TaskAssignorInput&);

// Each task is active at one member, and standby in as many other processes as wanted, if there are
// so many. Members have the same number of tasks, as nearly as that can be; tasks stay where they
// are, or go where their state is, as long as that is fair. Warm-up tasks are assigned to nobody,
// as in Kafka 4.4. Without members, to nobody.
GroupTaskAssignment assign_stickily(const TaskAssignorInput& input);

// Nullptr: there is none of that name.
TaskAssignor find_task_assignor(std::string_view name);

}  // namespace broker::coordinator::group
