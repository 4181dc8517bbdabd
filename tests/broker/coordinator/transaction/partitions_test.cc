// Partitions of open transactions: added by request or by writing, verified, dropped with their
// topic.
#include <doctest/doctest.h>

#include <array>

#include "tests/broker/coordinator/transaction/test_host.h"

namespace broker::coordinator::transaction {

using protocol::ErrorCode;

TEST_CASE(
    "the first partition opens the transaction, before anything is appended (redpanda#6018)") {
    TestHost host;
    const ProducerEpoch producer = host.started("x");
    host.now_ms += 5;
    const Effects effects = host.apply(host.add("x", producer, {"t", 3}));
    CHECK(effects.records.size() == 1);
    CHECK(host.state_name("x") == "Ongoing");
    CHECK(host.state("x").started_ms == host.now_ms);
    CHECK(host.state("x").partitions == std::set<TopicPartition>{{"t", 3}});
    host.reload();
    CHECK(host.verify("x", producer, {"t", 3}) == ErrorCode::none);
}

TEST_CASE("more partitions join the open transaction and do not renew its start") {
    TestHost host;
    const ProducerEpoch producer = host.started("x");
    host.begin("x", producer);
    const int64_t started_ms = host.state("x").started_ms;
    host.now_ms += 5;
    host.apply(host.add("x", producer, {"u", 1}));
    CHECK(host.state("x").started_ms == started_ms);
    CHECK(host.state("x").updated_ms == host.now_ms);
    CHECK(host.state("x").partitions == std::set<TopicPartition>{{"t", 0}, {"u", 1}});
}

TEST_CASE("adding what is added already appends nothing") {
    TestHost host;
    const ProducerEpoch producer = host.started("x");
    host.begin("x", producer);
    const Effects again = host.add("x", producer, {"t", 0});
    CHECK(again.error == ErrorCode::none);
    CHECK(again.records.empty());
}

TEST_CASE("a transaction after another starts without the partitions of the one before") {
    TestHost host;
    const ProducerEpoch next = [&] {
        const ProducerEpoch producer = host.started("x");
        host.begin("x", producer);
        return host.ended("x", producer, /*commit=*/true);
    }();
    host.apply(host.add("x", next, {"u", 0}));
    CHECK(host.state("x").partitions == std::set<TopicPartition>{{"u", 0}});
}

TEST_CASE("the offsets of a group are one more partition, that of __consumer_offsets") {
    TestHost host;
    const ProducerEpoch producer = host.started("x");
    host.apply(
        host.add("x", producer, {"__consumer_offsets", 7}, ClientRequest::add_offsets_to_txn(3)));
    const Effects end = host.apply(host.end("x", producer, /*commit=*/true, 3));
    CHECK(end.markers->partitions == std::vector<TopicPartition>{{"__consumer_offsets", 7}});
}

TEST_CASE("a client of today that adds partitions itself has its transactions bumped (KIP-890)") {
    TestHost host;
    const ProducerEpoch producer = host.started("x");
    host.begin("x", producer, ClientRequest::add_partitions_to_txn(5));
    CHECK(host.state("x").client_transaction_version == 2);
    host.begin("y", host.started("y"), ClientRequest::add_partitions_to_txn(3));
    CHECK(host.state("y").client_transaction_version == 0);
}

TEST_CASE(
    "a write after the end is not part of any transaction (KAFKA-14402, hanging transactions)") {
    TestHost host;
    const ProducerEpoch producer = host.started("x");
    host.begin("x", producer, ClientRequest::add_partitions_to_txn(3));
    host.ended("x", producer, /*commit=*/true, 3);
    CHECK(host.verify("x", producer, {"t", 0}, ClientRequest::produce(10)) ==
          ErrorCode::invalid_txn_state);
    CHECK(host.verify("x", producer, {"t", 0}, ClientRequest::produce(11)) ==
          ErrorCode::transaction_abortable);
}

TEST_CASE("verification answers for each partition") {
    TestHost host;
    const ProducerEpoch producer = host.started("x");
    host.begin("x", producer);
    const std::array<TopicPartition, 3> partitions{{{"t", 0}, {"t", 1}, {"u", 0}}};
    const auto errors =
        host.machine.verify_partitions({"x", producer.producer_id, producer.epoch}, partitions,
                                       ClientRequest::add_partitions_to_txn(5));
    CHECK(errors == std::vector{ErrorCode::none, ErrorCode::transaction_abortable,
                                ErrorCode::transaction_abortable});
}

TEST_CASE("requests without a transactional id are invalid") {
    TestHost host;
    CHECK(host.add("", {1, 0}, {"t", 0}).error == ErrorCode::invalid_request);
    CHECK(host.verify("", {1, 0}, {"t", 0}) == ErrorCode::invalid_request);
}

TEST_CASE("a write that meets the end of the transaction before waits for it (KAFKA-18575)") {
    TestHost host;
    const ProducerEpoch producer = host.started("x");
    host.begin("x", producer);
    const Effects end = host.apply(host.end("x", producer, /*commit=*/true));
    const ProducerEpoch next{end.producer_id, end.producer_epoch};
    CHECK(host.add("x", next, {"t", 0}).retry_after_markers);
    host.complete(*end.markers);
    CHECK(host.add("x", next, {"t", 0}).error == ErrorCode::none);
}

TEST_CASE(
    "a deleted topic leaves open transactions, which can then end (KAFKA-5202, redpanda#14624)") {
    TestHost host;
    const ProducerEpoch producer = host.started("x");
    host.apply(host.add("x", producer, {"gone", 0}));
    host.apply(host.add("x", producer, {"stays", 0}));
    const ProducerEpoch other = host.started("y");
    host.apply(host.add("y", other, {"gone", 1}));
    host.apply(host.add("z", host.started("z"), {"stays", 1}));

    const Effects effects = host.apply(host.machine.topic_deleted("gone"));
    CHECK(effects.records.size() == 2);
    CHECK(host.state("x").partitions == std::set<TopicPartition>{{"stays", 0}});
    CHECK(host.state("y").partitions.empty());
    CHECK(host.state_name("y") == "Ongoing");
    host.ended("y", other, /*commit=*/true);
    CHECK(host.written.back().partitions.empty());
    host.reload();
}

TEST_CASE("a topic deleted while markers are written leaves the prepared transaction as well") {
    TestHost host;
    const ProducerEpoch producer = host.started("x");
    host.apply(host.add("x", producer, {"gone", 0}));
    const Effects end = host.apply(host.end("x", producer, /*commit=*/true));
    host.apply(host.machine.topic_deleted("gone"));
    CHECK(host.machine.unfinished().at(0).partitions.empty());
    host.complete(*end.markers);  // the instruction from before is still the right one
    CHECK(host.state_name("x") == "CompleteCommit");
}

}  // namespace broker::coordinator::transaction
