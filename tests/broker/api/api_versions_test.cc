// What a client is told at first, and whom it takes the broker for (KIP-1242).
#include "protocol/messages/api_versions.h"

#include <doctest/doctest.h>

#include <map>
#include <string>

#include "protocol/messages/describe_cluster.h"
#include "tests/broker/broker_fixture.h"
#include "tests/broker/conversation.h"

using namespace broker_fixture;
using namespace protocol;

namespace {

constexpr int16_t version = 5;
constexpr int32_t this_node = 1;

struct Asked {
    TestBroker broker;
    Client client{broker.port()};
    std::string cluster_id =
        client.call<DescribeClusterResponse>(DescribeClusterRequest{}, 1)->cluster_id;

    ErrorCode as(std::optional<std::string_view> cluster, int32_t node, int16_t asked = version) {
        const ApiVersionsRequest request{.client_software_name = "a",
                                         .client_software_version = "1",
                                         .cluster_id = cluster,
                                         .node_id = node};
        const auto answer = client.call<ApiVersionsResponse>(request, asked);
        CHECK(answer->api_keys.empty() == (answer->error_code != ErrorCode::none));
        return answer->error_code;
    }
};

// "finalized of supported" of each feature, in the order of their names.
std::map<std::string, std::string> features_told(int16_t asked) {
    TestBroker broker;
    Client client(broker.port());
    const ApiVersionsRequest request{.client_software_name = "a", .client_software_version = "1"};
    const auto answer = client.call<ApiVersionsResponse>(request, asked);
    std::map<std::string, std::string> told;
    for (const auto& feature : answer->finalized_features) {
        CHECK(feature.min_version_level == feature.max_version_level);
        told[feature.name] = std::to_string(feature.max_version_level) + " of ";
    }
    for (const auto& feature : answer->supported_features)
        told[feature.name] +=
            std::to_string(feature.min_version) + "-" + std::to_string(feature.max_version);
    return told;
}

}  // namespace

TEST_CASE("a client is told the features of brokers, of the cluster, and of its metadata log") {
    CHECK(features_told(4) ==
          std::map<std::string, std::string>{{"eligible.leader.replicas.version", "1 of 0-1"},
                                             {"group.version", "1 of 0-1"},
                                             {"kraft.version", "1 of 0-1"},
                                             {"metadata.version", "33 of 7-33"},
                                             {"share.version", "1 of 0-1"},
                                             {"streams.version", "1 of 0-1"},
                                             {"transaction.version", "2 of 0-2"}});
}

TEST_CASE("an old client is not told of features that may be at 0, but which the cluster has") {
    const auto told = features_told(3);
    CHECK(told.at("metadata.version") == "33 of 7-33");
    CHECK(told.at("kraft.version") == "1 of ");
    CHECK(told.at("group.version") == "1 of ");
}

TEST_CASE("a client that takes the broker for what it is, or for anything, is served") {
    Asked broker;
    CHECK(broker.as(broker.cluster_id, this_node) == ErrorCode::none);
    CHECK(broker.as(std::nullopt, -1) == ErrorCode::none);
}

TEST_CASE("a client that means another cluster or node is sent to look again") {
    Asked broker;
    CHECK(broker.as("another", this_node) == ErrorCode::rebootstrap_required);
    CHECK(broker.as("", this_node) == ErrorCode::rebootstrap_required);
    for (const int32_t node : {0, 2, -2})
        CHECK(broker.as(broker.cluster_id, node) == ErrorCode::rebootstrap_required);
}

TEST_CASE("a cluster without a node, or a node without its cluster, is no request") {
    Asked broker;
    CHECK(broker.as(broker.cluster_id, -1) == ErrorCode::invalid_request);
    CHECK(broker.as("another", -1) == ErrorCode::invalid_request);
    CHECK(broker.as(std::nullopt, this_node) == ErrorCode::invalid_request);
    CHECK(broker.as(std::nullopt, -2) == ErrorCode::invalid_request);
}
