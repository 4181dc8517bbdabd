// A streams group (KIP-1071) whose members come, go, crash and hear nothing for a while; whose
// topics appear, disappear and grow, and whose coordinator crashes:
// streams_group_simulation FIRST_SEED COUNT. At all times a task is active at one member and in one
// role in a process, epochs rise, and what is replayed is what was lived through; after the trouble
// every task is active, and has its standbys, within so many heartbeats.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "protocol/codec.h"
#include "protocol/json_printer.h"
#include "tests/simulation/seeds.h"
#include "tests/simulation/streams_world.h"

namespace simulation {

using namespace protocol;

namespace {

using Assignment = StreamsGroupDescribeResponse::Assignment;
using Member = StreamsGroupDescribeResponse::DescribedGroup::Member;

std::set<TaskId> tasks_of(const std::vector<StreamsGroupDescribeResponse::TaskIds>& listed) {
    std::set<TaskId> tasks;
    for (const auto& [subtopology_id, partitions] : listed)
        for (const int32_t partition : partitions) tasks.emplace(subtopology_id, partition);
    return tasks;
}

std::set<TaskId> tasks_of(const group::TaskIds& ids) {
    std::set<TaskId> tasks;
    for (const auto& [subtopology_id, partitions] : ids)
        for (const int32_t partition : partitions) tasks.emplace(subtopology_id, partition);
    return tasks;
}

// Of all members: each task active once, and in each process once.
void check_assignments(const std::vector<Member>& members, Assignment Member::* which,
                       std::string_view what) {
    std::set<TaskId> active;
    std::set<std::pair<std::string, TaskId>> in_process;
    for (const auto& member : members) {
        for (const TaskId& task : tasks_of((member.*which).active_tasks)) {
            require(active.insert(task).second,
                    fmt::format("the task {}_{} is in two {}s", task.first, task.second, what));
            require(in_process.emplace(member.process_id, task).second,
                    fmt::format("a process has a task twice as {}", what));
        }
        for (const TaskId& task : tasks_of((member.*which).standby_tasks))
            require(in_process.emplace(member.process_id, task).second,
                    fmt::format("a process has a task twice as {}", what));
        require((member.*which).warmup_tasks.empty(), "a task warms up");
    }
}

}  // namespace

StreamsWorld::Described StreamsWorld::described() const {
    return shell_.coordinator().describe_streams_group(simulated_streams);
}

void StreamsWorld::check() {
    check_tasks();
    check_clients();
    check_replay();
    check_epochs();
}

// What is of memory alone is how many partitions internal topics have.
void StreamsWorld::check_replay() const {
    auto live = described();
    auto replayed = shell_.reloaded().describe_streams_group(simulated_streams);
    require(live.topology.has_value() == replayed.topology.has_value(),
            "a restart changes whether there is a topology");
    if (live.topology)
        require(live.topology->epoch == replayed.topology->epoch,
                "a restart changes the topology's epoch");
    live.topology.reset();
    replayed.topology.reset();
    require(to_json(StreamsGroupDescribeResponse{.groups = {live}}, 1) ==
                to_json(StreamsGroupDescribeResponse{.groups = {replayed}}, 1),
            "what was replayed is not what was lived through");
}

void StreamsWorld::check_tasks() const {
    const auto now = described();
    check_assignments(now.members, &Member::assignment, "assignment");
    check_assignments(now.members, &Member::target_assignment, "target");
}

// What a client works on, as long as it is not fenced, nobody else has.
void StreamsWorld::check_clients() const {
    const auto now = described();
    std::map<TaskId, std::string> owners;
    for (const auto& member : now.members)
        for (const TaskId& task : tasks_of(member.assignment.active_tasks))
            owners.emplace(task, member.member_id);
    for (const auto& [id, client] : clients_) {
        const auto member = std::ranges::find_if(now.members, [&](const auto& one) {
            return one.member_id == client.member_id && one.member_epoch == client.epoch;
        });
        if (!client.is_alive || member == now.members.end()) continue;
        for (const TaskId& task : tasks_of(client.owned.active)) {
            const auto owner = owners.find(task);
            require(owner == owners.end() || owner->second == client.member_id,
                    client.member_id + " works on a task of another member");
        }
    }
}

void StreamsWorld::check_epochs() {
    const auto now = described();
    if (now.error_code != ErrorCode::none) {
        last_epoch_ = 0;  // a group of that name begins anew
        return;
    }
    require(now.group_epoch >= last_epoch_, "the group's epoch has gone back");
    require(now.assignment_epoch <= now.group_epoch, "an assignment is ahead of its group");
    last_epoch_ = now.group_epoch;
    for (const auto& member : now.members)
        require(member.member_epoch <= now.assignment_epoch, "a member is ahead of its assignment");
}

void StreamsWorld::check_settled() const {
    const auto now = described();
    require(now.group_state == "Stable", "the group is " + now.group_state + " after all");
    const int32_t task_count = std::max(topics_.at("t"), topics_.at("u"));
    std::map<TaskId, int> active, standby;
    std::set<std::string> processes;
    for (const auto& [id, client] : clients_) {
        // The group may be full, or the instance id somebody else's.
        const bool is_member = std::ranges::any_of(
            now.members, [&](const auto& one) { return one.member_id == client.member_id; });
        if (!client.is_alive || !is_member) continue;
        processes.insert(client.process_id);
        require(client.epoch == now.assignment_epoch, client.member_id + " is behind");
        for (const TaskId& task : tasks_of(client.owned.active)) ++active[task];
        for (const TaskId& task : tasks_of(client.owned.standby)) ++standby[task];
    }
    const int standbys = static_cast<int>(
        std::min<size_t>(static_cast<size_t>(standby_replicas_), processes.size() - 1));
    for (const char* subtopology : {"0", "1"})
        for (int32_t partition = 0; partition < task_count; ++partition) {
            const TaskId task(subtopology, partition);
            require(active[task] == 1, fmt::format("the task {}_{} is worked on {} times",
                                                   task.first, partition, active[task]));
            const int wanted = task.first == "1" ? standbys : 0;
            require(standby[task] == wanted,
                    fmt::format("the task {}_{} has {} standbys, not {}", task.first, partition,
                                standby[task], wanted));
        }
    require(active.size() == static_cast<size_t>(2 * task_count), "there are other tasks");
}

}  // namespace simulation

int main(int argument_count, char** arguments) {
    return simulation::run_seeds(argument_count, arguments,
                                 [](uint64_t seed, bool) { simulation::StreamsWorld(seed).run(); });
}
