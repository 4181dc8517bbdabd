// Transactions of clients before KIP-890: partitions are added by AddPartitionsToTxn, writes are
// verified against them, and the epoch stays the same.
#include <doctest/doctest.h>

#include "protocol/messages/add_partitions_to_txn.h"
#include "protocol/messages/end_txn.h"
#include "protocol/messages/init_producer_id.h"
#include "tests/broker/broker_fixture.h"
#include "tests/broker/conversation.h"

using namespace broker_fixture;
using protocol::ErrorCode;

namespace {

const Partition orders{"orders"};
const Partition payments{"payments"};
const std::string id = "an-old-shop";
const ProduceOptions in_transaction{.transactional_id = id, .version = 11};
constexpr int16_t old_end_version = 3;
using Errors = std::vector<ErrorCode>;

struct OldShop {
    explicit OldShop(Values settings = {}) : broker(std::move(settings)), client(broker.port()) {
        create_topic(client, orders.topic);
        create_topic(client, payments.topic);
        producer = start_producer(client, id, {.version = 4});
    }
    Produced write(const Partition& partition, int32_t sequence) {
        return produce(client, partition, transactional_batch(producer, sequence), in_transaction);
    }
    ErrorCode end(Outcome outcome) {
        return end_transaction(client, id, producer, outcome, old_end_version).error;
    }
    Fetched committed(const Partition& partition) {
        return fetch(client, partition, 0, {.isolation = read_committed});
    }

    // Another client sends a request behind one that is not answered yet, and goes.
    template <class Request>
    void send_and_go(const Request& request, int16_t version) {
        {
            Client impatient(broker.port());
            send_fetch(impatient, payments, 0, {.max_wait_ms = 60'000});
            CHECK(impatient.is_silent(20));
            impatient.send(request, version);
        }
        // The fetch is answered, to nobody, and what came behind it would be next.
        REQUIRE(produce(client, payments, plain_batch()) == stored_at(0));
    }
    // Of a partition in which nothing comes: what was executed too late would be by now.
    Fetched committed_after_a_while() {
        return fetch(client, orders, 0, {.isolation = read_committed, .max_wait_ms = 100});
    }

    TestBroker broker;
    Client client;
    Producer producer;
};

}  // namespace

TEST_CASE("old clients' transactions keep their epoch and count sequences on") {
    OldShop shop(on_one_and_three_threads());
    for (int32_t round = 0; round < 3; ++round) {
        CHECK(add_partitions(shop.client, id, shop.producer, {orders, payments}) ==
              Errors{ErrorCode::none, ErrorCode::none});
        CHECK(shop.write(orders, round) == stored_at(2 * round));
        CHECK(shop.write(payments, round) == stored_at(2 * round));
        CHECK(shop.end(round == 1 ? Outcome::abort : Outcome::commit) == ErrorCode::none);
    }
    const auto committed = shop.committed(orders);
    CHECK(committed.record_count == 3);
    CHECK(committed.last_stable_offset == 6);
    CHECK(committed.aborted == std::vector<std::pair<int64_t, int64_t>>{{shop.producer.id, 2}});
}

TEST_CASE(
    "an old client's write to a partition that it did not add is refused (KIP-890, KAFKA-16314)") {
    OldShop shop(on_one_and_three_threads());
    REQUIRE(add_partitions(shop.client, id, shop.producer, {orders}) == Errors{ErrorCode::none});
    CHECK(shop.write(payments, 0).error == ErrorCode::transaction_abortable);
    CHECK(produce(shop.client, payments, transactional_batch(shop.producer, 0),
                  {.transactional_id = id, .version = 10})
              .error == ErrorCode::invalid_txn_state);
    CHECK(fetch(shop.client, payments, 0).high_watermark == 0);
    CHECK(shop.write(orders, 0) == stored_at(0));
}

TEST_CASE(
    "an old client's batch that arrives after the end of its transaction is refused "
    "(KAFKA-14402)") {
    OldShop shop(on_one_and_three_threads());
    REQUIRE(add_partitions(shop.client, id, shop.producer, {orders}) == Errors{ErrorCode::none});
    REQUIRE(shop.write(orders, 0) == stored_at(0));
    REQUIRE(shop.end(Outcome::abort) == ErrorCode::none);
    CHECK(shop.write(orders, 1).error == ErrorCode::transaction_abortable);
    CHECK(shop.committed(orders).last_stable_offset == 2);
    CHECK(fetch(shop.client, orders, 0).high_watermark == 2);
}

TEST_CASE(
    "a partition that was added and never written does not keep a transaction open (ydb#51053)") {
    OldShop shop(on_one_and_three_threads());
    REQUIRE(add_partitions(shop.client, id, shop.producer, {orders, payments}) ==
            Errors{ErrorCode::none, ErrorCode::none});
    REQUIRE(shop.write(orders, 0) == stored_at(0));
    REQUIRE(shop.end(Outcome::commit) == ErrorCode::none);
    CHECK(shop.committed(orders).last_stable_offset == 2);
    const auto untouched = shop.committed(payments);
    CHECK(untouched.last_stable_offset == untouched.high_watermark);
    CHECK(untouched.record_count == 0);
}

TEST_CASE("an old client's EndTxn sent again is answered with success") {
    OldShop shop;
    REQUIRE(add_partitions(shop.client, id, shop.producer, {orders}) == Errors{ErrorCode::none});
    REQUIRE(shop.write(orders, 0) == stored_at(0));
    REQUIRE(shop.end(Outcome::commit) == ErrorCode::none);
    CHECK(shop.end(Outcome::commit) == ErrorCode::none);
    CHECK(shop.end(Outcome::abort) == ErrorCode::invalid_txn_state);
    CHECK(fetch(shop.client, orders, 0).high_watermark == 2);
}

TEST_CASE("one partition that does not exist keeps the others out of the transaction") {
    OldShop shop;
    CHECK(add_partitions(shop.client, id, shop.producer, {{"missing"}, orders}) ==
          Errors{ErrorCode::unknown_topic_or_partition, ErrorCode::operation_not_attempted});
    CHECK(shop.write(orders, 0).error == ErrorCode::transaction_abortable);
    CHECK(transaction_state(shop.client, id) == "Empty");
}

TEST_CASE(
    "each version of AddPartitionsToTxn names fencing as its clients understand it (KAFKA-9911)") {
    OldShop shop;
    const Producer fenced{shop.producer.id, static_cast<int16_t>(shop.producer.epoch - 1)};
    for (const auto version : std::initializer_list<int16_t>{0, 1})
        CHECK(add_partitions(shop.client, id, fenced, {orders}, version) ==
              Errors{ErrorCode::invalid_producer_epoch});
    for (const auto version : std::initializer_list<int16_t>{2, 3})
        CHECK(add_partitions(shop.client, id, fenced, {orders}, version) ==
              Errors{ErrorCode::producer_fenced});
    const Producer other{shop.producer.id + 1000, shop.producer.epoch};
    CHECK(add_partitions(shop.client, id, other, {orders}) ==
          Errors{ErrorCode::invalid_producer_id_mapping});
}

TEST_CASE("a client that became newer goes on with its transactional id") {
    OldShop shop(on_one_and_three_threads());
    REQUIRE(add_partitions(shop.client, id, shop.producer, {orders}) == Errors{ErrorCode::none});
    REQUIRE(shop.write(orders, 0) == stored_at(0));
    REQUIRE(shop.end(Outcome::commit) == ErrorCode::none);

    const Producer newer = start_producer(shop.client, id);
    REQUIRE(newer.epoch == shop.producer.epoch + 1);
    REQUIRE(produce(shop.client, orders, transactional_batch(newer, 0), {.transactional_id = id}) ==
            stored_at(2));
    const auto ended = end_transaction(shop.client, id, newer, Outcome::commit);
    CHECK(ended.error == ErrorCode::none);
    CHECK(ended.next == Producer{newer.id, static_cast<int16_t>(newer.epoch + 1)});
    CHECK(shop.committed(orders).last_stable_offset == 4);
}

TEST_CASE(
    "an old client's late EndTxn can end its next transaction, as both look alike (KAFKA-17754)") {
    // What docs/guarantees.md says of the protocol before KIP-890: no broker can tell.
    OldShop shop;
    REQUIRE(add_partitions(shop.client, id, shop.producer, {orders}) == Errors{ErrorCode::none});
    REQUIRE(shop.write(orders, 0) == stored_at(0));
    REQUIRE(shop.end(Outcome::abort) == ErrorCode::none);
    REQUIRE(add_partitions(shop.client, id, shop.producer, {orders}) == Errors{ErrorCode::none});
    REQUIRE(shop.write(orders, 1) == stored_at(2));
    Client late(shop.broker.port());
    CHECK(end_transaction(late, id, shop.producer, Outcome::commit, old_end_version).error ==
          ErrorCode::none);
    CHECK(shop.end(Outcome::abort) == ErrorCode::invalid_txn_state);
    CHECK(shop.committed(orders).last_stable_offset == 4);
    CHECK(shop.committed(orders).aborted.size() == 1);
}

TEST_CASE("an EndTxn that waits on a closed connection is not executed (KAFKA-17754)") {
    OldShop shop(on_one_and_three_threads());
    REQUIRE(add_partitions(shop.client, id, shop.producer, {orders}) == Errors{ErrorCode::none});
    REQUIRE(shop.write(orders, 0) == stored_at(0));
    shop.send_and_go(protocol::EndTxnRequest{.transactional_id = id,
                                             .producer_id = shop.producer.id,
                                             .producer_epoch = shop.producer.epoch,
                                             .committed = true},
                     old_end_version);
    CHECK(shop.committed_after_a_while().last_stable_offset == 0);
    CHECK(transaction_state(shop.client, id) == "Ongoing");
    CHECK(shop.end(Outcome::abort) == ErrorCode::none);
}

TEST_CASE("an InitProducerId that waits on a closed connection fences nobody") {
    OldShop shop(on_one_and_three_threads());
    REQUIRE(add_partitions(shop.client, id, shop.producer, {orders}) == Errors{ErrorCode::none});
    REQUIRE(shop.write(orders, 0) == stored_at(0));
    protocol::InitProducerIdRequest late{.transaction_timeout_ms = 60'000};
    late.transactional_id = id;
    shop.send_and_go(late, 4);
    CHECK(shop.committed_after_a_while().last_stable_offset == 0);
    CHECK(shop.write(orders, 1) == stored_at(1));
    CHECK(shop.end(Outcome::commit) == ErrorCode::none);
}

TEST_CASE("an AddPartitionsToTxn that waits on a closed connection opens no transaction") {
    OldShop shop(on_one_and_three_threads());
    protocol::AddPartitionsToTxnRequest late{.v3_and_below_transactional_id = id,
                                             .v3_and_below_producer_id = shop.producer.id,
                                             .v3_and_below_producer_epoch = shop.producer.epoch};
    late.v3_and_below_topics.push_back({.name = orders.topic, .partitions = {orders.index}});
    shop.send_and_go(late, 3);
    CHECK(shop.committed_after_a_while().record_count == 0);
    CHECK(transaction_state(shop.client, id) == "Empty");
}
