// What an administrator sees of producers and transactions: ListTransactions, DescribeTransactions,
// DescribeProducers (KIP-664).
#include <doctest/doctest.h>

#include <algorithm>

#include "protocol/messages/describe_producers.h"
#include "protocol/messages/describe_transactions.h"
#include "protocol/messages/list_transactions.h"
#include "protocol/messages/write_txn_markers.h"
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

TEST_CASE("transactions are listed from all threads, by every filter, at once (redpanda#11948)") {
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

TEST_CASE(
    "an unknown state is told, and a pattern that cannot be read is refused (redpanda#15247)") {
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

TEST_CASE("a partition's producers are described, with where a transaction began (crabka#255)") {
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
    DescribeProducersRequest nameless;
    nameless.topics = {{.name = "", .partition_indexes = {0}}};
    CHECK(test.client.call<DescribeProducersResponse>(nameless, 0)
              ->topics.at(0)
              .partitions.at(0)
              .error_code == ErrorCode::invalid_topic_exception);
}

TEST_CASE("markers for no partition are not answered") {
    TestBroker broker;
    Client client(broker.port());
    create_topic(client, orders.topic);
    WriteTxnMarkersRequest request;
    request.markers = {
        {.producer_id = 1},
        {.producer_id = 2, .topics = {{.name = "orders"}}},
        {.producer_id = 3,
         .topics = {{.name = "orders"}, {.name = "orders", .partition_indexes = {0}}}}};
    const auto answer = client.call<WriteTxnMarkersResponse>(request, 1);
    REQUIRE(answer->markers.size() == 1);
    CHECK(answer->markers.at(0).producer_id == 3);
    CHECK(answer->markers.at(0).topics.size() == 1);
}

TEST_CASE("a hanging transaction is found, and an administrator aborts it (apache/kafka#10599)") {
    auto settings = on_one_and_three_threads();
    settings["transaction.partition.verification.enable"] = "false";
    TestBroker broker(settings);
    Client client(broker.port());
    create_topic(client, orders.topic);
    const Producer producer = start_producer(client, "hanging");
    // As a late write does where nobody verifies it: the coordinator knows nothing of it.
    REQUIRE(produce(client, orders, transactional_batch(producer, 0),
                    {.transactional_id = "hanging", .version = 11}) == stored_at(0));
    CHECK(transaction_state(client, "hanging") == "Empty");
    CHECK(fetch(client, orders, 0, {.isolation = read_committed}).last_stable_offset == 0);

    DescribeProducersRequest describe;
    describe.topics = {{.name = "orders", .partition_indexes = {0}}};
    const auto described = client.call<DescribeProducersResponse>(describe, 0);
    const auto& found = described->topics.at(0).partitions.at(0).active_producers.at(0);
    REQUIRE(found.current_txn_start_offset == 0);
    WriteTxnMarkersRequest abort;
    abort.markers = {{.producer_id = found.producer_id,
                      .producer_epoch = static_cast<int16_t>(found.producer_epoch),
                      .transaction_result = false,
                      .topics = {{.name = "orders", .partition_indexes = {0, 7}},
                                 {.name = "__consumer_offsets", .partition_indexes = {-1, 50}}},
                      .coordinator_epoch = std::max(0, found.coordinator_epoch)}};
    const auto aborted = client.call<WriteTxnMarkersResponse>(abort, 1);
    const auto& answers = aborted->markers.at(0).topics.at(0).partitions;
    CHECK(answers.at(0).error_code == ErrorCode::none);
    CHECK(answers.at(1).error_code == ErrorCode::unknown_topic_or_partition);
    for (const auto& answer : aborted->markers.at(0).topics.at(1).partitions)
        CHECK(answer.error_code == ErrorCode::unknown_topic_or_partition);
    const auto after = fetch(client, orders, 0, {.isolation = read_committed});
    CHECK(after.last_stable_offset == 2);
    CHECK(after.aborted == std::vector<std::pair<int64_t, int64_t>>{{producer.id, 0}});
}
