// Streams groups (KIP-1071) over connections: internal topics, restarts, and what is configured.
#include <doctest/doctest.h>

#include <algorithm>

#include "protocol/messages/api_versions.h"
#include "protocol/messages/incremental_alter_configs.h"
#include "protocol/messages/list_groups.h"
#include "protocol/messages/streams_group_describe.h"
#include "protocol/messages/streams_group_heartbeat.h"
#include "protocol/messages/streams_group_topology_description_update.h"
#include "tests/broker/broker_fixture.h"
#include "tests/broker/conversation.h"

using namespace broker_fixture;
using namespace protocol;

namespace {

using Beat = StreamsGroupHeartbeatRequest;

const std::string group = "an-application";

// Reads orders, and keeps a store with this changelog.
Beat::Topology counting(std::string_view changelog, int16_t replication_factor = 0) {
    Beat::Topology topology;
    auto& subtopology = topology.subtopologies.emplace_back();
    subtopology.subtopology_id = "0";
    subtopology.source_topics = {"orders"};
    subtopology.state_changelog_topics.push_back(
        {.name = changelog,
         .replication_factor = replication_factor,
         .topic_configs = {{"cleanup.policy", "compact"}}});
    return topology;
}

StreamsGroupHeartbeatResponse join(Client& client, Beat::Topology topology) {
    const Beat request{.group_id = group,
                       .member_id = "a",
                       .rebalance_timeout_ms = 10'000,
                       .topology = std::move(topology),
                       .active_tasks = std::vector<Beat::TaskIds>{},
                       .standby_tasks = std::vector<Beat::TaskIds>{},
                       .warmup_tasks = std::vector<Beat::TaskIds>{},
                       .process_id = "p"};
    return *client.call<StreamsGroupHeartbeatResponse>(request, 1);
}

StreamsGroupHeartbeatResponse beat(Client& client, int32_t epoch) {
    const Beat request{.group_id = group, .member_id = "a", .member_epoch = epoch};
    return *client.call<StreamsGroupHeartbeatResponse>(request, 1);
}

std::vector<int32_t> active_tasks(const StreamsGroupHeartbeatResponse& response) {
    REQUIRE(response.error_code == ErrorCode::none);
    if (!response.active_tasks || response.active_tasks->empty()) return {};
    return response.active_tasks->at(0).partitions;
}

StreamsGroupDescribeResponse::DescribedGroup describe(Client& client) {
    const StreamsGroupDescribeRequest request{.group_ids = {group},
                                              .include_topology_description = true};
    return client.call<StreamsGroupDescribeResponse>(request, 1)->groups.at(0);
}

StreamsGroupTopologyDescriptionUpdateResponse push_description(Client& client,
                                                               std::string_view member_id) {
    StreamsGroupTopologyDescriptionUpdateRequest request{.group_id = group, .member_id = member_id};
    auto& subtopology = request.topology_description.subtopologies.emplace_back();
    subtopology.subtopology_id = "0";
    subtopology.nodes.push_back({.name = "reads", .node_type = 1, .source_topics = {"orders"}});
    return *client.call<StreamsGroupTopologyDescriptionUpdateResponse>(request, 0);
}

}  // namespace

TEST_CASE("a streams group's internal topics are there when its member is told of them") {
    TestBroker broker(on_one_and_three_threads());
    Client client(broker.port());
    create_topic(client, "orders", 3);
    find_coordinators(client, group, "an-id");
    const auto joined = join(client, counting("counts-changelog"));
    REQUIRE(joined.error_code == ErrorCode::none);
    CHECK(joined.status->at(0).status_code == 3);
    CHECK(active_tasks(beat(client, joined.member_epoch)) == std::vector{0, 1, 2});
    const auto described = describe(client);
    CHECK(described.group_state == "Stable");
    CHECK(described.topology_description_status == 1);
    const auto& subtopology = described.topology->subtopologies->at(0);
    CHECK(subtopology.state_changelog_topics.at(0).partitions == 3);
}

TEST_CASE("a member is told why its internal topics could not be created") {
    TestBroker broker(on_one_and_three_threads());
    Client client(broker.port());
    create_topic(client, "orders", 3);
    find_coordinators(client, group, "an-id");
    const auto joined = join(client, counting("counts-changelog", 3));
    const auto answer = beat(client, joined.member_epoch);
    CHECK(answer.status->at(0).status_detail.contains("Creation failed: counts-changelog ("));
}

TEST_CASE("a streams group is there after a restart, with its members and what they have") {
    TestBroker broker(on_one_and_three_threads());
    int32_t epoch = 0;
    {
        Client client(broker.port());
        create_topic(client, "orders", 2);
        find_coordinators(client, group, "an-id");
        epoch = beat(client, join(client, counting("c")).member_epoch).member_epoch;
    }
    broker.restart();
    Client client(broker.port());
    find_coordinators(client, group, "an-id");
    CHECK(describe(client).members.at(0).assignment.active_tasks.at(0).partitions ==
          std::vector{0, 1});
    const auto answer = beat(client, epoch);
    CHECK(answer.error_code == ErrorCode::none);
    CHECK(answer.member_epoch == epoch);
    const ListGroupsRequest streams{.types_filter = {"streams"}};
    CHECK(client.call<ListGroupsResponse>(streams, 5)->groups.at(0).group_state == "Stable");
}

TEST_CASE("a member is asked how its topology is made, which is shown until the broker stops") {
    TestBroker broker(on_one_and_three_threads());
    Client client(broker.port());
    create_topic(client, "orders", 2);
    find_coordinators(client, group, "an-id");
    const auto joined = join(client, counting("c"));
    CHECK(joined.topology_description_required);
    CHECK(push_description(client, "a").error_code == ErrorCode::none);
    const auto described = describe(client);
    CHECK(described.topology_description_status == 3);
    const auto& node = described.topology_description->subtopologies.at(0).nodes.at(0);
    CHECK(node.source_topics == std::vector<std::string>{"orders"});
    CHECK_FALSE(beat(client, joined.member_epoch).topology_description_required);
    broker.restart();
    Client again(broker.port());
    find_coordinators(again, group, "an-id");
    CHECK(describe(again).topology_description_status == 1);
    CHECK(beat(again, describe(again).members.at(0).member_epoch).topology_description_required);
}

TEST_CASE(
    "one answer has only so many descriptions of topologies, however often one is asked for") {
    TestBroker broker;
    Client client(broker.port());
    create_topic(client, "orders", 1);
    find_coordinators(client, group, "an-id");
    join(client, counting("c"));
    StreamsGroupTopologyDescriptionUpdateRequest told{.group_id = group, .member_id = "a"};
    auto& nodes = told.topology_description.subtopologies.emplace_back().nodes;
    const std::string name(30'000, 'x');
    nodes.assign(30, {.name = name, .node_type = 2});
    REQUIRE(client.call<StreamsGroupTopologyDescriptionUpdateResponse>(told, 0)->error_code ==
            ErrorCode::none);
    const StreamsGroupDescribeRequest request{.group_ids = std::vector<std::string_view>(80, group),
                                              .include_topology_description = true};
    const auto described = client.call<StreamsGroupDescribeResponse>(request, 1);
    CHECK(described->groups.front().topology_description);
    CHECK(described->groups.back().topology_description_status == 2);
    CHECK_FALSE(described->groups.back().topology_description);
}

TEST_CASE("descriptions of topologies are refused without a group, a member, or a place for them") {
    TestBroker broker;
    Client client(broker.port());
    find_coordinators(client, group, "an-id");
    CHECK(push_description(client, " ").error_code == ErrorCode::invalid_request);
    CHECK(push_description(client, "a").error_code == ErrorCode::group_id_not_found);
    TestBroker without({{"group.streams.topology.description.plugin.class", ""}});
    Client other(without.port());
    find_coordinators(other, group, "an-id");
    CHECK_FALSE(join(other, counting("c")).topology_description_required);
    const auto refused = push_description(other, "a");
    CHECK(refused.error_code == ErrorCode::unsupported_version);
    CHECK(refused.error_message ==
          "The broker has no streams group topology description plugin configured.");
}

TEST_CASE("topics that are the broker's own, or cannot be, are not for a topology") {
    TestBroker broker;
    Client client(broker.port());
    find_coordinators(client, group, "an-id");
    CHECK(join(client, counting("__consumer_offsets")).error_code ==
          ErrorCode::streams_invalid_topology);
    const auto refused = join(client, counting("a b"));
    CHECK(refused.error_code == ErrorCode::streams_invalid_topology);
    CHECK(refused.error_message == "Topic names a b are not valid topic names.");
}

TEST_CASE("a streams group's intervals change while the broker runs, for one group or for all") {
    TestBroker broker(on_one_and_three_threads());
    Client client(broker.port());
    create_topic(client, "orders", 2);
    find_coordinators(client, group, "an-id");
    const auto set = [&](int8_t type, std::string_view name, std::string_view key,
                         std::string_view value) {
        const IncrementalAlterConfigsRequest request{
            .resources = {{type, name, {{.name = key, .value = value}}}}};
        const auto answer = client.call<IncrementalAlterConfigsResponse>(request, 1);
        REQUIRE(answer->responses.at(0).error_code == ErrorCode::none);
    };
    constexpr int8_t of_broker = 4, of_group = 32;
    CHECK(join(client, counting("c")).heartbeat_interval_ms == 500);
    set(of_group, group, "streams.heartbeat.interval.ms", "700");
    set(of_group, group, "streams.acceptable.recovery.lag", "5000000000");
    set(of_broker, "", "group.streams.assignment.interval.ms", "15000");
    const auto answer = beat(client, 2);
    CHECK(answer.heartbeat_interval_ms == 700);
    CHECK(answer.acceptable_recovery_lag == 5'000'000'000);
    CHECK(answer.status->at(0).status_code == 5);
    CHECK(describe(client).group_state == "Assigning");
    set(of_group, group, "streams.assignment.interval.ms", "0");
    CHECK(active_tasks(beat(client, 2)) == std::vector{0, 1});
}

TEST_CASE("streams groups are served when the cluster's features and the broker's configs agree") {
    TestBroker without({{"group.coordinator.rebalance.protocols", "classic,consumer"}});
    Client other(without.port());
    find_coordinators(other, group, "an-id");
    CHECK(join(other, counting("c")).error_code == ErrorCode::unsupported_version);
    CHECK(describe(other).error_code == ErrorCode::unsupported_version);
    CHECK(push_description(other, "a").error_code == ErrorCode::unsupported_version);
    TestBroker broker;
    Client client(broker.port());
    const ApiVersionsRequest request{.client_software_name = "a", .client_software_version = "1"};
    const auto versions = client.call<ApiVersionsResponse>(request, 4);
    CHECK(std::ranges::any_of(versions->finalized_features, [](const auto& feature) {
        return feature.name == "streams.version" && feature.max_version_level == 1;
    }));
}
