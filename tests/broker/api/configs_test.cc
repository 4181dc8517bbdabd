// Configs as clients change and see them, and what the changes do at once: AlterConfigs,
// IncrementalAlterConfigs, DescribeConfigs, ListConfigResources.
#include <doctest/doctest.h>

#include <algorithm>

#include "protocol/messages/alter_configs.h"
#include "protocol/messages/describe_configs.h"
#include "protocol/messages/incremental_alter_configs.h"
#include "protocol/messages/list_config_resources.h"
#include "tests/broker/broker_fixture.h"
#include "tests/broker/conversation.h"

using namespace broker_fixture;
using namespace protocol;

namespace {

enum Type : int8_t { topic = 2, of_broker = 4, logger = 8, client_metrics = 16, group = 32 };
enum Operation : int8_t { set = 0, deletion = 1, append = 2, subtract = 3 };

const Partition orders{"orders"};

struct Running {
    explicit Running(Values settings = {})
        : broker(std::move(settings)), client(std::in_place, broker.port()) {}

    ErrorCode alter(Type type, std::string_view name, std::string_view key,
                    std::optional<std::string_view> value, Operation operation = set,
                    bool validate_only = false) {
        const IncrementalAlterConfigsRequest request{
            .resources = {{.resource_type = type,
                           .resource_name = name,
                           .configs = {{key, operation, value}}}},
            .validate_only = validate_only};
        const auto answer = client->call<IncrementalAlterConfigsResponse>(request, 1);
        REQUIRE(answer->responses.size() == 1);
        CHECK(answer->responses[0].resource_name == name);
        return answer->responses[0].error_code;
    }
    // The value and its source, "5 from 1"; empty: it is not told.
    std::string described(Type type, std::string_view name, std::string_view key) {
        const DescribeConfigsRequest request{
            .resources = {{type, name, std::vector<std::string_view>{key}}}};
        const auto answer = client->call<DescribeConfigsResponse>(request, 4);
        const auto& result = answer->results.at(0);
        CHECK(result.error_code == ErrorCode::none);
        if (result.configs.empty()) return "";
        return result.configs[0].value.value_or("null") + " from " +
               std::to_string(result.configs[0].config_source);
    }
    void start_again() {
        broker.restart();
        client.emplace(broker.port());
    }

    TestBroker broker;
    std::optional<Client> client;
};

}  // namespace

TEST_CASE("a topic's config takes effect at once, on each shard, and is there after a restart") {
    Running test(on_one_and_three_threads());
    create_topic(*test.client, "orders", 3);
    for (int32_t index = 0; index < 3; ++index)
        CHECK(produce(*test.client, {"orders", index}, plain_batch(1, 100)) == stored_at(0));
    CHECK(test.alter(topic, "orders", "max.message.bytes", "120") == ErrorCode::none);
    CHECK(test.described(topic, "orders", "max.message.bytes") == "120 from 1");
    for (int32_t index = 0; index < 3; ++index)
        CHECK(produce(*test.client, {"orders", index}, plain_batch(1, 100)) ==
              refused(ErrorCode::message_too_large));
    test.start_again();
    CHECK(test.described(topic, "orders", "max.message.bytes") == "120 from 1");
    CHECK(produce(*test.client, orders, plain_batch(1, 100)) ==
          refused(ErrorCode::message_too_large));
    CHECK(test.alter(topic, "orders", "max.message.bytes", std::nullopt, deletion) ==
          ErrorCode::none);
    CHECK(produce(*test.client, orders, plain_batch(1, 100)) == stored_at(1));
}

TEST_CASE("the log of a topic rolls and expires by its new configs") {
    Running test({{"log.retention.check.interval.ms", "20"}});
    create_topic(*test.client, "orders");
    for (int i = 0; i < 3; ++i) produce(*test.client, orders, plain_batch(1, 1000));
    CHECK(test.alter(topic, "orders", "internal.segment.bytes", "1500") == ErrorCode::none);
    for (int i = 0; i < 3; ++i) produce(*test.client, orders, plain_batch(1, 1000));
    CHECK(fetch(*test.client, orders, 6).log_start_offset == 0);
    CHECK(test.alter(topic, "orders", "retention.bytes", "1500") == ErrorCode::none);
    wait_until([&] { return fetch(*test.client, orders, 6).log_start_offset == 4; });
}

TEST_CASE("a broker's config is at once the default of topics, on each shard") {
    Running test(on_one_and_three_threads());
    create_topic(*test.client, "orders", 3);
    CHECK(test.alter(of_broker, "", "message.max.bytes", "120") == ErrorCode::none);
    CHECK(test.described(topic, "orders", "max.message.bytes") == "120 from 3");
    for (int32_t index = 0; index < 3; ++index)
        CHECK(produce(*test.client, {"orders", index}, plain_batch(1, 100)) ==
              refused(ErrorCode::message_too_large));
    CHECK(test.alter(of_broker, "1", "message.max.bytes", "5000") == ErrorCode::none);
    CHECK(test.described(of_broker, "1", "message.max.bytes") == "5000 from 2");
    CHECK(test.described(of_broker, "", "message.max.bytes") == "120 from 3");
    CHECK(produce(*test.client, orders, plain_batch(1, 100)) == stored_at(0));
    test.start_again();
    CHECK(test.described(topic, "orders", "max.message.bytes") == "5000 from 2");
    CHECK(test.alter(of_broker, "1", "message.max.bytes", std::nullopt, deletion) ==
          ErrorCode::none);
    CHECK(produce(*test.client, orders, plain_batch(1, 100)) ==
          refused(ErrorCode::message_too_large));
}

TEST_CASE("the limit of connections changes for those that come") {
    Running test;
    CHECK(test.alter(of_broker, "1", "max.connections", "1") == ErrorCode::none);
    Client second(test.broker.port());
    CHECK(second.is_closed_by_broker());
    CHECK(test.alter(of_broker, "1", "max.connections", "2") == ErrorCode::none);
    Client third(test.broker.port());
    CHECK(create_topic(third, "orders") != Uuid{});
    CHECK(test.alter(of_broker, "1", "max.connections.per.ip.overrides", "127.0.0.1:2") ==
          ErrorCode::none);
    CHECK(test.alter(of_broker, "1", "max.connections", "9") == ErrorCode::none);
    CHECK(Client(test.broker.port()).is_closed_by_broker());
}

TEST_CASE("what is only validated changes nothing") {
    Running test;
    create_topic(*test.client, "orders");
    CHECK(test.alter(topic, "orders", "retention.ms", "5", set, /*validate_only=*/true) ==
          ErrorCode::none);
    CHECK(test.described(topic, "orders", "retention.ms") == "604800000 from 5");
    CHECK(test.alter(logger, "1", "root", "DEBUG", set, /*validate_only=*/true) == ErrorCode::none);
    CHECK(!test.described(logger, "1", "root").starts_with("DEBUG"));
}

TEST_CASE("each resource is judged by itself, and one that is named twice not at all") {
    Running test;
    create_topic(*test.client, "orders");
    const IncrementalAlterConfigsRequest::AlterConfigsResource good{
        topic, "orders", {{"retention.ms", set, "5"}}};
    const IncrementalAlterConfigsRequest::AlterConfigsResource bad{
        topic, "unknown", {{"retention.ms", set, "5"}}};
    const auto both = test.client->call<IncrementalAlterConfigsResponse>(
        IncrementalAlterConfigsRequest{.resources = {bad, good}}, 0);
    REQUIRE(both->responses.size() == 2);
    CHECK(both->responses[0].error_code == ErrorCode::unknown_topic_or_partition);
    CHECK(both->responses[1].error_code == ErrorCode::none);
    CHECK(!both->responses[1].error_message);
    CHECK(test.described(topic, "orders", "retention.ms") == "5 from 1");
    const auto twice = test.client->call<IncrementalAlterConfigsResponse>(
        IncrementalAlterConfigsRequest{.resources = {good, good}}, 0);
    REQUIRE(twice->responses.size() == 2);
    for (const auto& response : twice->responses)
        CHECK(response.error_code == ErrorCode::invalid_request);
}

TEST_CASE("AlterConfigs replaces what is set, and does not know loggers") {
    Running test;
    create_topic(*test.client, "orders", 1, {{"flush.ms", "7"}});
    const auto alter = [&](int8_t type, std::string_view name, std::string_view key) {
        const AlterConfigsRequest request{.resources = {{type, name, {{key, "5"}}}}};
        return test.client->call<AlterConfigsResponse>(request, 2)->responses.at(0).error_code;
    };
    CHECK(alter(topic, "orders", "retention.ms") == ErrorCode::none);
    CHECK(test.described(topic, "orders", "retention.ms") == "5 from 1");
    CHECK(test.described(topic, "orders", "flush.ms") == "9223372036854775807 from 5");
    CHECK(alter(topic, "orders", "no.such.key") == ErrorCode::invalid_config);
    CHECK(test.described(topic, "orders", "retention.ms") == "5 from 1");
    CHECK(alter(logger, "1", "root") == ErrorCode::invalid_request);
}

TEST_CASE("configs of groups and subscriptions are there after a restart and a crash") {
    Running test(on_one_and_three_threads());
    CHECK(test.alter(group, "g", "consumer.session.timeout.ms", "5000") == ErrorCode::none);
    CHECK(test.alter(client_metrics, "s", "interval.ms", "1000") == ErrorCode::none);
    CHECK(test.alter(group, "g", "no.such.key", "1") == ErrorCode::invalid_config);
    test.start_again();
    CHECK(test.described(group, "g", "consumer.session.timeout.ms") == "5000 from 8");
    CHECK(test.described(client_metrics, "s", "interval.ms") == "1000 from 7");
    const auto after_crash = test.broker.crash();
    test.client.emplace(after_crash->port());
    CHECK(test.described(group, "g", "consumer.session.timeout.ms") == "5000 from 8");
    CHECK(test.described(client_metrics, "s", "metrics") == " from 5");
    CHECK(test.described(group, "other", "share.isolation.level") == "read_uncommitted from 5");
}

TEST_CASE("a password is kept and never told") {
    Running test;
    const std::string_view key = "listener.name.x.ssl.key.password";
    CHECK(test.alter(of_broker, "1", key, "secret") == ErrorCode::none);
    CHECK(test.described(of_broker, "1", key) == "null from 2");
    CHECK(test.alter(of_broker, "1", "my.plugin.key", "secret") == ErrorCode::none);
    CHECK(test.described(of_broker, "1", "my.plugin.key") == "null from 2");
}

TEST_CASE("the log level changes while the broker runs") {
    Running test;
    const std::string before = test.described(logger, "1", "root");
    CHECK(test.alter(logger, "1", "root", "FATAL") == ErrorCode::none);
    CHECK(test.described(logger, "1", "root") == "FATAL from 6");
    CHECK(test.alter(logger, "1", "root", "LOUD") == ErrorCode::invalid_config);
    CHECK(test.alter(logger, "1", "no.such.logger", "INFO") == ErrorCode::invalid_config);
    CHECK(test.alter(logger, "1", "root", std::nullopt, deletion) == ErrorCode::invalid_request);
    CHECK(test.alter(logger, "1", "root", "INFO", append) == ErrorCode::invalid_request);
    CHECK(test.alter(logger, "2", "root", "INFO") == ErrorCode::invalid_request);
    CHECK(test.alter(logger, "", "root", "INFO") == ErrorCode::invalid_request);
    CHECK(test.described(logger, "1", "root") == "FATAL from 6");
    CHECK(test.described(logger, "1", "no.such.logger") == "");
    const std::string level = before.substr(0, before.find(' '));
    if (level != "OFF") CHECK(test.alter(logger, "1", "root", level) == ErrorCode::none);
}

TEST_CASE("configs of what has no name, or is not this broker, are not told") {
    Running test;
    const auto error_of = [&](int8_t type, std::string_view name) {
        const DescribeConfigsRequest request{.resources = {{type, name, std::nullopt}}};
        const auto answer = test.client->call<DescribeConfigsResponse>(request, 4);
        CHECK(answer->results.at(0).configs.empty());
        return answer->results.at(0).error_code;
    };
    CHECK(error_of(topic, "") == ErrorCode::invalid_topic_exception);
    CHECK(error_of(topic, "unknown") == ErrorCode::unknown_topic_or_partition);
    CHECK(error_of(of_broker, "2") == ErrorCode::invalid_request);
    CHECK(error_of(of_broker, "x") == ErrorCode::invalid_request);
    for (const int8_t type : {logger, client_metrics, group})
        CHECK(error_of(type, "") == ErrorCode::invalid_request);
    for (const int type : {0, 1, 3, 64, -1})
        CHECK(error_of(static_cast<int8_t>(type), "1") == ErrorCode::invalid_request);
}

TEST_CASE("resources that have configs are listed by their kinds") {
    Running test;
    create_topic(*test.client, "orders");
    test.alter(group, "g", "share.isolation.level", "read_committed");
    test.alter(client_metrics, "s", "interval.ms", "1000");
    const auto list = [&](std::vector<int8_t> types, int16_t version = 1) {
        const auto answer = test.client->call<ListConfigResourcesResponse>(
            ListConfigResourcesRequest{.resource_types = std::move(types)}, version);
        std::vector<std::string> names;
        for (const auto& resource : answer->config_resources)
            names.push_back(std::to_string(resource.resource_type) + " " + resource.resource_name);
        if (answer->error_code != ErrorCode::none) names.emplace_back(name(answer->error_code));
        return names;
    };
    using Names = std::vector<std::string>;
    CHECK(list({}) == Names{"2 orders", "4 1", "8 1", "16 s", "32 g"});
    CHECK(list({group, topic}) == Names{"2 orders", "32 g"});
    CHECK(list({}, 0) == Names{"16 s"});
    CHECK(list({topic, 64}) == Names{"UNSUPPORTED_VERSION"});
}
