// The cluster as its records tell it.
#include "broker/metadata/cluster_image.h"

#include <doctest/doctest.h>

#include <limits>

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

TEST_CASE("a name that comes again is another topic's, and an id that comes again has its name") {
    const Uuid other{{std::byte{2}}};
    Image renamed;
    renamed.image.replay(TopicRecord{.name = "payments", .topic_id = id});
    CHECK(!renamed.image.find("orders"));
    renamed.image.replay(RemoveTopicRecord{.topic_id = id});
    CHECK(renamed.image.topic_count() == 0);
    renamed.set("retention.ms", "5");

    Image replaced;
    replaced.image.replay(TopicRecord{.name = "orders", .topic_id = other});
    CHECK(!replaced.image.find(id));
    replaced.image.replay(RemoveTopicRecord{.topic_id = id});
    CHECK(replaced.image.find("orders")->id == other);
}

TEST_CASE("configs are set and unset again") {
    Image test;
    const auto before = test.image.find("orders")->config.log.retention_ms;
    test.set("retention.ms", "5");
    CHECK(test.image.find("orders")->config.log.retention_ms == 5);
    test.set("retention.ms", std::nullopt);
    CHECK(test.image.find("orders")->config.log.retention_ms == before);
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

TEST_CASE("a change of a partition changes what it names, and counts") {
    Image test;
    const auto partition = [&] { return test.image.find("orders")->partitions.at(1); };
    test.image.replay(PartitionChangeRecord{.partition_id = 1, .topic_id = id, .leader = -1});
    CHECK(partition().leader == -1);
    CHECK(partition().leader_epoch == 6);
    CHECK(partition().partition_epoch == 0);
    CHECK(partition().isr == std::vector{1});
    PartitionChangeRecord change{.partition_id = 1, .topic_id = id};
    change.isr.emplace();
    change.eligible_leader_replicas = {{1}};
    change.directories = {{id}};
    change.leader_recovery_state = 1;
    test.image.replay(change);
    CHECK(partition().leader_epoch == 6);
    CHECK(partition().partition_epoch == 1);
    CHECK(partition().isr.empty());
    CHECK(partition().eligible_leader_replicas == std::vector{1});
    CHECK(partition().directories == std::vector{id});
    CHECK(partition().leader_recovery_state == 1);
    test.image.replay(ClearElrRecord{.topic_name = "payments"});
    CHECK(partition().eligible_leader_replicas);
    test.image.replay(ClearElrRecord{});
    CHECK(!partition().eligible_leader_replicas);
    // Of a partition that there is not.
    test.image.replay(PartitionChangeRecord{.partition_id = 2, .topic_id = id});
    CHECK(test.image.find("orders")->partition_count() == 2);
}

TEST_CASE("a broker is registered, fenced, unfenced and unregistered") {
    Image test;
    CHECK(!test.image.broker(1));
    test.image.replay(RegisterBrokerRecord{.broker_id = 1, .broker_epoch = 9});
    CHECK(test.image.broker(1)->fenced);
    test.image.replay(BrokerRegistrationChangeRecord{.broker_id = 1, .fenced = -1});
    CHECK(!test.image.broker(1)->fenced);
    test.image.replay(BrokerRegistrationChangeRecord{.broker_id = 1, .in_controlled_shutdown = 1});
    CHECK(!test.image.broker(1)->fenced);
    CHECK(test.image.broker(1)->in_controlled_shutdown);
    test.image.replay(FenceBrokerRecord{.id = 1});
    CHECK(test.image.broker(1)->fenced);
    test.image.replay(UnfenceBrokerRecord{.id = 1});
    CHECK(!test.image.broker(1)->fenced);
    CHECK(test.image.broker(1)->broker_epoch == 9);
    test.image.replay(UnregisterBrokerRecord{.broker_id = 1});
    CHECK(!test.image.broker(1));
}

TEST_CASE("dynamic configs of brokers are kept, for one and for all") {
    Image test;
    ConfigRecord config{.resource_type = static_cast<int8_t>(ConfigResource::broker),
                        .name = "min.insync.replicas",
                        .value = "1"};
    test.image.replay(config);
    CHECK(test.image.configs(ConfigResource::broker, "").at("min.insync.replicas") == "1");
    CHECK(test.image.configs(ConfigResource::broker, "1").empty());
    config.value.reset();
    test.image.replay(config);
    CHECK(test.image.configs(ConfigResource::broker, "").empty());
}

TEST_CASE("configs that come before their topic are its own") {
    Image test;
    ConfigRecord config{.resource_type = static_cast<int8_t>(ConfigResource::topic),
                        .resource_name = "payments",
                        .name = "retention.ms",
                        .value = "5"};
    test.image.replay(config);
    test.image.replay(TopicRecord{.name = "payments", .topic_id = {{std::byte{2}}}});
    CHECK(test.image.find("payments")->config.log.retention_ms == 5);
}

namespace {

std::vector<Blob> records_of(const ClusterImage& image) {
    std::vector<Blob> records;
    image.for_each_record([&](const MetadataRecord& record) {
        records.push_back(encode(record, std::numeric_limits<int16_t>::max()));
    });
    return records;
}

// One of everything that a log can say.
void replay_everything(Image& test) {
    auto& image = test.image;
    test.set("retention.ms", "5");
    image.replay(FeatureLevelRecord{.name = "group.version", .feature_level = 1});
    image.replay(FeatureLevelRecord{.name = "metadata.version", .feature_level = 30});
    image.replay(RegisterBrokerRecord{.broker_id = 1, .broker_epoch = 9, .log_dirs = {id}});
    image.replay(RegisterControllerRecord{.controller_id = 1, .incarnation_id = id});
    image.replay(ProducerIdsRecord{.next_producer_id = 2000});
    image.replay(AccessControlEntryRecord{.id = id, .principal = "User:alice"});
    image.replay(DelegationTokenRecord{.owner = "User:alice", .token_id = "token"});
    image.replay(UserScramCredentialRecord{
        .name = "alice", .mechanism = 1, .salt = {std::byte{1}}, .iterations = 4096});
    image.replay(
        ClientQuotaRecord{.entity = {{.entity_type = "user", .entity_name = "alice"},
                                     {.entity_type = "client-id", .entity_name = std::nullopt}},
                          .key = "producer_byte_rate",
                          .value = 0.5});
    image.replay(ConfigRecord{.resource_type = static_cast<int8_t>(ConfigResource::group),
                              .resource_name = "readers",
                              .name = "consumer.session.timeout.ms",
                              .value = "9"});
}

constexpr size_t everything_count = 14;  // with the topic and its two partitions

}  // namespace

TEST_CASE("an image's own records make the same image") {
    Image test;
    replay_everything(test);
    const auto records = records_of(test.image);
    CHECK(records.size() == everything_count);
    // The metadata.version is the first: it says how to read the others.
    const auto first = decode(records.at(0));
    CHECK(std::get<FeatureLevelRecord>(*first).name == "metadata.version");
    ClusterImage copy(test.values);
    for (const Blob& record : records) copy.replay(*decode(record));
    CHECK(records_of(copy) == records);
    CHECK(copy.find("orders")->config.log.retention_ms == 5);
    CHECK(copy.next_producer_id() == 2000);
}

TEST_CASE("what is removed is in an image's records no more") {
    Image test;
    replay_everything(test);
    auto& image = test.image;
    image.replay(RemoveTopicRecord{.topic_id = id});
    image.replay(UnregisterBrokerRecord{.broker_id = 1});
    image.replay(UnregisterControllerRecord{.controller_id = 1});
    image.replay(RemoveAccessControlEntryRecord{.id = id});
    image.replay(RemoveDelegationTokenRecord{.token_id = "token"});
    image.replay(RemoveUserScramCredentialRecord{.name = "alice", .mechanism = 1});
    // The same entity, named in another order.
    image.replay(
        ClientQuotaRecord{.entity = {{.entity_type = "client-id", .entity_name = std::nullopt},
                                     {.entity_type = "user", .entity_name = "alice"}},
                          .key = "producer_byte_rate",
                          .remove = true});
    image.replay(ConfigRecord{.resource_type = static_cast<int8_t>(ConfigResource::group),
                              .resource_name = "readers",
                              .name = "consumer.session.timeout.ms",
                              .value = std::nullopt});
    image.replay(NoOpRecord{});
    image.replay(ZkMigrationStateRecord{});
    CHECK(records_of(image).size() == 3);  // two features, and the producer ids
}

TEST_CASE("as many replicas have to be in sync as the topic wants, and has") {
    Image test;
    const auto change = [&](std::vector<int32_t> replicas, std::vector<int32_t> isr) {
        test.image.replay(PartitionChangeRecord{
            .partition_id = 1, .topic_id = id, .isr = isr, .replicas = replicas});
        return has_enough_in_sync(*test.image.find("orders"), 1);
    };
    test.set("min.insync.replicas", "2");
    CHECK(change({1}, {1}));
    CHECK(!change({1, 2}, {1}));
    CHECK(!change({1, 2, 3}, {1}));
    CHECK(change({1, 2, 3}, {1, 3}));
    test.set("min.insync.replicas", std::nullopt);
    CHECK(change({1, 2, 3}, {1}));
    CHECK(has_enough_in_sync(*test.image.find("orders"), 7));
}

TEST_CASE("the layout changes with topics, partitions and brokers, and with nothing else") {
    Image test;
    auto offset_after = [&, offset = int64_t{0}](const MetadataRecord& record) mutable {
        test.image.replay(record);
        test.image.advance_to(++offset);
        return offset - test.image.last_layout_offset();
    };
    CHECK(offset_after(RegisterBrokerRecord{.broker_id = 1, .rack = "a"}) == 0);
    CHECK(offset_after(ProducerIdsRecord{.broker_id = 1}) == 1);
    CHECK(offset_after(PartitionRecord{.partition_id = 2, .topic_id = id}) == 0);
    CHECK(offset_after(PartitionChangeRecord{.partition_id = 2, .topic_id = id, .leader = 1}) == 1);
    CHECK(offset_after(
              PartitionChangeRecord{.partition_id = 2, .topic_id = id, .replicas = {{1, 2}}}) == 0);
    CHECK(offset_after(ConfigRecord{.resource_name = "orders", .name = "retention.ms"}) == 1);
    CHECK(offset_after(RemoveTopicRecord{.topic_id = id}) == 0);
}
