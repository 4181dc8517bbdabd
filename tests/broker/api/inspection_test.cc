// What an administrator sees of producers and transactions: ListTransactions, DescribeTransactions,
// DescribeProducers (KIP-664).
#include <doctest/doctest.h>

#include <algorithm>

#include "protocol/messages/describe_producers.h"
#include "protocol/messages/describe_transactions.h"
#include "protocol/messages/list_transactions.h"
#include "tests/broker/broker_fixture.h"
#include "tests/broker/conversation.h"

using namespace broker_fixture;
using namespace protocol;

namespace {

const Partition orders{"orders"};

// "open" is in a transaction that has written to orders-0, "idle" has not begun any.
struct Observed {
    explicit Observed(Values settings = {}) : broker(std::move(settings)), client(broker.port()) {
        create_topic(client, orders.topic);
        open = start_producer(client, "open");
        idle = start_producer(client, "idle");
        REQUIRE(produce(client, orders, transactional_batch(open, 0, 2),
                        {.transactional_id = "open"}) == stored_at(0));
    }
    std::vector<std::string> list(const ListTransactionsRequest& request) {
        const auto answer = client.call<ListTransactionsResponse>(request, 2);
        REQUIRE(answer->error_code == ErrorCode::none);
        std::vector<std::string> ids;
        for (const auto& state : answer->transaction_states) ids.push_back(state.transactional_id);
        std::ranges::sort(ids);
        return ids;
    }

    TestBroker broker;
    Client client;
    Producer open;
    Producer idle;
};
using Ids = std::vector<std::string>;

}  // namespace

TEST_CASE("transactions are listed from all threads, and by every filter") {
    Observed test(on_one_and_three_threads());
    CHECK(test.list({}) == Ids{"idle", "open"});
    CHECK(test.list({.state_filters = {"Ongoing"}}) == Ids{"open"});
    CHECK(test.list({.state_filters = {"Empty", "CompleteCommit"}}) == Ids{"idle"});
    CHECK(test.list({.producer_id_filters = {test.idle.id}}) == Ids{"idle"});
    CHECK(test.list({.state_filters = {"Ongoing"}, .producer_id_filters = {test.idle.id}}) ==
          Ids{});
    CHECK(test.list({.state_filters = {"Ongoing"}, .duration_filter = 60'000}) == Ids{});
    CHECK(test.list({.transactional_id_pattern = "o.*"}) == Ids{"open"});
}

TEST_CASE("an unknown state is told, and a pattern that cannot be read is refused") {
    Observed test;
    const auto unknown = test.client.call<ListTransactionsResponse>(
        ListTransactionsRequest{.state_filters = {"Dreaming"}}, 2);
    CHECK(unknown->unknown_state_filters == std::vector<std::string>{"Dreaming"});
    CHECK(unknown->transaction_states.empty());
    const auto bad = test.client.call<ListTransactionsResponse>(
        ListTransactionsRequest{.transactional_id_pattern = "("}, 2);
    CHECK(bad->error_code == ErrorCode::invalid_regular_expression);
}

TEST_CASE("a transaction is described with its partitions") {
    Observed test(on_one_and_three_threads());
    const auto answer = test.client.call<DescribeTransactionsResponse>(
        DescribeTransactionsRequest{.transactional_ids = {"open", "missing"}}, 0);
    const auto& open = answer->transaction_states.at(0);
    CHECK(open.transaction_state == "Ongoing");
    CHECK(open.producer_id == test.open.id);
    CHECK(open.producer_epoch == test.open.epoch);
    CHECK(open.transaction_timeout_ms == 60'000);
    REQUIRE(open.topics.size() == 1);
    CHECK(open.topics.at(0).topic == "orders");
    CHECK(open.topics.at(0).partitions == std::vector<int32_t>{0});
    CHECK(answer->transaction_states.at(1).error_code == ErrorCode::transactional_id_not_found);
}

TEST_CASE("a partition's producers are described, with where a transaction began") {
    Observed test(on_one_and_three_threads());
    const auto describe = [&](int32_t partition) {
        DescribeProducersRequest request;
        request.topics = {{.name = "orders", .partition_indexes = {partition}}};
        const auto answer = test.client.call<DescribeProducersResponse>(request, 0);
        return answer->topics.at(0).partitions.at(0);
    };
    const auto before = describe(0);
    REQUIRE(before.active_producers.size() == 1);
    CHECK(before.active_producers.at(0).producer_id == test.open.id);
    CHECK(before.active_producers.at(0).last_sequence == 1);
    CHECK(before.active_producers.at(0).current_txn_start_offset == 0);
    REQUIRE(end_transaction(test.client, "open", test.open, Outcome::commit).error ==
            ErrorCode::none);
    CHECK(describe(0).active_producers.at(0).current_txn_start_offset == -1);
    CHECK(describe(1).error_code == ErrorCode::unknown_topic_or_partition);
}
