// BeginQuorumEpoch (API key 53): KIP-595; flexible and KIP-853 directory ids and endpoints v1.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct BeginQuorumEpochRequest {
    static constexpr int16_t api_key = 53;
    static constexpr Versions valid = between(0, 1), flexible = since(1);

    struct TopicData {
        struct PartitionData {
            int32_t partition_index = 0;
            Uuid voter_directory_id;
            int32_t leader_id = 0;
            int32_t leader_epoch = 0;

            static void fields(auto& f, auto& m) {
                f("PartitionIndex", m.partition_index);
                f("VoterDirectoryId", m.voter_directory_id, since(1));
                f("LeaderId", m.leader_id);
                f("LeaderEpoch", m.leader_epoch);
            }
        };

        std::string_view topic_name;
        std::vector<PartitionData> partitions;

        static void fields(auto& f, auto& m) {
            f("TopicName", m.topic_name);
            f("Partitions", m.partitions);
        }
    };

    struct LeaderEndpoint {
        std::string_view name;
        std::string_view host;
        uint16_t port = 0;

        static void fields(auto& f, auto& m) {
            f("Name", m.name);
            f("Host", m.host);
            f("Port", m.port);
        }
    };

    std::optional<std::string_view> cluster_id;
    int32_t voter_id = -1;
    std::vector<TopicData> topics;
    std::vector<LeaderEndpoint> leader_endpoints;

    static void fields(auto& f, auto& m) {
        f("ClusterId", m.cluster_id);
        f("VoterId", m.voter_id, since(1));
        f("Topics", m.topics);
        f("LeaderEndpoints", m.leader_endpoints, since(1));
    }
};

struct BeginQuorumEpochResponse {
    static constexpr int16_t api_key = 53;
    static constexpr Versions valid = between(0, 1), flexible = since(1);

    struct TopicData {
        struct PartitionData {
            int32_t partition_index = 0;
            ErrorCode error_code = ErrorCode::none;
            int32_t leader_id = 0;
            int32_t leader_epoch = 0;

            static void fields(auto& f, auto& m) {
                f("PartitionIndex", m.partition_index);
                f("ErrorCode", m.error_code);
                f("LeaderId", m.leader_id);
                f("LeaderEpoch", m.leader_epoch);
            }
        };

        std::string topic_name;
        std::vector<PartitionData> partitions;

        static void fields(auto& f, auto& m) {
            f("TopicName", m.topic_name);
            f("Partitions", m.partitions);
        }
    };

    struct NodeEndpoint {
        int32_t node_id = 0;
        std::string host;
        uint16_t port = 0;

        static void fields(auto& f, auto& m) {
            f("NodeId", m.node_id);
            f("Host", m.host);
            f("Port", m.port);
        }
    };

    ErrorCode error_code = ErrorCode::none;
    std::vector<TopicData> topics;
    std::vector<NodeEndpoint> node_endpoints;

    static void fields(auto& f, auto& m) {
        f("ErrorCode", m.error_code);
        f("Topics", m.topics);
        f.tagged(0, "NodeEndpoints", m.node_endpoints, since(1));
    }
};

}  // namespace protocol
