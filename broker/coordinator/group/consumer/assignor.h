// The server-side assignors (KIP-848): pure functions from who asks for which topics to who gets
// which partitions.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string_view>

#include "broker/coordinator/group/consumer/consumer_member.h"

namespace broker::coordinator::group {

struct AssignorMember {
    std::optional<std::string_view> instance_id;
    std::set<protocol::Uuid> topics;           // all of them known to the task
    const TopicPartitions* current = nullptr;  // its target so far; never null
};

struct AssignmentTask {
    std::map<std::string_view, AssignorMember> members;
    bool is_homogeneous = true;  // all ask for the same topics
    std::map<protocol::Uuid, int32_t> partition_counts;
};

// By member id; who gets nothing may be left out. Each partition of a topic that somebody asks for
// goes to one of those who do.
using GroupAssignment = std::map<std::string_view, TopicPartitions>;
using Assignor = GroupAssignment (*)(const AssignmentTask&);

// Each topic's partitions in ranges, members in the order of their ids, static members first by
// their instance ids: members that ask for the same get the same partitions of all topics. Nothing
// else is sticky about it.
GroupAssignment assign_ranges(const AssignmentTask& task);

// Everybody the same number of partitions, as nearly as what they ask for allows; partitions stay
// where they are as long as that is fair.
GroupAssignment assign_uniformly(const AssignmentTask& task);

// "uniform" or "range"; nullptr: there is none of that name.
Assignor find_assignor(std::string_view name);

}  // namespace broker::coordinator::group
