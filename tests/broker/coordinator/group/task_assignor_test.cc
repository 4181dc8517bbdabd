// The assignor of streams groups: tasks stay where they are or go where their state is, as long as
// everybody has the same number.
#include <doctest/doctest.h>

#include <limits>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "broker/coordinator/group/streams/task_assignor.h"

namespace group = broker::coordinator::group;
using group::TaskIds;
using group::Tasks;

namespace {

struct Running {
    std::string_view member_id;
    std::string_view process_id;
    Tasks current = {};
    group::TaskOffsets offsets = {};
};

struct Divided {
    std::string_view subtopology_id;
    int32_t task_count = 0;
    bool is_stateful = true;
};

group::GroupTaskAssignment assign(const std::vector<Running>& members,
                                  const std::vector<Divided>& subtopologies,
                                  int32_t standby_replicas = 0) {
    group::TaskAssignorInput input{.num_standby_replicas = standby_replicas};
    for (const Running& member : members)
        input.members.emplace(member.member_id,
                              group::TaskAssignorMember{.process_id = member.process_id,
                                                        .current = &member.current,
                                                        .offsets = &member.offsets});
    for (const Divided& it : subtopologies)
        input.subtopologies.emplace(it.subtopology_id,
                                    group::TaskAssignorSubtopology{.task_count = it.task_count,
                                                                   .is_stateful = it.is_stateful});
    return group::assign_stickily(input);
}

size_t count(const TaskIds& tasks) {
    size_t count = 0;
    for (const auto& [subtopology_id, partitions] : tasks) count += partitions.size();
    return count;
}

// How often each task is active, and how often standby.
using Copies = std::map<std::pair<std::string, int32_t>, std::pair<int, int>>;
Copies copies(const group::GroupTaskAssignment& assignment) {
    Copies copies;
    for (const auto& [member_id, tasks] : assignment) {
        for (const auto& [subtopology_id, partitions] : tasks.active)
            for (const int32_t partition : partitions) ++copies[{subtopology_id, partition}].first;
        for (const auto& [subtopology_id, partitions] : tasks.standby)
            for (const int32_t partition : partitions) ++copies[{subtopology_id, partition}].second;
    }
    return copies;
}

}  // namespace

TEST_CASE("sticky: without members or tasks nobody gets any") {
    CHECK(assign({}, {{"0", 3}}).empty());
    CHECK(assign({{"a", "p"}}, {}) == group::GroupTaskAssignment{{"a", {}}});
}

TEST_CASE("sticky: one member runs all") {
    const auto assignment = assign({{"a", "p"}}, {{"0", 3}, {"1", 2}}, 1);
    CHECK(assignment.at("a") == Tasks{.active = {{"0", {0, 1, 2}}, {"1", {0, 1}}}});
}

TEST_CASE("sticky: new members divide the tasks evenly, each task active once") {
    const auto assignment =
        assign({{"a", "p"}, {"b", "q"}, {"c", "r"}}, {{"0", 3}, {"1", 3}, {"2", 2, false}});
    CHECK(count(assignment.at("a").active) == 3);
    CHECK(count(assignment.at("b").active) == 3);
    CHECK(count(assignment.at("c").active) == 2);
    const Copies all = copies(assignment);
    CHECK(all.size() == 8);
    for (const auto& [task, times] : all) CHECK(times == std::pair(1, 0));
    // A task of each subtopology for everybody, as partitions come one after the other.
    for (const auto& [member_id, tasks] : assignment) CHECK(tasks.active.contains("0"));
}

TEST_CASE("sticky: a process with more members runs more") {
    const auto assignment = assign({{"a", "p"}, {"b", "p"}, {"c", "q"}}, {{"0", 6}});
    for (const auto& [member_id, tasks] : assignment) CHECK(count(tasks.active) == 2);
}

TEST_CASE("sticky: active tasks stay when a member joins, but for its share") {
    const auto assignment = assign({{"a", "p", {.active = {{"0", {0, 3, 4}}}}},
                                    {"b", "q", {.active = {{"0", {1, 2, 5}}}}},
                                    {"c", "r"}},
                                   {{"0", 6}});
    CHECK(assignment.at("a").active == TaskIds{{"0", {0, 3}}});
    CHECK(assignment.at("b").active == TaskIds{{"0", {1, 2}}});
    CHECK(assignment.at("c").active == TaskIds{{"0", {4, 5}}});
}

TEST_CASE("sticky: tasks that are there no more are forgotten") {
    const auto assignment = assign(
        {{"a", "p", {.active = {{"0", {0, 7, -1}}, {"gone", {0}}}, .standby = {{"gone", {1}}}}},
         {"b", "q"}},
        {{"0", 2}});
    CHECK(assignment.at("a").active == TaskIds{{"0", {0}}});
    CHECK(assignment.at("b").active == TaskIds{{"0", {1}}});
}

TEST_CASE("sticky: a task goes to its standby when its member has left") {
    const auto assignment = assign({{"a", "p", {.active = {{"0", {0, 1}}}}},
                                    {"b", "q", {.standby = {{"0", {3}}}}},
                                    {"c", "r", {.standby = {{"0", {2}}}}}},
                                   {{"0", 4}});
    CHECK(assignment.at("a").active == TaskIds{{"0", {0, 1}}});
    CHECK(assignment.at("b").active == TaskIds{{"0", {3}}});
    CHECK(assignment.at("c").active == TaskIds{{"0", {2}}});
}

TEST_CASE("sticky: who was away gets the tasks back that it has state of") {
    const auto assignment = assign({{"a", "p", {}, {{"0", {{1, 100}}}}}, {"b", "q"}}, {{"0", 2}});
    CHECK(assignment.at("a").active == TaskIds{{"0", {1}}});
    CHECK(assignment.at("b").active == TaskIds{{"0", {0}}});
}

TEST_CASE("sticky: of standbys the one that has come farthest, and any before old state") {
    const group::TaskOffsets far = {{"0", {{0, 100}}}};
    const group::TaskOffsets near = {{"0", {{0, 7}}}};
    const Tasks standby = {.standby = {{"0", {0}}}};
    CHECK(count(assign({{"a", "p", standby, near}, {"b", "q", standby, far}}, {{"0", 1}})
                    .at("b")
                    .active) == 1);
    CHECK(count(assign({{"a", "p", {}, far}, {"b", "q", standby}}, {{"0", 1}}).at("b").active) ==
          1);
}

TEST_CASE("sticky: offsets of any size are compared") {
    const int64_t least = std::numeric_limits<int64_t>::min();
    const auto assignment = assign(
        {{"a", "p", {}, {{"0", {{0, least}}}}}, {"b", "q", {}, {{"0", {{0, -1}}}}}}, {{"0", 1}});
    CHECK(count(assignment.at("b").active) == 1);
}

TEST_CASE("sticky: stateful tasks have standbys, in other processes than the active one") {
    const auto assignment =
        assign({{"a", "p"}, {"b", "p"}, {"c", "q"}, {"d", "r"}}, {{"0", 4}, {"1", 4, false}}, 1);
    for (const auto& [task, times] : copies(assignment))
        CHECK(times == std::pair(1, task.first == "0" ? 1 : 0));
    const TaskIds& a = assignment.at("a").active;
    for (const auto& [subtopology_id, partitions] : assignment.at("b").standby)
        for (const int32_t partition : partitions)
            CHECK(!group::contains(a, subtopology_id, partition));
    for (const auto& [member_id, tasks] : assignment) CHECK(count(tasks.active) == 2);
}

TEST_CASE("sticky: there are no more standbys than other processes") {
    const auto assignment = assign({{"a", "p"}, {"b", "q"}}, {{"0", 2}}, 2'000'000'000);
    for (const auto& [task, times] : copies(assignment)) CHECK(times == std::pair(1, 1));
    const auto alone = assign({{"a", "p"}, {"b", "p"}}, {{"0", 2}}, 1);
    for (const auto& [task, times] : copies(alone)) CHECK(times == std::pair(1, 0));
}

TEST_CASE("sticky: standbys stay when nothing else changes") {
    const std::vector<Divided> subtopologies = {{"0", 5}, {"1", 3}};
    const auto first = assign({{"a", "p"}, {"b", "q"}, {"c", "r"}}, subtopologies, 1);
    std::vector<Running> members;
    for (const auto& [member_id, tasks] : first) members.push_back({member_id, member_id, tasks});
    CHECK(assign(members, subtopologies, 1) == first);
}

TEST_CASE("sticky: a task that moves leaves a standby where it was") {
    // a has too many of them; what b takes over, a keeps a copy of.
    const auto assignment =
        assign({{"a", "p", {.active = {{"0", {0, 1, 2, 3}}}}}, {"b", "q"}}, {{"0", 4}}, 1);
    CHECK(assignment.at("a") == Tasks{.active = {{"0", {0, 1}}}, .standby = {{"0", {2, 3}}}});
    CHECK(assignment.at("b") == Tasks{.active = {{"0", {2, 3}}}, .standby = {{"0", {0, 1}}}});
}

TEST_CASE("sticky: nobody warms up") {
    const auto assignment = assign(
        {{"a", "p", {.active = {{"0", {0}}}, .warmup = {{"0", {1}}}}}, {"b", "q"}}, {{"0", 2}});
    for (const auto& [member_id, tasks] : assignment) CHECK(tasks.warmup.empty());
}

TEST_CASE("sticky: the only assignor of streams groups") {
    CHECK((group::find_task_assignor("sticky") == group::assign_stickily));
    CHECK((group::find_task_assignor("uniform") == nullptr));
}
