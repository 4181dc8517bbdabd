#include <algorithm>
#include <utility>
#include <vector>

#include "broker/coordinator/group/consumer/assignor.h"

namespace broker::coordinator::group {

namespace {

using Entry = std::pair<const std::string_view, AssignorMember>;

// Static members keep their place whatever their member id.
std::vector<const Entry*> in_order(const AssignmentTask& task) {
    std::vector<const Entry*> members;
    for (const Entry& entry : task.members) members.push_back(&entry);
    std::ranges::sort(members, {}, [](const Entry* entry) {
        const auto& instance_id = entry->second.instance_id;
        return std::pair(!instance_id, instance_id.value_or(entry->first));
    });
    return members;
}

}  // namespace

GroupAssignment assign_ranges(const AssignmentTask& task) {
    std::map<protocol::Uuid, int32_t> subscriber_counts;
    for (const auto& entry : task.members)
        for (const auto& topic_id : entry.second.topics) ++subscriber_counts[topic_id];

    std::map<protocol::Uuid, int32_t> given;    // partitions of each topic
    std::map<protocol::Uuid, int32_t> reached;  // members that had their turn
    GroupAssignment assignment;
    for (const Entry* entry : in_order(task)) {
        TopicPartitions& owned = assignment[entry->first];
        for (const auto& topic_id : entry->second.topics) {
            const int32_t partition_count = task.partition_counts.at(topic_id);
            const int32_t subscriber_count = subscriber_counts[topic_id];
            // The first members get the partitions that are left over.
            const bool gets_one_more = reached[topic_id]++ < partition_count % subscriber_count;
            const int32_t count = partition_count / subscriber_count + (gets_one_more ? 1 : 0);
            for (int32_t i = 0; i < count; ++i) owned[topic_id].insert(given[topic_id]++);
        }
    }
    return assignment;
}

}  // namespace broker::coordinator::group
