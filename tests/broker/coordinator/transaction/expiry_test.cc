// Transactions that time out, and transactional ids that are forgotten: two different clocks.
#include <doctest/doctest.h>

#include <fmt/format.h>

#include "tests/broker/coordinator/transaction/test_host.h"

namespace broker::coordinator::transaction {

namespace {

Effects expire(TestHost& host) {
    return host.run(
        [&] { return host.machine.expire_transaction(host.now_ms, host.fresh_producer_id); });
}

}  // namespace

TEST_CASE("a transaction that outlives its timeout is aborted and its producer fenced") {
    TestHost host;
    const ProducerEpoch producer = host.started("x");
    host.begin("x", producer);
    host.now_ms += 60'000;
    CHECK(expire(host).records.empty());
    host.now_ms += 1;
    CHECK_FALSE(expire(host).records.empty());
    CHECK(host.state_name("x") == "CompleteAbort");
    CHECK_FALSE(host.written.back().commit);
    CHECK(host.add("x", producer, {"t", 0}).error == protocol::ErrorCode::invalid_producer_epoch);
    CHECK(expire(host).records.empty());
}

TEST_CASE("the next deadline is the exact moment at which there is something to do") {
    TestHost host;
    CHECK_FALSE(host.machine.next_deadline_ms());
    const ProducerEpoch producer = host.started("x");
    CHECK(host.machine.next_deadline_ms() == host.now_ms + host.config.id_expiration_ms);
    host.begin("x", producer);
    CHECK(host.machine.next_deadline_ms() == host.now_ms + 60'001);
    host.now_ms = *host.machine.next_deadline_ms();
    expire(host);
    CHECK(host.state_name("x") == "CompleteAbort");
    host.now_ms = *host.machine.next_deadline_ms();
    host.apply(host.machine.expire_transactional_ids(host.now_ms));
    CHECK(host.machine.find("x") == nullptr);
    CHECK_FALSE(host.machine.next_deadline_ms());
}

TEST_CASE("the longest overdue transaction is aborted first, one at a time") {
    TestHost host;
    host.apply(host.init("slow", {}, 5, 500));
    host.apply(host.init("fast", {}, 5, 100));
    for (const auto id : {"slow", "fast"}) host.begin(id, {host.state(id).producer_id, 0});
    host.now_ms += 1'000;
    CHECK(expire(host).markers->transactional_id == "fast");
    CHECK(expire(host).markers->transactional_id == "slow");
    CHECK_FALSE(expire(host).markers);
}

TEST_CASE("a two-phase transaction never times out (KIP-939)") {
    TestHost host({.two_phase_commit = true});
    host.apply(host.machine.init_producer_id({.transactional_id = "x", .enable2_pc = true}, 6,
                                             host.now_ms, host.fresh_producer_id));
    host.begin("x", {host.state("x").producer_id, 0});
    host.now_ms += int64_t{no_timeout_ms} * 2;
    CHECK(expire(host).records.empty());
    CHECK_FALSE(host.machine.next_deadline_ms());
}

TEST_CASE("a timeout at the last epoch goes on with another producer id (KAFKA-20090)") {
    TestHost host;
    host.put("x", {.producer_id = 5, .producer_epoch = last_epoch, .timeout_ms = 1});
    host.begin("x", {5, last_epoch});
    host.now_ms += 2;
    const Effects abort = expire(host);
    CHECK(abort.fresh_producer_id_used);
    CHECK(abort.markers->producer_id == 5);
    CHECK(abort.markers->producer_epoch == max_epoch);
    CHECK(host.state("x").producer_id == 100);
    CHECK(host.state("x").producer_epoch == 0);
    CHECK(host.ended("x", {5, last_epoch}, /*commit=*/false) == ProducerEpoch{100, 0});
}

TEST_CASE("a transactional id is forgotten after transactional.id.expiration.ms without use") {
    TestHost host;
    host.started("x");
    host.now_ms += host.config.id_expiration_ms - 1;
    CHECK(host.machine.expire_transactional_ids(host.now_ms).records.empty());
    host.now_ms += 1;
    const Effects effects = host.apply(host.machine.expire_transactional_ids(host.now_ms));
    REQUIRE(effects.records.size() == 1);
    CHECK_FALSE(effects.records[0].value);
    CHECK(host.machine.find("x") == nullptr);
    host.reload();
}

TEST_CASE("an id with an open or a prepared transaction is never forgotten (redpanda#22670)") {
    TestHost host;
    host.begin("open", host.started("open"));
    const ProducerEpoch producer = host.started("prepared");
    host.begin("prepared", producer);
    host.apply(host.end("prepared", producer, /*commit=*/true));
    host.now_ms += 2 * host.config.id_expiration_ms;
    CHECK(host.machine.expire_transactional_ids(host.now_ms).records.empty());
}

TEST_CASE("use renews an id") {
    TestHost host;
    host.started("x");
    host.now_ms += host.config.id_expiration_ms;
    host.started("x");
    CHECK(host.machine.expire_transactional_ids(host.now_ms).records.empty());
}

TEST_CASE("many ids are forgotten in batches that fit into the log") {
    TestHost host;
    for (int i = 0; i < 1'200; ++i) host.started(fmt::format("x{}", i));
    host.now_ms += host.config.id_expiration_ms;
    std::vector<size_t> batches;
    for (;;) {
        const Effects batch = host.apply(host.machine.expire_transactional_ids(host.now_ms));
        if (batch.records.empty()) break;
        batches.push_back(batch.records.size());
    }
    CHECK(batches == std::vector<size_t>{500, 500, 200});
    CHECK(host.machine.transactions().empty());
}

}  // namespace broker::coordinator::transaction
