// Transactions of today's clients, from end to end (KIP-98, KIP-890): Produce 12 adds partitions by
// itself, EndTxn 5 gives the epoch of the next transaction.
#include <doctest/doctest.h>

#include "tests/broker/broker_fixture.h"
#include "tests/broker/conversation.h"

using namespace broker_fixture;
using protocol::ErrorCode;

namespace {

const Partition orders{"orders"};
const Partition payments{"payments", 1};
const std::string id = "a-shop";
const ProduceOptions in_transaction{.transactional_id = id};

struct Shop {
    explicit Shop(Values settings = {}) : broker(std::move(settings)), client(broker.port()) {
        create_topic(client, orders.topic, 1);
        create_topic(client, payments.topic, 2);
        producer = start_producer(client, id);
    }
    Produced write(const Partition& partition, int32_t sequence, int32_t record_count = 1) {
        return produce(client, partition, transactional_batch(producer, sequence, record_count),
                       in_transaction);
    }
    // Ends the transaction; must succeed. The producer goes on with its new epoch.
    void end(Outcome outcome) {
        const auto ended = end_transaction(client, id, producer, outcome);
        REQUIRE(ended.error == ErrorCode::none);
        producer = ended.next;
    }
    Fetched committed(const Partition& partition, int64_t offset = 0) {
        return fetch(client, partition, offset, {.isolation = read_committed});
    }

    TestBroker broker;
    Client client;
    Producer producer;
};

using Aborted = std::vector<std::pair<int64_t, int64_t>>;

}  // namespace

TEST_CASE("records of an open transaction are read uncommitted only") {
    Shop shop(on_one_and_three_threads());
    REQUIRE(produce(shop.client, orders, plain_batch()) == stored_at(0));
    REQUIRE(shop.write(orders, 0, 2) == stored_at(1));
    REQUIRE(produce(shop.client, orders, plain_batch()) == stored_at(3));

    const auto uncommitted = fetch(shop.client, orders, 0);
    CHECK(uncommitted.record_count == 4);
    CHECK(uncommitted.high_watermark == 4);
    CHECK(uncommitted.last_stable_offset == 1);
    const auto committed = shop.committed(orders);
    CHECK(committed.record_count == 1);
    CHECK(committed.last_stable_offset == 1);
    CHECK(shop.committed(orders, 1).record_count == 0);
}

TEST_CASE("a committed transaction is readable on all of its partitions when EndTxn is answered") {
    Shop shop(on_one_and_three_threads());
    REQUIRE(shop.write(orders, 0, 2) == stored_at(0));
    REQUIRE(shop.write(payments, 0) == stored_at(0));
    REQUIRE(shop.write(orders, 2) == stored_at(2));
    shop.end(Outcome::commit);

    const auto of_orders = shop.committed(orders);
    CHECK(of_orders.record_count == 3);
    CHECK(of_orders.high_watermark == 4);  // with the marker
    CHECK(of_orders.last_stable_offset == 4);
    CHECK(of_orders.aborted == Aborted{});
    const auto of_payments = shop.committed(payments);
    CHECK(of_payments.record_count == 1);
    CHECK(of_payments.last_stable_offset == 2);
}

TEST_CASE("an aborted transaction is listed with its first offset to read_committed alone") {
    Shop shop(on_one_and_three_threads());
    REQUIRE(produce(shop.client, orders, plain_batch()) == stored_at(0));
    REQUIRE(shop.write(orders, 0) == stored_at(1));
    REQUIRE(produce(shop.client, orders, plain_batch()) == stored_at(2));
    REQUIRE(shop.write(orders, 1) == stored_at(3));
    shop.end(Outcome::abort);

    const auto committed = shop.committed(orders);
    CHECK(committed.last_stable_offset == 5);
    CHECK(committed.aborted == Aborted{{shop.producer.id, 1}});
    CHECK(committed.record_count == 4);  // The client leaves the aborted ones out.
    CHECK(fetch(shop.client, orders, 0).aborted == Aborted{});
    CHECK(shop.committed(orders, 4).aborted == Aborted{{shop.producer.id, 1}});
    REQUIRE(produce(shop.client, orders, plain_batch()) == stored_at(5));
    CHECK(shop.committed(orders, 5).aborted == Aborted{});
}

TEST_CASE("EndTxn gives each transaction an epoch of its own, whose sequences begin at 0") {
    Shop shop(on_one_and_three_threads());
    const Producer first = shop.producer;
    for (int16_t round = 0; round < 4; ++round) {
        CHECK(shop.producer == Producer{first.id, static_cast<int16_t>(first.epoch + round)});
        CHECK(shop.write(orders, 0).error == ErrorCode::none);
        CHECK(shop.write(orders, 1).error == ErrorCode::none);
        CHECK(shop.write(payments, 0).error == ErrorCode::none);
        shop.end(round % 2 == 0 ? Outcome::commit : Outcome::abort);
    }
    CHECK(shop.committed(orders).last_stable_offset == 12);
    CHECK(shop.committed(orders).aborted.size() == 2);
}

TEST_CASE("a batch sent again within its transaction is stored once") {
    Shop shop;
    const Blob batch = transactional_batch(shop.producer, 0, 2);
    REQUIRE(produce(shop.client, orders, batch, in_transaction) == stored_at(0));
    CHECK(produce(shop.client, orders, batch, in_transaction) == stored_at(0));
    shop.end(Outcome::commit);
    CHECK(shop.committed(orders).record_count == 2);
}

TEST_CASE("EndTxn sent again is answered like the first one") {
    Shop shop(on_one_and_three_threads());
    REQUIRE(shop.write(orders, 0) == stored_at(0));
    const Producer before = shop.producer;
    shop.end(Outcome::commit);
    const auto again = end_transaction(shop.client, id, before, Outcome::commit);
    CHECK(again.error == ErrorCode::none);
    CHECK(again.next == shop.producer);
    CHECK(fetch(shop.client, orders, 0).high_watermark == 2);  // one marker
}

TEST_CASE("EndTxn sent again with the other outcome is refused") {
    Shop shop;
    REQUIRE(shop.write(orders, 0) == stored_at(0));
    const Producer before = shop.producer;
    shop.end(Outcome::commit);
    CHECK(end_transaction(shop.client, id, before, Outcome::abort).error ==
          ErrorCode::invalid_txn_state);
    CHECK(shop.committed(orders).aborted == Aborted{});
}

TEST_CASE("a batch that arrives after its transaction has ended is refused") {
    Shop shop(on_one_and_three_threads());
    REQUIRE(shop.write(orders, 0) == stored_at(0));
    const Blob late = transactional_batch(shop.producer, 1);
    const Blob late_elsewhere = transactional_batch(shop.producer, 0);
    shop.end(Outcome::commit);
    CHECK(produce(shop.client, orders, late, in_transaction) ==
          refused(ErrorCode::invalid_producer_epoch));
    CHECK(produce(shop.client, payments, late_elsewhere, in_transaction) ==
          refused(ErrorCode::invalid_producer_epoch));
    CHECK(fetch(shop.client, orders, 0).high_watermark == 2);
    CHECK(fetch(shop.client, payments, 0).high_watermark == 0);
}

TEST_CASE("committing a transaction that has written nothing is refused, aborting is not") {
    Shop shop;
    CHECK(end_transaction(shop.client, id, shop.producer, Outcome::commit).error ==
          ErrorCode::invalid_txn_state);
    const auto aborted = end_transaction(shop.client, id, shop.producer, Outcome::abort);
    CHECK(aborted.error == ErrorCode::none);
    CHECK(aborted.next.epoch == shop.producer.epoch + 1);
}

TEST_CASE("EndTxn of a producer that is not the transactional id's is refused") {
    Shop shop;
    REQUIRE(shop.write(orders, 0) == stored_at(0));
    const Producer older{shop.producer.id, static_cast<int16_t>(shop.producer.epoch - 1)};
    const Producer other{shop.producer.id + 1000, shop.producer.epoch};
    CHECK(end_transaction(shop.client, id, older, Outcome::commit).error ==
          ErrorCode::producer_fenced);
    CHECK(end_transaction(shop.client, id, other, Outcome::commit).error ==
          ErrorCode::invalid_producer_id_mapping);
    CHECK(end_transaction(shop.client, "another", shop.producer, Outcome::commit).error ==
          ErrorCode::invalid_producer_id_mapping);
    CHECK(transaction_state(shop.client, id) == "Ongoing");
}

TEST_CASE("transactions of two producers on one partition end independently") {
    Shop shop(on_one_and_three_threads());
    const Producer other = start_producer(shop.client, "another");
    const ProduceOptions of_other{.transactional_id = "another"};
    REQUIRE(shop.write(orders, 0) == stored_at(0));
    REQUIRE(produce(shop.client, orders, transactional_batch(other, 0), of_other) == stored_at(1));
    REQUIRE(end_transaction(shop.client, "another", other, Outcome::abort).error ==
            ErrorCode::none);
    CHECK(shop.committed(orders).last_stable_offset == 0);
    shop.end(Outcome::commit);
    CHECK(shop.committed(orders).last_stable_offset == 4);
    CHECK(shop.committed(orders).aborted == Aborted{{other.id, 1}});
}

TEST_CASE("a topic deleted within a transaction does not keep it from ending") {
    Shop shop(on_one_and_three_threads());
    REQUIRE(shop.write(orders, 0) == stored_at(0));
    REQUIRE(shop.write(payments, 0) == stored_at(0));
    delete_topic(shop.client, orders.topic);
    shop.end(Outcome::commit);
    CHECK(shop.committed(payments).record_count == 1);
    CHECK(shop.committed(payments).last_stable_offset == 2);

    create_topic(shop.client, orders.topic);
    CHECK(fetch(shop.client, orders, 0).high_watermark == 0);
    CHECK(shop.write(orders, 0) == stored_at(0));
    shop.end(Outcome::commit);
    CHECK(shop.committed(orders).record_count == 1);
}

TEST_CASE("transactional batches without a transactional id in the request are refused") {
    Shop shop;
    CHECK(produce(shop.client, orders, transactional_batch(shop.producer, 0)) ==
          refused(ErrorCode::transactional_id_authorization_failed));
    CHECK(fetch(shop.client, orders, 0).high_watermark == 0);
}

TEST_CASE("a transaction that takes longer than its timeout is aborted by the broker") {
    Shop shop(on_one_and_three_threads());
    shop.producer = start_producer(shop.client, id, {.timeout_ms = 50});
    REQUIRE(shop.write(orders, 0) == stored_at(0));
    // Wakes with the marker.
    const auto aborted =
        fetch(shop.client, orders, 0, {.isolation = read_committed, .max_wait_ms = 10'000});
    CHECK(aborted.last_stable_offset == 2);
    CHECK(aborted.aborted == Aborted{{shop.producer.id, 0}});
    CHECK(shop.write(orders, 1) == refused(ErrorCode::invalid_producer_epoch));
    CHECK(end_transaction(shop.client, id, shop.producer, Outcome::commit).error ==
          ErrorCode::producer_fenced);
}
