#include "broker/coordinator/group/streams/task_reconciliation.h"

#include <algorithm>
#include <utility>

namespace broker::coordinator::group {

namespace {

template <class Map>
bool remove(Map& tasks, const std::string& subtopology_id, int32_t partition) {
    const auto subtopology = tasks.find(subtopology_id);
    if (subtopology == tasks.end() || subtopology->second.erase(partition) == 0) return false;
    if (subtopology->second.empty()) tasks.erase(subtopology);
    return true;
}

void add(TaskIds& tasks, const TaskIds& more) {
    for (const auto& [subtopology_id, partitions] : more)
        tasks[subtopology_id].insert(partitions.begin(), partitions.end());
}

void add(TaskEpochs& tasks, const TaskEpochs& more) {
    for (const auto& [subtopology_id, partitions] : more)
        tasks[subtopology_id].insert(partitions.begin(), partitions.end());
}

bool has_any(const TaskIds& owned, const auto& tasks) {
    return std::ranges::any_of(owned, [&](const auto& entry) {
        return std::ranges::any_of(entry.second, [&](int32_t partition) {
            return contains(tasks, entry.first, partition);
        });
    });
}

// One step of a member: its tasks, sorted by what becomes of them.
class Step {
  public:
    Step(const StreamsMember& member, const TaskReconciliation& to) : member_(member), to_(to) {}

    // With `epoch` if it has to let go of tasks first, else with that of the target.
    StreamsMember from(int32_t epoch) {
        compare_active();
        compare(member_.assigned.standby, to_.target.standby, kept_.standby, revoked_.standby,
                pending_.standby, [&](const auto& subtopology_id, int32_t partition) {
                    return is_standby_taken(subtopology_id, partition);
                });
        compare(member_.assigned.warmup, to_.target.warmup, kept_.warmup, revoked_.warmup,
                pending_.warmup, [&](const auto& subtopology_id, int32_t partition) {
                    return is_warmup_taken(subtopology_id, partition);
                });
        demote();
        convert(member_.assigned.standby, revoked_.standby, pending_.warmup, kept_.warmup);
        convert(member_.assigned.warmup, revoked_.warmup, pending_.standby, kept_.standby);
        const bool revokes = promote();
        return finished(epoch, revokes);
    }

    // Who says nothing of its tasks still has them.
    bool has_still(const OwnedTasks& tasks) const {
        return !to_.owned || has_any(to_.owned->active, tasks.active) ||
               has_any(to_.owned->standby, tasks.standby) ||
               has_any(to_.owned->warmup, tasks.warmup);
    }

  private:
    void compare_active() {
        const TaskEpochs& assigned = member_.assigned.active;
        for (const auto& [subtopology_id, partitions] : assigned) {
            for (const auto& [partition, epoch] : partitions) {
                const bool stays = contains(to_.target.active, subtopology_id, partition);
                (stays ? kept_ : revoked_).active[subtopology_id][partition] = epoch;
            }
        }
        for (const auto& [subtopology_id, partitions] : to_.target.active) {
            for (const int32_t partition : partitions) {
                if (contains(assigned, subtopology_id, partition)) continue;
                if (is_active_taken(subtopology_id, partition))
                    waits_ = true;
                else
                    pending_.active[subtopology_id][partition] = to_.target_epoch;
            }
        }
    }

    void compare(const TaskIds& assigned, const TaskIds& target, TaskIds& kept, TaskIds& revoked,
                 TaskIds& pending, auto is_taken) {
        for (const auto& [subtopology_id, partitions] : assigned)
            for (const int32_t partition : partitions)
                (contains(target, subtopology_id, partition) ? kept : revoked)[subtopology_id]
                    .insert(partition);
        for (const auto& [subtopology_id, partitions] : target) {
            for (const int32_t partition : partitions) {
                if (contains(assigned, subtopology_id, partition)) continue;
                if (is_taken(subtopology_id, partition))
                    waits_ = true;
                else
                    pending[subtopology_id].insert(partition);
            }
        }
    }

    // Whether another member has the task, as far as that is in the way.
    bool is_active_taken(const std::string& subtopology_id, int32_t partition) const {
        return to_.active_process(subtopology_id, partition) ||
               other_has(to_.has_standby, member_.assigned.standby, subtopology_id, partition) ||
               other_has(to_.has_warmup, member_.assigned.warmup, subtopology_id, partition);
    }
    bool is_standby_taken(const std::string& subtopology_id, int32_t partition) const {
        const bool runs_beside = to_.active_process(subtopology_id, partition) ==
                                     std::optional<std::string_view>(member_.process_id) &&
                                 !contains(member_.assigned.active, subtopology_id, partition);
        return runs_beside || to_.has_standby(subtopology_id, partition) ||
               other_has(to_.has_warmup, member_.assigned.warmup, subtopology_id, partition);
    }
    bool is_warmup_taken(const std::string& subtopology_id, int32_t partition) const {
        return to_.active_process(subtopology_id, partition) ==
                   std::optional<std::string_view>(member_.process_id) ||
               other_has(to_.has_standby, member_.assigned.standby, subtopology_id, partition) ||
               to_.has_warmup(subtopology_id, partition);
    }
    static bool other_has(const TaskReconciliation::Holds& has, const TaskIds& own,
                          const std::string& subtopology_id, int32_t partition) {
        return has(subtopology_id, partition) && !contains(own, subtopology_id, partition);
    }

    // An active task that goes on as standby.
    void demote() {
        for (const auto& [subtopology_id, partitions] : member_.assigned.active)
            for (const auto& entry : partitions)
                if (remove(pending_.standby, subtopology_id, entry.first))
                    kept_.standby[subtopology_id].insert(entry.first);
    }

    // A standby that goes on as warm-up, or the other way round.
    static void convert(const TaskIds& assigned, TaskIds& revoked, TaskIds& pending,
                        TaskIds& kept) {
        for (const auto& [subtopology_id, partitions] : assigned) {
            for (const int32_t partition : partitions) {
                if (!remove(pending, subtopology_id, partition)) continue;
                kept[subtopology_id].insert(partition);
                remove(revoked, subtopology_id, partition);
            }
        }
    }

    // A standby or warm-up that is to become active keeps its role until then. Returns whether the
    // member has to let go of tasks.
    bool promote() {
        for (const auto* assigned : {&member_.assigned.standby, &member_.assigned.warmup}) {
            auto& revoked =
                assigned == &member_.assigned.standby ? revoked_.standby : revoked_.warmup;
            for_each_promoted(*assigned, [&](const std::string& subtopology_id, int32_t partition) {
                remove(revoked, subtopology_id, partition);
            });
        }
        const bool revokes = !revoked_.empty() && has_still(revoked_);
        for (const auto* assigned : {&member_.assigned.standby, &member_.assigned.warmup}) {
            auto& kept = assigned == &member_.assigned.standby ? kept_.standby : kept_.warmup;
            for_each_promoted(*assigned, [&](const std::string& subtopology_id, int32_t partition) {
                if (revokes || !contains(pending_.active, subtopology_id, partition))
                    kept[subtopology_id].insert(partition);
            });
        }
        return revokes;
    }

    void for_each_promoted(const TaskIds& assigned, auto visit) const {
        for (const auto& [subtopology_id, partitions] : assigned)
            for (const int32_t partition : partitions)
                if (contains(to_.target.active, subtopology_id, partition))
                    visit(subtopology_id, partition);
    }

    StreamsMember finished(int32_t epoch, bool revokes) const {
        StreamsMember next = member_;
        next.assigned = kept_;
        if (revokes) {
            next.state = MemberState::unrevoked_partitions;
            next.advance_to(epoch);
            next.pending_revocation = revoked_;
            return next;
        }
        next.state = waits_ ? MemberState::unreleased_partitions : MemberState::stable;
        next.advance_to(to_.target_epoch);
        add(next.assigned.active, pending_.active);
        add(next.assigned.standby, pending_.standby);
        add(next.assigned.warmup, pending_.warmup);
        next.pending_revocation = {};
        return next;
    }

    const StreamsMember& member_;
    const TaskReconciliation& to_;
    OwnedTasks kept_;
    OwnedTasks revoked_;
    OwnedTasks pending_;  // free for the member to take
    bool waits_ = false;  // for tasks that others have yet to let go of
};

}  // namespace

std::expected<StreamsMember, protocol::ErrorCode> reconcile_tasks(const StreamsMember& member,
                                                                  const TaskReconciliation& to) {
    Step step(member, to);
    switch (member.state) {
        case MemberState::stable:
            if (member.member_epoch == to.target_epoch) return member;
            return step.from(member.member_epoch);
        case MemberState::unrevoked_partitions:
            if (step.has_still(member.pending_revocation)) return member;
            return step.from(member.member_epoch + 1);
        case MemberState::unreleased_partitions: return step.from(member.member_epoch);
        case MemberState::unknown:
            // Only who has nothing can be told what it has.
            if (!to.owned || !to.owned->empty())
                return std::unexpected(protocol::ErrorCode::fenced_member_epoch);
            return step.from(to.target_epoch);
    }
    return member;
}

}  // namespace broker::coordinator::group
