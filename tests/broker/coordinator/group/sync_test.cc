// SyncGroup and Heartbeat: the leader divides, everybody gets a part and says that it is alive.
#include <doctest/doctest.h>

#include "tests/broker/coordinator/group/transcript.h"

TEST_CASE("followers wait for the leader's assignment") {
    CHECK_TRANSCRIPT(R"(
        > config group_initial_rebalance_delay_ms=10
        > join m1 version=3
        > join m2 version=3
        > wait 20
        m1: joined generation 1 range, leader m1, members m1=m1 m2=m2
        m2: joined generation 1 range, leader m1
        > sync m2
        > sync m1 m1=A m2=B
        m1: assigned A
        m2: assigned B
    )");
}

TEST_CASE("a member that the leader gave nothing is assigned nothing") {
    CHECK_TRANSCRIPT(R"(
        > config group_initial_rebalance_delay_ms=10
        > join m1 version=3
        > join m2 version=3
        > wait 20
        m1: joined generation 1 range, leader m1, members m1=m1 m2=m2
        m2: joined generation 1 range, leader m1
        > sync m1 m1=A
        m1: assigned A
        > sync m2
        m2: assigned 
    )");
}

TEST_CASE("a SyncGroup of another generation, member or protocol is refused") {
    CHECK_TRANSCRIPT(R"(
        > sync m1
        m1: UNKNOWN_MEMBER_ID
        > join m1 version=3
        m1: joined generation 1 range, leader m1, members m1=m1
        > sync m1 generation=0
        m1: ILLEGAL_GENERATION
        > sync m1 id=invented
        m1: UNKNOWN_MEMBER_ID
        > sync m1 protocol=sticky
        m1: INCONSISTENT_GROUP_PROTOCOL
        > sync m1 type=connect
        m1: INCONSISTENT_GROUP_PROTOCOL
        > sync m1 type=consumer protocol=range m1=A
        m1: assigned A
    )");
}

TEST_CASE("a SyncGroup that comes after the next rebalance began is told so") {
    CHECK_TRANSCRIPT(R"(
        > join m1 version=3
        m1: joined generation 1 range, leader m1, members m1=m1
        > join m2 version=3
        > sync m1 m1=A
        m1: REBALANCE_IN_PROGRESS
    )");
}

TEST_CASE("members that wait for an assignment are told when the group rebalances again") {
    CHECK_TRANSCRIPT(R"(
        > config group_initial_rebalance_delay_ms=10
        > join m1 version=3
        > join m2 version=3
        > wait 20
        m1: joined generation 1 range, leader m1, members m1=m1 m2=m2
        m2: joined generation 1 range, leader m1
        > sync m2
        > join m3 version=3
        m2: REBALANCE_IN_PROGRESS
    )");
}

TEST_CASE("a SyncGroup that is sent again while it waits is answered in both places") {
    CHECK_TRANSCRIPT(R"(
        > config group_initial_rebalance_delay_ms=10
        > join m1 version=3
        > join m2 version=3
        > wait 20
        m1: joined generation 1 range, leader m1, members m1=m1 m2=m2
        m2: joined generation 1 range, leader m1
        > sync m2
        > sync m2
        m2: REBALANCE_IN_PROGRESS
        > sync m1 m1=A m2=B
        m1: assigned A
        m2: assigned B
    )");
}

TEST_CASE("a member that waits for its assignment and leaves is answered") {
    CHECK_TRANSCRIPT(R"(
        > config group_initial_rebalance_delay_ms=10
        > join m1 version=3
        > join m2 version=3
        > wait 20
        m1: joined generation 1 range, leader m1, members m1=m1 m2=m2
        m2: joined generation 1 range, leader m1
        > sync m2
        > leave m2
        m2: UNKNOWN_MEMBER_ID
        m2: left NONE
    )");
}

TEST_CASE("members that never fetch their assignment are removed after the rebalance timeout") {
    CHECK_TRANSCRIPT(R"(
        > config group_initial_rebalance_delay_ms=10
        > join m1 version=3 session=60000 rebalance=20000
        > join m2 version=3 session=60000 rebalance=20000
        > wait 20
        m1: joined generation 1 range, leader m1, members m1=m1 m2=m2
        m2: joined generation 1 range, leader m1
        > sync m2
        > wait 20000
        m2: REBALANCE_IN_PROGRESS
        > join m2
        m2: joined generation 2 range, leader m2, members m2=m2
        > heartbeat m1
        m1: UNKNOWN_MEMBER_ID
    )");
}

TEST_CASE("a follower that never fetches its assignment is removed from a stable group") {
    CHECK_TRANSCRIPT(R"(
        > config group_initial_rebalance_delay_ms=10
        > join m1 version=3 session=60000 rebalance=20000
        > join m2 version=3 session=60000 rebalance=20000
        > wait 20
        m1: joined generation 1 range, leader m1, members m1=m1 m2=m2
        m2: joined generation 1 range, leader m1
        > sync m1 m1=A m2=B
        m1: assigned A
        > wait 20000
        > heartbeat m1
        m1: REBALANCE_IN_PROGRESS
    )");
}

TEST_CASE("an assignment that could not be written is nobody's, and the group rebalances") {
    CHECK_TRANSCRIPT(R"(
        > config group_initial_rebalance_delay_ms=10
        > join m1 version=3
        > join m2 version=3
        > wait 20
        m1: joined generation 1 range, leader m1, members m1=m1 m2=m2
        m2: joined generation 1 range, leader m1
        > sync m2
        > fail-append NOT_LEADER_OR_FOLLOWER
        > sync m1 m1=A m2=B
        m1: NOT_COORDINATOR
        m2: NOT_COORDINATOR
        > heartbeat m1
        m1: REBALANCE_IN_PROGRESS
        > join m1
        > join m2
        m1: joined generation 2 range, leader m1, members m1=m1 m2=m2
        m2: joined generation 2 range, leader m1
    )");
}

TEST_CASE("a heartbeat of another generation or member is refused") {
    CHECK_TRANSCRIPT(R"(
        > heartbeat m1
        m1: UNKNOWN_MEMBER_ID
        > join m1 version=3
        m1: joined generation 1 range, leader m1, members m1=m1
        > heartbeat m1
        m1: NONE
        > heartbeat m1 generation=2
        m1: ILLEGAL_GENERATION
        > heartbeat m1 id=invented
        m1: UNKNOWN_MEMBER_ID
    )");
}
