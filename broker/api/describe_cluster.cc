#include "broker/api/authorized_operations.h"
#include "broker/api/handlers.h"
#include "broker/broker.h"

namespace broker::api {

namespace {

enum EndpointType : int8_t { brokers = 1, controllers = 2 };  // KIP-919

}  // namespace

Answer<protocol::DescribeClusterResponse> describe_cluster(
    RequestContext& context, const protocol::DescribeClusterRequest& request) {
    const Broker& broker = context.broker;
    protocol::DescribeClusterResponse response;
    if (request.endpoint_type != brokers) {
        const bool is_known = request.endpoint_type == controllers;
        response.error_code = is_known ? protocol::ErrorCode::mismatched_endpoint_type
                                       : protocol::ErrorCode::unsupported_endpoint_type;
        response.error_message = "This is a listener for brokers.";
        co_return response;
    }
    response.cluster_id = broker.cluster_id();
    response.controller_id = broker.config().node_id;
    const config::Endpoint advertised = broker.advertised(context);
    auto& self = response.brokers.emplace_back();
    self.broker_id = broker.config().node_id;
    self.host = advertised.host;
    self.port = advertised.port;
    if (!broker.config().rack.empty()) self.rack = broker.config().rack;
    if (request.include_cluster_authorized_operations)
        response.cluster_authorized_operations = cluster_operations;
    co_return response;
}

}  // namespace broker::api
