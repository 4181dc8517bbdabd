// Static members (KIP-345): they come back under a new member id, and the old one is fenced.
#include <doctest/doctest.h>

#include "tests/broker/coordinator/group/transcript.h"

TEST_CASE("a static member joins at once and keeps its assignment over a restart of its process") {
    CHECK_TRANSCRIPT(R"(
        > join a static=one
        a: joined generation 1 range, leader a, members a=a
        > sync a static=one a=A
        a: assigned A
        > join b static=one
        b: joined generation 1 range, leader b, skips the assignment, members b=b
        > sync b static=one
        b: assigned A
        > heartbeat b static=one
        b: NONE
    )");
}

TEST_CASE("before version 9 a static leader that comes back takes itself for a follower") {
    CHECK_TRANSCRIPT(R"(
        > join a static=one version=8
        a: joined generation 1 range, leader a, members a=a
        > sync a static=one a=A
        a: assigned A
        > join b static=one version=8
        b: joined generation 1 range, leader a
        > sync b static=one
        b: assigned A
    )");
}

TEST_CASE("the process that a static member replaced is fenced everywhere") {
    CHECK_TRANSCRIPT(R"(
        > join a static=one
        a: joined generation 1 range, leader a, members a=a
        > sync a static=one a=A
        a: assigned A
        > join b static=one
        b: joined generation 1 range, leader b, skips the assignment, members b=b
        > heartbeat a static=one
        a: FENCED_INSTANCE_ID
        > sync a static=one
        a: FENCED_INSTANCE_ID
        > join a static=one
        a: FENCED_INSTANCE_ID
        > leave a static=one
        a: left FENCED_INSTANCE_ID
        > txn-commit 7 a static=one t-0=5
        a: t-0 FENCED_INSTANCE_ID
        > heartbeat a
        a: UNKNOWN_MEMBER_ID
    )");
}

TEST_CASE("a static member that waits is fenced when it is replaced") {
    CHECK_TRANSCRIPT(R"(
        > join m1 version=3
        m1: joined generation 1 range, leader m1, members m1=m1
        > join a static=one
        > join b static=one
        a: FENCED_INSTANCE_ID
        > join m1
        m1: joined generation 2 range, leader m1, members m1=m1 b=b
        b: joined generation 2 range, leader m1
        > sync b static=one
        > join c static=one
        b: FENCED_INSTANCE_ID
        > join m1
        m1: joined generation 3 range, leader m1, members m1=m1 c=c
        c: joined generation 3 range, leader m1
    )");
}

TEST_CASE("a static member that comes back with another protocol makes the group rebalance") {
    CHECK_TRANSCRIPT(R"(
        > join a static=one protocols=range,sticky
        a: joined generation 1 range, leader a, members a=a
        > sync a static=one a=A
        a: assigned A
        > join b static=one protocols=sticky
        b: joined generation 2 sticky, leader b, members b=b
    )");
}

TEST_CASE(
    "a static member that is away keeps its place until the others' rebalance timeout is over") {
    CHECK_TRANSCRIPT(R"(
        > join a static=one session=100000 rebalance=20000
        a: joined generation 1 range, leader a, members a=a
        > sync a static=one a=A
        a: assigned A
        > join m1 version=3 session=100000 rebalance=20000
        > wait 20000
        m1: joined generation 2 range, leader m1, members m1=m1 a=a
        > sync m1 a=A m1=B
        m1: assigned B
        > join b static=one
        b: joined generation 2 range, leader m1
        > sync b static=one
        b: assigned A
    )");
}

TEST_CASE("an administrator removes static members by their instance ids") {
    CHECK_TRANSCRIPT(R"(
        > join a static=one
        a: joined generation 1 range, leader a, members a=a
        > leave - static=two
        two: left UNKNOWN_MEMBER_ID
        > leave - static=one
        one: left NONE
        > describe
        Empty consumer
    )");
}

TEST_CASE("the old static member stays valid when the new one's record could not be written") {
    CHECK_TRANSCRIPT(R"(
        > join a static=one
        a: joined generation 1 range, leader a, members a=a
        > sync a static=one a=A
        a: assigned A
        > fail-append REQUEST_TIMED_OUT
        > join b static=one metadata=other
        b: COORDINATOR_NOT_AVAILABLE
        > heartbeat a static=one
        a: NONE
        > describe
        Stable consumer range
          a static=one client/127.0.0.1 [a] [A]
        > wait 10000
        > describe
        Empty consumer
    )");
}

TEST_CASE("a static member is known again after a restart") {
    CHECK_TRANSCRIPT(R"(
        > join a static=one
        a: joined generation 1 range, leader a, members a=a
        > sync a static=one a=A
        a: assigned A
        > join b static=one
        b: joined generation 1 range, leader b, skips the assignment, members b=b
        > restart
        > heartbeat a static=one
        a: FENCED_INSTANCE_ID
        > heartbeat b static=one
        b: NONE
        > join c static=one
        c: joined generation 1 range, leader c, skips the assignment, members c=c
        > sync c static=one
        c: assigned A
    )");
}

TEST_CASE("an id that was given out is no static member's") {
    CHECK_TRANSCRIPT(R"(
        > join m1
        m1: MEMBER_ID_REQUIRED
        > join m1 static=one
        m1: UNKNOWN_MEMBER_ID
    )");
}
