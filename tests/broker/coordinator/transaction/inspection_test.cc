// What DescribeTransactions and ListTransactions show (KIP-664, KIP-994, KIP-1152).
#include <doctest/doctest.h>

#include "tests/broker/coordinator/transaction/test_host.h"

namespace broker::coordinator::transaction {

using protocol::ErrorCode;
using protocol::ListTransactionsRequest;

namespace {

// An idle one, an open one, and one that has ended.
void populate(TestHost& host) {
    host.started("idle");
    host.begin("open", host.started("open"));
    const ProducerEpoch producer = host.started("over");
    host.begin("over", producer);
    host.ended("over", producer, /*commit=*/true);
}

std::vector<std::string> listed(const TestHost& host, const ListTransactionsRequest& request) {
    const auto filter = TransactionFilter::parse(request);
    REQUIRE(filter);
    std::vector<protocol::ListTransactionsResponse::TransactionState> found;
    host.machine.list(*filter, host.now_ms, found);
    std::vector<std::string> ids;
    for (const auto& state : found) ids.push_back(state.transactional_id);
    return ids;
}

using Ids = std::vector<std::string>;

}  // namespace

TEST_CASE("a description has the state, the producer, the start and the partitions by topic") {
    TestHost host;
    const ProducerEpoch producer = host.started("x");
    for (const TopicPartition& partition :
         {TopicPartition{"u", 2}, TopicPartition{"t", 1}, TopicPartition{"u", 0}})
        host.apply(host.add("x", producer, partition));
    const auto described = host.machine.describe("x");
    CHECK(described.error_code == ErrorCode::none);
    CHECK(described.transactional_id == "x");
    CHECK(described.transaction_state == "Ongoing");
    CHECK(described.transaction_timeout_ms == 60'000);
    CHECK(described.transaction_start_time_ms == host.now_ms);
    CHECK(described.producer_id == producer.producer_id);
    CHECK(described.producer_epoch == producer.epoch);
    REQUIRE(described.topics.size() == 2);
    CHECK(described.topics[0].topic == "t");
    CHECK(described.topics[0].partitions == std::vector<int32_t>{1});
    CHECK(described.topics[1].topic == "u");
    CHECK(described.topics[1].partitions == std::vector<int32_t>{0, 2});
}

TEST_CASE("unknown and empty ids are described with an error") {
    TestHost host;
    CHECK(host.machine.describe("x").error_code == ErrorCode::transactional_id_not_found);
    CHECK(host.machine.describe("x").transactional_id == "x");
    CHECK(host.machine.describe("").error_code == ErrorCode::invalid_request);
}

TEST_CASE("after a fence the state is Empty, after an end it is Complete") {
    TestHost host;
    populate(host);
    host.started("open");
    CHECK(host.machine.describe("open").transaction_state == "Empty");
    CHECK(host.machine.describe("open").transaction_start_time_ms == -1);
    CHECK(host.machine.describe("over").transaction_state == "CompleteCommit");
}

TEST_CASE("open transactions are listed at once (redpanda#11948)") {
    TestHost host;
    populate(host);
    CHECK(listed(host, {}) == Ids{"idle", "open", "over"});
    CHECK(listed(host, {.state_filters = {"Ongoing"}}) == Ids{"open"});
    CHECK(listed(host, {.state_filters = {"Ongoing", "Empty"}}) == Ids{"idle", "open"});
}

TEST_CASE("unknown state filters are told, once each, and match nothing (redpanda#15247)") {
    TestHost host;
    populate(host);
    const ListTransactionsRequest request{.state_filters = {"Ongoing", "Nonsense", "Nonsense"}};
    CHECK(TransactionFilter::parse(request)->unknown_states() == Ids{"Nonsense"});
    CHECK(listed(host, request) == Ids{"open"});
    CHECK(listed(host, {.state_filters = {"Nonsense"}}).empty());
}

TEST_CASE("transactions are listed by producer id") {
    TestHost host;
    populate(host);
    const int64_t id = host.state("over").producer_id;
    CHECK(listed(host, {.producer_id_filters = {id, 12345}}) == Ids{"over"});
}

TEST_CASE("transactions are listed by how long they last (KIP-994)") {
    TestHost host;
    host.begin("old", host.started("old"));
    host.now_ms += 100;
    host.begin("new", host.started("new"));
    CHECK(listed(host, {.duration_filter = 99}) == Ids{"old"});
    CHECK(listed(host, {.duration_filter = 100}).empty());
    CHECK(listed(host, {.duration_filter = -1}) == Ids{"new", "old"});
}

TEST_CASE("transactions are listed by a pattern of their whole id (KIP-1152)") {
    TestHost host;
    populate(host);
    CHECK(listed(host, {.transactional_id_pattern = "o.*"}) == Ids{"open", "over"});
    CHECK(listed(host, {.transactional_id_pattern = "pe"}).empty());
    CHECK(listed(host, {.transactional_id_pattern = ""}) == Ids{"idle", "open", "over"});
    CHECK(TransactionFilter::parse({.transactional_id_pattern = "("}).error() ==
          ErrorCode::invalid_regular_expression);
}

}  // namespace broker::coordinator::transaction
