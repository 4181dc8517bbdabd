#include "broker/coordinator/group/share/simple_assignor.h"

#include <set>
#include <utility>
#include <vector>

namespace broker::coordinator::group {

namespace {

using Partition = std::pair<protocol::Uuid, int32_t>;

size_t divide_up(size_t dividend, size_t divisor) { return (dividend + divisor - 1) / divisor; }

// Divides partitions among members that may all have each of them.
class Division {
  public:
    struct Candidate {
        std::string_view member_id;
        const TopicPartitions* current = nullptr;
    };

    // Requires: there are members and partitions.
    Division(const std::vector<Candidate>& members, const std::vector<Partition>& partitions)
        : sharing_(divide_up(members.size(), partitions.size())) {
        for (const Partition& partition : partitions) owners_[partition];
        const size_t count = members.size();
        const size_t total = sharing_ * partitions.size();
        for (size_t i = 0; i < count; ++i) {
            // Rounded so that all of them together have the total.
            shares_.push_back(
                {.member_id = members[i].member_id,
                 .wanted = divide_up(total * (i + 1), count) - divide_up(total * i, count)});
            keep(i, *members[i].current);
        }
    }

    void run() {
        for (auto& [partition, owners] : owners_) {
            revoke_shared_too_often(partition, owners, /*of_overfilled=*/true);
            revoke_shared_too_often(partition, owners, /*of_overfilled=*/false);
        }
        for (size_t i = 0; i < shares_.size(); ++i)
            while (shares_[i].held.size() > shares_[i].wanted) {
                const Partition partition = *shares_[i].held.begin();
                take(i, partition, owners_.at(partition));
            }
        give();
    }

    void add_to(GroupAssignment& assignment) const {
        for (const Share& share : shares_)
            for (const auto& [topic_id, partition] : share.held)
                assignment[share.member_id][topic_id].insert(partition);
    }

  private:
    struct Share {
        std::string_view member_id;
        size_t wanted = 0;
        std::set<Partition> held;
    };
    using Owners = std::set<size_t>;

    void keep(size_t member, const TopicPartitions& current) {
        for (const auto& [topic_id, partitions] : current)
            for (const int32_t partition : partitions) {
                const auto owners = owners_.find({topic_id, partition});
                if (owners == owners_.end()) continue;
                owners->second.insert(member);
                shares_[member].held.insert({topic_id, partition});
            }
    }

    void take(size_t member, const Partition& partition, Owners& owners) {
        owners.erase(member);
        shares_[member].held.erase(partition);
    }

    void revoke_shared_too_often(const Partition& partition, Owners& owners, bool of_overfilled) {
        for (const size_t member : Owners(owners)) {
            if (owners.size() <= sharing_) return;
            const Share& share = shares_[member];
            if (!of_overfilled || share.held.size() > share.wanted) take(member, partition, owners);
        }
    }

    // In turn to those who have too few. A partition that all of them have already stays with
    // fewer members: another order could do better, but it does no harm.
    void give() {
        std::set<size_t> unfilled;
        for (size_t i = 0; i < shares_.size(); ++i)
            if (shares_[i].held.size() < shares_[i].wanted) unfilled.insert(i);
        size_t turn = 0;
        for (auto& [partition, owners] : owners_) {
            for (size_t refusals = 0; owners.size() < sharing_ && refusals < unfilled.size();) {
                auto next = unfilled.lower_bound(turn);
                if (next == unfilled.end()) next = unfilled.begin();
                const size_t member = *next;
                turn = member + 1;
                if (!owners.insert(member).second) {
                    ++refusals;
                    continue;
                }
                refusals = 0;
                shares_[member].held.insert(partition);
                if (shares_[member].held.size() == shares_[member].wanted) unfilled.erase(next);
            }
        }
    }

    size_t sharing_;  // how many members each partition is to have
    std::map<Partition, Owners> owners_;
    std::vector<Share> shares_;
};

void divide(const ShareAssignmentTask& task, const TopicPartitions& topics,
            GroupAssignment& assignment) {
    std::vector<Partition> partitions;
    for (const auto& [topic_id, indexes] : topics)
        for (const int32_t index : indexes) partitions.emplace_back(topic_id, index);
    if (partitions.empty()) return;
    std::vector<Division::Candidate> candidates;
    for (const auto& [member_id, member] : task.members)
        if (member.topics.contains(topics.begin()->first))
            candidates.push_back({member_id, member.current});
    if (candidates.empty()) return;
    Division division(candidates, partitions);
    division.run();
    division.add_to(assignment);
}

}  // namespace

GroupAssignment assign_simply(const ShareAssignmentTask& task) {
    GroupAssignment assignment;
    if (task.is_homogeneous) {
        divide(task, task.assignable, assignment);
        return assignment;
    }
    for (const auto& topic : task.assignable) divide(task, {topic}, assignment);
    return assignment;
}

}  // namespace broker::coordinator::group
