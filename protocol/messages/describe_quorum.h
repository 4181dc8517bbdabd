// DescribeQuorum (API key 55): KIP-595; KIP-836 timestamps v1, KIP-853 nodes and
// directory ids v2.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct DescribeQuorumRequest {
    static constexpr int16_t api_key = 55;
    static constexpr Versions valid = between(0, 2), flexible = since(0);

    struct TopicData {
        struct PartitionData {
            int32_t partition_index = 0;

            static void fields(auto& f, auto& m) { f("PartitionIndex", m.partition_index); }
        };

        std::string_view topic_name;
        std::vector<PartitionData> partitions;

        static void fields(auto& f, auto& m) {
            f("TopicName", m.topic_name);
            f("Partitions", m.partitions);
        }
    };

    std::vector<TopicData> topics;

    static void fields(auto& f, auto& m) { f("Topics", m.topics); }
};

struct DescribeQuorumResponse {
    static constexpr int16_t api_key = 55;
    static constexpr Versions valid = between(0, 2), flexible = since(0);

    struct ReplicaState {
        int32_t replica_id = 0;
        Uuid replica_directory_id;
        int64_t log_end_offset = 0;
        int64_t last_fetch_timestamp = -1;
        int64_t last_caught_up_timestamp = -1;

        static void fields(auto& f, auto& m) {
            f("ReplicaId", m.replica_id);
            f("ReplicaDirectoryId", m.replica_directory_id, since(2));
            f("LogEndOffset", m.log_end_offset);
            f("LastFetchTimestamp", m.last_fetch_timestamp, since(1));
            f("LastCaughtUpTimestamp", m.last_caught_up_timestamp, since(1));
        }
    };

    struct TopicData {
        struct PartitionData {
            int32_t partition_index = 0;
            ErrorCode error_code = ErrorCode::none;
            std::optional<std::string> error_message = std::string{};
            int32_t leader_id = 0;
            int32_t leader_epoch = 0;
            int64_t high_watermark = 0;
            std::vector<ReplicaState> current_voters;
            std::vector<ReplicaState> observers;

            static void fields(auto& f, auto& m) {
                f("PartitionIndex", m.partition_index);
                f("ErrorCode", m.error_code);
                f("ErrorMessage", m.error_message, since(2));
                f("LeaderId", m.leader_id);
                f("LeaderEpoch", m.leader_epoch);
                f("HighWatermark", m.high_watermark);
                f("CurrentVoters", m.current_voters);
                f("Observers", m.observers);
            }
        };

        std::string topic_name;
        std::vector<PartitionData> partitions;

        static void fields(auto& f, auto& m) {
            f("TopicName", m.topic_name);
            f("Partitions", m.partitions);
        }
    };

    struct Node {
        struct Listener {
            std::string name;
            std::string host;
            uint16_t port = 0;

            static void fields(auto& f, auto& m) {
                f("Name", m.name);
                f("Host", m.host);
                f("Port", m.port);
            }
        };

        int32_t node_id = 0;
        std::vector<Listener> listeners;

        static void fields(auto& f, auto& m) {
            f("NodeId", m.node_id);
            f("Listeners", m.listeners);
        }
    };

    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message = std::string{};
    std::vector<TopicData> topics;
    std::vector<Node> nodes;

    static void fields(auto& f, auto& m) {
        f("ErrorCode", m.error_code);
        f("ErrorMessage", m.error_message, since(2));
        f("Topics", m.topics);
        f("Nodes", m.nodes, since(2));
    }
};

}  // namespace protocol
