// Produce: idempotence (KIP-98), refused batches, acknowledgements.
#include <doctest/doctest.h>

#include <limits>

#include "protocol/messages/produce.h"
#include "tests/broker/broker_fixture.h"
#include "tests/broker/conversation.h"

using namespace broker_fixture;
using protocol::ErrorCode;

namespace {

const Partition orders{"orders"};

// A broker with the topic of these tests, and a producer that has written records 0 to 2.
struct Written {
    explicit Written(Values settings = {}) : broker(std::move(settings)), client(broker.port()) {
        create_topic(client, orders.topic, 1);
        producer = start_idempotent_producer(client);
        REQUIRE(produce(client, orders, idempotent_batch(producer, 0, 3)) == stored_at(0));
    }
    int64_t end_offset() { return fetch(client, orders, 0).high_watermark; }

    TestBroker broker;
    Client client;
    Producer producer;
};

}  // namespace

TEST_CASE("a retried batch is answered with its first offset and not stored again (AutoMQ#437)") {
    Written test(on_one_and_three_threads());
    const Blob second = idempotent_batch(test.producer, 3, 2);
    REQUIRE(produce(test.client, orders, second) == stored_at(3));

    CHECK(produce(test.client, orders, second) == stored_at(3));
    Client other(test.broker.port());
    CHECK(produce(other, orders, second) == stored_at(3));
    CHECK(test.end_offset() == 5);
}

TEST_CASE(
    "the fifth last batch is still known for a retry, the sixth last is not (redpanda#3077)") {
    Written test;
    for (int32_t sequence = 3; sequence < 7; ++sequence)
        REQUIRE(produce(test.client, orders, idempotent_batch(test.producer, sequence)) ==
                stored_at(sequence));
    CHECK(produce(test.client, orders, idempotent_batch(test.producer, 0, 3)) == stored_at(0));

    REQUIRE(produce(test.client, orders, idempotent_batch(test.producer, 7)) == stored_at(7));
    CHECK(produce(test.client, orders, idempotent_batch(test.producer, 0, 3)).error ==
          ErrorCode::out_of_order_sequence_number);
    CHECK(test.end_offset() == 8);
}

TEST_CASE("a gap in a producer's sequence is refused, and what closes it is stored") {
    Written test;
    CHECK(produce(test.client, orders, idempotent_batch(test.producer, 5)) ==
          refused(ErrorCode::out_of_order_sequence_number));
    CHECK(produce(test.client, orders, idempotent_batch(test.producer, 3, 2)) == stored_at(3));
    CHECK(produce(test.client, orders, idempotent_batch(test.producer, 5)) == stored_at(5));
}

TEST_CASE("a batch of an older epoch is refused") {
    Written test;
    const Producer next{test.producer.id, static_cast<int16_t>(test.producer.epoch + 1)};
    REQUIRE(produce(test.client, orders, idempotent_batch(next, 0)) == stored_at(3));
    CHECK(produce(test.client, orders, idempotent_batch(test.producer, 3)) ==
          refused(ErrorCode::invalid_producer_epoch));
    CHECK(test.end_offset() == 4);
}

TEST_CASE("a new epoch begins with sequence 0") {
    Written test;
    const Producer next{test.producer.id, static_cast<int16_t>(test.producer.epoch + 1)};
    CHECK(produce(test.client, orders, idempotent_batch(next, 3)) ==
          refused(ErrorCode::out_of_order_sequence_number));
    CHECK(produce(test.client, orders, idempotent_batch(next, 0)) == stored_at(3));
}

TEST_CASE("producers of one partition do not disturb each other") {
    Written test;
    const Producer other = start_idempotent_producer(test.client);
    CHECK(other.id != test.producer.id);
    CHECK(produce(test.client, orders, idempotent_batch(other, 0)) == stored_at(3));
    CHECK(produce(test.client, orders, idempotent_batch(test.producer, 3)) == stored_at(4));
}

TEST_CASE("a batch with a wrong checksum is refused and not stored") {
    Written test;
    Blob batch = plain_batch();
    batch.back() ^= std::byte{1};
    CHECK(produce(test.client, orders, batch) == refused(ErrorCode::corrupt_message));
    CHECK(test.end_offset() == 3);
}

TEST_CASE("a batch that is cut short is refused and not stored") {
    Written test;
    const Blob batch = plain_batch();
    CHECK(produce(test.client, orders, Bytes(batch).first(batch.size() - 1)).error ==
          ErrorCode::invalid_record);
    CHECK(test.end_offset() == 3);
}

TEST_CASE("a batch above max.message.bytes is refused and not stored") {
    TestBroker broker;
    Client client(broker.port());
    create_topic(client, orders.topic, 1, {{"max.message.bytes", "1000"}});
    CHECK(produce(client, orders, plain_batch(1, 1000)) == refused(ErrorCode::message_too_large));
    CHECK(produce(client, orders, plain_batch(1, 500)) == stored_at(0));
}

TEST_CASE("a partition or a topic that is not there is refused, the others are stored") {
    Written test;
    const Blob first = plain_batch();
    const Blob second = plain_batch();
    protocol::ProduceRequest request{.acks = -1, .timeout_ms = 1'000};
    request.topic_data = {{.name = "orders",
                           .partition_data = {{.index = 7, .records = protocol::Records{first}},
                                              {.index = 0, .records = protocol::Records{first}}}},
                          {.name = "missing",
                           .partition_data = {{.index = 0, .records = protocol::Records{second}}}}};
    const auto answer = test.client.call<protocol::ProduceResponse>(request, 12);
    const auto& of_orders = answer->responses.at(0).partition_responses;
    CHECK(of_orders.at(0).error_code == ErrorCode::unknown_topic_or_partition);
    CHECK(of_orders.at(1).error_code == ErrorCode::none);
    CHECK(of_orders.at(1).base_offset == 3);
    CHECK(answer->responses.at(1).partition_responses.at(0).error_code ==
          ErrorCode::unknown_topic_or_partition);
}

TEST_CASE("version 13 names topics by id") {
    TestBroker broker;
    Client client(broker.port());
    const auto id = create_topic(client, orders.topic);
    const Blob batch = plain_batch();
    protocol::ProduceRequest request{.acks = -1, .timeout_ms = 1'000};
    request.topic_data = {
        {.topic_id = id, .partition_data = {{.index = 0, .records = protocol::Records{batch}}}},
        {.topic_id = {{std::byte{1}}},
         .partition_data = {{.index = 0, .records = protocol::Records{batch}}}}};
    const auto answer = client.call<protocol::ProduceResponse>(request, 13);
    CHECK(answer->responses.at(0).topic_id == id);
    CHECK(answer->responses.at(0).partition_responses.at(0).error_code == ErrorCode::none);
    CHECK(answer->responses.at(1).partition_responses.at(0).error_code ==
          ErrorCode::unknown_topic_id);
}

TEST_CASE("clients may not write to the coordinators' topics") {
    TestBroker broker;
    Client client(broker.port());
    find_coordinators(client, "a-group", "an-id");
    CHECK(produce(client, {"__transaction_state"}, plain_batch()) ==
          refused(ErrorCode::invalid_topic_exception));
    CHECK(produce(client, {"__consumer_offsets"}, plain_batch()) ==
          refused(ErrorCode::invalid_topic_exception));
}

TEST_CASE("acks other than -1, 0 and 1 are refused") {
    Written test;
    CHECK(produce(test.client, orders, plain_batch(), {.acks = 2}) ==
          refused(ErrorCode::invalid_required_acks));
    CHECK(test.end_offset() == 3);
}

TEST_CASE("with acks=0 a batch is stored and nothing is answered") {
    Written test;
    send_produce(test.client, orders, plain_batch(), {.acks = 0});
    test.client.forget_unanswered();
    // Requests of a connection are executed in order, and this is the first answer on it.
    Client observer(test.broker.port());
    protocol::ProduceRequest empty{.acks = 1, .timeout_ms = 1'000};
    CHECK(test.client.call<protocol::ProduceResponse>(empty, 12)->responses.empty());
    CHECK(fetch(observer, orders, 3).record_count == 1);
}

TEST_CASE("with acks=0 a refused batch closes the connection") {
    Written test;
    Blob batch = plain_batch();
    batch.back() ^= std::byte{1};
    send_produce(test.client, orders, batch, {.acks = 0});
    CHECK(test.client.is_closed_by_broker());
}

TEST_CASE("on a partition that was never written a producer begins with sequence 0 (KAFKA-15591)") {
    TestBroker broker(on_one_and_three_threads());
    Client client(broker.port());
    create_topic(client, orders.topic);
    const Producer producer = start_idempotent_producer(client);
    // The answer to batch 0 was lost with it: batch 1 must not take its place.
    CHECK(produce(client, orders, idempotent_batch(producer, 1)) ==
          refused(ErrorCode::out_of_order_sequence_number));
    CHECK(produce(client, orders, idempotent_batch(producer, 0)) == stored_at(0));
    CHECK(produce(client, orders, idempotent_batch(producer, 1)) == stored_at(1));
}

TEST_CASE("where records have been, a producer that is not known begins anywhere (KIP-360)") {
    Written test;
    const Producer other = start_idempotent_producer(test.client);
    const Producer third = start_idempotent_producer(test.client);
    CHECK(produce(test.client, orders, idempotent_batch(other, 17)) == stored_at(3));
    REQUIRE(delete_records(test.client, orders, -1) == Committed{ErrorCode::none, 4});
    CHECK(produce(test.client, orders, idempotent_batch(third, 17)) == stored_at(4));
}

TEST_CASE("a producer is known beyond the end of its records (KAFKA-7298, spring-kafka#1441)") {
    Written test;
    REQUIRE(delete_records(test.client, orders, -1) == Committed{ErrorCode::none, 3});
    CHECK(produce(test.client, orders, idempotent_batch(test.producer, 0, 3)) == stored_at(0));
    test.broker.restart();
    Client client(test.broker.port());
    CHECK(produce(client, orders, idempotent_batch(test.producer, 0, 3)) == stored_at(0));
    CHECK(produce(client, orders, idempotent_batch(test.producer, 4)) ==
          refused(ErrorCode::out_of_order_sequence_number));
    CHECK(produce(client, orders, idempotent_batch(test.producer, 3)) == stored_at(3));
}

TEST_CASE("a batch across the wrap of sequences is known after a restart (librdkafka#4953)") {
    Written test;
    const Producer producer = start_idempotent_producer(test.client);
    constexpr int32_t sequence_max = std::numeric_limits<int32_t>::max();
    const Blob across = idempotent_batch(producer, sequence_max - 1, 4);
    REQUIRE(produce(test.client, orders, across) == stored_at(3));
    test.broker.restart();
    Client client(test.broker.port());
    CHECK(produce(client, orders, across) == stored_at(3));
    CHECK(produce(client, orders, idempotent_batch(producer, 3)) ==
          refused(ErrorCode::out_of_order_sequence_number));
    CHECK(produce(client, orders, idempotent_batch(producer, 2)) == stored_at(7));
}

TEST_CASE("a retried batch is answered with the time at which it was stored (redpanda#3039)") {
    TestBroker broker;
    Client client(broker.port());
    create_topic(client, orders.topic, 1, {{"message.timestamp.type", "LogAppendTime"}});
    const Producer producer = start_idempotent_producer(client);
    const Blob batch = idempotent_batch(producer, 0);
    const auto append_time = [&](Client& from) {
        send_produce(from, orders, batch);
        const auto answer = from.receive<protocol::ProduceResponse>(12);
        const auto& partition = answer->responses.at(0).partition_responses.at(0);
        CHECK(partition.error_code == ErrorCode::none);
        CHECK(partition.base_offset == 0);
        return partition.log_append_time_ms;
    };
    const int64_t stored = append_time(client);
    CHECK(stored > 0);
    CHECK(client.is_silent(5));  // time goes on
    CHECK(append_time(client) == stored);
    broker.restart();
    Client next(broker.port());
    CHECK(append_time(next) == stored);
}

TEST_CASE("a compacted topic refuses records without a key, one by one (librdkafka 0011)") {
    TestBroker broker;
    Client client(broker.port());
    create_topic(client, orders.topic, 1, {{"cleanup.policy", "compact"}});
    protocol::BatchBuilder builder({});
    const Blob value(3);
    const Blob key(2);
    builder.add(now_ms(), key, value);
    builder.add(now_ms(), std::nullopt, value);
    const Blob batch = builder.build();
    send_produce(client, orders, batch);
    const auto answer = client.receive<protocol::ProduceResponse>(12);
    const auto& partition = answer->responses.at(0).partition_responses.at(0);
    CHECK(partition.error_code == ErrorCode::invalid_record);
    REQUIRE(partition.record_errors.size() == 1);
    CHECK(partition.record_errors.at(0).batch_index == 1);
    CHECK(fetch(client, orders, 0).high_watermark == 0);
}
