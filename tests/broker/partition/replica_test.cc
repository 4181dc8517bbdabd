// A partition's own rules for transactions: what may be appended, and when no more.
#include "broker/partition/replica.h"

#include <doctest/doctest.h>

#include "tests/support/batches.h"
#include "tests/support/simulated_file_system.h"

using namespace broker::partition;

namespace {

constexpr int64_t now_ms = 1'000;
constexpr int64_t producer_id = 7;
constexpr int16_t epoch = 3;

struct Partition {
    Partition() : replica(*storage::Log::open(disk, "orders-0", {}), /*leader_epoch=*/0) {}

    ErrorCode append(Replica::Ticket ticket, int64_t id = producer_id, int32_t sequence = 0,
                     int16_t of_epoch = epoch) {
        auto batch = support::build_batch({.timestamp = now_ms,
                                           .producer_id = id,
                                           .producer_epoch = of_epoch,
                                           .base_sequence = sequence,
                                           .transactional = true});
        return replica
            .append(batch,
                    {.topic = topic, .now_ms = now_ms, .must_be_verified = true, .ticket = ticket})
            .error;
    }
    Replica::Ticket begin(int16_t of_epoch = epoch) {
        return replica.begin_verification(producer_id, of_epoch);
    }
    void end_transaction(int64_t id = producer_id) {
        REQUIRE(replica.append_marker({.producer_id = id, .producer_epoch = epoch}, now_ms));
    }

    support::SimulatedFileSystem disk;
    broker::config::TopicConfig topic;
    Replica replica;
};

}  // namespace

TEST_CASE("the first batch of a transaction needs a ticket, the others do not (KIP-890)") {
    Partition test;
    CHECK(test.append(0) == ErrorCode::invalid_txn_state);
    CHECK(test.append(99) == ErrorCode::invalid_txn_state);
    CHECK(test.append(test.begin()) == ErrorCode::none);
    CHECK(test.begin() == 0);
    CHECK(test.append(0, producer_id, 1) == ErrorCode::none);
}

TEST_CASE("a ticket is void as soon as a marker of its producer is written (KAFKA-14402)") {
    Partition test;
    const auto ticket = test.begin();
    test.end_transaction();
    CHECK(test.append(ticket) == ErrorCode::invalid_txn_state);
}

TEST_CASE("the late marker of the transaction before leaves its successor's ticket as it is") {
    Partition test;
    REQUIRE(test.append(test.begin()) == ErrorCode::none);
    // The next transaction has the epoch that the marker has (KIP-890), and began to be verified.
    const auto ticket = test.begin(epoch + 1);
    REQUIRE(test.replica.append_marker(
        {.producer_id = producer_id, .producer_epoch = epoch + 1, .transaction_version = 2},
        now_ms));
    CHECK(test.append(ticket, producer_id, 0, epoch + 1) == ErrorCode::none);
}

TEST_CASE("the marker of another producer leaves a ticket as it is") {
    Partition test;
    const auto ticket = test.begin();
    test.end_transaction(producer_id - 1);
    test.end_transaction(producer_id + 1);
    CHECK(test.append(ticket) == ErrorCode::none);
}

TEST_CASE("a ticket is good for one append") {
    Partition test;
    const auto ticket = test.begin();
    REQUIRE(test.append(ticket) == ErrorCode::none);
    test.end_transaction();
    CHECK(test.append(ticket, producer_id, 1) == ErrorCode::invalid_txn_state);
}

TEST_CASE("an append that is refused uses its ticket up, too") {
    Partition test;
    REQUIRE(test.append(test.begin()) == ErrorCode::none);
    test.end_transaction();
    const auto ticket = test.begin();
    CHECK(test.append(ticket, producer_id, 99) == ErrorCode::out_of_order_sequence_number);
    CHECK(test.append(ticket, producer_id, 1) == ErrorCode::invalid_txn_state);
}

TEST_CASE("a fenced producer that asks does not take away its successor's ticket (KAFKA-18575)") {
    Partition test;
    const auto ticket = test.begin();
    const auto of_zombie = test.begin(epoch - 1);
    test.replica.end_verification(producer_id, of_zombie);
    CHECK(test.append(of_zombie) == ErrorCode::invalid_txn_state);
    CHECK(test.append(ticket) == ErrorCode::none);
}
