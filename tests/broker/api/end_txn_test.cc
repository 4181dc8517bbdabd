// Transactions of today's clients, from end to end (KIP-98, KIP-890): Produce 12 adds partitions by
// itself, EndTxn 5 gives the epoch of the next transaction.
#include <doctest/doctest.h>

#include <array>

#include "protocol/messages/end_txn.h"
#include "protocol/messages/produce.h"
#include "tests/broker/broker_fixture.h"
#include "tests/broker/conversation.h"
#include "tests/support/batches.h"

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

TEST_CASE("records of an open transaction are read uncommitted only (redpanda#10671, nisshi#689)") {
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

TEST_CASE(
    "an aborted transaction is sent to everybody, and listed for read_committed alone "
    "(redpanda#6630)") {
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
    const auto uncommitted = fetch(shop.client, orders, 0);
    CHECK(uncommitted.aborted == Aborted{});
    CHECK(uncommitted.record_count == 4);
    CHECK(shop.committed(orders, 4).aborted == Aborted{{shop.producer.id, 1}});
    REQUIRE(produce(shop.client, orders, plain_batch()) == stored_at(5));
    CHECK(shop.committed(orders, 5).aborted == Aborted{});
}

TEST_CASE(
    "EndTxn gives each transaction an epoch of its own, whose sequences begin at 0 (KIP-890)") {
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

TEST_CASE("EndTxn sent again is answered like the first one (KIP-890)") {
    Shop shop(on_one_and_three_threads());
    REQUIRE(shop.write(orders, 0) == stored_at(0));
    const Producer before = shop.producer;
    shop.end(Outcome::commit);
    const auto again = end_transaction(shop.client, id, before, Outcome::commit);
    CHECK(again.error == ErrorCode::none);
    CHECK(again.next == shop.producer);
    CHECK(fetch(shop.client, orders, 0).high_watermark == 2);  // one marker
}

TEST_CASE("EndTxn sent again with the other outcome is refused (KIP-890)") {
    Shop shop;
    REQUIRE(shop.write(orders, 0) == stored_at(0));
    const Producer before = shop.producer;
    shop.end(Outcome::commit);
    CHECK(end_transaction(shop.client, id, before, Outcome::abort).error ==
          ErrorCode::invalid_txn_state);
    CHECK(shop.committed(orders).aborted == Aborted{});
}

TEST_CASE("a batch that arrives after its transaction has ended is refused (KAFKA-14402)") {
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

TEST_CASE(
    "a topic deleted within a transaction does not keep it from ending (KAFKA-5202, "
    "redpanda#14624)") {
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

TEST_CASE("a commit that the abort of a late transaction has overtaken is fenced (KAFKA-20785)") {
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

TEST_CASE("a late EndTxn does not end its client's next transaction (KAFKA-17754)") {
    Shop shop(on_one_and_three_threads());
    REQUIRE(shop.write(orders, 0) == stored_at(0));
    const Producer before = shop.producer;
    shop.end(Outcome::commit);
    REQUIRE(shop.write(orders, 0) == stored_at(2));
    Client late(shop.broker.port());
    for (const auto outcome : {Outcome::commit, Outcome::abort})
        CHECK(end_transaction(late, id, before, outcome).error == ErrorCode::producer_fenced);
    CHECK(shop.committed(orders).last_stable_offset == 2);
    shop.end(Outcome::commit);
    CHECK(shop.committed(orders).record_count == 2);
    CHECK(shop.committed(orders).aborted == Aborted{});
}

TEST_CASE(
    "transactions follow each other without CONCURRENT_TRANSACTIONS (KAFKA-5477, ydb#52731)") {
    Shop shop(on_one_and_three_threads());
    constexpr int16_t count = 50;
    // Nobody waits for an answer before the next request.
    for (int16_t round = 0; round < count; ++round) {
        const Producer producer{shop.producer.id,
                                static_cast<int16_t>(shop.producer.epoch + round)};
        for (const Partition& partition : {orders, payments})
            send_produce(shop.client, partition, transactional_batch(producer, 0), in_transaction);
        shop.client.send(protocol::EndTxnRequest{.transactional_id = id,
                                                 .producer_id = producer.id,
                                                 .producer_epoch = producer.epoch,
                                                 .committed = true},
                         5);
    }
    for (int16_t round = 0; round < count; ++round) {
        CHECK(receive_produced(shop.client) == stored_at(2 * round));
        CHECK(receive_produced(shop.client) == stored_at(2 * round));
        CHECK(shop.client.receive<protocol::EndTxnResponse>(5)->error_code == ErrorCode::none);
    }
}

TEST_CASE("compressed batches on many partitions are verified, each as itself (KAFKA-15653)") {
    TestBroker broker(on_one_and_three_threads());
    Client client(broker.port());
    constexpr int32_t partition_count = 8;
    create_topic(client, orders.topic, partition_count);
    const Producer producer = start_producer(client, id);
    using protocol::Compression;
    constexpr std::array codecs{Compression::gzip, Compression::snappy, Compression::lz4,
                                Compression::zstd};
    std::vector<Blob> batches;
    protocol::ProduceRequest request{.transactional_id = id, .acks = -1, .timeout_ms = 10'000};
    request.topic_data = {{.name = orders.topic}};
    for (int32_t index = 0; index < partition_count; ++index)
        batches.push_back(
            support::build_batch({.record_count = 1 + index,
                                  .timestamp = now_ms(),
                                  .producer_id = producer.id,
                                  .producer_epoch = producer.epoch,
                                  .base_sequence = 0,
                                  .transactional = true,
                                  .value_bytes = 5'000,
                                  .compression = codecs[static_cast<size_t>(index) % 4]}));
    for (int32_t index = 0; index < partition_count; ++index)
        request.topic_data.front().partition_data.push_back(
            {.index = index, .records = protocol::Records{batches[static_cast<size_t>(index)]}});
    const auto answer = client.call<protocol::ProduceResponse>(request, 12);
    for (const auto& partition : answer->responses.at(0).partition_responses)
        CHECK(partition.error_code == ErrorCode::none);
    REQUIRE(end_transaction(client, id, producer, Outcome::commit).error == ErrorCode::none);
    for (int32_t index = 0; index < partition_count; ++index) {
        const auto found = fetch(client, {orders.topic, index}, 0, {.isolation = read_committed});
        CHECK(found.record_count == 1 + index);
        CHECK(found.last_stable_offset == 2 + index);
    }
}

TEST_CASE("a fetch that waited lists what was aborted meanwhile (KAFKA-5376)") {
    Shop shop(on_one_and_three_threads());
    const Producer other = start_producer(shop.client, "another");
    REQUIRE(shop.write(orders, 0) == stored_at(0));
    Client reader(shop.broker.port());
    send_fetch(reader, orders, 0, {.isolation = read_committed, .max_wait_ms = 60'000});
    REQUIRE(produce(shop.client, orders, transactional_batch(other, 0),
                    {.transactional_id = "another"}) == stored_at(1));
    REQUIRE(end_transaction(shop.client, "another", other, Outcome::abort).error ==
            ErrorCode::none);
    CHECK(reader.is_silent(20));
    shop.end(Outcome::commit);
    const auto found = receive_fetched(reader);
    CHECK(found.last_stable_offset == 4);
    CHECK(found.record_count == 2);
    CHECK(found.aborted == Aborted{{other.id, 1}});
}

TEST_CASE("an aborted transaction is listed to who reads on in its middle (redpanda#5090)") {
    Shop shop;
    REQUIRE(shop.write(orders, 0) == stored_at(0));
    REQUIRE(produce(shop.client, orders, plain_batch(5)) == stored_at(1));
    REQUIRE(shop.write(orders, 1) == stored_at(6));
    const Producer aborting = shop.producer;
    shop.end(Outcome::abort);
    CHECK(shop.committed(orders, 3).aborted == Aborted{{aborting.id, 0}});
    CHECK(shop.committed(orders, 6).aborted == Aborted{{aborting.id, 0}});
}
