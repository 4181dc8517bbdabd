// OffsetCommit, OffsetFetch, and what becomes of offsets: deletion and expiry (KIP-211, KIP-496).
#include <doctest/doctest.h>

#include "tests/broker/coordinator/group/transcript.h"

TEST_CASE("committed offsets come back with their metadata (nisshi finding 4)") {
    CHECK_TRANSCRIPT(R"(
        > join m1 version=3
        m1: joined generation 1 range, leader m1, members m1=m1
        > sync m1 m1=A
        m1: assigned A
        > commit m1 t-0=5:note t-1=7 u-0=9
        m1: t-0 NONE t-1 NONE u-0 NONE
        > fetch t-0 t-1 t-2 x-0
        t-0: 5 note
        t-1: 7
        t-2: -1
        x-0: -1
        > fetch all
        t-0: 5 note
        t-1: 7
        u-0: 9
        > restart
        > fetch all stable
        t-0: 5 note
        t-1: 7
        u-0: 9
    )");
}

TEST_CASE("a group that does not exist has no offsets and is no error") {
    CHECK_TRANSCRIPT(R"(
        > fetch t-0
        t-0: -1
        > fetch all
        > list
    )");
}

TEST_CASE("without a generation anybody may commit to a group without members, also to \"\"") {
    CHECK_TRANSCRIPT(R"(
        > commit - t-0=5
        -: t-0 NONE
        > list
        group Empty classic
        > commit - group= t-0=6
        -: t-0 NONE
        > fetch group= t-0
        t-0: 6
    )");
}

TEST_CASE("without a generation nobody may commit to a group that has members") {
    CHECK_TRANSCRIPT(R"(
        > join m1 version=3
        m1: joined generation 1 range, leader m1, members m1=m1
        > sync m1 m1=A
        m1: assigned A
        > commit - t-0=5
        -: t-0 UNKNOWN_MEMBER_ID
        > fetch t-0
        t-0: -1
    )");
}

TEST_CASE("an ordinary commit checks generation, member and state") {
    CHECK_TRANSCRIPT(R"(
        > commit m1 generation=3 t-0=5 version=8
        m1: t-0 ILLEGAL_GENERATION
        > commit m1 generation=3 t-0=5 version=9
        m1: t-0 GROUP_ID_NOT_FOUND
        > join m1 version=3
        m1: joined generation 1 range, leader m1, members m1=m1
        > commit m1 t-0=5
        m1: t-0 REBALANCE_IN_PROGRESS
        > sync m1 m1=A
        m1: assigned A
        > commit m1 generation=2 t-0=5
        m1: t-0 ILLEGAL_GENERATION
        > commit m2 generation=1 t-0=5
        m2: t-0 UNKNOWN_MEMBER_ID
        > join m2 version=3
        > commit m1 t-0=5
        m1: t-0 NONE
    )");
}

TEST_CASE("a commit is a sign of life") {
    CHECK_TRANSCRIPT(R"(
        > join m1 version=3
        m1: joined generation 1 range, leader m1, members m1=m1
        > sync m1 m1=A
        m1: assigned A
        > wait 9000
        > commit m1 t-0=5
        m1: t-0 NONE
        > wait 9000
        > heartbeat m1
        m1: NONE
    )");
}

TEST_CASE("metadata that is too long is refused partition by partition, counted in UTF-16") {
    CHECK_TRANSCRIPT(R"(
        > config offset_metadata_max_bytes=4
        > commit - t-0=5:four t-1=6:fiveX t-2=7:ääää t-3=8:𝄞𝄞𝄞
        -: t-0 NONE t-1 OFFSET_METADATA_TOO_LARGE t-2 NONE t-3 OFFSET_METADATA_TOO_LARGE
        > fetch all
        t-0: 5 four
        t-2: 7 ääää
    )");
}

TEST_CASE("a commit that could not be appended is not visible") {
    CHECK_TRANSCRIPT(R"(
        > commit - t-0=5
        -: t-0 NONE
        > fail-append NOT_ENOUGH_REPLICAS
        > commit - t-0=6
        -: t-0 COORDINATOR_NOT_AVAILABLE
        > fetch t-0
        t-0: 5
        > fail-append MESSAGE_TOO_LARGE
        > commit - t-0=7
        -: t-0 UNKNOWN_SERVER_ERROR
    )");
}

TEST_CASE("only an empty group can be deleted, and its offsets go with it") {
    CHECK_TRANSCRIPT(R"(
        > delete
        GROUP_ID_NOT_FOUND
        > join m1 version=3
        m1: joined generation 1 range, leader m1, members m1=m1
        > sync m1 m1=A
        m1: assigned A
        > commit m1 t-0=5
        m1: t-0 NONE
        > delete
        NON_EMPTY_GROUP
        > leave m1
        m1: left NONE
        > delete
        NONE
        > fetch t-0
        t-0: -1
        > list
        > restart
        > fetch t-0
        t-0: -1
        > list
    )");
}

TEST_CASE("single offsets can be deleted unless their topic is subscribed to") {
    CHECK_TRANSCRIPT(R"(
        > delete-offsets t-0
        GROUP_ID_NOT_FOUND
        > join m1 version=3 topics=t
        m1: joined generation 1 range, leader m1, members m1=[t]
        > sync m1 m1=A
        m1: assigned A
        > commit m1 t-0=5 u-0=6 u-1=7
        m1: t-0 NONE u-0 NONE u-1 NONE
        > delete-offsets t-0 u-0 v-0
        t-0: GROUP_SUBSCRIBED_TO_TOPIC
        u-0: NONE
        v-0: NONE
        > fetch all
        t-0: 5
        u-1: 7
    )");
}

TEST_CASE("offsets of a group that is no consumer group can be deleted only when it is empty") {
    CHECK_TRANSCRIPT(R"(
        > join m1 version=3 type=connect
        m1: joined generation 1 range, leader m1, members m1=m1
        > delete-offsets t-0
        NON_EMPTY_GROUP
    )");
}

TEST_CASE("a deleted topic takes its offsets along") {
    CHECK_TRANSCRIPT(R"(
        > commit - t-0=5 t-1=6 u-0=7
        -: t-0 NONE t-1 NONE u-0 NONE
        > commit - group=other t-0=8
        -: t-0 NONE
        > delete-topic t
        > fetch all
        u-0: 7
        > fetch all group=other
    )");
}

// 604800000 ms are offsets.retention.minutes' 7 days; 600000 the interval of the sweep.

TEST_CASE("offsets of a simple group expire a week after their commit, and the group with them") {
    CHECK_TRANSCRIPT(R"(
        > commit - t-0=5
        -: t-0 NONE
        > wait 1200000
        > commit - t-1=6
        -: t-1 NONE
        > wait 603599999
        > fetch all
        t-0: 5
        t-1: 6
        > wait 1
        > fetch all
        t-1: 6
        > wait 1200000
        > fetch all
        > list
    )");
}

TEST_CASE("offsets of a group with members age from when the last one left") {
    CHECK_TRANSCRIPT(R"(
        > join m1 version=3 session=1800000
        m1: joined generation 1 range, leader m1, members m1=m1
        > sync m1 m1=A
        m1: assigned A
        > commit m1 t-0=5
        m1: t-0 NONE
        > wait 1799999
        > heartbeat m1
        m1: NONE
        > wait 1800000
        > describe
        Empty consumer
        > wait 604799999
        > fetch all
        t-0: 5
        > wait 600000
        > fetch all
        > list
    )");
}

TEST_CASE("a stable group loses old offsets only of topics that it does not read") {
    CHECK_TRANSCRIPT(R"(
        > join m1 version=3 static=one session=1800000 topics=t
        m1: joined generation 1 range, leader m1, members m1=[t]
        > sync m1 static=one m1=A
        m1: assigned A
        > commit m1 t-0=5 u-0=6 retention=1000
        m1: t-0 NONE u-0 NONE
        > wait 600000
        > fetch all
        t-0: 5
    )");
}

TEST_CASE("the offsets of a group whose subscriptions cannot be read do not expire") {
    CHECK_TRANSCRIPT(R"(
        > join m1 version=3 session=1800000 metadata=x
        m1: joined generation 1 range, leader m1, members m1=x
        > sync m1 m1=A
        m1: assigned A
        > commit m1 t-0=5 retention=1000
        m1: t-0 NONE
        > wait 600000
        > fetch all
        t-0: 5
    )");
}

TEST_CASE("offsets do not expire while the group rebalances") {
    CHECK_TRANSCRIPT(R"(
        > commit - t-0=5 retention=1000
        -: t-0 NONE
        > join m1 version=3 session=1800000 rebalance=1800000
        m1: joined generation 1 range, leader m1, members m1=m1
        > wait 600000
        > fetch all
        t-0: 5
    )");
}

TEST_CASE("an empty group without offsets is swept away, but not from under a member that joins") {
    CHECK_TRANSCRIPT(R"(
        > join m1 session=1800000
        m1: MEMBER_ID_REQUIRED
        > wait 600000
        > list
        group Empty classic
        > wait 1200000
        > list
    )");
}
