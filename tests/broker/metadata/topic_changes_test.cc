// What the controller decides about new topics.
#include "broker/metadata/topic_changes.h"

#include <doctest/doctest.h>

#include <string>
#include <variant>

using namespace broker::metadata;

namespace {

const protocol::Uuid topic_id{{std::byte{7}}};
const protocol::Uuid directory_id{{std::byte{9}}};
const ClusterDefaults defaults{.node_id = 3, .partition_count = 4, .directory_id = directory_id};

struct Cluster {
    ErrorCode create(const NewTopic& topic, std::byte id = std::byte{1}) {
        const auto records = create_topic(image, topic, {{id}}, defaults);
        if (!records) return records.error().code;
        for (const auto& record : *records) image.replay(record);
        return ErrorCode::none;
    }
    broker::config::BrokerValues values;
    ClusterImage image{values};
};

ErrorCode error_of(const std::expected<void, ApiError>& result) {
    return result ? ErrorCode::none : result.error().code;
}

}  // namespace

TEST_CASE("a topic's name is of 1 to 249 letters, digits, dots, underscores and dashes") {
    for (const std::string name : {"a", "A-b_c.9", "...", "__consumer_offsets"})
        CHECK(error_of(validate_topic_name(name)) == ErrorCode::none);
    CHECK(error_of(validate_topic_name(std::string(249, 'a'))) == ErrorCode::none);
    for (const std::string name : {"", ".", "..", "a b", "a/b", "\xc3\xbc", "a:b", "a\n"})
        CHECK(error_of(validate_topic_name(name)) == ErrorCode::invalid_topic_exception);
    CHECK(error_of(validate_topic_name(std::string("a\0b", 3))) ==
          ErrorCode::invalid_topic_exception);
    CHECK(error_of(validate_topic_name(std::string(250, 'a'))) ==
          ErrorCode::invalid_topic_exception);
}

TEST_CASE("a topic's records are the topic, its configs, then its partitions") {
    broker::config::BrokerValues values;
    const ClusterImage image(values);
    const auto records = create_topic(
        image, {.name = "orders", .partition_count = 2, .configs = {{"retention.ms", "5"}}},
        topic_id, defaults);
    REQUIRE(records);
    REQUIRE(records->size() == 4);
    CHECK(std::get<protocol::TopicRecord>(records->at(0)).topic_id == topic_id);
    CHECK(std::get<protocol::ConfigRecord>(records->at(1)).name == "retention.ms");
    const auto& last = std::get<protocol::PartitionRecord>(records->at(3));
    CHECK(last.partition_id == 1);
    CHECK(last.leader == 3);
    CHECK(last.replicas == std::vector<int32_t>{3});
    CHECK(last.isr == std::vector<int32_t>{3});
    CHECK(last.directories == std::vector<protocol::Uuid>{directory_id});
}

TEST_CASE("-1 partitions are as many as num.partitions says") {
    Cluster cluster;
    REQUIRE(cluster.create({.name = "orders"}) == ErrorCode::none);
    CHECK(cluster.image.find("orders")->partition_count() == 4);
}

TEST_CASE(
    "a name that is taken, or differs from another in dots and underscores only, is refused") {
    Cluster cluster;
    REQUIRE(cluster.create({.name = "a.b_c"}) == ErrorCode::none);
    CHECK(cluster.create({.name = "a.b_c"}) == ErrorCode::topic_already_exists);
    CHECK(cluster.create({.name = "a_b.c"}) == ErrorCode::invalid_topic_exception);
    CHECK(cluster.create({.name = "a-b-c"}, std::byte{2}) == ErrorCode::none);
}

TEST_CASE("numbers of partitions and replicas that cannot be are refused") {
    Cluster cluster;
    CHECK(cluster.create({.name = "a", .partition_count = 0}) == ErrorCode::invalid_partitions);
    CHECK(cluster.create({.name = "a", .partition_count = -2}) == ErrorCode::invalid_partitions);
    CHECK(cluster.create({.name = "a", .partition_count = 2'000'000'000}) ==
          ErrorCode::invalid_partitions);
    for (const auto factor : std::initializer_list<int16_t>{int16_t{0}, int16_t{-2}, int16_t{2}})
        CHECK(cluster.create({.name = "a", .replication_factor = factor}) ==
              ErrorCode::invalid_replication_factor);
    CHECK(cluster.create({.name = "a", .replication_factor = 1}) == ErrorCode::none);
}

TEST_CASE("all topics together have at most einmal.partition.count.max partitions") {
    Cluster cluster;
    REQUIRE(cluster.create({.name = "a", .partition_count = 99'990}, std::byte{1}) ==
            ErrorCode::none);
    CHECK(cluster.create({.name = "b", .partition_count = 11}, std::byte{2}) ==
          ErrorCode::invalid_partitions);
    CHECK(cluster.create({.name = "b", .partition_count = 10}, std::byte{2}) == ErrorCode::none);
    NewTopic by_hand{.name = "c"};
    by_hand.assignments[0] = {defaults.node_id};
    CHECK(cluster.create(by_hand, std::byte{3}) == ErrorCode::invalid_partitions);
}

TEST_CASE("partitions may be assigned by hand to the one broker there is") {
    Cluster cluster;
    CHECK(cluster.create({.name = "a", .assignments = {{0, {3}}, {1, {3}}}}) == ErrorCode::none);
    CHECK(cluster.image.find("a")->partition_count() == 2);
    CHECK(cluster.create({.name = "b", .assignments = {{0, {3}}, {2, {3}}}}) ==
          ErrorCode::invalid_replica_assignment);
    CHECK(cluster.create({.name = "b", .assignments = {{0, {4}}}}) ==
          ErrorCode::invalid_replica_assignment);
    CHECK(cluster.create({.name = "b", .assignments = {{0, {}}}}) ==
          ErrorCode::invalid_replica_assignment);
    CHECK(cluster.create({.name = "b", .partition_count = 1, .assignments = {{0, {3}}}}) ==
          ErrorCode::invalid_request);
    CHECK(cluster.create({.name = "b", .replication_factor = 1, .assignments = {{0, {3}}}}) ==
          ErrorCode::invalid_request);
}

TEST_CASE("configs that do not exist or cannot be are refused") {
    Cluster cluster;
    CHECK(cluster.create({.name = "a", .configs = {{"no.such.config", "1"}}}) ==
          ErrorCode::invalid_config);
    CHECK(cluster.create({.name = "a", .configs = {{"retention.ms", "a lot"}}}) ==
          ErrorCode::invalid_config);
}
