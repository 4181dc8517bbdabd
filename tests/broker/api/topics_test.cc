// Topics as clients make, see and delete them: CreateTopics, DeleteTopics, DeleteRecords, Metadata,
// DescribeTopicPartitions.
#include <doctest/doctest.h>

#include <algorithm>

#include "protocol/messages/create_topics.h"
#include "protocol/messages/delete_topics.h"
#include "protocol/messages/describe_topic_partitions.h"
#include "protocol/messages/metadata.h"
#include "tests/broker/broker_fixture.h"
#include "tests/broker/conversation.h"

using namespace broker_fixture;
using namespace protocol;

namespace {

const Partition orders{"orders"};

struct Running {
    explicit Running(Values settings = {}) : broker(std::move(settings)), client(broker.port()) {}

    ErrorCode ask_metadata(std::string_view topic, bool may_create, int16_t version = 12) {
        const MetadataRequest request{.topics = {{{.name = topic}}},
                                      .allow_auto_topic_creation = may_create};
        return client.call<MetadataResponse>(request, version)->topics.at(0).error_code;
    }
    std::vector<std::string> topics() {
        MetadataRequest everything;
        everything.topics.reset();
        std::vector<std::string> names;
        for (const auto& topic : client.call<MetadataResponse>(everything, 12)->topics)
            names.push_back(*topic.name);
        return names;
    }
    ErrorCode create(const CreateTopicsRequest::CreatableTopic& topic, bool validate_only = false) {
        const CreateTopicsRequest request{.topics = {topic}, .validate_only = validate_only};
        return client.call<CreateTopicsResponse>(request, 7)->topics.at(0).error_code;
    }
    ErrorCode remove(const DeleteTopicsRequest::DeleteTopicState& topic) {
        const auto answer =
            client.call<DeleteTopicsResponse>(DeleteTopicsRequest{.topics = {topic}}, 6);
        return answer->responses.at(0).error_code;
    }
    Received<DescribeTopicPartitionsResponse> describe(
        int32_t limit, std::optional<DescribeTopicPartitionsRequest::Cursor> cursor = {},
        std::vector<DescribeTopicPartitionsRequest::TopicRequest> names = {}) {
        return client.call<DescribeTopicPartitionsResponse>(
            DescribeTopicPartitionsRequest{
                .topics = std::move(names), .response_partition_limit = limit, .cursor = cursor},
            0);
    }

    TestBroker broker;
    Client client;
};
using Topics = std::vector<std::string>;

}  // namespace

TEST_CASE("asking for an unknown topic creates it where client and broker both allow that") {
    Running allowing;
    CHECK(allowing.ask_metadata("orders", false) == ErrorCode::unknown_topic_or_partition);
    CHECK(allowing.topics() == Topics{});
    CHECK(allowing.ask_metadata("orders", true) == ErrorCode::none);
    CHECK(allowing.topics() == Topics{"orders"});
    Running forbidding({{"auto.create.topics.enable", "false"}});
    CHECK(forbidding.ask_metadata("orders", true) == ErrorCode::unknown_topic_or_partition);
    CHECK(forbidding.topics() == Topics{});
}

TEST_CASE("versions before the flag create topics, and bad names are refused in all") {
    Running test;
    CHECK(test.ask_metadata("orders", true, 1) == ErrorCode::none);
    CHECK(test.ask_metadata("not/a/name", true) == ErrorCode::invalid_topic_exception);
    CHECK(test.topics() == Topics{"orders"});
}

TEST_CASE("metadata names the broker as the client reached it, and the topics asked for") {
    Running test(on_one_and_three_threads());
    const Uuid id = create_topic(test.client, "orders", 3);
    create_topic(test.client, "payments");
    const auto by_id = test.client.call<MetadataResponse>(
        MetadataRequest{.topics = {{{.topic_id = id, .name = std::nullopt},
                                    {.topic_id = {{std::byte{1}}}, .name = std::nullopt}}}},
        12);
    REQUIRE(by_id->brokers.size() == 1);
    CHECK(by_id->brokers.at(0).host == "127.0.0.1");
    CHECK(by_id->brokers.at(0).port == test.broker.port());
    CHECK(by_id->controller_id == by_id->brokers.at(0).node_id);
    CHECK(by_id->topics.at(0).name == "orders");
    REQUIRE(by_id->topics.at(0).partitions.size() == 3);
    CHECK(by_id->topics.at(0).partitions.at(2).leader_id == by_id->controller_id);
    CHECK(by_id->topics.at(1).error_code == ErrorCode::unknown_topic_id);
    const auto none = test.client.call<MetadataResponse>(MetadataRequest{}, 12);
    CHECK(none->topics.empty());
    const auto all_of_v0 = test.client.call<MetadataResponse>(MetadataRequest{}, 0);
    CHECK(all_of_v0->topics.size() == 2);
}

TEST_CASE("a topic that is asked for by its id is found, whatever name comes along") {
    Running test;
    const Uuid id = create_topic(test.client, "orders");
    const auto found = test.client.call<MetadataResponse>(
        MetadataRequest{.topics = {{{.topic_id = id, .name = ""}}}}, 13);
    CHECK(found->topics.at(0).name == "orders");
    CHECK(found->topics.at(0).error_code == ErrorCode::none);
}

TEST_CASE("a topic is created with its partitions and configs, and once") {
    Running test(on_one_and_three_threads());
    const CreateTopicsRequest request{.topics = {{.name = "orders",
                                                  .num_partitions = 4,
                                                  .replication_factor = 1,
                                                  .configs = {{"retention.ms", "5"}}}}};
    const auto created = test.client.call<CreateTopicsResponse>(request, 7);
    const auto& topic = created->topics.at(0);
    CHECK(topic.error_code == ErrorCode::none);
    CHECK(!topic.topic_id.is_zero());
    CHECK(topic.num_partitions == 4);
    CHECK(topic.replication_factor == 1);
    const auto retention = std::ranges::find(*topic.configs, "retention.ms",
                                             [](const auto& config) { return config.name; });
    REQUIRE(retention != topic.configs->end());
    CHECK(retention->value == "5");
    const auto again = test.client.call<CreateTopicsResponse>(request, 7);
    CHECK(again->topics.at(0).error_code == ErrorCode::topic_already_exists);
    for (int32_t partition = 0; partition < 4; ++partition)
        CHECK(produce(test.client, {"orders", partition}, plain_batch()) == stored_at(0));
}

TEST_CASE("validate_only says what would happen, and nothing happens") {
    Running test;
    CHECK(test.create({.name = "orders", .num_partitions = 1, .replication_factor = 1}, true) ==
          ErrorCode::none);
    CHECK(test.topics() == Topics{});
    CHECK(test.create({.name = "orders", .num_partitions = 0, .replication_factor = 1}, true) ==
          ErrorCode::invalid_partitions);
}

TEST_CASE("a topic named twice in a request is refused once, and not created") {
    Running test;
    const CreateTopicsRequest request{
        .topics = {{.name = "orders", .num_partitions = 1, .replication_factor = 1},
                   {.name = "payments", .num_partitions = 1, .replication_factor = 1},
                   {.name = "orders", .num_partitions = 2, .replication_factor = 1}}};
    const auto answer = test.client.call<CreateTopicsResponse>(request, 7);
    REQUIRE(answer->topics.size() == 2);
    CHECK(answer->topics.at(0).error_code == ErrorCode::invalid_request);
    CHECK(answer->topics.at(1).error_code == ErrorCode::none);
    CHECK(test.topics() == Topics{"payments"});
}

TEST_CASE("a null config is refused") {
    Running test;
    CHECK(test.create({.name = "orders",
                       .num_partitions = 1,
                       .replication_factor = 1,
                       .configs = {{"retention.ms", std::nullopt}}}) == ErrorCode::invalid_config);
}

TEST_CASE("a topic is deleted by name or by id, with its records") {
    Running test(on_one_and_three_threads());
    const Uuid first = create_topic(test.client, "orders");
    REQUIRE(produce(test.client, orders, plain_batch()) == stored_at(0));
    CHECK(test.remove({.topic_id = first}) == ErrorCode::none);
    CHECK(test.remove({.topic_id = first}) == ErrorCode::unknown_topic_id);
    CHECK(test.remove({.name = "orders"}) == ErrorCode::unknown_topic_or_partition);
    CHECK(test.topics() == Topics{});
    const Uuid second = create_topic(test.client, "orders");
    CHECK(second != first);
    CHECK(fetch(test.client, orders, 0).high_watermark == 0);
    CHECK(test.remove({.name = "orders", .topic_id = second}) == ErrorCode::invalid_request);
    CHECK(test.remove({.name = "orders"}) == ErrorCode::none);
}

TEST_CASE("topics are not deleted where delete.topic.enable is false") {
    Running test({{"delete.topic.enable", "false"}});
    create_topic(test.client, "orders");
    CHECK(test.remove({.name = "orders"}) == ErrorCode::topic_deletion_disabled);
    CHECK(test.topics() == Topics{"orders"});
}

TEST_CASE("a topic's offsets go with it") {
    Running test(on_one_and_three_threads());
    create_topic(test.client, "orders");
    find_coordinators(test.client, "a-group", "an-id");
    REQUIRE(commit_offset(test.client, "a-group", orders, 5) == ErrorCode::none);
    delete_topic(test.client, "orders");
    create_topic(test.client, "orders");
    CHECK(committed_offset(test.client, "a-group", orders) == Committed{ErrorCode::none, -1});
}

TEST_CASE("coordinators whose topic was deleted begin anew, and nothing of the old one returns") {
    Running test(on_one_and_three_threads());
    create_topic(test.client, "orders");
    const Producer producer = start_producer(test.client, "an-id");
    REQUIRE(commit_offset(test.client, "a-group", orders, 5) == ErrorCode::none);
    delete_topic(test.client, "__consumer_offsets");
    delete_topic(test.client, "__transaction_state");
    CHECK(commit_offset(test.client, "a-group", orders, 6) == ErrorCode::not_coordinator);
    find_coordinators(test.client, "a-group", "an-id");
    CHECK(committed_offset(test.client, "a-group", orders) == Committed{ErrorCode::none, -1});
    CHECK(commit_offset(test.client, "a-group", orders, 7) == ErrorCode::none);
    const auto again = init_producer_id(test.client, "an-id");
    CHECK(again.error == ErrorCode::none);
    CHECK(again.producer.id != producer.id);

    test.broker.restart();
    Client client(test.broker.port());
    CHECK(committed_offset(client, "a-group", orders) == Committed{ErrorCode::none, 7});
    CHECK(init_producer_id(client, "an-id").producer == Producer{again.producer.id, 1});
}

TEST_CASE("records are deleted up to an offset, and not beyond the end") {
    Running test(on_one_and_three_threads());
    create_topic(test.client, "orders");
    for (int i = 0; i < 4; ++i)
        REQUIRE(produce(test.client, orders, plain_batch()) == stored_at(i));
    CHECK(delete_records(test.client, orders, 2) == Committed{ErrorCode::none, 2});
    CHECK(delete_records(test.client, orders, 1) == Committed{ErrorCode::none, 2});
    CHECK(delete_records(test.client, orders, 5).error == ErrorCode::offset_out_of_range);
    CHECK(delete_records(test.client, orders, -2).error == ErrorCode::offset_out_of_range);
    CHECK(fetch(test.client, orders, 2).base_offsets == std::vector<int64_t>{2, 3});
    CHECK(delete_records(test.client, orders, -1) == Committed{ErrorCode::none, 4});
    CHECK(delete_records(test.client, {"orders", 1}, 0).error ==
          ErrorCode::unknown_topic_or_partition);
    CHECK(produce(test.client, orders, plain_batch()) == stored_at(4));
}

TEST_CASE("records of a topic that is compacted alone are not deleted") {
    Running test;
    create_topic(test.client, "orders", 1, {{"cleanup.policy", "compact"}});
    CHECK(delete_records(test.client, orders, 0).error == ErrorCode::policy_violation);
}

TEST_CASE("topics are described page by page, in the order of their names") {
    Running test;
    create_topic(test.client, "b", 3);
    create_topic(test.client, "a", 2);
    const auto first = test.describe(3);
    REQUIRE(first->topics.size() == 2);
    CHECK(first->topics.at(0).name == "a");
    CHECK(first->topics.at(0).partitions.size() == 2);
    CHECK(first->topics.at(1).name == "b");
    REQUIRE(first->topics.at(1).partitions.size() == 1);
    REQUIRE(first->next_cursor);
    CHECK(first->next_cursor->topic_name == "b");
    CHECK(first->next_cursor->partition_index == 1);
    const auto second = test.describe(3, {{.topic_name = "b", .partition_index = 1}});
    REQUIRE(second->topics.size() == 1);
    REQUIRE(second->topics.at(0).partitions.size() == 2);
    CHECK(second->topics.at(0).partitions.at(0).partition_index == 1);
    CHECK(!second->next_cursor);
}

TEST_CASE("a page that ends with a topic goes on with the next one") {
    Running test;
    create_topic(test.client, "a", 2);
    create_topic(test.client, "b", 1);
    const auto first = test.describe(2);
    REQUIRE(first->topics.size() == 1);
    REQUIRE(first->next_cursor);
    CHECK(first->next_cursor->topic_name == "b");
    CHECK(first->next_cursor->partition_index == 0);
}

TEST_CASE("an unknown topic is described as such") {
    Running test;
    create_topic(test.client, "a", 1);
    const auto answer = test.describe(10, {}, {{.name = "missing"}, {.name = "a"}});
    REQUIRE(answer->topics.size() == 2);
    CHECK(answer->topics.at(0).name == "a");
    CHECK(answer->topics.at(1).error_code == ErrorCode::unknown_topic_or_partition);
}

TEST_CASE("more partitions than einmal.partition.count.max are refused, by whatever makes them") {
    Running test({{"einmal.partition.count.max", "4"}});
    create_topic(test.client, "a", 3);
    CHECK(test.create({.name = "b", .num_partitions = 2, .replication_factor = 1}) ==
          ErrorCode::invalid_partitions);
    CHECK(test.ask_metadata("c", true) == ErrorCode::none);
    CHECK(test.ask_metadata("d", true) == ErrorCode::invalid_partitions);
    delete_topic(test.client, "a");
    CHECK(test.create({.name = "b", .num_partitions = 2, .replication_factor = 1}) ==
          ErrorCode::none);
}
