#include "broker/config/load.h"

#include <doctest/doctest.h>

#include "broker/config/broker_config.h"
#include "broker/config/environment.h"

using namespace broker::config;

namespace {

BrokerConfig resolved(const StaticSources& sources) {
    auto loaded = load_static_config(sources);
    REQUIRE_MESSAGE(loaded, (loaded ? "" : loaded.error().message));
    auto config = resolve_broker_config({.fixed = loaded->values});
    REQUIRE_MESSAGE(config, (config ? "" : config.error().message));
    return *std::move(config);
}

}  // namespace

TEST_CASE("a variable's name becomes a key: one underscore a dot, two one, three a dash") {
    CHECK(keys_of_environment({{"KAFKA_LOG_RETENTION_MS", "1"},
                               {"KAFKA_A__B", "2"},
                               {"KAFKA_A___B", "3"},
                               {"PATH", "4"}}) ==
          Values{{"log.retention.ms", "1"}, {"a_b", "2"}, {"a-b", "3"}});
}

TEST_CASE("variables for Java and the image are no keys") {
    CHECK(keys_of_environment({{"KAFKA_OPTS", ""},
                               {"KAFKA_HEAP_OPTS", ""},
                               {"KAFKA_VERSION", ""},
                               {"KAFKA_LOG4J_LOGGERS", ""},
                               {"KAFKA_JMX_HOSTNAME", ""}})
              .empty());
}

TEST_CASE("CLUSTER_ID names the cluster") {
    const auto config = resolved({.environment = {{"CLUSTER_ID", "4L6g3nShT-eMCtK--X86sw"}}});
    CHECK(config.cluster_id == "4L6g3nShT-eMCtK--X86sw");
}

TEST_CASE("the command line wins over the environment, which wins over the file") {
    const StaticSources sources{
        .file = {{"num.partitions", "2"}, {"fetch.max.bytes", "2000"}, {"max.connections", "2"}},
        .environment = {{"KAFKA_NUM_PARTITIONS", "3"}, {"KAFKA_FETCH_MAX_BYTES", "3000"}},
        .command_line = {{"num.partitions", "4"}}};
    const auto config = resolved(sources);
    CHECK(config.default_partition_count == 4);
    CHECK(config.network.fetch_max_bytes == 3000);
    CHECK(config.network.connection_count_max == 2);
}

TEST_CASE("setting one thing leaves the development defaults of the others") {
    const auto config = resolved({.environment = {{"KAFKA_NUM_PARTITIONS", "3"}}});
    CHECK(config.group.initial_rebalance_delay_ms == 0);
    CHECK(config.group.min_session_timeout_ms == 100);
    CHECK(effective_value("offsets.topic.replication.factor", config.values) == "1");
}

TEST_CASE("an unknown key in the file is refused with the nearest one") {
    const auto loaded = load_static_config({.file = {{"num.partition", "1"}}});
    REQUIRE_FALSE(loaded);
    CHECK(loaded.error().message ==
          "unknown config key num.partition; the nearest is num.partitions");
}

TEST_CASE("an unknown key on the command line is refused with the nearest one") {
    const auto loaded = load_static_config({.command_line = {{"log.retention.sm", "1"}}});
    REQUIRE_FALSE(loaded);
    CHECK(loaded.error().message ==
          "unknown config key log.retention.sm; the nearest is log.retention.ms");
}

TEST_CASE("an unknown variable is only warned of") {
    const auto loaded =
        load_static_config({.environment = {{"KAFKA_NUM_PARTITION", "1"}, {"KAFKA_X", "2"}}});
    REQUIRE(loaded);
    CHECK(loaded->values.empty());
    REQUIRE(loaded->warnings.size() == 2);
    CHECK(loaded->warnings[0] ==
          "environment: unknown config key num.partition; the nearest is num.partitions");
}

TEST_CASE("keys that were set and do nothing are told") {
    const auto loaded =
        load_static_config({.file = {{"num.io.threads", "8"}, {"num.partitions", "1"}},
                            .environment = {{"KAFKA_METRIC_REPORTERS", "x"}}});
    REQUIRE(loaded);
    CHECK(loaded->without_effect == std::vector<std::string>{"metric.reporters", "num.io.threads"});
}

TEST_CASE("without listeners in file or environment, advertised ones are listened for everywhere") {
    const auto config =
        resolved({.environment = {{"KAFKA_ADVERTISED_LISTENERS", "PLAINTEXT://example.org:1234"}}});
    REQUIRE(config.listeners.size() == 1);
    CHECK(config.listeners[0].bind == Endpoint{"0.0.0.0", 1234});
    CHECK(config.listeners[0].advertised == Endpoint{"example.org", 1234});
}

TEST_CASE("listeners of the file stay when the environment advertises others") {
    const auto config =
        resolved({.file = {{"listeners", "PLAINTEXT://127.0.0.1:1"}},
                  .environment = {{"KAFKA_ADVERTISED_LISTENERS", "PLAINTEXT://example.org:2"}}});
    CHECK(config.listeners[0].bind == Endpoint{"127.0.0.1", 1});
}

TEST_CASE("listeners of the command line drop addresses advertised for others") {
    const auto config =
        resolved({.file = {{"listeners", "OLD://127.0.0.1:1"},
                           {"listener.security.protocol.map", "OLD:PLAINTEXT,PLAINTEXT:PLAINTEXT"},
                           {"advertised.listeners", "OLD://example.org:1"}},
                  .command_line = {{"listeners", "PLAINTEXT://127.0.0.1:0"}}});
    REQUIRE(config.listeners.size() == 1);
    CHECK_FALSE(config.listeners[0].advertised);
}
