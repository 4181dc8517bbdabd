// Vote (API key 52): KIP-595; KIP-853 directory ids and endpoints v1, KIP-996 pre-votes v2.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct VoteRequest {
    static constexpr int16_t api_key = 52;
    static constexpr Versions valid = between(0, 2), flexible = since(0);

    struct TopicData {
        struct PartitionData {
            int32_t partition_index = 0;
            int32_t replica_epoch = 0;
            int32_t replica_id = 0;
            Uuid replica_directory_id;
            Uuid voter_directory_id;
            int32_t last_offset_epoch = 0;
            int64_t last_offset = 0;
            bool pre_vote = false;

            static void fields(auto& f, auto& m) {
                f("PartitionIndex", m.partition_index);
                f("ReplicaEpoch", m.replica_epoch);
                f("ReplicaId", m.replica_id);
                f("ReplicaDirectoryId", m.replica_directory_id, since(1));
                f("VoterDirectoryId", m.voter_directory_id, since(1));
                f("LastOffsetEpoch", m.last_offset_epoch);
                f("LastOffset", m.last_offset);
                f("PreVote", m.pre_vote, since(2));
            }
        };

        std::string_view topic_name;
        std::vector<PartitionData> partitions;

        static void fields(auto& f, auto& m) {
            f("TopicName", m.topic_name);
            f("Partitions", m.partitions);
        }
    };

    std::optional<std::string_view> cluster_id;
    int32_t voter_id = -1;
    std::vector<TopicData> topics;

    static void fields(auto& f, auto& m) {
        f("ClusterId", m.cluster_id);
        f("VoterId", m.voter_id, since(1));
        f("Topics", m.topics);
    }
};

struct VoteResponse {
    static constexpr int16_t api_key = 52;
    static constexpr Versions valid = between(0, 2), flexible = since(0);

    struct TopicData {
        struct PartitionData {
            int32_t partition_index = 0;
            ErrorCode error_code = ErrorCode::none;
            int32_t leader_id = 0;
            int32_t leader_epoch = 0;
            bool vote_granted = false;

            static void fields(auto& f, auto& m) {
                f("PartitionIndex", m.partition_index);
                f("ErrorCode", m.error_code);
                f("LeaderId", m.leader_id);
                f("LeaderEpoch", m.leader_epoch);
                f("VoteGranted", m.vote_granted);
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
