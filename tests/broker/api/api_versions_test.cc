// What a client is told at first, and whom it takes the broker for (KIP-1242).
#include "protocol/messages/api_versions.h"

#include <doctest/doctest.h>

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

}  // namespace

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
