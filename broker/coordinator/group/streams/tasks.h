// What the members of a streams group divide (KIP-1071): tasks. A task is a subtopology's work on
// one partition of its input, named by the two.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>

namespace broker::coordinator::group {

// By subtopology id, the partitions; none of them empty.
using TaskIds = std::map<std::string, std::set<int32_t>, std::less<>>;
// The same, with the epoch at which its owner got each.
using TaskEpochs = std::map<std::string, std::map<int32_t, int32_t>, std::less<>>;

// What a member is to do: work on its active tasks, keep copies of the state of standby ones, and
// build up the state of those that it is to work on later.
struct Tasks {
    TaskIds active;
    TaskIds standby;
    TaskIds warmup;

    bool empty() const { return active.empty() && standby.empty() && warmup.empty(); }
    bool operator==(const Tasks&) const = default;
};

// What a member has.
struct OwnedTasks {
    TaskEpochs active;
    TaskIds standby;
    TaskIds warmup;

    bool empty() const { return active.empty() && standby.empty() && warmup.empty(); }
    bool operator==(const OwnedTasks&) const = default;
};

inline bool contains(const TaskIds& tasks, const std::string& subtopology_id, int32_t partition) {
    const auto subtopology = tasks.find(subtopology_id);
    return subtopology != tasks.end() && subtopology->second.contains(partition);
}

inline bool contains(const TaskEpochs& tasks, const std::string& subtopology_id,
                     int32_t partition) {
    const auto subtopology = tasks.find(subtopology_id);
    return subtopology != tasks.end() && subtopology->second.contains(partition);
}

}  // namespace broker::coordinator::group
