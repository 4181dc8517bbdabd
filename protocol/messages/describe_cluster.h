// DescribeCluster (API key 60): KIP-700; KIP-919 endpoint types v1, KIP-1073 fenced brokers v2.
#pragma once

#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct DescribeClusterRequest {
    static constexpr int16_t api_key = 60;
    static constexpr Versions valid = between(0, 2), flexible = since(0);

    bool include_cluster_authorized_operations = false;
    int8_t endpoint_type = 1;
    bool include_fenced_brokers = false;

    static void fields(auto& f, auto& m) {
        f("IncludeClusterAuthorizedOperations", m.include_cluster_authorized_operations);
        f("EndpointType", m.endpoint_type, since(1));
        f("IncludeFencedBrokers", m.include_fenced_brokers, since(2));
    }
};

struct DescribeClusterResponse {
    static constexpr int16_t api_key = 60;
    static constexpr Versions valid = between(0, 2), flexible = since(0);

    struct DescribeClusterBroker {
        int32_t broker_id = 0;
        std::string host;
        int32_t port = 0;
        std::optional<std::string> rack;
        bool is_fenced = false;

        static void fields(auto& f, auto& m) {
            f("BrokerId", m.broker_id);
            f("Host", m.host);
            f("Port", m.port);
            f("Rack", m.rack);
            f("IsFenced", m.is_fenced, since(2));
        }
    };

    int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message;
    int8_t endpoint_type = 1;
    std::string cluster_id;
    int32_t controller_id = -1;
    std::vector<DescribeClusterBroker> brokers;
    int32_t cluster_authorized_operations = std::numeric_limits<int32_t>::min();

    static void fields(auto& f, auto& m) {
        f("ThrottleTimeMs", m.throttle_time_ms);
        f("ErrorCode", m.error_code);
        f("ErrorMessage", m.error_message);
        f("EndpointType", m.endpoint_type, since(1));
        f("ClusterId", m.cluster_id);
        f("ControllerId", m.controller_id);
        f("Brokers", m.brokers);
        f("ClusterAuthorizedOperations", m.cluster_authorized_operations);
    }
};

}  // namespace protocol
