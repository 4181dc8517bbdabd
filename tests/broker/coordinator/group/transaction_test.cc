// Offsets in transactions (KIP-98, KIP-447): pending until the marker, fenced by generation.
#include <doctest/doctest.h>

#include "tests/broker/coordinator/group/transcript.h"

TEST_CASE("offsets of a transaction become visible with its commit marker") {
    CHECK_TRANSCRIPT(R"(
        > commit - t-0=1
        -: t-0 NONE
        > txn-commit 7 - t-0=5:note
        -: t-0 NONE
        > fetch t-0
        t-0: 1
        > end-txn 7 commit
        > fetch t-0
        t-0: 5 note
    )");
}

TEST_CASE("offsets of an aborted transaction are never seen (KAFKA-14505)") {
    CHECK_TRANSCRIPT(R"(
        > commit - t-0=1
        -: t-0 NONE
        > txn-commit 7 - t-0=5
        -: t-0 NONE
        > end-txn 7 abort
        > fetch t-0 stable
        t-0: 1
        > end-txn 7 commit
        > fetch t-0 stable
        t-0: 1
    )");
}

TEST_CASE(
    "who requires stable offsets is told of a pending one, partition by partition (KAFKA-14505)") {
    CHECK_TRANSCRIPT(R"(
        > commit - t-0=1 t-1=2
        -: t-0 NONE t-1 NONE
        > txn-commit 7 - t-0=5
        -: t-0 NONE
        > fetch t-0 t-1 stable
        t-0: UNSTABLE_OFFSET_COMMIT
        t-1: 2
        > fetch all stable
        t-0: UNSTABLE_OFFSET_COMMIT
        t-1: 2
        > end-txn 7 commit
        > fetch t-0 stable
        t-0: 5
    )");
}

TEST_CASE("an offset that was never committed is unstable while a transaction writes it") {
    CHECK_TRANSCRIPT(R"(
        > txn-commit 7 - t-0=5
        -: t-0 NONE
        > fetch t-0 stable
        t-0: UNSTABLE_OFFSET_COMMIT
        > fetch t-0
        t-0: -1
    )");
}

TEST_CASE("pending offsets survive a restart and wait for their marker (KAFKA-14505)") {
    CHECK_TRANSCRIPT(R"(
        > txn-commit 7 - t-0=5
        -: t-0 NONE
        > restart
        > fetch t-0 stable
        t-0: UNSTABLE_OFFSET_COMMIT
        > end-txn 7 commit
        > restart
        > fetch t-0 stable
        t-0: 5
    )");
}

TEST_CASE(
    "an ordinary commit during the transaction wins over the earlier pending one (KAFKA-14505)") {
    CHECK_TRANSCRIPT(R"(
        > txn-commit 7 - t-0=5
        -: t-0 NONE
        > commit - t-0=9
        -: t-0 NONE
        > fetch t-0
        t-0: 9
        > end-txn 7 commit
        > fetch t-0 stable
        t-0: 9
    )");
}

TEST_CASE("the later of two transactions' offsets wins whichever ends first") {
    CHECK_TRANSCRIPT(R"(
        > txn-commit 7 - t-0=5
        -: t-0 NONE
        > txn-commit 8 - t-0=6
        -: t-0 NONE
        > end-txn 8 commit
        > fetch t-0 stable
        t-0: UNSTABLE_OFFSET_COMMIT
        > fetch t-0
        t-0: 6
        > end-txn 7 commit
        > fetch t-0 stable
        t-0: 6
    )");
}

TEST_CASE("a zombie is known by its generation and its member id (KAFKA-9365, crabka#371)") {
    CHECK_TRANSCRIPT(R"(
        > join m1 version=3
        m1: joined generation 1 range, leader m1, members m1=m1
        > sync m1 m1=A
        m1: assigned A
        > txn-commit 7 m1 t-0=5
        m1: t-0 NONE
        > txn-commit 7 m1 generation=0 t-0=5
        m1: t-0 ILLEGAL_GENERATION
        > txn-commit 7 m2 generation=1 t-0=5
        m2: t-0 UNKNOWN_MEMBER_ID
        > txn-commit 7 m1 static=one t-0=5
        m1: t-0 UNKNOWN_MEMBER_ID
    )");
}

TEST_CASE("a transactional commit without group metadata passes, as before KIP-447 (KAFKA-9418)") {
    CHECK_TRANSCRIPT(R"(
        > join m1 version=3
        m1: joined generation 1 range, leader m1, members m1=m1
        > txn-commit 7 - t-0=5 version=2
        -: t-0 NONE
    )");
}

TEST_CASE("a transaction may commit while the group completes its rebalance") {
    CHECK_TRANSCRIPT(R"(
        > join m1 version=3
        m1: joined generation 1 range, leader m1, members m1=m1
        > txn-commit 7 m1 t-0=5
        m1: t-0 NONE
    )");
}

TEST_CASE("a transactional commit to an unknown group with a generation is told so by version") {
    CHECK_TRANSCRIPT(R"(
        > txn-commit 7 m1 generation=1 t-0=5 version=5
        m1: t-0 ILLEGAL_GENERATION
        > txn-commit 7 m1 generation=1 t-0=5 version=6
        m1: t-0 GROUP_ID_NOT_FOUND
        > txn-commit 7 - group= t-0=5
        -: t-0 INVALID_GROUP_ID
    )");
}

TEST_CASE(
    "a group deleted with pending offsets does not come back when they commit (nisshi finding 4)") {
    CHECK_TRANSCRIPT(R"(
        > txn-commit 7 - t-0=5
        -: t-0 NONE
        > delete
        NONE
        > end-txn 7 commit
        > fetch t-0 stable
        t-0: -1
        > list
        > restart
        > fetch t-0 stable
        t-0: -1
        > list
    )");
}

TEST_CASE(
    "offsets of a topic deleted with the transaction open do not come back (nisshi finding 4)") {
    CHECK_TRANSCRIPT(R"(
        > txn-commit 7 - t-0=5 u-0=6
        -: t-0 NONE u-0 NONE
        > delete-topic t
        > end-txn 7 commit
        > fetch all stable
        u-0: 6
    )");
}

TEST_CASE("nothing expires while a transaction has it pending") {
    CHECK_TRANSCRIPT(R"(
        > commit - t-0=1
        -: t-0 NONE
        > txn-commit 7 - t-0=5 t-1=6
        -: t-0 NONE t-1 NONE
        > wait 700000000
        > fetch t-0
        t-0: 1
        > end-txn 7 abort
        > wait 600000
        > fetch t-0
        t-0: -1
        > list
    )");
}

TEST_CASE("a transactional commit that could not be appended leaves nothing pending") {
    CHECK_TRANSCRIPT(R"(
        > fail-append NOT_LEADER_OR_FOLLOWER
        > txn-commit 7 - t-0=5
        -: t-0 NOT_COORDINATOR
        > fetch t-0 stable
        t-0: -1
    )");
}
