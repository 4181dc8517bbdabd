// What may change of a broker while it runs. The outcomes were observed at Apache Kafka 4.4.
#include "broker/config/broker_change.h"

#include <doctest/doctest.h>

using namespace broker::config;

namespace {

BrokerConfig running(Values fixed = {}) {
    return *resolve_broker_config({.fixed = std::move(fixed)});
}

// Empty: the change is taken.
std::string refusal(const BrokerConfig& broker, BrokerScope scope, Values changed) {
    const auto config = change_broker_config(broker, scope, std::move(changed));
    if (!config) CHECK(config.error().code == ErrorCode::invalid_request);
    return config ? "" : config.error().message;
}

std::string refusal_for_one(Values changed) {
    return refusal(running(), BrokerScope::one, std::move(changed));
}
std::string refusal_for_all(Values changed) {
    return refusal(running(), BrokerScope::all, std::move(changed));
}

}  // namespace

TEST_CASE("what may change while the broker runs is in the changed config") {
    const auto broker = running({{"max.connections", "7"}});
    const auto one = change_broker_config(
        broker, BrokerScope::one, {{"max.connections", "9"}, {"log.cleaner.backoff.ms", "3"}});
    REQUIRE(one);
    CHECK(one->network.connection_count_max == 9);
    CHECK(one->log.cleaner.backoff_ms == 3);
    const auto all = change_broker_config(*one, BrokerScope::all, {{"max.connections", "8"}});
    REQUIRE(all);
    CHECK(all->network.connection_count_max == 9);
    const auto none = change_broker_config(*all, BrokerScope::one, {});
    REQUIRE(none);
    CHECK(none->network.connection_count_max == 8);
    CHECK(none->log.cleaner.backoff_ms == 500);
}

TEST_CASE("what cannot change while the broker runs is refused by its names") {
    CHECK(refusal_for_one({{"node.id", "2"}}) ==
          "Cannot update these configs dynamically: [node.id]");
    CHECK(refusal_for_one({{"log.retention.hours", "4"}, {"broker.rack", "a"}}) ==
          "Cannot update these configs dynamically: [broker.rack, log.retention.hours]");
    CHECK(refusal_for_one({{"einmal.fsync", "always"}}) != "");
    // Kafka opens and closes listeners.
    CHECK(refusal_for_one({{"listeners", "PLAINTEXT://x:1"}}) ==
          "Cannot update these configs dynamically: [listeners]");
}

TEST_CASE("what is one broker's is not set for all") {
    CHECK(refusal_for_one({{"sasl.jaas.config", "x"}}) == "");
    CHECK(refusal_for_all({{"sasl.jaas.config", "x"}}) ==
          "Cannot update these configs at default cluster level, broker id must be specified: "
          "[sasl.jaas.config]");
    CHECK(refusal_for_one({{"listener.name.x.ssl.keystore.type", "PEM"}}) == "");
    CHECK(refusal_for_all({{"listener.name.x.ssl.keystore.type", "PEM"}}) != "");
    CHECK(refusal_for_all({{"listener.name.x.no.such.key", "1"}}) != "");
    CHECK(refusal_for_all({{"listener.name.x.max.connections", "5"}}) == "");
}

TEST_CASE("a key store is set for a listener only") {
    CHECK(refusal_for_one({{"ssl.keystore.location", "a"}}) ==
          "These security configs can be dynamically updated only per-listener using the listener "
          "prefix: [ssl.keystore.location]");
    CHECK(refusal_for_one({{"listener.name.x.ssl.keystore.location", "a"}}) == "");
}

TEST_CASE("a key of nobody's is taken, as Kafka takes those of plugins") {
    CHECK(refusal_for_one({{"no.such.key", "1"}}) == "");
    CHECK(refusal_for_all({{"retention.ms", "soon"}}) == "");
}

TEST_CASE("values are checked as those of a file are, alone and together") {
    CHECK(refusal_for_one({{"message.max.bytes", "-1"}}) ==
          "Invalid value -1 for configuration message.max.bytes: Value must be at least 0");
    CHECK(refusal_for_one({{"listener.name.x.ssl.client.auth", "maybe"}}) != "");
    CHECK(refusal_for_one({{"log.retention.ms", "0"}}) ==
          "log.retention.ms must be unlimited (-1) or, greater than or equal to 1");
    CHECK(refusal_for_one({{"log.roll.ms", "0"}}) != "");
    CHECK(refusal_for_one({{"log.roll.jitter.ms", "-1"}}) != "");
    CHECK(refusal_for_one({{"log.cleaner.dedupe.buffer.size", "1000"}}) ==
          "log.cleaner.dedupe.buffer.size must be at least 1MB per cleaner thread.");
    CHECK(refusal_for_one({{"group.consumer.assignment.interval.ms", "20000"}}) ==
          "group.consumer.assignment.interval.ms must be less than or equal to "
          "group.consumer.max.assignment.interval.ms");
}

TEST_CASE("limits of connections leave room for one") {
    CHECK(refusal_for_one({{"max.connections", "0"}}) == "Invalid max.connections 0");
    CHECK(refusal_for_one({{"max.connection.creation.rate", "0"}}) != "");
    CHECK(refusal_for_one({{"max.connections.per.ip", "0"}}) ==
          "max.connections.per.ip can be set to zero only if max.connections.per.ip.overrides "
          "property is set.");
    CHECK(refusal_for_one({{"max.connections.per.ip", "0"},
                           {"max.connections.per.ip.overrides", "127.0.0.1:5"}}) == "");
    CHECK(refusal_for_one({{"max.connections.per.ip.overrides", "127.0.0.1:5,x"}}) != "");
}

TEST_CASE("numbers of threads at most double or halve") {
    for (const std::string count : {"4", "8", "16"})
        CHECK(refusal_for_one({{"num.io.threads", count}}) == "");
    CHECK(refusal_for_one({{"num.io.threads", "17"}}) ==
          "Dynamic thread count update validation failed for num.io.threads=17, value should not "
          "be greater than double the current value 8");
    CHECK(refusal_for_one({{"num.io.threads", "3"}}) ==
          "Dynamic thread count update validation failed for num.io.threads=3, value should be at "
          "least half the current value 8");
    CHECK(refusal_for_one({{"log.cleaner.threads", "2"}}) == "");
    CHECK(refusal_for_one({{"log.cleaner.threads", "3"}}) != "");
    CHECK(refusal_for_one({{"log.cleaner.threads", "0"}}) != "");
}

TEST_CASE("classes cannot be loaded: only the default one is there") {
    CHECK(refusal_for_one({{"principal.builder.class", "x"}}) ==
          "Invalid value x for configuration principal.builder.class: Class x could not be found.");
    CHECK(refusal_for_one({{"metric.reporters", "x"}}) != "");
    CHECK(refusal_for_one({{"metric.reporters", ""}}) == "");
}

TEST_CASE("only directories of the broker are cordoned") {
    const auto broker = running({{"log.dirs", "a,b"}});
    CHECK(refusal(broker, BrokerScope::one, {{"cordoned.log.dirs", "b"}}) == "");
    CHECK(refusal(broker, BrokerScope::one, {{"cordoned.log.dirs", "*"}}) == "");
    CHECK(refusal(broker, BrokerScope::one, {{"cordoned.log.dirs", "a,c"}}) ==
          "All entries in cordoned.log.dirs must be present in log.dirs or log.dir. "
          "Missing entries : c");
}

TEST_CASE("listeners and directories stay as they were when configs change") {
    auto broker = running({{"log.dirs", "a"}});
    broker.listeners[0].bind.port = 17;
    broker.log.directories = {"temporary"};
    const auto changed = change_broker_config(broker, BrokerScope::one, {{"log.roll.ms", "5"}});
    REQUIRE(changed);
    CHECK(changed->listeners[0].bind.port == 17);
    CHECK(changed->log.directories == std::vector<std::string>{"temporary"});
}

TEST_CASE("what another broker has set and cannot be here is left out, and the rest taken over") {
    std::vector<std::string> left_out;
    const auto config = take_over_dynamic_configs(
        running(), {{"max.connections", "7"}, {"my.plugin.key", "1"}},
        {{"message.max.bytes", "large"}}, [&](auto key) { left_out.emplace_back(key); });
    CHECK(config.network.connection_count_max == 7);
    CHECK(config.values.dynamic_default.contains("my.plugin.key"));
    CHECK(config.values.dynamic_broker.empty());
    CHECK(left_out == std::vector<std::string>{"message.max.bytes"});
}
