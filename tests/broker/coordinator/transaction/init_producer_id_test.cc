// InitProducerId: new ids, new epochs, continuation (KIP-360), and fencing.
#include <doctest/doctest.h>

#include "tests/broker/coordinator/transaction/test_host.h"

namespace broker::coordinator::transaction {

using protocol::ErrorCode;

TEST_CASE("a new transactional id gets the fresh producer id and epoch 0") {
    TestHost host;
    const Effects effects = host.apply(host.init("x"));
    CHECK(effects.error == ErrorCode::none);
    CHECK(effects.producer_id == 100);
    CHECK(effects.producer_epoch == 0);
    CHECK(effects.fresh_producer_id_used);
    CHECK(effects.records.size() == 1);
    CHECK(host.state_name("x") == "Empty");
}

TEST_CASE("a known transactional id keeps its producer id and gets the next epoch") {
    TestHost host;
    const ProducerEpoch first = host.started("x");
    const Effects effects = host.apply(host.init("x"));
    CHECK(effects.producer_id == first.producer_id);
    CHECK(effects.producer_epoch == 1);
    CHECK_FALSE(effects.fresh_producer_id_used);
}

TEST_CASE("a request without a transactional id gets a producer id and leaves nothing behind") {
    const Effects effects = init_idempotent_producer({.transactional_id = std::nullopt}, 5);
    CHECK(effects.producer_id == 5);
    CHECK(effects.producer_epoch == 0);
    CHECK(effects.fresh_producer_id_used);
    CHECK(effects.records.empty());
    // Some clients send zeros where others send -1.
    CHECK(init_idempotent_producer({.producer_id = 0, .producer_epoch = 0}, 5).error ==
          ErrorCode::none);
    CHECK(init_idempotent_producer({.producer_id = 0}, 5).error == ErrorCode::invalid_request);
}

TEST_CASE("an empty transactional id and half a producer are invalid requests") {
    TestHost host;
    CHECK(host.init("").error == ErrorCode::invalid_request);
    CHECK(host.init("x", {5, no_epoch}).error == ErrorCode::invalid_request);
    CHECK(host.init("x", {no_producer_id, 0}).error == ErrorCode::invalid_request);
}

TEST_CASE(
    "the transaction timeout is positive and at most transaction.max.timeout.ms (redpanda#17984)") {
    TestHost host({.max_timeout_ms = 1'000});
    for (const int32_t invalid : {0, -1, 1'001, no_timeout_ms})
        CHECK(host.init("x", {}, 5, invalid).error == ErrorCode::invalid_transaction_timeout);
    CHECK(host.init("x", {}, 5, 1).error == ErrorCode::none);
    CHECK(host.init("x", {}, 5, 1'000).error == ErrorCode::none);
}

TEST_CASE("the newest InitProducerId sets the timeout") {
    TestHost host;
    host.apply(host.init("x", {}, 5, 1'000));
    host.apply(host.init("x", {}, 5, 2'000));
    CHECK(host.state("x").timeout_ms == 2'000);
}

TEST_CASE("a new producer aborts the transaction of the one before within its own request") {
    TestHost host;
    const ProducerEpoch before = host.started("x");
    host.begin("x", before);

    const Effects fence = host.apply(host.init("x"));
    CHECK(fence.error == ErrorCode::concurrent_transactions);  // for callers that do not wait
    CHECK(fence.retry_after_markers);
    REQUIRE(fence.markers);
    CHECK_FALSE(fence.markers->commit);
    CHECK(fence.markers->producer_epoch == before.epoch + 1);
    CHECK(host.state_name("x") == "PrepareAbort");

    host.complete(*fence.markers);
    const Effects answer = host.apply(host.init("x"));
    CHECK(answer.error == ErrorCode::none);
    CHECK(answer.producer_epoch == before.epoch + 2);  // once to fence, once for the new one
    CHECK(host.state_name("x") == "Empty");
}

TEST_CASE("aborting a predecessor's transaction bumps once, not twice (KAFKA-19367)") {
    TestHost host;
    const ProducerEpoch producer = host.started("x");
    host.begin("x", producer);
    const Effects fence = host.apply(host.init("x"));
    host.complete(*fence.markers);
    CHECK(host.state_name("x") == "CompleteAbort");
    CHECK(host.state("x").producer_epoch == producer.epoch + 1);
}

TEST_CASE("a cluster without KIP-890 fences with the next epoch as well") {
    TestHost host({.transaction_version = 0});
    const ProducerEpoch before = host.started("x");
    host.begin("x", before, ClientRequest::add_partitions_to_txn(3));
    const Effects fence = host.apply(host.init("x"));
    CHECK(fence.markers->producer_epoch == before.epoch + 1);
    CHECK(fence.markers->transaction_version == 0);
    host.complete(*fence.markers);
    CHECK(host.started("x").epoch == before.epoch + 2);
}

TEST_CASE(
    "a producer that lost its way aborts its own transaction and goes on with the next epoch") {
    TestHost host;
    const ProducerEpoch producer = host.started("x");
    host.begin("x", producer);
    CHECK(host.started("x", producer) == ProducerEpoch{producer.producer_id, 1});
}

TEST_CASE(
    "a zombie does not abort its successor's transaction, whatever it had (clients seen: "
    "kafka-python)") {
    TestHost host;
    const ProducerEpoch zombie = host.started("x");
    const ProducerEpoch successor = host.started("x");
    host.begin("x", successor);
    const Effects effects = host.init("x", zombie);
    CHECK(effects.error == ErrorCode::producer_fenced);
    CHECK(effects.records.empty());
    CHECK(host.init("x", zombie, 3).error == ErrorCode::invalid_producer_epoch);
    CHECK(host.state_name("x") == "Ongoing");
}

TEST_CASE("a retried InitProducerId of a continuing producer is answered as the first (KIP-360)") {
    TestHost host;
    const ProducerEpoch producer = host.started("x");
    const ProducerEpoch next = host.started("x", producer);
    CHECK(next.epoch == producer.epoch + 1);
    CHECK(host.started("x", producer) == next);
    host.reload();  // Kafka forgets it here
    CHECK(host.started("x", producer) == next);
    CHECK(host.started("x", producer) == next);
    CHECK(host.started("x", next).epoch == next.epoch + 1);
}

TEST_CASE("a producer that a new one has followed cannot continue (KIP-360)") {
    TestHost host;
    const ProducerEpoch producer = host.started("x");
    host.started("x");
    CHECK(host.init("x", producer).error == ErrorCode::producer_fenced);
    host.reload();
    CHECK(host.init("x", producer).error == ErrorCode::producer_fenced);
}

TEST_CASE("once a producer has gone on, its retried InitProducerId is too late") {
    TestHost host;
    const ProducerEpoch producer = host.started("x");
    const ProducerEpoch next = host.started("x", producer);
    host.begin("x", next);
    CHECK(host.init("x", producer).error == ErrorCode::producer_fenced);
}

TEST_CASE("a producer whose transaction timed out continues with its old epoch (KIP-588)") {
    TestHost host;
    const ProducerEpoch producer = host.started("x");
    host.begin("x", producer, ClientRequest::add_partitions_to_txn(3));
    host.now_ms += 60'001;
    host.run([&] { return host.machine.expire_transaction(host.now_ms, host.fresh_producer_id); });
    CHECK(host.end("x", producer, /*commit=*/true, 3).error == ErrorCode::producer_fenced);
    CHECK(host.started("x", producer) == ProducerEpoch{producer.producer_id, 1});
}

TEST_CASE(
    "a client that sends zeros for an unknown producer gets a new id, and is fenced from one in "
    "use") {
    TestHost host;
    CHECK(host.started("new", {0, 0}).producer_id == 100);
    host.started("x");
    CHECK(host.init("x", {0, 0}).error == ErrorCode::producer_fenced);
}

TEST_CASE("an id that was forgotten can be initialised again (flink-connector-kafka#238)") {
    TestHost host;
    const ProducerEpoch producer = host.started("x");
    host.now_ms += host.config.id_expiration_ms;
    host.apply(host.machine.expire_transactional_ids(host.now_ms));
    CHECK(host.add("x", producer, {"t", 0}).error == ErrorCode::invalid_producer_id_mapping);
    const ProducerEpoch next = host.started("x", producer);
    CHECK(next.producer_id != producer.producer_id);
    CHECK(next.epoch == 0);
}

TEST_CASE("two-phase commit is refused unless it is enabled, and then has no timeout (KIP-939)") {
    const protocol::InitProducerIdRequest request{.transactional_id = "x", .enable2_pc = true};
    TestHost host;
    CHECK(host.machine.init_producer_id(request, 6, host.now_ms, 5).error ==
          ErrorCode::transactional_id_authorization_failed);
    TestHost enabled({.two_phase_commit = true});
    enabled.apply(enabled.machine.init_producer_id(request, 6, enabled.now_ms, 5));
    CHECK(enabled.state("x").timeout_ms == no_timeout_ms);
    auto keeping = request;
    keeping.keep_prepared_txn = true;
    CHECK(enabled.machine.init_producer_id(keeping, 6, enabled.now_ms, 5).error ==
          ErrorCode::unsupported_version);
}

TEST_CASE("after the last epoch a new producer goes on with another producer id") {
    TestHost host;
    host.put("x", {.producer_id = 5, .producer_epoch = last_epoch, .timeout_ms = 1});
    CHECK(host.started("x") == ProducerEpoch{100, 0});
    CHECK(host.init("x", {5, last_epoch}).error == ErrorCode::producer_fenced);
}

TEST_CASE("after the last epoch a continuing producer goes on with another producer id") {
    TestHost host;
    host.put("x", {.producer_id = 5, .producer_epoch = last_epoch, .timeout_ms = 1});
    const ProducerEpoch next = host.started("x", {5, last_epoch});
    CHECK(next == ProducerEpoch{100, 0});
    CHECK(host.started("x", {5, last_epoch}) == next);  // a retry
    host.reload();
    CHECK(host.started("x", {5, last_epoch}) == next);
    CHECK(host.init("x", {5, last_epoch - 1}).error == ErrorCode::producer_fenced);
    CHECK(host.started("x") == ProducerEpoch{100, 1});
    CHECK(host.init("x", {5, last_epoch}).error == ErrorCode::producer_fenced);
}

}  // namespace broker::coordinator::transaction
