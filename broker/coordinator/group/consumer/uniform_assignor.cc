#include <algorithm>
#include <tuple>
#include <utility>
#include <vector>

#include "broker/coordinator/group/consumer/assignor.h"

namespace broker::coordinator::group {

namespace {

using protocol::Uuid;

// Topics whose subscribers differ are balanced one after another, which may unbalance another one:
// as in Kafka so many times at most.
constexpr int balance_rounds_max = 16;

// What of their targets the members keep: what they still ask for. That no partition has two
// owners, or is not there, holds for each log that was written well.
GroupAssignment kept_assignment(const AssignmentTask& task) {
    GroupAssignment kept;
    std::set<std::pair<Uuid, int32_t>> taken;
    for (const auto& [member_id, member] : task.members) {
        TopicPartitions& owned = kept[member_id];
        for (const auto& [topic_id, partitions] : *member.current) {
            if (!member.topics.contains(topic_id)) continue;
            for (const int32_t partition : partitions) {
                const bool is_there =
                    partition >= 0 && partition < task.partition_counts.at(topic_id);
                if (is_there && taken.emplace(topic_id, partition).second)
                    owned[topic_id].insert(partition);
            }
        }
    }
    return kept;
}

size_t partition_count(const TopicPartitions& owned) {
    size_t count = 0;
    for (const auto& entry : owned) count += entry.second.size();
    return count;
}

// Takes partitions away until no more than `quota` are left.
void shrink(TopicPartitions& owned, size_t quota) {
    size_t excess = partition_count(owned) - std::min(partition_count(owned), quota);
    while (excess > 0) {
        auto& partitions = std::prev(owned.end())->second;
        partitions.erase(std::prev(partitions.end()));
        if (partitions.empty()) owned.erase(std::prev(owned.end()));
        --excess;
    }
}

std::vector<std::pair<Uuid, int32_t>> unassigned_partitions(const AssignmentTask& task,
                                                            const GroupAssignment& assignment) {
    TopicPartitions assigned;
    for (const auto& [member_id, owned] : assignment)
        for (const auto& [topic_id, partitions] : owned)
            assigned[topic_id].insert(partitions.begin(), partitions.end());
    std::vector<std::pair<Uuid, int32_t>> unassigned;
    for (const auto& [topic_id, count] : task.partition_counts)
        for (int32_t partition = 0; partition < count; ++partition)
            if (!assigned[topic_id].contains(partition))
                unassigned.emplace_back(topic_id, partition);
    return unassigned;
}

// All ask for the same: quotas that differ by one at most, the larger ones for those who use them.
GroupAssignment assign_homogeneously(const AssignmentTask& task) {
    GroupAssignment assignment = kept_assignment(task);
    size_t total = 0;
    for (const auto& entry : task.partition_counts) total += static_cast<size_t>(entry.second);
    const size_t quota = total / assignment.size();
    size_t larger_quotas = total % assignment.size();

    std::vector<std::pair<std::string_view, size_t>> wants;
    size_t members_left = assignment.size();
    for (auto& [member_id, owned] : assignment) {
        const bool must_take = members_left-- <= larger_quotas;
        const bool takes_more = larger_quotas > 0 && (must_take || partition_count(owned) > quota);
        const size_t own_quota = quota + (takes_more ? 1 : 0);
        if (takes_more) --larger_quotas;
        shrink(owned, own_quota);
        wants.emplace_back(member_id, own_quota - partition_count(owned));
    }
    auto unassigned = unassigned_partitions(task, assignment);
    auto next = unassigned.begin();
    for (const auto& [member_id, count] : wants)
        for (size_t i = 0; i < count; ++i, ++next)
            assignment[member_id][next->first].insert(next->second);
    return assignment;
}

// Members ask for different topics: the least loaded of a topic's subscribers gets its partitions.
class Balancer {
  public:
    explicit Balancer(const AssignmentTask& task)
        : task_(task), assignment_(kept_assignment(task)) {
        for (const auto& [member_id, member] : task.members) {
            loads_[member_id] = partition_count(assignment_[member_id]);
            for (const auto& topic_id : member.topics) subscribers_[topic_id].push_back(member_id);
        }
        for (const auto& entry : subscribers_) topics_.push_back(entry.first);
        std::ranges::sort(
            topics_, [&](const Uuid& left, const Uuid& right) { return is_before(left, right); });
    }

    GroupAssignment run() {
        std::map<Uuid, std::vector<int32_t>> unassigned;
        for (const auto& [topic_id, partition] : unassigned_partitions(task_, assignment_))
            unassigned[topic_id].push_back(partition);
        for (const Uuid& topic_id : topics_) hand_out(topic_id, unassigned[topic_id]);
        for (int round = 0; round < balance_rounds_max; ++round) {
            size_t moved = 0;
            for (const Uuid& topic_id : topics_) moved += balance(topic_id);
            if (moved == 0) break;
        }
        return std::move(assignment_);
    }

  private:
    using Loads = std::set<std::pair<size_t, std::string_view>>;

    // Topics with many partitions for few subscribers come first: they leave the least choice.
    bool is_before(const Uuid& left, const Uuid& right) const {
        const auto partitions = [&](const Uuid& topic) {
            return static_cast<size_t>(task_.partition_counts.at(topic));
        };
        const size_t left_members = subscribers_.at(left).size();
        const size_t right_members = subscribers_.at(right).size();
        const size_t left_share = partitions(left) * right_members;
        const size_t right_share = partitions(right) * left_members;
        if (left_share != right_share) return left_share > right_share;
        return std::tie(left_members, left) < std::tie(right_members, right);
    }

    Loads loads_of(const Uuid& topic_id) const {
        Loads loads;
        for (const std::string_view member_id : subscribers_.at(topic_id))
            loads.emplace(loads_.at(member_id), member_id);
        return loads;
    }

    void hand_out(const Uuid& topic_id, const std::vector<int32_t>& partitions) {
        Loads loads = loads_of(topic_id);
        for (const int32_t partition : partitions) {
            const auto least = loads.extract(loads.begin()).value().second;
            assignment_[least][topic_id].insert(partition);
            loads.emplace(++loads_[least], least);
        }
    }

    // Moves partitions from the most to the least loaded; gives how many.
    size_t balance(const Uuid& topic_id) {
        Loads loads = loads_of(topic_id);
        Loads givers;
        for (const auto& load : loads)
            if (assignment_[load.second].contains(topic_id)) givers.insert(load);
        size_t moved = 0;
        while (!givers.empty() && givers.rbegin()->first > loads.begin()->first + 1) {
            const std::string_view from = givers.rbegin()->second, to = loads.begin()->second;
            givers.erase({loads_[from], from});
            givers.erase({loads_[to], to});
            loads.erase({loads_[from], from});
            loads.erase({loads_[to], to});
            move_partition(topic_id, from, to);
            loads.emplace(--loads_[from], from);
            loads.emplace(++loads_[to], to);
            if (assignment_[from].contains(topic_id)) givers.emplace(loads_[from], from);
            givers.emplace(loads_[to], to);
            ++moved;
        }
        return moved;
    }

    void move_partition(const Uuid& topic_id, std::string_view from, std::string_view to) {
        auto& partitions = assignment_[from][topic_id];
        assignment_[to][topic_id].insert(partitions.extract(std::prev(partitions.end())));
        if (partitions.empty()) assignment_[from].erase(topic_id);
    }

    const AssignmentTask& task_;
    GroupAssignment assignment_;
    std::map<std::string_view, size_t> loads_;  // partitions of all topics
    std::map<Uuid, std::vector<std::string_view>> subscribers_;
    std::vector<Uuid> topics_;
};

}  // namespace

GroupAssignment assign_uniformly(const AssignmentTask& task) {
    if (task.members.empty()) return {};
    return task.is_homogeneous ? assign_homogeneously(task) : Balancer(task).run();
}

Assignor find_assignor(std::string_view name) {
    if (name == "uniform") return assign_uniformly;
    if (name == "range") return assign_ranges;
    return nullptr;
}

}  // namespace broker::coordinator::group
