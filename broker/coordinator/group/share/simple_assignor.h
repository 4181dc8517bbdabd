// The assignor of share groups, "simple" (KIP-932, KIP-1101).
#pragma once

#include <map>
#include <string_view>

#include "broker/coordinator/group/consumer/assignor.h"

namespace broker::coordinator::group {

struct ShareAssignmentTask {
    std::map<std::string_view, AssignorMember> members;  // without instance ids
    bool is_homogeneous = true;                          // all ask for the same topics
    TopicPartitions assignable;                          // of the topics that are asked for
};

// Every partition goes to someone; where there are more members than partitions, several share one.
// Members have the same number of partitions, as nearly as that can be, of all topics if all ask
// for the same, else of each topic; partitions stay where they are as long as that is fair.
GroupAssignment assign_simply(const ShareAssignmentTask& task);

}  // namespace broker::coordinator::group
