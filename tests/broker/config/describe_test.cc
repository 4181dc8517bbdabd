#include "broker/config/describe.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "broker/config/documentation.h"

using namespace broker::config;
using broker::config::Synonym;

namespace {

const Description& find(const std::vector<Description>& descriptions, std::string_view name) {
    const auto found = std::ranges::find(descriptions, name, &Description::name);
    REQUIRE_MESSAGE(found != descriptions.end(), name);
    return *found;
}

using Synonyms = std::vector<Synonym>;

}  // namespace

TEST_CASE("all of a topic's 37 public configs are described when none is named") {
    CHECK(describe_topic(std::nullopt, {}, {}).size() == 37);
    CHECK(describe_topic(Names{std::in_place}, {}, {}).size() == 37);
    CHECK(describe_topic(std::nullopt, {{"internal.segment.bytes", "100"}}, {}).size() == 38);
}

TEST_CASE("all of a group's 21 public configs are described") {
    CHECK(describe_group(std::nullopt, {}, {}).size() == 21);
}

TEST_CASE("all of a subscription's configs are described, each its own or a default") {
    const auto all = describe_client_metrics(std::nullopt, {{"metrics", "a,b"}});
    REQUIRE(all.size() == 3);
    CHECK(find(all, "interval.ms").value == "300000");
    CHECK(find(all, "interval.ms").source == Source::default_value);
    CHECK(find(all, "interval.ms").synonyms.empty());
    CHECK(find(all, "metrics").value == "a,b");
    CHECK(find(all, "metrics").source == Source::dynamic_client_metrics);
    CHECK(find(all, "metrics").synonyms ==
          Synonyms{{"metrics", "a,b", Source::dynamic_client_metrics}});
}

TEST_CASE("all broker keys of Kafka that are not internal are described") {
    const auto all = describe_broker(std::nullopt, {});
    const auto own = std::ranges::count_if(
        all, [](const Description& one) { return one.name.starts_with("einmal."); });
    CHECK(all.size() - static_cast<size_t>(own) == 350);
    CHECK(own == 8);
}

TEST_CASE("only the configs asked for are described, and unknown ones left out") {
    const auto some = describe_topic(Names{{"retention.ms", "no.such.key"}}, {}, {});
    REQUIRE(some.size() == 1);
    CHECK(some[0].name == "retention.ms");
}

TEST_CASE("a topic's own value comes first, then the broker's layers") {
    const BrokerValues broker{.dynamic_broker = {{"message.max.bytes", "6000"}},
                              .dynamic_default = {{"message.max.bytes", "5000"}},
                              .fixed = {{"message.max.bytes", "4000"}}};
    const auto own =
        describe_topic(Names{{"max.message.bytes"}}, {{"max.message.bytes", "7000"}}, broker);
    CHECK(own[0].value == "7000");
    CHECK(own[0].source == Source::dynamic_topic);
    CHECK(own[0].synonyms == Synonyms{{"max.message.bytes", "7000", Source::dynamic_topic},
                                      {"message.max.bytes", "6000", Source::dynamic_broker},
                                      {"message.max.bytes", "5000", Source::dynamic_default_broker},
                                      {"message.max.bytes", "4000", Source::static_broker},
                                      {"message.max.bytes", "1048588", Source::default_value}});
    const auto inherited = describe_topic(Names{{"max.message.bytes"}}, {}, broker);
    CHECK(inherited[0].value == "6000");
    CHECK(inherited[0].source == Source::dynamic_broker);
}

TEST_CASE("a topic's time that the broker has in hours is told in milliseconds, with its source") {
    const auto topic =
        describe_topic(Names{{"segment.ms"}}, {}, {.fixed = {{"log.roll.hours", "2"}}});
    CHECK(topic[0].value == "7200000");
    CHECK(topic[0].source == Source::static_broker);
    CHECK(topic[0].synonyms == Synonyms{{"log.roll.hours", "2", Source::static_broker},
                                        {"log.roll.hours", "168", Source::default_value}});
}

TEST_CASE("a topic key without a broker key has no synonyms unless it is set") {
    const auto topic = describe_topic(Names{{"remote.storage.enable"}}, {}, {});
    CHECK(topic[0].value == "false");
    CHECK(topic[0].source == Source::default_value);
    CHECK(topic[0].synonyms.empty());
}

TEST_CASE("lists are told without blanks and repetitions") {
    const auto topic =
        describe_topic(Names{{"cleanup.policy"}}, {{"cleanup.policy", "delete, delete"}}, {});
    CHECK(topic[0].value == "delete");
}

TEST_CASE("a password is never told") {
    const auto described = describe_broker(Names{{"ssl.truststore.password", "sasl.jaas.config"}},
                                           {.fixed = {{"ssl.truststore.password", "secret"}}});
    const auto& set = find(described, "ssl.truststore.password");
    CHECK(set.sensitive);
    CHECK_FALSE(set.value);
    CHECK(set.type == ConfigType::password_type);
    CHECK(set.synonyms ==
          Synonyms{{"ssl.truststore.password", std::nullopt, Source::static_broker}});
    CHECK(find(described, "sasl.jaas.config").synonyms.empty());
}

TEST_CASE("a broker key says whether it can change while the broker runs") {
    const auto all = describe_broker(std::nullopt, {});
    CHECK(find(all, "node.id").read_only);
    CHECK(find(all, "log.retention.hours").read_only);
    CHECK_FALSE(find(all, "log.retention.ms").read_only);
    CHECK_FALSE(find(all, "compression.type").read_only);
    CHECK_FALSE(find(all, "listener.security.protocol.map").read_only);
}

TEST_CASE("a broker key that has no value is null, whatever its stand-ins say") {
    const auto described = describe_broker(Names{{"log.roll.ms", "log.roll.hours"}},
                                           {.fixed = {{"log.roll.hours", "2"}}});
    const auto& ms = find(described, "log.roll.ms");
    CHECK_FALSE(ms.value);
    CHECK(ms.source == Source::default_value);
    CHECK(ms.synonyms.empty());
    CHECK(find(described, "log.roll.hours").value == "2");
    CHECK(find(described, "log.roll.hours").source == Source::static_broker);
}

TEST_CASE("a broker key names the keys that stand in for it") {
    const auto described = describe_broker(Names{{"log.retention.ms"}},
                                           {.dynamic_default = {{"log.retention.ms", "1000"}},
                                            .fixed = {{"log.retention.hours", "3"}}});
    CHECK(described[0].synonyms ==
          Synonyms{{"log.retention.ms", "1000", Source::dynamic_default_broker},
                   {"log.retention.hours", "3", Source::static_broker},
                   {"log.retention.hours", "168", Source::default_value}});
}

TEST_CASE("our default is told where it differs from Kafka's") {
    const auto described = describe_broker(Names{{"group.initial.rebalance.delay.ms"}}, {});
    CHECK(described[0].value == "0");
    CHECK(described[0].source == Source::default_value);
}

TEST_CASE("the defaults of all brokers are only what was set for them") {
    const BrokerValues broker{.dynamic_broker = {{"message.max.bytes", "1"}},
                              .dynamic_default = {{"log.retention.ms", "1000"}}};
    const auto described = describe_broker_defaults(std::nullopt, broker);
    REQUIRE(described.size() == 1);
    CHECK(described[0].value == "1000");
    CHECK(described[0].source == Source::dynamic_default_broker);
    CHECK(described[0].synonyms ==
          Synonyms{{"log.retention.ms", "1000", Source::dynamic_default_broker}});
}

TEST_CASE("a key with a listener's prefix is described when it is set, with what it stands for") {
    const auto described =
        describe_broker(std::nullopt, {.fixed = {{"listener.name.x.ssl.key.password", "secret"},
                                                 {"listener.name.x.ssl.keystore.type", "PEM"}}});
    const auto& type = find(described, "listener.name.x.ssl.keystore.type");
    CHECK(type.value == "PEM");
    CHECK(type.read_only);
    CHECK(type.synonyms ==
          Synonyms{{"listener.name.x.ssl.keystore.type", "PEM", Source::static_broker},
                   {"ssl.keystore.type", "JKS", Source::default_value}});
    CHECK_FALSE(find(described, "listener.name.x.ssl.key.password").value);
}

TEST_CASE("a key of nobody's is described when it is set, and may be a secret") {
    const BrokerValues broker{.dynamic_broker = {{"my.plugin.token", "secret"}}};
    const auto described = describe_broker(Names{{"my.plugin.token"}}, broker);
    REQUIRE(described.size() == 1);
    CHECK_FALSE(described[0].value);
    CHECK(described[0].sensitive);
    CHECK(described[0].read_only);
    CHECK(described[0].type == ConfigType::unknown_type);
    CHECK_FALSE(described[0].documentation);
    CHECK(described[0].synonyms ==
          Synonyms{{"my.plugin.token", std::nullopt, Source::dynamic_broker}});
}

TEST_CASE("a broker's internal key is described when it is set") {
    const auto names = Names{{"leader.replication.throttled.rate"}};
    CHECK(describe_broker(names, {}).empty());
    const auto described =
        describe_broker(names, {.dynamic_default = {{"leader.replication.throttled.rate", "5"}}});
    REQUIRE(described.size() == 1);
    CHECK(described[0].value == "5");
    CHECK_FALSE(described[0].read_only);
}

TEST_CASE("what was set for all brokers is told as it was set, and for one as it is read") {
    const BrokerValues broker{.dynamic_default = {{"log.roll.ms", " 5 "}}};
    CHECK(describe_broker_defaults(std::nullopt, broker)[0].value == " 5 ");
    CHECK(describe_broker(Names{{"log.roll.ms"}}, broker)[0].value == "5");
}

TEST_CASE("a group's value comes from the group, then from the broker") {
    const BrokerValues broker{.fixed = {{"group.consumer.session.timeout.ms", "20000"}}};
    const auto own = describe_group(Names{{"consumer.session.timeout.ms"}},
                                    {{"consumer.session.timeout.ms", "50000"}}, broker);
    CHECK(own[0].value == "50000");
    CHECK(own[0].source == Source::dynamic_group);
    const auto inherited = describe_group(Names{{"consumer.session.timeout.ms"}}, {}, broker);
    CHECK(inherited[0].value == "20000");
    CHECK(inherited[0].source == Source::static_broker);
    const auto without = describe_group(Names{{"share.isolation.level"}}, {}, broker);
    CHECK(without[0].synonyms ==
          Synonyms{{"share.isolation.level", "read_uncommitted", Source::default_value}});
}

TEST_CASE("every key is documented, and those without effect say so") {
    for (const auto keys : {broker_keys(), topic_keys(), group_keys(), client_metrics_keys()}) {
        for (const auto& key : keys) {
            CAPTURE(key.name);
            CHECK(documentation_of(key).ends_with('.'));
            CHECK(key.acted_on == !key.documentation.empty());
        }
    }
    const auto all = describe_broker(std::nullopt, {});
    CHECK(find(all, "num.io.threads").documentation ==
          "Threads that handle requests. Accepted without effect.");
    CHECK(find(all, "message.max.bytes").documentation == "The largest batch accepted.");
}

TEST_CASE("every default of every key is valid") {
    for (const auto keys : {broker_keys(), topic_keys(), group_keys(), client_metrics_keys()}) {
        for (const auto& key : keys) {
            CAPTURE(key.name);
            // Some lists may be left empty, and not set to nothing.
            if (key.value && key.rule.kind != Rule::Kind::non_empty) {
                CHECK(validate(key, *key.value).has_value());
            }
        }
    }
}

TEST_CASE("every topic and group key takes its default from a broker key with the same value") {
    for (const auto keys : {topic_keys(), group_keys()}) {
        for (const auto& key : keys) {
            CAPTURE(key.name);
            if (key.broker_key.empty()) continue;
            REQUIRE(find_broker_key(key.broker_key));
            // Development defaults stand at the broker's key alone.
            if (!find_broker_key(key.broker_key)->development) {
                CHECK(effective_value(key.broker_key, {}) == key.value);
            }
        }
    }
}
