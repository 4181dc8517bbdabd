// Fetch (API key 1): KIP-98 aborted transactions v4, KIP-227 sessions v7, KIP-392 racks v11,
// flexible v12, KIP-516 topic ids v13, KIP-405 v14, KIP-903 replica state v15, KIP-951 v16,
// KIP-853 v17, KIP-1166 v18.
#pragma once

#include <limits>
#include <optional>
#include <string_view>
#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct FetchRequest {
    static constexpr int16_t api_key = 1;
    static constexpr Versions valid = between(4, 18), flexible = since(12);

    struct ReplicaState {
        int32_t replica_id = -1;
        int64_t replica_epoch = -1;
        bool operator==(const ReplicaState&) const = default;

        static void fields(auto& f, auto& m) {
            f("ReplicaId", m.replica_id);
            f("ReplicaEpoch", m.replica_epoch);
        }
    };

    struct FetchTopic {
        struct FetchPartition {
            int32_t partition = 0;
            int32_t current_leader_epoch = -1;
            int64_t fetch_offset = 0;
            int32_t last_fetched_epoch = -1;
            int64_t log_start_offset = -1;
            int32_t partition_max_bytes = 0;
            Uuid replica_directory_id;
            int64_t high_watermark = std::numeric_limits<int64_t>::max();

            static void fields(auto& f, auto& m) {
                f("Partition", m.partition);
                f("CurrentLeaderEpoch", m.current_leader_epoch, since(9));
                f("FetchOffset", m.fetch_offset);
                f("LastFetchedEpoch", m.last_fetched_epoch, since(12));
                f("LogStartOffset", m.log_start_offset, since(5));
                f("PartitionMaxBytes", m.partition_max_bytes);
                f.tagged(0, "ReplicaDirectoryId", m.replica_directory_id, since(17));
                f.tagged(1, "HighWatermark", m.high_watermark, since(18),
                         std::numeric_limits<int64_t>::max());
            }
        };

        std::string_view topic;
        Uuid topic_id;
        std::vector<FetchPartition> partitions;

        static void fields(auto& f, auto& m) {
            f("Topic", m.topic, until(12));
            f("TopicId", m.topic_id, since(13));
            f("Partitions", m.partitions);
        }
    };

    struct ForgottenTopic {
        std::string_view topic;
        Uuid topic_id;
        std::vector<int32_t> partitions;

        static void fields(auto& f, auto& m) {
            f("Topic", m.topic, until(12));
            f("TopicId", m.topic_id, since(13));
            f("Partitions", m.partitions);
        }
    };

    std::optional<std::string_view> cluster_id;
    int32_t replica_id = -1;
    ReplicaState replica_state;
    int32_t max_wait_ms = 0;
    int32_t min_bytes = 0;
    int32_t max_bytes = std::numeric_limits<int32_t>::max();
    int8_t isolation_level = 0;
    int32_t session_id = 0;
    int32_t session_epoch = -1;
    std::vector<FetchTopic> topics;
    std::vector<ForgottenTopic> forgotten_topics_data;
    std::string_view rack_id;

    static void fields(auto& f, auto& m) {
        f.tagged(0, "ClusterId", m.cluster_id, since(12));
        f("ReplicaId", m.replica_id, until(14));
        f.tagged(1, "ReplicaState", m.replica_state, since(15));
        f("MaxWaitMs", m.max_wait_ms);
        f("MinBytes", m.min_bytes);
        f("MaxBytes", m.max_bytes);
        f("IsolationLevel", m.isolation_level);
        f("SessionId", m.session_id, since(7));
        f("SessionEpoch", m.session_epoch, since(7));
        f("Topics", m.topics);
        f("ForgottenTopicsData", m.forgotten_topics_data, since(7));
        f("RackId", m.rack_id, since(11));
    }
};

struct FetchResponse {
    static constexpr int16_t api_key = 1;
    static constexpr Versions valid = between(4, 18), flexible = since(12);

    struct FetchableTopicResponse {
        struct PartitionData {
            struct EpochEndOffset {
                int32_t epoch = -1;
                int64_t end_offset = -1;
                bool operator==(const EpochEndOffset&) const = default;

                static void fields(auto& f, auto& m) {
                    f("Epoch", m.epoch);
                    f("EndOffset", m.end_offset);
                }
            };

            struct LeaderIdAndEpoch {
                int32_t leader_id = -1;
                int32_t leader_epoch = -1;
                bool operator==(const LeaderIdAndEpoch&) const = default;

                static void fields(auto& f, auto& m) {
                    f("LeaderId", m.leader_id);
                    f("LeaderEpoch", m.leader_epoch);
                }
            };

            struct SnapshotId {
                int64_t end_offset = -1;
                int32_t epoch = -1;
                bool operator==(const SnapshotId&) const = default;

                static void fields(auto& f, auto& m) {
                    f("EndOffset", m.end_offset);
                    f("Epoch", m.epoch);
                }
            };

            struct AbortedTransaction {
                int64_t producer_id = 0;
                int64_t first_offset = 0;

                static void fields(auto& f, auto& m) {
                    f("ProducerId", m.producer_id);
                    f("FirstOffset", m.first_offset);
                }
            };

            int32_t partition_index = 0;
            ErrorCode error_code = ErrorCode::none;
            int64_t high_watermark = 0;
            int64_t last_stable_offset = -1;
            int64_t log_start_offset = -1;
            EpochEndOffset diverging_epoch;
            LeaderIdAndEpoch current_leader;
            SnapshotId snapshot_id;
            std::optional<std::vector<AbortedTransaction>> aborted_transactions =
                std::vector<AbortedTransaction>{};
            int32_t preferred_read_replica = -1;
            std::optional<Records> records = Records{};

            static void fields(auto& f, auto& m) {
                f("PartitionIndex", m.partition_index);
                f("ErrorCode", m.error_code);
                f("HighWatermark", m.high_watermark);
                f("LastStableOffset", m.last_stable_offset);
                f("LogStartOffset", m.log_start_offset, since(5));
                f.tagged(0, "DivergingEpoch", m.diverging_epoch, since(12));
                f.tagged(1, "CurrentLeader", m.current_leader, since(12));
                f.tagged(2, "SnapshotId", m.snapshot_id, since(12));
                f("AbortedTransactions", m.aborted_transactions);
                f("PreferredReadReplica", m.preferred_read_replica, since(11));
                f("Records", m.records);
            }
        };

        std::string_view topic;
        Uuid topic_id;
        std::vector<PartitionData> partitions;

        static void fields(auto& f, auto& m) {
            f("Topic", m.topic, until(12));
            f("TopicId", m.topic_id, since(13));
            f("Partitions", m.partitions);
        }
    };

    struct NodeEndpoint {
        int32_t node_id = 0;
        std::string_view host;
        int32_t port = 0;
        std::optional<std::string_view> rack;

        static void fields(auto& f, auto& m) {
            f("NodeId", m.node_id);
            f("Host", m.host);
            f("Port", m.port);
            f("Rack", m.rack);
        }
    };

    int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    int32_t session_id = 0;
    std::vector<FetchableTopicResponse> responses;
    std::vector<NodeEndpoint> node_endpoints;

    static void fields(auto& f, auto& m) {
        f("ThrottleTimeMs", m.throttle_time_ms);
        f("ErrorCode", m.error_code, since(7));
        f("SessionId", m.session_id, since(7));
        f("Responses", m.responses);
        f.tagged(0, "NodeEndpoints", m.node_endpoints, since(16));
    }
};

}  // namespace protocol
