// The way of a member of a streams group to its target, step by step (KIP-1071).
#include <doctest/doctest.h>

#include "broker/coordinator/group/streams/task_reconciliation.h"

using namespace broker::coordinator::group;

namespace {

// Who else has which tasks of subtopology "0".
struct Others {
    std::map<int32_t, std::string> active = {};  // by partition, the process
    std::set<int32_t> standby_here = {};         // of the member's own process
    std::set<int32_t> warmup_here = {};
};

StreamsMember member_with(OwnedTasks assigned, int32_t epoch = 5) {
    return {.member_id = "a",
            .member_epoch = epoch,
            .previous_member_epoch = epoch - 1,
            .process_id = "p",
            .assigned = std::move(assigned)};
}

// What is said of it: everything that it has, unless told otherwise.
std::expected<StreamsMember, protocol::ErrorCode> step(const StreamsMember& member,
                                                       const Tasks& target, int32_t target_epoch,
                                                       std::optional<Tasks> owned = {},
                                                       const Others& others = {}) {
    return reconcile_tasks(
        member, {.target_epoch = target_epoch,
                 .target = target,
                 .owned = std::move(owned),
                 .active_process = [&](const std::string&,
                                       int32_t partition) -> std::optional<std::string_view> {
                     const auto owner = others.active.find(partition);
                     if (owner != others.active.end()) return owner->second;
                     if (contains(member.assigned.active, "0", partition) ||
                         contains(member.pending_revocation.active, "0", partition))
                         return member.process_id;
                     return std::nullopt;
                 },
                 .has_standby =
                     [&](const std::string&, int32_t partition) {
                         return others.standby_here.contains(partition) ||
                                contains(member.assigned.standby, "0", partition);
                     },
                 .has_warmup =
                     [&](const std::string&, int32_t partition) {
                         return others.warmup_here.contains(partition) ||
                                contains(member.assigned.warmup, "0", partition);
                     }});
}

using State = MemberState;

}  // namespace

TEST_CASE("a member takes what nobody has, with the target's epoch") {
    const auto next = step(member_with({}), {.active = {{"0", {0, 1}}}}, 6);
    REQUIRE(next);
    CHECK(next->member_epoch == 6);
    CHECK(next->previous_member_epoch == 5);
    CHECK(next->state == State::stable);
    CHECK(next->assigned.active == TaskEpochs{{"0", {{0, 6}, {1, 6}}}});
}

TEST_CASE("a member at its target's epoch takes no step") {
    const auto member = member_with({.active = {{"0", {{0, 3}}}}});
    CHECK(*step(member, {.active = {{"0", {1}}}}, 5) == member);
}

TEST_CASE("a member keeps its epoch until it has let go of what it loses") {
    const auto member = member_with({.active = {{"0", {{0, 3}, {1, 3}}}}});
    const Tasks target{.active = {{"0", {0}}}};
    const auto revoking = step(member, target, 6);
    REQUIRE(revoking);
    CHECK(revoking->state == State::unrevoked_partitions);
    CHECK(revoking->member_epoch == 5);
    CHECK(revoking->assigned.active == TaskEpochs{{"0", {{0, 3}}}});
    CHECK(revoking->pending_revocation.active == TaskEpochs{{"0", {{1, 3}}}});

    CHECK(*step(*revoking, target, 6) == *revoking);  // it says nothing of its tasks
    CHECK(*step(*revoking, target, 6, Tasks{.active = {{"0", {0, 1}}}}) == *revoking);
    const auto done = step(*revoking, target, 6, Tasks{.active = {{"0", {0}}}});
    REQUIRE(done);
    CHECK(done->state == State::stable);
    CHECK(done->member_epoch == 6);
    CHECK(done->assigned.active == TaskEpochs{{"0", {{0, 3}}}});  // it has had it since then
    CHECK(done->pending_revocation.empty());
}

TEST_CASE("who does not have what it loses any more goes on at once") {
    const auto member = member_with({.active = {{"0", {{0, 3}}}}});
    const auto next = step(member, {}, 6, Tasks{});
    REQUIRE(next);
    CHECK(next->member_epoch == 6);
    CHECK(next->assigned.empty());
}

TEST_CASE("a member waits for tasks that others have yet to let go of") {
    const Tasks target{.active = {{"0", {0, 1}}}};
    const auto waiting = step(member_with({}), target, 6, {}, {.active = {{0, "other"}}});
    REQUIRE(waiting);
    CHECK(waiting->state == State::unreleased_partitions);
    CHECK(waiting->member_epoch == 6);
    CHECK(waiting->assigned.active == TaskEpochs{{"0", {{1, 6}}}});
    const auto done = step(*waiting, target, 6);
    REQUIRE(done);
    CHECK(done->state == State::stable);
    CHECK(done->assigned.active == TaskEpochs{{"0", {{0, 6}, {1, 6}}}});
}

TEST_CASE("standby tasks are let go of before the epoch moves on, too") {
    const auto member = member_with({.active = {}, .standby = {{"0", {0}}}});
    const auto revoking = step(member, {}, 6);
    REQUIRE(revoking);
    CHECK(revoking->state == State::unrevoked_partitions);
    CHECK(revoking->pending_revocation.standby == TaskIds{{"0", {0}}});
}

TEST_CASE("a standby that becomes active stays one until its owner has let go") {
    const auto member = member_with({.active = {}, .standby = {{"0", {0}}}});
    const Tasks target{.active = {{"0", {0}}}};
    const auto waiting = step(member, target, 6, {}, {.active = {{0, "other"}}});
    REQUIRE(waiting);
    CHECK(waiting->state == State::unreleased_partitions);
    CHECK(waiting->assigned.standby == TaskIds{{"0", {0}}});
    const auto done = step(*waiting, target, 6);
    REQUIRE(done);
    CHECK(done->state == State::stable);
    CHECK(done->assigned.active == TaskEpochs{{"0", {{0, 6}}}});
    CHECK(done->assigned.standby.empty());
}

TEST_CASE("a standby that becomes active waits for what the member has to let go of besides") {
    const auto member = member_with({.active = {{"0", {{1, 3}}}}, .standby = {{"0", {0}}}});
    const auto revoking = step(member, {.active = {{"0", {0}}}}, 6);
    REQUIRE(revoking);
    CHECK(revoking->state == State::unrevoked_partitions);
    CHECK(revoking->assigned.active.empty());
    CHECK(revoking->assigned.standby == TaskIds{{"0", {0}}});
    CHECK(revoking->pending_revocation.active == TaskEpochs{{"0", {{1, 3}}}});
}

TEST_CASE("an active task becomes standby in the step that takes it away") {
    const auto member = member_with({.active = {{"0", {{0, 3}}}}});
    const auto revoking = step(member, {.active = {}, .standby = {{"0", {0}}}}, 6);
    REQUIRE(revoking);
    CHECK(revoking->state == State::unrevoked_partitions);
    CHECK(revoking->assigned.active.empty());
    CHECK(revoking->assigned.standby == TaskIds{{"0", {0}}});
    CHECK(revoking->pending_revocation.active == TaskEpochs{{"0", {{0, 3}}}});
}

TEST_CASE("standby and warm-up change into each other at once") {
    const auto standby = member_with({.active = {}, .standby = {{"0", {0}}}});
    const auto warm = step(standby, {.active = {}, .standby = {}, .warmup = {{"0", {0}}}}, 6);
    REQUIRE(warm);
    CHECK(warm->state == State::stable);
    CHECK(warm->assigned == OwnedTasks{.active = {}, .standby = {}, .warmup = {{"0", {0}}}});
    const auto back = step(*warm, {.active = {}, .standby = {{"0", {0}}}}, 7);
    REQUIRE(back);
    CHECK(back->state == State::stable);
    CHECK(back->assigned.standby == TaskIds{{"0", {0}}});
}

TEST_CASE("two members of a process do not have the same task") {
    const Tasks active{.active = {{"0", {0}}}};
    const Tasks standby{.active = {}, .standby = {{"0", {0}}}};
    const Tasks warmup{.active = {}, .standby = {}, .warmup = {{"0", {0}}}};
    const auto waits = [](const Tasks& target, const Others& others) {
        return step(member_with({}), target, 6, {}, others)->state == State::unreleased_partitions;
    };
    CHECK(waits(active, {.standby_here = {0}}));
    CHECK(waits(active, {.warmup_here = {0}}));
    CHECK(waits(standby, {.active = {{0, "p"}}}));
    CHECK(waits(standby, {.standby_here = {0}}));
    CHECK(waits(warmup, {.active = {{0, "p"}}}));
    CHECK_FALSE(waits(standby, {.active = {{0, "other"}}}));
}

TEST_CASE("a member in a state that is not known has to have nothing") {
    auto member = member_with({.active = {{"0", {{0, 3}}}}});
    member.state = State::unknown;
    CHECK_FALSE(step(member, {}, 6));
    CHECK_FALSE(step(member, {}, 6, Tasks{.active = {{"0", {0}}}}));
    const auto next = step(member, {}, 6, Tasks{});
    REQUIRE(next);
    CHECK(next->state == State::stable);
}
