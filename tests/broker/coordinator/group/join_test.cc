// JoinGroup, LeaveGroup and the rebalance timers: who is in the group, and when a generation
// begins.
#include <doctest/doctest.h>

#include "tests/broker/coordinator/group/transcript.h"

TEST_CASE("a new dynamic member is given its id first and joins with it") {
    CHECK_TRANSCRIPT(R"(
        > join m1
        m1: MEMBER_ID_REQUIRED
        > join m1
        m1: joined generation 1 range, leader m1, members m1=m1
    )");
}

TEST_CASE("before version 4 a new member joins at once") {
    CHECK_TRANSCRIPT(R"(
        > join m1 version=3
        m1: joined generation 1 range, leader m1, members m1=m1
    )");
}

TEST_CASE("a second member makes the group rebalance, and only the leader learns the members") {
    CHECK_TRANSCRIPT(R"(
        > join m1 version=3
        m1: joined generation 1 range, leader m1, members m1=m1
        > sync m1 m1=A
        m1: assigned A
        > join m2 version=3
        > heartbeat m1
        m1: REBALANCE_IN_PROGRESS
        > join m1
        m1: joined generation 2 range, leader m1, members m1=m1 m2=m2
        m2: joined generation 2 range, leader m1
        > sync m2
        > sync m1 m1=A m2=B
        m1: assigned A
        m2: assigned B
        > heartbeat m1
        m1: NONE
        > heartbeat m2
        m2: NONE
        > describe
        Stable consumer range
          m1 client/127.0.0.1 [m1] [A]
          m2 client/127.0.0.1 [m2] [B]
    )");
}

TEST_CASE("the protocol that all members know and most prefer is selected") {
    CHECK_TRANSCRIPT(R"(
        > config group_initial_rebalance_delay_ms=100
        > join m1 version=3 protocols=a,b,c
        > join m2 version=3 protocols=c,b
        > join m3 version=3 protocols=b,c
        > wait 300
        m1: joined generation 1 b, leader m1, members m1=m1 m2=m2 m3=m3
        m2: joined generation 1 b, leader m1
        m3: joined generation 1 b, leader m1
    )");
}

TEST_CASE("a protocol that is named twice has one vote") {
    CHECK_TRANSCRIPT(R"(
        > join m1 version=3 protocols=a,a
        m1: joined generation 1 a, leader m1, members m1=m1
        > join m2 version=3 protocols=a
        > join m1 protocols=a,a
        m1: joined generation 2 a, leader m1, members m1=m1 m2=m2
        m2: joined generation 2 a, leader m1
    )");
}

TEST_CASE("a member whose protocols nobody shares is refused") {
    CHECK_TRANSCRIPT(R"(
        > join m1 version=3 protocols=range
        m1: joined generation 1 range, leader m1, members m1=m1
        > join m2 version=3 protocols=sticky
        m2: INCONSISTENT_GROUP_PROTOCOL
        > join m2 version=3 type=connect protocols=range
        m2: INCONSISTENT_GROUP_PROTOCOL
        > join m1 protocols=sticky
        m1: INCONSISTENT_GROUP_PROTOCOL
    )");
}

TEST_CASE("a group that nobody may found without a protocol does not come into being") {
    CHECK_TRANSCRIPT(R"(
        > join m1 type= version=3
        m1: INCONSISTENT_GROUP_PROTOCOL
        > join m1 protocols= version=3
        m1: INCONSISTENT_GROUP_PROTOCOL
        > list
    )");
}

TEST_CASE("session timeouts out of bounds and empty group ids are refused") {
    CHECK_TRANSCRIPT(R"(
        > join m1 session=5999
        m1: INVALID_SESSION_TIMEOUT
        > join m1 session=1800001
        m1: INVALID_SESSION_TIMEOUT
        > join m1 group=
        m1: INVALID_GROUP_ID
        > sync m1 group=
        m1: INVALID_GROUP_ID
        > heartbeat m1 group=
        m1: INVALID_GROUP_ID
        > leave m1 group=
        m1: left INVALID_GROUP_ID
    )");
}

TEST_CASE("a member id that the coordinator did not give out is unknown") {
    CHECK_TRANSCRIPT(R"(
        > join m1 id=invented
        m1: UNKNOWN_MEMBER_ID
        > join m1 version=3
        m1: joined generation 1 range, leader m1, members m1=m1
        > join m2 id=invented
        m2: UNKNOWN_MEMBER_ID
    )");
}

TEST_CASE("a group takes no more members than group.max.size") {
    CHECK_TRANSCRIPT(R"(
        > config group_max_size=1
        > join m1 version=3
        m1: joined generation 1 range, leader m1, members m1=m1
        > join m2 version=3
        m2: GROUP_MAX_SIZE_REACHED
        > sync m1 m1=A
        m1: assigned A
        > join m2
        m2: GROUP_MAX_SIZE_REACHED
        > heartbeat m1
        m1: NONE
    )");
}

TEST_CASE("a member that gave its id out of hand is forgotten after its session timeout") {
    CHECK_TRANSCRIPT(R"(
        > join m1
        m1: MEMBER_ID_REQUIRED
        > wait 9999
        > wait 1
        > join m1
        m1: UNKNOWN_MEMBER_ID
    )");
}

TEST_CASE(
    "a rebalance waits for a member whose id was given out, but not longer than its session") {
    CHECK_TRANSCRIPT(R"(
        > join m1 version=3
        m1: joined generation 1 range, leader m1, members m1=m1
        > join m2
        m2: MEMBER_ID_REQUIRED
        > join m3 version=3
        > join m1
        > wait 10000
        m1: joined generation 2 range, leader m1, members m1=m1 m3=m3
        m3: joined generation 2 range, leader m1
    )");
}

TEST_CASE("a lost JoinGroup answer is given again without a rebalance") {
    CHECK_TRANSCRIPT(R"(
        > join m1 version=3
        m1: joined generation 1 range, leader m1, members m1=m1
        > join m1
        m1: joined generation 1 range, leader m1, members m1=m1
        > join m2 version=3
        > join m1
        m1: joined generation 2 range, leader m1, members m1=m1 m2=m2
        m2: joined generation 2 range, leader m1
        > sync m1 m1=A m2=B
        m1: assigned A
        > sync m2
        m2: assigned B
        > join m2
        m2: joined generation 2 range, leader m1
        > sync m2
        m2: assigned B
    )");
}

TEST_CASE("a JoinGroup that is sent again while it waits is answered in both places") {
    CHECK_TRANSCRIPT(R"(
        > join m1 version=3
        m1: joined generation 1 range, leader m1, members m1=m1
        > join m2 version=3
        > join m1 metadata=new
        m1: joined generation 2 range, leader m1, members m1=new m2=m2
        m2: joined generation 2 range, leader m1
        > join m2 metadata=other
        > join m2 metadata=other
        m2: REBALANCE_IN_PROGRESS
        > join m1
        m1: joined generation 3 range, leader m1, members m1=m1 m2=other
        m2: joined generation 3 range, leader m1
    )");
}

TEST_CASE("a leader that joins a stable group has the partitions divided anew") {
    CHECK_TRANSCRIPT(R"(
        > join m1 version=3
        m1: joined generation 1 range, leader m1, members m1=m1
        > sync m1 m1=A
        m1: assigned A
        > join m1
        m1: joined generation 2 range, leader m1, members m1=m1
    )");
}

TEST_CASE("a member that does not rejoin within the rebalance timeout is left behind") {
    CHECK_TRANSCRIPT(R"(
        > join m1 version=3 session=60000 rebalance=20000
        m1: joined generation 1 range, leader m1, members m1=m1
        > sync m1 m1=A
        m1: assigned A
        > join m2 version=3 session=60000 rebalance=5000
        > wait 19999
        > wait 1
        m2: joined generation 2 range, leader m2, members m2=m2
        > heartbeat m1
        m1: UNKNOWN_MEMBER_ID
        > join m1
        m1: UNKNOWN_MEMBER_ID
    )");
}

TEST_CASE("a member whose session ends is removed and the others rebalance") {
    CHECK_TRANSCRIPT(R"(
        > config group_initial_rebalance_delay_ms=10
        > join m1 version=3
        > join m2 version=3
        > wait 20
        m1: joined generation 1 range, leader m1, members m1=m1 m2=m2
        m2: joined generation 1 range, leader m1
        > sync m1 m1=A m2=B
        m1: assigned A
        > sync m2
        m2: assigned B
        > wait 6000
        > heartbeat m2
        m2: NONE
        > wait 4000
        > heartbeat m2
        m2: REBALANCE_IN_PROGRESS
        > join m2
        m2: joined generation 2 range, leader m2, members m2=m2
    )");
}

TEST_CASE("the last member's end leaves the group empty, in a generation of its own") {
    CHECK_TRANSCRIPT(R"(
        > join m1 version=3
        m1: joined generation 1 range, leader m1, members m1=m1
        > sync m1 m1=A
        m1: assigned A
        > wait 10000
        > describe
        Empty consumer
        > join m2 version=3
        m2: joined generation 3 range, leader m2, members m2=m2
    )");
}

TEST_CASE("a new member may wait five minutes for a rebalance, whatever its session timeout") {
    CHECK_TRANSCRIPT(R"(
        > join m1 version=3 session=1800000 rebalance=1000000
        m1: joined generation 1 range, leader m1, members m1=m1
        > sync m1 m1=A
        m1: assigned A
        > join m2 version=3 session=6000
        > wait 299999
        > wait 1
        m2: UNKNOWN_MEMBER_ID
    )");
}

TEST_CASE("the first rebalance waits for more members, as long as some come and not for ever") {
    CHECK_TRANSCRIPT(R"(
        > config group_initial_rebalance_delay_ms=3000
        > join m1 version=3 rebalance=8000
        > wait 2000
        > join m2 version=3 rebalance=8000
        > wait 3999
        > wait 1
        m1: joined generation 1 range, leader m1, members m1=m1 m2=m2
        m2: joined generation 1 range, leader m1
        > leave m1 m2
        m1: left NONE
        m2: left NONE
        > join m3 version=3 rebalance=8000
        > wait 2900
        > join m4 version=3 rebalance=8000
        > wait 3000
        > join m5 version=3 rebalance=8000
        > wait 2099
        > wait 1
        m3: joined generation 3 range, leader m3, members m3=m3 m4=m4 m5=m5
        m4: joined generation 3 range, leader m3
        m5: joined generation 3 range, leader m3
    )");
}

TEST_CASE("a member that leaves makes the others rebalance at once") {
    CHECK_TRANSCRIPT(R"(
        > join m1 version=3
        m1: joined generation 1 range, leader m1, members m1=m1
        > join m2 version=3
        > join m1
        m1: joined generation 2 range, leader m1, members m1=m1 m2=m2
        m2: joined generation 2 range, leader m1
        > leave m1 version=2
        m1: left NONE
        > heartbeat m2
        m2: REBALANCE_IN_PROGRESS
        > join m2
        m2: joined generation 3 range, leader m2, members m2=m2
        > leave m1 version=2
        m1: left UNKNOWN_MEMBER_ID
    )");
}

TEST_CASE("a member that leaves while it waits is answered, and those who wait go on") {
    CHECK_TRANSCRIPT(R"(
        > config group_initial_rebalance_delay_ms=10
        > join m1 version=3
        > join m2 version=3
        > wait 20
        m1: joined generation 1 range, leader m1, members m1=m1 m2=m2
        m2: joined generation 1 range, leader m1
        > join m3 version=3
        > join m2
        > leave m2
        m2: UNKNOWN_MEMBER_ID
        m2: left NONE
        > leave m1
        m3: joined generation 2 range, leader m3, members m3=m3
        m1: left NONE
    )");
}

TEST_CASE("who leaves a group that is not there is told so member by member") {
    CHECK_TRANSCRIPT(R"(
        > leave - static=one
        one: left UNKNOWN_MEMBER_ID
    )");
}

TEST_CASE("groups are listed by state and type, whatever the case") {
    CHECK_TRANSCRIPT(R"(
        > join m1 group=a version=3
        m1: joined generation 1 range, leader m1, members m1=m1
        > join m2 group=b
        m2: MEMBER_ID_REQUIRED
        > list
        a CompletingRebalance classic consumer
        b Empty classic
        > list empty
        b Empty classic
        > list COMPLETINGREBALANCE
        a CompletingRebalance classic consumer
        > list Stable Dead
        > list of=Classic
        a CompletingRebalance classic consumer
        b Empty classic
        > list of=consumer
    )");
}

TEST_CASE("an unknown group is dead, and since version 6 an error") {
    CHECK_TRANSCRIPT(R"(
        > describe version=5
        Dead
        > describe version=6
        Dead GROUP_ID_NOT_FOUND "Group group not found."
    )");
}

TEST_CASE("members of a stable group stay over a restart and keep their generation") {
    CHECK_TRANSCRIPT(R"(
        > join m1 version=3
        m1: joined generation 1 range, leader m1, members m1=m1
        > sync m1 m1=A
        m1: assigned A
        > restart
        > heartbeat m1
        m1: NONE
        > sync m1
        m1: assigned A
        > describe
        Stable consumer range
          m1 client/127.0.0.1 [m1] [A]
        > wait 10000
        > describe
        Empty consumer
    )");
}

TEST_CASE("a group that became empty is empty after a restart, too") {
    CHECK_TRANSCRIPT(R"(
        > join m1 version=3
        m1: joined generation 1 range, leader m1, members m1=m1
        > sync m1 m1=A
        m1: assigned A
        > leave m1
        m1: left NONE
        > restart
        > describe
        Empty consumer
    )");
}

TEST_CASE("a rebalance that a crash interrupted is not remembered") {
    CHECK_TRANSCRIPT(R"(
        > join m1 version=3
        m1: joined generation 1 range, leader m1, members m1=m1
        > restart
        > describe
        Empty
        > sync m1 m1=A
        m1: UNKNOWN_MEMBER_ID
        > join m1
        m1: UNKNOWN_MEMBER_ID
    )");
}

TEST_CASE("a new group whose record could not be appended is forgotten") {
    CHECK_TRANSCRIPT(R"(
        > fail-append REQUEST_TIMED_OUT
        > join m1 version=3
        m1: COORDINATOR_NOT_AVAILABLE
        > list
        > join m1 version=3
        m1: joined generation 1 range, leader m1, members m1=m1
    )");
}

TEST_CASE("members that wait in a new group are answered when it is forgotten") {
    CHECK_TRANSCRIPT(R"(
        > config group_initial_rebalance_delay_ms=3000
        > fail-append NOT_LEADER_OR_FOLLOWER
        > join m1 version=3
        m1: NOT_COORDINATOR
        > wait 3000
        > list
    )");
}

TEST_CASE("everybody who waits is answered when the broker gives the partition up") {
    CHECK_TRANSCRIPT(R"(
        > join m1 version=3
        m1: joined generation 1 range, leader m1, members m1=m1
        > join m2 version=3
        > unload
        m2: NOT_COORDINATOR
    )");
}
