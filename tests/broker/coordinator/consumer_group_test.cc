// Consumer groups (KIP-848) over connections: topics of the real cluster, restarts, and time.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "protocol/messages/api_versions.h"
#include "protocol/messages/consumer_group_describe.h"
#include "protocol/messages/consumer_group_heartbeat.h"
#include "protocol/messages/incremental_alter_configs.h"
#include "protocol/messages/list_groups.h"
#include "tests/broker/broker_fixture.h"
#include "tests/broker/conversation.h"

using namespace broker_fixture;
using namespace protocol;

namespace {

const std::string group = "a-group";

ConsumerGroupHeartbeatResponse beat(Client& client, const std::string& member_id, int32_t epoch,
                                    std::optional<std::string_view> regex = {}) {
    ConsumerGroupHeartbeatRequest request{
        .group_id = group, .member_id = member_id, .member_epoch = epoch};
    if (epoch == 0) {
        request.rebalance_timeout_ms = 1'000;
        request.topic_partitions.emplace();
        if (regex)
            request.subscribed_topic_regex = regex;
        else
            request.subscribed_topic_names = {{"orders"}};
    }
    return *client.call<ConsumerGroupHeartbeatResponse>(request, 1);
}

size_t partition_count(const ConsumerGroupHeartbeatResponse& response) {
    size_t count = 0;
    REQUIRE(response.error_code == ErrorCode::none);
    if (!response.assignment) return 0;
    for (const auto& topic : response.assignment->topic_partitions)
        count += topic.partitions.size();
    return count;
}

ConsumerGroupDescribeResponse::DescribedGroup describe(Client& client) {
    const ConsumerGroupDescribeRequest request{.group_ids = {group}};
    return client.call<ConsumerGroupDescribeResponse>(request, 1)->groups.at(0);
}

enum ResourceType : int8_t { of_broker = 4, of_group = 32 };

void set_config(Client& client, ResourceType type, std::string_view name, std::string_view key,
                std::string_view value) {
    const IncrementalAlterConfigsRequest request{
        .resources = {{type, name, {{.name = key, .value = value}}}}};
    const auto answer = client.call<IncrementalAlterConfigsResponse>(request, 1);
    REQUIRE(answer->responses.at(0).error_code == ErrorCode::none);
}

}  // namespace

TEST_CASE("a consumer group is there after a restart, with its members and what they have") {
    TestBroker broker(on_one_and_three_threads());
    {
        Client client(broker.port());
        create_topic(client, "orders", 3);
        find_coordinators(client, group, "an-id");
        CHECK(partition_count(beat(client, "a", 0)) == 3);
    }
    broker.restart();
    Client client(broker.port());
    find_coordinators(client, group, "an-id");
    const auto described = describe(client);
    CHECK(described.group_state == "Stable");
    CHECK(described.members.at(0).assignment.topic_partitions.at(0).topic_name == "orders");
    CHECK(beat(client, "a", described.group_epoch).error_code == ErrorCode::none);
    const ListGroupsRequest consumers{.types_filter = {"consumer"}};
    CHECK(client.call<ListGroupsResponse>(consumers, 5)->groups.at(0).group_id == group);
}

TEST_CASE("topics that are made and deleted reach the members with their next heartbeats") {
    TestBroker broker(on_one_and_three_threads());
    Client client(broker.port());
    find_coordinators(client, group, "an-id");
    auto answer = beat(client, "a", 0);
    CHECK(partition_count(answer) == 0);
    create_topic(client, "orders", 2);
    answer = beat(client, "a", answer.member_epoch);
    CHECK(partition_count(answer) == 2);
}

TEST_CASE("a regular expression is resolved by the clock, and a session ends by it") {
    Values settings = on_one_and_three_threads();
    settings["group.consumer.session.timeout.ms"] = "500";
    settings["group.consumer.heartbeat.interval.ms"] = "100";
    TestBroker broker(settings);
    Client client(broker.port());
    create_topic(client, "orders", 2);
    find_coordinators(client, group, "an-id");
    auto answer = beat(client, "a", 0, "ord.*");
    while (partition_count(answer) == 0) answer = beat(client, "a", answer.member_epoch);
    CHECK(partition_count(answer) == 2);
    while (describe(client).group_state != "Empty")
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
}

TEST_CASE("intervals change while the broker runs, for one group or for all") {
    TestBroker broker(on_one_and_three_threads());
    Client client(broker.port());
    create_topic(client, "orders", 2);
    find_coordinators(client, group, "an-id");
    CHECK(beat(client, "a", 0).heartbeat_interval_ms == 500);
    set_config(client, of_group, group, "consumer.heartbeat.interval.ms", "700");
    CHECK(beat(client, "a", 2).heartbeat_interval_ms == 700);
    // The next assignment is due in a long time.
    set_config(client, of_broker, "", "group.consumer.assignment.interval.ms", "15000");
    beat(client, "b", 0);
    CHECK(describe(client).group_state == "Assigning");
    set_config(client, of_group, group, "consumer.assignment.interval.ms", "0");
    beat(client, "b", 2);
    CHECK(describe(client).group_state == "Reconciling");
}

TEST_CASE("consumer groups are served when the cluster's features and the broker's configs agree") {
    const auto asked = [](Values settings) {
        TestBroker broker(std::move(settings));
        Client client(broker.port());
        find_coordinators(client, group, "an-id");
        return beat(client, "a", 0).error_code;
    };
    CHECK(asked({}) == ErrorCode::none);
    CHECK(asked({{"group.coordinator.rebalance.protocols", "classic"}}) ==
          ErrorCode::unsupported_version);
    TestBroker broker;
    Client client(broker.port());
    const ApiVersionsRequest request{.client_software_name = "a", .client_software_version = "1"};
    const auto versions = client.call<ApiVersionsResponse>(request, 4);
    const auto has_feature = std::ranges::any_of(versions->finalized_features, [](const auto& f) {
        return f.name == "group.version" && f.max_version_level == 1;
    });
    CHECK(has_feature);
}
