#include "broker/coordinator/group/streams/task_assignor.h"

#include <algorithm>
#include <optional>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

namespace broker::coordinator::group {

namespace {

// How many tasks a member may have before others are preferred. Who has as many takes no part in
// the division of the rest.
class Quota {
  public:
    Quota(int64_t tasks, size_t members) : tasks_(tasks), members_(static_cast<int64_t>(members)) {
        divide();
    }
    bool allows(int64_t tasks_of_member) const { return tasks_of_member < per_member_; }
    void note(int64_t tasks_of_member) {
        if (tasks_of_member != per_member_) return;
        --members_;
        tasks_ -= tasks_of_member;
        divide();
    }

  private:
    void divide() {
        per_member_ = members_ == 0 ? 0 : tasks_ / members_ + (tasks_ % members_ > 0 ? 1 : 0);
    }

    int64_t tasks_;
    int64_t members_;
    int64_t per_member_ = 0;
};

struct Task {
    std::string_view subtopology_id;
    int32_t partition = 0;
    bool is_stateful = false;
};

// Members and tasks are numbered in the order of their names.
class StickyAssignment {
  public:
    explicit StickyAssignment(const TaskAssignorInput& input)
        : input_(input),
          active_quota_(count_tasks(input, 0), input.members.size()),
          total_quota_(count_tasks(input, input.num_standby_replicas), input.members.size()) {
        for (const auto& [id, subtopology] : input.subtopologies) {
            first_task_.emplace(id, tasks_.size());
            for (int32_t partition = 0; partition < subtopology.task_count; ++partition)
                tasks_.push_back({id, partition, subtopology.is_stateful});
        }
        holders_.resize(tasks_.size());
        previous_active_.resize(tasks_.size());
        previous_standby_.resize(tasks_.size());
        for (const auto& [id, member] : input.members) add_member(id, member);
        for (auto& candidates : previous_standby_)
            std::ranges::sort(candidates, [](const Candidate& a, const Candidate& b) {
                return std::tuple(!a.was_standby, b.offset, a.member) <
                       std::tuple(!b.was_standby, a.offset, b.member);
            });
    }

    GroupTaskAssignment run() {
        assign_active();
        if (input_.num_standby_replicas > 0) assign_standby();
        GroupTaskAssignment assignment;
        for (Member& member : members_) assignment.emplace(member.id, std::move(member.tasks));
        return assignment;
    }

  private:
    struct Member {
        std::string_view id;
        size_t process = 0;
        int64_t task_count = 0;
        Tasks tasks;
    };
    struct Process {
        int64_t task_count = 0;
        std::set<std::pair<int64_t, size_t>> members;  // by their tasks
        double load() const {
            return static_cast<double>(task_count) / static_cast<double>(members.size());
        }
    };
    // Has state of a task.
    struct Candidate {
        size_t member = 0;
        bool was_standby = false;  // else its state is of an earlier time
        int64_t offset = 0;
    };
    using ProcessesByLoad = std::set<std::pair<double, size_t>>;
    enum class Role : uint8_t { active, standby };

    static int64_t count_tasks(const TaskAssignorInput& input, int32_t standby_replicas) {
        int64_t count = 0;
        for (const auto& [id, subtopology] : input.subtopologies)
            count += int64_t{subtopology.task_count} *
                     (1 + (subtopology.is_stateful ? standby_replicas : 0));
        return count;
    }

    void add_member(std::string_view id, const TaskAssignorMember& member) {
        const size_t index = members_.size();
        const size_t process =
            process_indexes_.emplace(member.process_id, processes_.size()).first->second;
        if (process == processes_.size()) processes_.emplace_back();
        processes_[process].members.insert({0, index});
        members_.push_back({.id = id, .process = process, .task_count = 0, .tasks = {}});
        static const Tasks none;
        const Tasks& current = member.current != nullptr ? *member.current : none;
        static const TaskOffsets nothing;
        const TaskOffsets& offsets = member.offsets != nullptr ? *member.offsets : nothing;
        for (const auto& [subtopology_id, partitions] : current.active)
            for (const int32_t partition : partitions)
                if (const auto task = find_task(subtopology_id, partition))
                    previous_active_[*task] = index;
        for (const auto& [subtopology_id, partitions] : current.standby)
            for (const int32_t partition : partitions)
                if (const auto task = find_task(subtopology_id, partition))
                    previous_standby_[*task].push_back(
                        {index, true, offset(offsets, subtopology_id, partition)});
        // Who was away has no target, but perhaps its state.
        for (const auto& [subtopology_id, partitions] : offsets)
            for (const auto& [partition, offset] : partitions)
                if (const auto task = find_task(subtopology_id, partition);
                    task && !contains(current.standby, subtopology_id, partition))
                    previous_standby_[*task].push_back({index, false, offset});
    }

    static int64_t offset(const TaskOffsets& offsets, const std::string& subtopology_id,
                          int32_t partition) {
        const auto subtopology = offsets.find(subtopology_id);
        if (subtopology == offsets.end()) return 0;
        const auto offset = subtopology->second.find(partition);
        return offset == subtopology->second.end() ? 0 : offset->second;
    }

    std::optional<size_t> find_task(std::string_view subtopology_id, int32_t partition) const {
        const auto subtopology = input_.subtopologies.find(subtopology_id);
        if (subtopology == input_.subtopologies.end() || partition < 0 ||
            partition >= subtopology->second.task_count)
            return std::nullopt;
        return first_task_.find(subtopology_id)->second + static_cast<size_t>(partition);
    }

    bool has(size_t process, size_t task) const {
        return std::ranges::find(holders_[task], process) != holders_[task].end();
    }

    // The same partitions of several subtopologies go together where they can.
    std::vector<size_t> by_partition() const {
        std::vector<size_t> order;
        for (size_t task = 0; task < tasks_.size(); ++task) order.push_back(task);
        std::ranges::sort(order, {},
                          [&](size_t task) { return std::pair(tasks_[task].partition, task); });
        return order;
    }

    void add(size_t member_index, size_t task, Role role) {
        Member& member = members_[member_index];
        Process& process = processes_[member.process];
        process.members.erase({member.task_count, member_index});
        ++member.task_count;
        ++process.task_count;
        process.members.insert({member.task_count, member_index});
        holders_[task].push_back(member.process);
        TaskIds& ids = role == Role::active ? member.tasks.active : member.tasks.standby;
        ids[std::string(tasks_[task].subtopology_id)].insert(tasks_[task].partition);
        if (role == Role::active) active_quota_.note(member.task_count);
        total_quota_.note(member.task_count);
    }

    // Of those who have state of the task, the first, unless another's process and itself have less
    // to do. A process has a task only once, which is asked of standby tasks.
    std::optional<size_t> find_candidate(size_t task, Role role) const {
        std::optional<size_t> found;
        double process_load = 0;
        int64_t task_count = 0;
        for (const Candidate& candidate : previous_standby_[task]) {
            const Member& member = members_[candidate.member];
            if (role == Role::standby && has(member.process, task)) continue;
            const double load = processes_[member.process].load();
            if (found && (load >= process_load || member.task_count >= task_count)) continue;
            process_load = load;
            task_count = member.task_count;
            found = candidate.member;
        }
        return found;
    }

    void assign_active() {
        // Each step takes what the one before has left.
        std::vector<size_t> left = by_partition();
        std::erase_if(left, [&](size_t task) {
            const auto& previous = previous_active_[task];
            if (!previous || !active_quota_.allows(members_[*previous].task_count)) return false;
            add(*previous, task, Role::active);
            return true;
        });
        std::erase_if(left, [&](size_t task) {
            const auto candidate = find_candidate(task, Role::active);
            if (!candidate || !active_quota_.allows(members_[*candidate].task_count)) return false;
            add(*candidate, task, Role::active);
            return true;
        });
        std::ranges::sort(left);
        ProcessesByLoad processes = processes_by_load();
        for (const size_t task : left) {
            const size_t process = processes.extract(processes.begin()).value().second;
            add(processes_[process].members.begin()->second, task, Role::active);
            processes.insert({processes_[process].load(), process});
        }
    }

    void assign_standby() {
        std::vector<size_t> order = by_partition();
        std::ranges::reverse(order);
        std::vector<std::pair<size_t, int32_t>> left;  // tasks, and how many copies are wanting
        for (const size_t task : order) {
            if (!tasks_[task].is_stateful) continue;
            int32_t wanting = input_.num_standby_replicas;
            while (wanting > 0 && stays_standby(task)) --wanting;
            if (wanting > 0) left.emplace_back(task, wanting);
        }
        std::ranges::sort(left, std::greater{});
        ProcessesByLoad processes = processes_by_load();
        for (const auto& [task, wanting] : left)
            for (int32_t i = 0; i < wanting; ++i)
                if (!give_standby(task, processes)) break;
    }

    // Whether one who had the task, or has state of it, gets a copy.
    bool stays_standby(size_t task) {
        if (const auto& previous = previous_active_[task];
            previous && !has(members_[*previous].process, task) &&
            total_quota_.allows(members_[*previous].task_count)) {
            add(*previous, task, Role::standby);
            return true;
        }
        const auto candidate = find_candidate(task, Role::standby);
        if (!candidate || !total_quota_.allows(members_[*candidate].task_count)) return false;
        add(*candidate, task, Role::standby);
        return true;
    }

    bool give_standby(size_t task, ProcessesByLoad& processes) {
        const auto free = std::ranges::find_if(
            processes, [&](const auto& process) { return !has(process.second, task); });
        if (free == processes.end()) return false;
        const size_t process = processes.extract(free).value().second;
        add(processes_[process].members.begin()->second, task, Role::standby);
        processes.insert({processes_[process].load(), process});
        return true;
    }

    ProcessesByLoad processes_by_load() const {
        ProcessesByLoad processes;
        for (size_t process = 0; process < processes_.size(); ++process)
            processes.insert({processes_[process].load(), process});
        return processes;
    }

    const TaskAssignorInput& input_;
    Quota active_quota_;
    Quota total_quota_;
    std::vector<Task> tasks_;  // by subtopology, then partition
    std::map<std::string_view, size_t> first_task_;
    std::vector<Member> members_;
    std::map<std::string_view, size_t> process_indexes_;
    std::vector<Process> processes_;
    // By task:
    std::vector<std::vector<size_t>> holders_;  // processes
    std::vector<std::optional<size_t>> previous_active_;
    std::vector<std::vector<Candidate>> previous_standby_;
};

}  // namespace

GroupTaskAssignment assign_stickily(const TaskAssignorInput& input) {
    if (input.members.empty()) return {};
    return StickyAssignment(input).run();
}

TaskAssignor find_task_assignor(std::string_view name) {
    return name == "sticky" ? assign_stickily : nullptr;
}

}  // namespace broker::coordinator::group
