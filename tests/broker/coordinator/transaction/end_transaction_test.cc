// EndTxn of both protocols, its retries, and what happens between Prepare and Complete.
#include <doctest/doctest.h>

#include "tests/broker/coordinator/transaction/test_host.h"

namespace broker::coordinator::transaction {

using protocol::ErrorCode;

TEST_CASE("each transaction of a KIP-890 client has its own epoch, told by the end before") {
    TestHost host;
    const ProducerEpoch first = host.started("x");
    host.begin("x", first);
    const ProducerEpoch second = host.ended("x", first, /*commit=*/true);
    CHECK(second == ProducerEpoch{first.producer_id, 1});
    host.begin("x", second);
    CHECK(host.ended("x", second, /*commit=*/false) == ProducerEpoch{first.producer_id, 2});
    CHECK(host.state_name("x") == "CompleteAbort");
}

TEST_CASE(
    "the marker of a KIP-890 transaction carries the next epoch, so that late writes are fenced") {
    TestHost host;
    const ProducerEpoch producer = host.started("x");
    host.begin("x", producer);
    const Effects end = host.apply(host.end("x", producer, /*commit=*/true));
    REQUIRE(end.markers);
    CHECK(end.markers->producer_epoch == producer.epoch + 1);
    CHECK(end.markers->transaction_version == 2);
    CHECK(end.markers->coordinator_epoch == TestHost::coordinator_epoch);
    CHECK(end.markers->commit);
    CHECK(end.markers->partitions == std::vector<TopicPartition>{{"t", 0}});
    CHECK(host.verify("x", producer, {"t", 0}) == ErrorCode::invalid_producer_epoch);
}

TEST_CASE("an old client keeps its epoch from transaction to transaction") {
    TestHost host;
    const ProducerEpoch producer = host.started("x");
    host.begin("x", producer, ClientRequest::add_partitions_to_txn(3));
    const Effects end = host.apply(host.end("x", producer, /*commit=*/true, 3));
    CHECK(end.markers->producer_epoch == producer.epoch);
    CHECK(end.markers->transaction_version == 0);
    host.complete(*end.markers);
    host.begin("x", producer, ClientRequest::add_partitions_to_txn(3));
    CHECK(host.state("x").producer_epoch == producer.epoch);
}

TEST_CASE("the end of a transaction is prepared, then complete, and says when") {
    TestHost host;
    const ProducerEpoch producer = host.started("x");
    host.begin("x", producer);
    host.now_ms += 10;
    const Effects end = host.apply(host.end("x", producer, /*commit=*/true));
    CHECK(host.state_name("x") == "PrepareCommit");
    CHECK(host.machine.unfinished() == std::vector{*end.markers});
    host.now_ms += 10;
    host.complete(*end.markers);
    CHECK(host.state_name("x") == "CompleteCommit");
    CHECK(host.machine.unfinished().empty());
    CHECK(host.state("x").partitions.empty());
    CHECK(host.state("x").updated_ms == host.now_ms);
    CHECK(host.state("x").started_ms == host.now_ms - 20);
}

TEST_CASE("a retried EndTxn is answered as the first, with the new epoch (KIP-890)") {
    TestHost host;
    const ProducerEpoch producer = host.started("x");
    host.begin("x", producer);
    const ProducerEpoch next = host.ended("x", producer, /*commit=*/true);
    const size_t records = host.log.size();
    CHECK(host.ended("x", producer, /*commit=*/true) == next);
    CHECK(host.log.size() == records);
}

TEST_CASE("a retried EndTxn with the other outcome is an error (KIP-890)") {
    TestHost host;
    const ProducerEpoch producer = host.started("x");
    host.begin("x", producer);
    host.ended("x", producer, /*commit=*/true);
    const Effects retry = host.end("x", producer, /*commit=*/false);
    CHECK(retry.error == ErrorCode::invalid_txn_state);
    CHECK(retry.producer_id == no_producer_id);
    CHECK(retry.records.empty());
}

TEST_CASE(
    "an EndTxn that waits for markers is answered after them, not with CONCURRENT_TRANSACTIONS "
    "(KAFKA-5477, librdkafka#3003)") {
    TestHost host;
    const ProducerEpoch producer = host.started("x");
    host.begin("x", producer);
    const Effects first = host.apply(host.end("x", producer, /*commit=*/true));
    const Effects retry = host.end("x", producer, /*commit=*/true);
    CHECK(retry.error == ErrorCode::concurrent_transactions);
    CHECK(retry.retry_after_markers);
    CHECK(retry.records.empty());
    host.complete(*first.markers);
    CHECK(host.ended("x", producer, /*commit=*/true) == ProducerEpoch{producer.producer_id, 1});
}

TEST_CASE(
    "a commit that the coordinator's own abort has overtaken is fenced, not fatal (KAFKA-20785)") {
    TestHost host;
    const ProducerEpoch producer = host.started("x");
    host.begin("x", producer);
    host.now_ms += 60'001;
    host.run([&] { return host.machine.expire_transaction(host.now_ms, host.fresh_producer_id); });
    CHECK(host.state_name("x") == "CompleteAbort");
    CHECK(host.end("x", producer, /*commit=*/true).error == ErrorCode::producer_fenced);
    CHECK(host.end("x", producer, /*commit=*/true, 4).error == ErrorCode::producer_fenced);
    CHECK(host.end("x", producer, /*commit=*/true, 1).error == ErrorCode::invalid_producer_epoch);

    SUBCASE("its abort is what happened, and the client goes on with the epoch it is told") {
        CHECK(host.ended("x", producer, /*commit=*/false) ==
              ProducerEpoch{producer.producer_id, 1});
    }
}

TEST_CASE(
    "an abort of nothing succeeds with a new epoch and does not fence its client (KAFKA-18464)") {
    TestHost host;
    ProducerEpoch producer = host.started("x");
    producer = host.ended("x", producer, /*commit=*/false);
    CHECK(producer.epoch == 1);
    CHECK(host.written.back().partitions.empty());
    host.begin("x", producer);

    // The commit is on its way when the abort of an empty next transaction arrives.
    const Effects commit = host.apply(host.end("x", producer, /*commit=*/true));
    const ProducerEpoch next{producer.producer_id, 2};
    const Effects abort = host.end("x", next, /*commit=*/false);
    CHECK(abort.error == ErrorCode::concurrent_transactions);
    CHECK(abort.retry_after_markers);
    host.complete(*commit.markers);
    CHECK(host.ended("x", next, /*commit=*/false) == ProducerEpoch{producer.producer_id, 3});
}

TEST_CASE(
    "a transaction to which partitions were added but nothing was written can be committed "
    "(ydb#51053)") {
    TestHost host;
    const ProducerEpoch producer = host.started("x");
    host.begin("x", producer, ClientRequest::add_partitions_to_txn(3));
    host.ended("x", producer, /*commit=*/true, 3);
    CHECK(host.state_name("x") == "CompleteCommit");
}

TEST_CASE("a late EndTxn of a KIP-890 client does not hit its next transaction (KAFKA-17754)") {
    TestHost host;
    const ProducerEpoch first = host.started("x");
    host.begin("x", first);
    const ProducerEpoch second = host.ended("x", first, /*commit=*/true);
    host.begin("x", second);
    for (const bool commit : {true, false})
        CHECK(host.end("x", first, commit).error == ErrorCode::producer_fenced);
    CHECK(host.state_name("x") == "Ongoing");
}

TEST_CASE("another process may end the transaction with the producer id and epoch (flink#16941)") {
    TestHost host;
    const ProducerEpoch producer = host.started("x");
    host.begin("x", producer, ClientRequest::add_partitions_to_txn(3));
    host.reload();
    host.ended("x", {producer.producer_id, producer.epoch}, /*commit=*/true, 3);
    CHECK(host.state_name("x") == "CompleteCommit");
}

TEST_CASE("a prepared state in the log is finished after a crash (kop#1412, redpanda#30003)") {
    for (const bool commit : {true, false}) {
        TestHost host;
        const ProducerEpoch producer = host.started("x");
        host.begin("x", producer);
        const Effects end = host.apply(host.end("x", producer, commit));
        host.reload();
        const std::vector<WriteMarkers> unfinished = host.machine.unfinished();
        CHECK(unfinished == std::vector{*end.markers});
        host.complete(unfinished.at(0));
        CHECK(host.state_name("x") == (commit ? "CompleteCommit" : "CompleteAbort"));
        CHECK(host.ended("x", producer, commit) == ProducerEpoch{producer.producer_id, 1});
    }
}

TEST_CASE("acknowledged markers complete their own transaction only") {
    TestHost host;
    const ProducerEpoch producer = host.started("x");
    host.begin("x", producer, ClientRequest::add_partitions_to_txn(3));
    const Effects first = host.apply(host.end("x", producer, /*commit=*/true, 3));
    host.complete(*first.markers);
    CHECK(host.machine.markers_written(*first.markers, host.now_ms).records.empty());

    // The next transaction of an old client looks the same: same producer, epoch, and outcome.
    host.begin("x", producer, ClientRequest::add_partitions_to_txn(3));
    const Effects second = host.apply(host.end("x", producer, /*commit=*/true, 3));
    CHECK(host.machine.markers_written(*first.markers, host.now_ms).records.empty());
    WriteMarkers of_older_coordinator = *second.markers;
    --of_older_coordinator.coordinator_epoch;
    CHECK(host.machine.markers_written(of_older_coordinator, host.now_ms).records.empty());
    CHECK_FALSE(host.machine.markers_written(*second.markers, host.now_ms).records.empty());
}

TEST_CASE("EndTxn needs a transactional id, and one that is known") {
    TestHost host;
    for (const int16_t version : std::initializer_list<int16_t>{0, 3, 5}) {
        CHECK(host.end("", {1, 0}, true, version).error == ErrorCode::invalid_request);
        CHECK(host.end("x", {1, 0}, true, version).error == ErrorCode::invalid_producer_id_mapping);
    }
}

TEST_CASE("times do not go back with the clock (kafkajs#302)") {
    TestHost host;
    const ProducerEpoch producer = host.started("x");
    host.begin("x", producer);
    const int64_t started_ms = host.state("x").started_ms;
    host.now_ms -= 5'000;
    const ProducerEpoch next = host.ended("x", producer, /*commit=*/true);
    CHECK(host.state("x").updated_ms == started_ms);
    host.begin("x", next);
    CHECK(host.state("x").started_ms == started_ms);
    CHECK(host.started("x").epoch == next.epoch + 2);
    CHECK(host.state("x").updated_ms == started_ms);
}

}  // namespace broker::coordinator::transaction
