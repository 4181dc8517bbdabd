// What the controller decides about configs. The outcomes were observed at Apache Kafka 4.4.
#include "broker/metadata/config_changes.h"

#include <doctest/doctest.h>

#include <variant>

using namespace broker::metadata;
using broker::config::Values;

namespace {

using Entries = std::vector<ConfigChange::Entry>;
using Operation = ConfigOperation;

constexpr int64_t bytes_max = 10 << 20;

ConfigChange::Entry set(std::string key, std::string value) {
    return {.key = std::move(key), .value = std::move(value)};
}
ConfigChange::Entry deleted(std::string key) {
    return {.key = std::move(key), .value = std::nullopt, .operation = Operation::remove};
}
ConfigChange::Entry append(std::string key, std::string value) {
    return {.key = std::move(key), .value = std::move(value), .operation = Operation::append};
}
ConfigChange::Entry subtract(std::string key, std::string value) {
    return {.key = std::move(key), .value = std::move(value), .operation = Operation::subtract};
}

struct Cluster {
    Cluster() {
        broker.config_bytes_max = bytes_max;
        image.replay(protocol::TopicRecord{.name = "orders", .topic_id = id});
    }

    ApiError change(const ConfigChange& change) {
        const auto records = change_configs(image, change, broker);
        if (!records) return records.error();
        for (const MetadataRecord& record : *records) image.replay(record);
        record_count = records->size();
        return {};
    }
    ApiError change(ConfigResource resource, std::string name, Entries entries) {
        return change(
            {.resource = resource, .name = std::move(name), .entries = std::move(entries)});
    }
    ErrorCode code(ConfigResource resource, std::string name, Entries entries) {
        const ApiError error = change(resource, std::move(name), std::move(entries));
        CHECK((error.code == ErrorCode::none) == error.message.empty());
        return error.code;
    }
    ErrorCode of_topic(Entries entries) {
        return code(ConfigResource::topic, "orders", std::move(entries));
    }
    const Values& topic() const { return image.configs(ConfigResource::topic, "orders"); }
    void finalize_elr() {
        image.replay(protocol::FeatureLevelRecord{.name = "eligible.leader.replicas.version",
                                                  .feature_level = 1});
    }

    const protocol::Uuid id{{std::byte{1}}};
    broker::config::BrokerConfig broker = *broker::config::resolve_broker_config({});
    ClusterImage image{broker.values};
    size_t record_count = 0;
};

}  // namespace

TEST_CASE("a topic's configs are set, changed and deleted, and nothing is written in vain") {
    Cluster cluster;
    CHECK(cluster.of_topic({set("retention.ms", "5"), set("flush.ms", "7")}) == ErrorCode::none);
    CHECK(cluster.record_count == 2);
    CHECK(cluster.image.find("orders")->config.log.retention_ms == 5);
    CHECK(cluster.of_topic({set("retention.ms", "6"), set("flush.ms", "7")}) == ErrorCode::none);
    CHECK(cluster.record_count == 1);
    CHECK(cluster.of_topic({deleted("flush.ms"), deleted("no.such.key")}) == ErrorCode::none);
    CHECK(cluster.topic() == Values{{"retention.ms", "6"}});
}

TEST_CASE("elements are appended to a list and subtracted from it, beginning with the default") {
    Cluster cluster;
    CHECK(cluster.of_topic({append("cleanup.policy", "compact")}) == ErrorCode::none);
    CHECK(cluster.topic().at("cleanup.policy") == "delete,compact");
    CHECK(cluster.of_topic({append("cleanup.policy", " compact ,delete")}) == ErrorCode::none);
    CHECK(cluster.topic().at("cleanup.policy") == "delete,compact");
    CHECK(cluster.of_topic({subtract("cleanup.policy", "delete,burn")}) == ErrorCode::none);
    CHECK(cluster.topic().at("cleanup.policy") == "compact");
    CHECK(cluster.of_topic({subtract("cleanup.policy", "compact")}) == ErrorCode::none);
    CHECK(cluster.topic().at("cleanup.policy") == "");
    CHECK(cluster.of_topic({append("cleanup.policy", "burn")}) == ErrorCode::invalid_config);
    CHECK(cluster.of_topic({append("cleanup.policy", "")}) == ErrorCode::none);
}

TEST_CASE("only lists have elements to append or subtract") {
    Cluster cluster;
    CHECK(cluster.change(ConfigResource::topic, "orders", {append("retention.ms", "1")}).message ==
          "Can't APPEND to key retention.ms because its type is not LIST.");
    CHECK(cluster.change(ConfigResource::topic, "orders", {subtract("no.such", "1")}).message ==
          "Can't SUBTRACT to key no.such because its type is not LIST.");
    CHECK(cluster.code(ConfigResource::client_metrics, "s", {append("metrics", "a")}) ==
          ErrorCode::invalid_config);
    CHECK(cluster.change(ConfigResource::broker, "", {append("log.roll.ms", "1")}).message ==
          "Config value append is not allowed for config key: log.roll.ms");
    CHECK(cluster.change(ConfigResource::broker, "", {append("no.such", "1")}).message ==
          "Unknown config name: no.such");
}

TEST_CASE("a change is made whole or not at all") {
    Cluster cluster;
    CHECK(cluster.of_topic({set("retention.ms", "5"), set("segment.bytes", "x")}) ==
          ErrorCode::invalid_config);
    CHECK(cluster.topic().empty());
}

TEST_CASE("a change is judged together with what is set already") {
    Cluster cluster;
    CHECK(cluster.of_topic({set("min.compaction.lag.ms", "100")}) == ErrorCode::none);
    CHECK(cluster.of_topic({set("max.compaction.lag.ms", "50")}) == ErrorCode::invalid_config);
}

TEST_CASE("replaced configs are those of the request alone") {
    Cluster cluster;
    CHECK(cluster.of_topic({set("retention.ms", "5"), set("flush.ms", "7")}) == ErrorCode::none);
    ConfigChange change{.name = "orders", .entries = {set("flush.ms", "8")}, .replaces_all = true};
    CHECK(cluster.change(change).code == ErrorCode::none);
    CHECK(cluster.topic() == Values{{"flush.ms", "8"}});
    change.entries.clear();
    CHECK(cluster.change(change).code == ErrorCode::none);
    CHECK(cluster.topic().empty());
}

TEST_CASE("entries that contradict each other, say nothing or cannot be read are refused") {
    Cluster cluster;
    CHECK(cluster.of_topic({set("flush.ms", "1"), deleted("flush.ms")}) ==
          ErrorCode::invalid_request);
    const ConfigChange::Entry null{.key = "flush.ms", .value = std::nullopt};
    CHECK(
        cluster.change(ConfigResource::topic, "orders", {set("retention.ms", "1"), null}).message ==
        "Null value not supported for : flush.ms");
    for (const int operation : {-1, 4, 127}) {
        auto entry = set("flush.ms", "1");
        entry.operation = static_cast<Operation>(operation);
        CHECK(cluster.of_topic({entry}) == ErrorCode::invalid_request);
    }
}

TEST_CASE("resources that are not there, or not this broker's, are refused") {
    Cluster cluster;
    const Entries any = {set("retention.ms", "5")};
    CHECK(cluster.code(ConfigResource::topic, "", any) == ErrorCode::invalid_request);
    CHECK(cluster.code(ConfigResource::topic, "unknown", any) ==
          ErrorCode::unknown_topic_or_partition);
    CHECK(cluster.code(ConfigResource::topic, "a b", any) == ErrorCode::invalid_topic_exception);
    for (const std::string name : {"2", "-1", "x", "1 ", "9999999999"})
        CHECK(cluster.code(ConfigResource::broker, name, any) == ErrorCode::invalid_request);
    CHECK(cluster.code(ConfigResource::group, "", any) == ErrorCode::invalid_request);
    CHECK(cluster.code(ConfigResource::client_metrics, "", any) == ErrorCode::invalid_request);
    for (const int type : {0, 1, 3, 8, 64, -1})
        CHECK(cluster.code(static_cast<ConfigResource>(type), "1", any) ==
              ErrorCode::invalid_request);
}

TEST_CASE("configs of brokers, groups and subscriptions are kept by their names") {
    Cluster cluster;
    CHECK(cluster.code(ConfigResource::broker, "01", {set("log.roll.ms", "5")}) == ErrorCode::none);
    CHECK(cluster.code(ConfigResource::broker, "", {set("log.roll.ms", "6")}) == ErrorCode::none);
    CHECK(cluster.code(ConfigResource::group, "g",
                       {set("share.isolation.level", "read_committed")}) == ErrorCode::none);
    CHECK(cluster.code(ConfigResource::client_metrics, "s", {set("interval.ms", "1000")}) ==
          ErrorCode::none);
    CHECK(cluster.image.configs(ConfigResource::broker, "1") == Values{{"log.roll.ms", "5"}});
    CHECK(cluster.image.configs(ConfigResource::broker, "") == Values{{"log.roll.ms", "6"}});
    CHECK(cluster.image.configured(ConfigResource::group) == std::vector<std::string>{"g"});
    CHECK(cluster.code(ConfigResource::group, "g", {deleted("share.isolation.level")}) ==
          ErrorCode::none);
    CHECK(cluster.image.configured(ConfigResource::group).empty());
    CHECK(cluster.code(ConfigResource::client_metrics, "s", {set("match", "client_id=(")}) ==
          ErrorCode::invalid_config);
}

TEST_CASE("what a broker cannot change is an invalid request, what a group cannot, a config") {
    Cluster cluster;
    CHECK(cluster.code(ConfigResource::broker, "1", {set("node.id", "2")}) ==
          ErrorCode::invalid_request);
    CHECK(cluster.code(ConfigResource::group, "g", {set("consumer.session.timeout.ms", "x")}) ==
          ErrorCode::invalid_config);
}

TEST_CASE("under eligible leader replicas min.insync.replicas is one for all brokers (KIP-966)") {
    Cluster cluster;
    const std::string key = "min.insync.replicas";
    CHECK(cluster.code(ConfigResource::broker, "1", {set(key, "2")}) == ErrorCode::none);
    CHECK(settle_min_insync_replicas(cluster.image, cluster.broker.values).empty());
    cluster.finalize_elr();
    for (const MetadataRecord& record :
         settle_min_insync_replicas(cluster.image, cluster.broker.values))
        cluster.image.replay(record);
    CHECK(cluster.image.configs(ConfigResource::broker, "1").empty());
    CHECK(cluster.image.configs(ConfigResource::broker, "") == Values{{key, "1"}});
    CHECK(settle_min_insync_replicas(cluster.image, cluster.broker.values).empty());

    CHECK(cluster.code(ConfigResource::broker, "1", {set(key, "2")}) == ErrorCode::invalid_config);
    CHECK(cluster.code(ConfigResource::broker, "1", {deleted(key)}) == ErrorCode::invalid_config);
    CHECK(cluster.code(ConfigResource::broker, "", {set(key, "2")}) == ErrorCode::none);
    CHECK(cluster.code(ConfigResource::broker, "", {deleted(key)}) == ErrorCode::invalid_config);
    CHECK(cluster.change({.resource = ConfigResource::broker, .replaces_all = true}).code ==
          ErrorCode::invalid_config);
    CHECK(cluster.of_topic({set(key, "3")}) == ErrorCode::none);
}

TEST_CASE("all configs together take no more room than einmal.config.bytes.max") {
    Cluster cluster;
    const auto fill = [&](const std::string& group) {
        return cluster.code(ConfigResource::client_metrics, group,
                            {set("metrics", std::string(bytes_max / 3, 'm'))});
    };
    CHECK(fill("a") == ErrorCode::none);
    CHECK(fill("b") == ErrorCode::none);
    CHECK(fill("c") == ErrorCode::policy_violation);
    CHECK(cluster.code(ConfigResource::client_metrics, "a", {set("metrics", "")}) ==
          ErrorCode::none);
    CHECK(fill("c") == ErrorCode::none);
}

TEST_CASE("a change is no larger than Apache Kafka reads at once") {
    Cluster cluster;
    cluster.broker.config_bytes_max = 100 << 20;
    const std::string large(8 << 20, 'm');
    CHECK(cluster.code(ConfigResource::client_metrics, "a", {set("metrics", large)}) ==
          ErrorCode::policy_violation);
    CHECK(cluster.code(ConfigResource::client_metrics, "a",
                       {set("metrics", large.substr(1'000))}) == ErrorCode::none);
}

TEST_CASE("long lists are changed as quickly as they are read") {
    Cluster cluster;
    std::string many = "0:0";
    for (int i = 1; i < 100'000; ++i) many += "," + std::to_string(i) + ":1";
    const std::string key = "leader.replication.throttled.replicas";
    CHECK(cluster.of_topic({append(key, many)}) == ErrorCode::none);
    CHECK(cluster.of_topic({append(key, many + ",7:7")}) == ErrorCode::none);
    CHECK(cluster.topic().at(key) == many + ",7:7");
    CHECK(cluster.of_topic({subtract(key, many)}) == ErrorCode::none);
    CHECK(cluster.topic().at(key) == "7:7");
}

TEST_CASE("what a topic's configs take is given back with the topic") {
    Cluster cluster;
    const size_t before = cluster.image.config_bytes();
    CHECK(cluster.of_topic({set("retention.ms", "5")}) == ErrorCode::none);
    CHECK(cluster.image.config_bytes() > before);
    cluster.image.replay(protocol::RemoveTopicRecord{.topic_id = cluster.id});
    CHECK(cluster.image.config_bytes() == before);
}
