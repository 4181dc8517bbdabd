// More partitions, other leaders, other replicas: CreatePartitions, ElectLeaders,
// AlterPartitionReassignments, ListPartitionReassignments.
#include <doctest/doctest.h>

#include <optional>

#include "protocol/messages/alter_partition_reassignments.h"
#include "protocol/messages/create_partitions.h"
#include "protocol/messages/elect_leaders.h"
#include "protocol/messages/list_partition_reassignments.h"
#include "protocol/messages/metadata.h"
#include "tests/broker/broker_fixture.h"
#include "tests/broker/conversation.h"

using namespace broker_fixture;
using namespace protocol;

namespace {

const Partition orders{"orders"};

struct Running {
    explicit Running(Values settings = {}) : broker(std::move(settings)), client(broker.port()) {}

    void restart() {
        client.reset();
        broker.restart();
        client.emplace(broker.port());
    }
    ErrorCode grow(std::string_view topic, int32_t count, bool validate_only = false) {
        const CreatePartitionsRequest request{
            .topics = {{.name = topic, .count = count, .assignments = std::nullopt}},
            .validate_only = validate_only};
        return client->call<CreatePartitionsResponse>(request, 3)->results.at(0).error_code;
    }
    size_t partition_count(std::string_view topic) {
        const MetadataRequest request{.topics = {{{.name = topic}}}};
        return client->call<MetadataResponse>(request, 12)->topics.at(0).partitions.size();
    }

    TestBroker broker;
    std::optional<Client> client;
};

}  // namespace

TEST_CASE("new partitions can be written to at once, and are there after a restart") {
    Running test(on_one_and_three_threads());
    create_topic(*test.client, "orders", 2);
    REQUIRE(produce(*test.client, {"orders", 1}, plain_batch()) == stored_at(0));
    CHECK(test.grow("orders", 5, /*validate_only=*/true) == ErrorCode::none);
    CHECK(test.partition_count("orders") == 2);
    CHECK(test.grow("orders", 5) == ErrorCode::none);
    CHECK(test.partition_count("orders") == 5);
    for (int32_t partition = 2; partition < 5; ++partition)
        CHECK(produce(*test.client, {"orders", partition}, plain_batch()) == stored_at(0));
    CHECK(test.grow("orders", 5) == ErrorCode::invalid_partitions);
    test.restart();
    CHECK(test.partition_count("orders") == 5);
    CHECK(produce(*test.client, {"orders", 4}, plain_batch()) == stored_at(1));
    CHECK(produce(*test.client, {"orders", 1}, plain_batch()) == stored_at(1));
}

TEST_CASE("a transaction goes on in partitions that were made since it began") {
    Running test;
    create_topic(*test.client, "orders");
    const Producer producer = start_producer(*test.client, "an-id");
    const ProduceOptions in_transaction{.transactional_id = "an-id"};
    REQUIRE(produce(*test.client, orders, transactional_batch(producer, 0), in_transaction) ==
            stored_at(0));
    REQUIRE(test.grow("orders", 2) == ErrorCode::none);
    CHECK(produce(*test.client, {"orders", 1}, transactional_batch(producer, 0), in_transaction) ==
          stored_at(0));
    CHECK(end_transaction(*test.client, "an-id", producer, Outcome::commit).error ==
          ErrorCode::none);
    CHECK(fetch(*test.client, {"orders", 1}, 0).last_stable_offset == 2);
}

TEST_CASE("a topic that is named twice, or is not there, gets no partitions") {
    Running test;
    create_topic(*test.client, "orders");
    const CreatePartitionsRequest request{
        .topics = {{.name = "payments", .count = 2, .assignments = std::nullopt},
                   {.name = "orders", .count = 2, .assignments = std::nullopt},
                   {.name = "orders", .count = 3, .assignments = std::nullopt}}};
    const auto answer = test.client->call<CreatePartitionsResponse>(request, 3);
    REQUIRE(answer->results.size() == 2);
    CHECK(answer->results.at(0).error_code == ErrorCode::invalid_request);
    CHECK(answer->results.at(1).error_code == ErrorCode::unknown_topic_or_partition);
    CHECK(!answer->results.at(1).error_message);
    CHECK(test.partition_count("orders") == 1);
}

TEST_CASE("a coordinator's topic keeps its partitions") {
    Running test;
    find_coordinators(*test.client, "a-group", "an-id");
    CHECK(test.grow("__consumer_offsets", 100) == ErrorCode::invalid_topic_exception);
    CHECK(test.grow("__transaction_state", 100) == ErrorCode::invalid_topic_exception);
}

TEST_CASE("leaders are where they should be, and partitions too") {
    Running test;
    create_topic(*test.client, "orders");
    const auto elected = test.client->call<ElectLeadersResponse>(
        ElectLeadersRequest{.topic_partitions = {{{.topic = "orders", .partitions = {0, 1}}}}}, 2);
    const auto& results = elected->replica_election_results.at(0).partition_result;
    CHECK(results.at(0).error_code == ErrorCode::election_not_needed);
    CHECK(results.at(1).error_code == ErrorCode::unknown_topic_or_partition);
    const auto all = test.client->call<ElectLeadersResponse>(
        ElectLeadersRequest{.topic_partitions = std::nullopt}, 2);
    CHECK(all->replica_election_results.at(0).partition_result.empty());
    const auto moved = test.client->call<AlterPartitionReassignmentsResponse>(
        AlterPartitionReassignmentsRequest{
            .topics = {{.name = "orders",
                        .partitions = {{.partition_index = 0, .replicas = {{1}}},
                                       {.partition_index = 0, .replicas = {{2}}},
                                       {.partition_index = 0, .replicas = std::nullopt}}}}},
        1);
    const auto& partitions = moved->responses.at(0).partitions;
    CHECK(partitions.at(0).error_code == ErrorCode::none);
    CHECK(partitions.at(1).error_code == ErrorCode::invalid_replica_assignment);
    CHECK(partitions.at(2).error_code == ErrorCode::no_reassignment_in_progress);
    const auto listed = test.client->call<ListPartitionReassignmentsResponse>(
        ListPartitionReassignmentsRequest{}, 0);
    CHECK(listed->topics.empty());
}
