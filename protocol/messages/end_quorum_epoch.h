// EndQuorumEpoch (API key 54): KIP-595; flexible and KIP-853 candidates and endpoints v1.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct EndQuorumEpochRequest {
    static constexpr int16_t api_key = 54;
    static constexpr Versions valid = between(0, 1), flexible = since(1);

    struct TopicData {
        struct PartitionData {
            struct ReplicaInfo {
                int32_t candidate_id = 0;
                Uuid candidate_directory_id;

                static void fields(auto& f, auto& m) {
                    f("CandidateId", m.candidate_id);
                    f("CandidateDirectoryId", m.candidate_directory_id);
                }
            };

            int32_t partition_index = 0;
            int32_t leader_id = 0;
            int32_t leader_epoch = 0;
            std::vector<int32_t> preferred_successors;
            std::vector<ReplicaInfo> preferred_candidates;

            static void fields(auto& f, auto& m) {
                f("PartitionIndex", m.partition_index);
                f("LeaderId", m.leader_id);
                f("LeaderEpoch", m.leader_epoch);
                f("PreferredSuccessors", m.preferred_successors, until(0));
                f("PreferredCandidates", m.preferred_candidates, since(1));
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
    std::vector<TopicData> topics;
    std::vector<LeaderEndpoint> leader_endpoints;

    static void fields(auto& f, auto& m) {
        f("ClusterId", m.cluster_id);
        f("Topics", m.topics);
        f("LeaderEndpoints", m.leader_endpoints, since(1));
    }
};

struct EndQuorumEpochResponse {
    static constexpr int16_t api_key = 54;
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
