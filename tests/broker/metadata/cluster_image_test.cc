// The cluster as its records tell it.
#include "broker/metadata/cluster_image.h"

#include <doctest/doctest.h>

using namespace broker::metadata;
using namespace protocol;

namespace {

const Uuid id{{std::byte{1}}};

struct Image {
    Image() {
        image.replay(TopicRecord{.name = "orders", .topic_id = id});
        for (int32_t partition : {0, 1})
            image.replay(PartitionRecord{.partition_id = partition,
                                         .topic_id = id,
                                         .replicas = {1},
                                         .isr = {1},
                                         .leader = 1,
                                         .leader_epoch = 5});
    }
    void set(std::string_view key, std::optional<std::string> value) {
        image.replay(ConfigRecord{.resource_type = static_cast<int8_t>(ConfigResource::topic),
                                  .resource_name = "orders",
                                  .name = std::string(key),
                                  .value = std::move(value)});
    }
    broker::config::BrokerValues values;
    ClusterImage image{values};
};

}  // namespace

TEST_CASE("a topic is found by name and by id, with its partitions") {
    Image test;
    const TopicRef topic = test.image.find("orders");
    REQUIRE(topic);
    CHECK(test.image.find(id) == topic);
    CHECK(topic->partition_count() == 2);
    CHECK(topic->partitions.at(1).leader_epoch == 5);
    CHECK(!test.image.find("payments"));
    CHECK(test.image.topic_count() == 1);
}

TEST_CASE("a removed topic is gone by name and by id, and its name can come again") {
    Image test;
    test.image.replay(RemoveTopicRecord{.topic_id = id});
    CHECK(!test.image.find("orders"));
    CHECK(!test.image.find(id));
    const Uuid other{{std::byte{2}}};
    test.image.replay(TopicRecord{.name = "orders", .topic_id = other});
    CHECK(test.image.find("orders")->id == other);
}

TEST_CASE("configs are set and unset again") {
    Image test;
    const auto before = test.image.find("orders")->config.retention_ms;
    test.set("retention.ms", "5");
    CHECK(test.image.find("orders")->config.retention_ms == 5);
    test.set("retention.ms", std::nullopt);
    CHECK(test.image.find("orders")->config.retention_ms == before);
}

TEST_CASE("who holds a topic sees it as it was, while the image moves on") {
    Image test;
    const TopicRef held = test.image.find("orders");
    test.set("retention.ms", "5");
    CHECK(held->overrides.empty());
    CHECK(test.image.find("orders")->overrides.size() == 1);
    CHECK(test.image.find(id) == test.image.find("orders"));
    test.image.replay(RemoveTopicRecord{.topic_id = id});
    CHECK(held->name == "orders");
}

TEST_CASE("records of topics that are not there change nothing") {
    Image test;
    const Uuid unknown{{std::byte{9}}};
    test.image.replay(PartitionRecord{.partition_id = 0, .topic_id = unknown});
    test.image.replay(RemoveTopicRecord{.topic_id = unknown});
    test.image.replay(PartitionRecord{.partition_id = -1, .topic_id = id});
    CHECK(test.image.topic_count() == 1);
    CHECK(test.image.find("orders")->partition_count() == 2);
}

TEST_CASE("features and producer ids are those of the latest record") {
    Image test;
    test.image.replay(FeatureLevelRecord{.name = "transaction.version", .feature_level = 2});
    CHECK(test.image.features().at("transaction.version") == 2);
    test.image.replay(FeatureLevelRecord{.name = "transaction.version", .feature_level = 0});
    CHECK(!test.image.features().contains("transaction.version"));
    test.image.replay(ProducerIdsRecord{.next_producer_id = 2000});
    test.image.replay(ProducerIdsRecord{.next_producer_id = 1000});
    CHECK(test.image.next_producer_id() == 2000);
}

TEST_CASE("the coordinators' topics are internal") {
    Image test;
    test.image.replay(TopicRecord{.name = "__consumer_offsets", .topic_id = {{std::byte{3}}}});
    CHECK(test.image.find("__consumer_offsets")->is_internal);
    CHECK(!test.image.find("orders")->is_internal);
}
