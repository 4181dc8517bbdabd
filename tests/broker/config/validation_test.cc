#include <doctest/doctest.h>

#include "broker/config/broker_config.h"
#include "broker/config/client_metrics_config.h"
#include "broker/config/group_config.h"
#include "broker/config/topic_config.h"

using namespace broker::config;

namespace {

bool topic_accepts(std::string key, std::string value) {
    const auto valid = validate_topic_config({{std::move(key), std::move(value)}});
    if (!valid) CHECK(valid.error().code == ErrorCode::invalid_config);
    return valid.has_value();
}

std::string broker_refusal(Values fixed) {
    const auto config = resolve_broker_config({.fixed = std::move(fixed)});
    return config ? "accepted" : config.error().message;
}

}  // namespace

// The values and outcomes of these were observed at Apache Kafka 4.3.1.
TEST_CASE("topic values are taken and refused as Kafka does") {
    CHECK(topic_accepts("cleanup.policy", "compact, delete"));
    CHECK(topic_accepts("cleanup.policy", "delete,delete"));
    CHECK(topic_accepts("cleanup.policy", ""));
    CHECK_FALSE(topic_accepts("cleanup.policy", "foo"));
    CHECK(topic_accepts("retention.ms", "-1"));
    CHECK_FALSE(topic_accepts("retention.ms", "-2"));
    CHECK_FALSE(topic_accepts("retention.ms", "abc"));
    CHECK_FALSE(topic_accepts("retention.ms", ""));
    CHECK(topic_accepts("retention.bytes", "-5"));
    CHECK(topic_accepts("segment.bytes", "1048576"));
    CHECK_FALSE(topic_accepts("segment.bytes", "1048575"));
    CHECK_FALSE(topic_accepts("segment.bytes", "99999999999"));
    CHECK(topic_accepts("compression.gzip.level", "-1"));
    CHECK_FALSE(topic_accepts("compression.gzip.level", "0"));
    CHECK_FALSE(topic_accepts("compression.gzip.level", "10"));
    CHECK_FALSE(topic_accepts("compression.type", "foo"));
    CHECK(topic_accepts("min.cleanable.dirty.ratio", "1.0"));
    CHECK_FALSE(topic_accepts("min.cleanable.dirty.ratio", "1.5"));
    CHECK(topic_accepts("preallocate", "TRUE"));
    CHECK_FALSE(topic_accepts("preallocate", "maybe"));
    CHECK(topic_accepts("leader.replication.throttled.replicas", "*"));
    CHECK(topic_accepts("leader.replication.throttled.replicas", "0:1,1:1"));
    CHECK_FALSE(topic_accepts("leader.replication.throttled.replicas", "0:1,x"));
    CHECK_FALSE(topic_accepts("min.insync.replicas", "0"));
    CHECK_FALSE(topic_accepts("message.timestamp.type", "createtime"));
    CHECK_FALSE(topic_accepts("remote.storage.enable", "true"));
}

TEST_CASE("topic keys that do not exist, or no longer, are refused") {
    CHECK_FALSE(topic_accepts("dummy.doesntexist", "1"));
    CHECK_FALSE(topic_accepts("message.format.version", "2.8"));
}

TEST_CASE("a smallest compaction lag above the largest is refused") {
    CHECK_FALSE(
        validate_topic_config({{"min.compaction.lag.ms", "100"}, {"max.compaction.lag.ms", "50"}}));
    CHECK(
        validate_topic_config({{"min.compaction.lag.ms", "50"}, {"max.compaction.lag.ms", "50"}}));
}

TEST_CASE("a refusal names key, value and reason") {
    CHECK(validate_topic_config({{"retention.ms", "-2"}}).error().message ==
          "Invalid value -2 for configuration retention.ms: Value must be at least -1");
}

TEST_CASE("a refusal does not show a password") {
    const auto* key = find_broker_key("sasl.jaas.config");
    REQUIRE(key);
    CHECK(key->sensitive());
    CHECK(broker_refusal({{"ssl.keystore.type", "JKS"}, {"num.partitions", "0"}}) ==
          "Invalid value 0 for configuration num.partitions: Value must be at least 1");
}

TEST_CASE("node.id and broker.id must agree, and either names the broker") {
    CHECK(broker_refusal({{"node.id", "1"}, {"broker.id", "2"}}) ==
          "node.id=1 and broker.id=2 must agree");
    CHECK(resolve_broker_config({.fixed = {{"broker.id", "7"}}})->node_id == 7);
    CHECK(resolve_broker_config({.fixed = {{"node.id", "8"}}})->node_id == 8);
    CHECK(resolve_broker_config({})->node_id == 1);
}

TEST_CASE("replication factors for a cluster do not keep one broker from working") {
    CHECK(broker_refusal({{"default.replication.factor", "3"},
                          {"offsets.topic.replication.factor", "3"},
                          {"transaction.state.log.min.isr", "2"}}) == "accepted");
}

TEST_CASE("there are at most as many threads as the id of a fetch session can name") {
    CHECK(broker_refusal({{"einmal.threads", "256"}}) == "accepted");
    CHECK(broker_refusal({{"einmal.threads", "257"}}) != "accepted");
}

TEST_CASE("a retention of zero is refused, whatever key says it") {
    CHECK(broker_refusal({{"log.retention.hours", "0"}}) ==
          "log.retention.ms must be unlimited (-1) or, greater than or equal to 1");
}

TEST_CASE("the metadata log is in the first data directory, or in the one that is named") {
    const auto directories = [](Values values) {
        return resolve_broker_config({.fixed = std::move(values)})->log.directories;
    };
    CHECK(directories({{"log.dirs", "a,b"}}) == std::vector<std::string>{"a", "b"});
    CHECK(directories({{"log.dirs", "a,b,c"}, {"metadata.log.dir", "b"}}) ==
          std::vector<std::string>{"b", "a", "c"});
    CHECK(broker_refusal({{"log.dirs", "a,b"}, {"metadata.log.dir", "c"}}) ==
          "metadata.log.dir=c: must be one of log.dirs");
    CHECK(resolve_broker_config({.fixed = {{"log.dir", "a"}}})->log.directories ==
          std::vector<std::string>{"a"});
}

TEST_CASE("group values are held to the broker's limits") {
    const BrokerValues broker{.fixed = {{"group.consumer.min.session.timeout.ms", "1000"}}};
    const auto refusal = [&](Values values) {
        const auto valid = validate_group_config(values, broker);
        if (!valid) CHECK(valid.error().code == ErrorCode::invalid_config);
        return valid ? "" : valid.error().message;
    };
    CHECK(refusal({{"consumer.session.timeout.ms", "50000"}}) == "");
    CHECK(refusal({{"consumer.session.timeout.ms", "1"}}) ==
          "consumer.session.timeout.ms must be in the range 1000 to 60000 inclusive.");
    CHECK(refusal({{"consumer.session.timeout.ms", "60001"}}) != "");
    CHECK(refusal({{"streams.num.standby.replicas", "3"}}) ==
          "streams.num.standby.replicas must be less than or equal to 2");
    CHECK(refusal({{"streams.task.offset.interval.ms", "14999"}}) ==
          "streams.task.offset.interval.ms must be greater than or equal to 15000");
    CHECK(refusal({{"bogus", "1"}}) == "Unknown group config name: bogus");
    CHECK(refusal({{"consumer.session.timeout.ms", "5000"},
                   {"consumer.heartbeat.interval.ms", "5000"}}) ==
          "consumer.session.timeout.ms must be greater than consumer.heartbeat.interval.ms");
    CHECK(refusal({{"share.auto.offset.reset", "by_duration:P1DT2H"}}) == "");
    CHECK(refusal({{"share.auto.offset.reset", "by_duration:x"}}) != "");
    CHECK(refusal({{"share.auto.offset.reset", "by_duration:P"}}) != "");
    CHECK(refusal({{"streams.assignor.name", "sticky"}}) == "");
    CHECK(refusal({{"streams.assignor.name", "best"}}) ==
          "streams.assignor.name 'best' is not a registered task assignor. Registered assignors "
          "are: [sticky].");
    CHECK(refusal({{"errors.deadletterqueue.topic.name", "__letters"}}) != "");
    CHECK(refusal({{"streams.rack.aware.assignment.tags", "a,a"}}) ==
          "Configuration 'streams.rack.aware.assignment.tags' values must not be duplicated.");
}

TEST_CASE("a group's own value counts within the broker's limits, which may be others by now") {
    const BrokerValues broker{.fixed = {{"group.consumer.min.session.timeout.ms", "1000"}}};
    const auto own = [&](Values values) {
        return own_group_value(values, "consumer.session.timeout.ms", broker);
    };
    CHECK(own({}) == std::nullopt);
    CHECK(own({{"consumer.session.timeout.ms", "5000"}}) == 5'000);
    CHECK(own({{"consumer.session.timeout.ms", "999"}}) == 1'000);
    CHECK(own({{"consumer.session.timeout.ms", "60001"}}) == 60'000);
}

TEST_CASE("the broker's own values for consumer groups have to fit their limits and each other") {
    CHECK(broker_refusal({{"group.consumer.session.timeout.ms", "60001"}}) ==
          "group.consumer.session.timeout.ms must be less than or equal to "
          "group.consumer.max.session.timeout.ms");
    CHECK(broker_refusal({{"group.consumer.heartbeat.interval.ms", "20"}}) ==
          "group.consumer.heartbeat.interval.ms must be greater than or equal to "
          "group.consumer.min.heartbeat.interval.ms");
    CHECK(broker_refusal({{"group.consumer.max.assignment.interval.ms", "1"},
                          {"group.consumer.min.assignment.interval.ms", "2"}}) ==
          "group.consumer.max.assignment.interval.ms must be greater than or equal to "
          "group.consumer.min.assignment.interval.ms");
    CHECK(broker_refusal({{"group.consumer.session.timeout.ms", "500"}}) ==
          "group.consumer.session.timeout.ms must be greater than "
          "group.consumer.heartbeat.interval.ms");
    CHECK(broker_refusal({{"group.consumer.assignors", ""}}) != "accepted");
    CHECK(broker_refusal({{"group.consumer.assignors", "range"}}) == "accepted");
}

TEST_CASE("a subscription to client metrics selects clients by what they can tell") {
    const auto code = [](Values values) {
        const auto valid = validate_client_metrics_config(
            values, [](std::string_view text) { return text != "["; });
        return valid ? ErrorCode::none : valid.error().code;
    };
    CHECK(code({{"metrics", "a.,b"}, {"interval.ms", "100"}, {"match", "client_id=a.*"}}) ==
          ErrorCode::none);
    CHECK(code({{"metrics", ""}, {"match", ""}}) == ErrorCode::none);
    CHECK(code({{"no.such.key", "1"}}) == ErrorCode::invalid_request);
    CHECK(code({{"interval.ms", "99"}}) == ErrorCode::invalid_request);
    CHECK(code({{"interval.ms", "3600001"}}) == ErrorCode::invalid_request);
    CHECK(code({{"interval.ms", "often"}}) == ErrorCode::invalid_config);
    for (const std::string match : {"client_id", "client_id=", "color=blue", "client_id=[",
                                    "client_id=a=b", "client_id=a,client_source_port"})
        CHECK(code({{"match", match}}) == ErrorCode::invalid_config);
}

TEST_CASE("a list may be empty, but not have empty elements") {
    CHECK(topic_accepts("cleanup.policy", ""));
    CHECK_FALSE(topic_accepts("cleanup.policy", "delete,"));
    CHECK_FALSE(topic_accepts("cleanup.policy", "delete,,compact"));
}

TEST_CASE("a long list of throttled replicas is read as well as a short one") {
    const std::string digits(1'000'000, '1');
    CHECK(topic_accepts("leader.replication.throttled.replicas", digits + ":" + digits));
    CHECK_FALSE(topic_accepts("leader.replication.throttled.replicas", digits));
}
