// FetchSnapshot (API key 59): KIP-630; KIP-853 directory ids and endpoints v1.
#pragma once

#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct FetchSnapshotRequest {
    static constexpr int16_t api_key = 59;
    static constexpr Versions valid = between(0, 1), flexible = since(0);

    struct TopicSnapshot {
        struct PartitionSnapshot {
            struct SnapshotId {
                int64_t end_offset = 0;
                int32_t epoch = 0;

                static void fields(auto& f, auto& m) {
                    f("EndOffset", m.end_offset);
                    f("Epoch", m.epoch);
                }
            };

            int32_t partition = 0;
            int32_t current_leader_epoch = 0;
            SnapshotId snapshot_id;
            int64_t position = 0;
            Uuid replica_directory_id;

            static void fields(auto& f, auto& m) {
                f("Partition", m.partition);
                f("CurrentLeaderEpoch", m.current_leader_epoch);
                f("SnapshotId", m.snapshot_id);
                f("Position", m.position);
                f.tagged(0, "ReplicaDirectoryId", m.replica_directory_id, since(1));
            }
        };

        std::string_view name;
        std::vector<PartitionSnapshot> partitions;

        static void fields(auto& f, auto& m) {
            f("Name", m.name);
            f("Partitions", m.partitions);
        }
    };

    std::optional<std::string_view> cluster_id;
    int32_t replica_id = -1;
    int32_t max_bytes = std::numeric_limits<int32_t>::max();
    std::vector<TopicSnapshot> topics;

    static void fields(auto& f, auto& m) {
        f.tagged(0, "ClusterId", m.cluster_id, always);
        f("ReplicaId", m.replica_id);
        f("MaxBytes", m.max_bytes);
        f("Topics", m.topics);
    }
};

struct FetchSnapshotResponse {
    static constexpr int16_t api_key = 59;
    static constexpr Versions valid = between(0, 1), flexible = since(0);

    struct TopicSnapshot {
        struct PartitionSnapshot {
            struct SnapshotId {
                int64_t end_offset = 0;
                int32_t epoch = 0;

                static void fields(auto& f, auto& m) {
                    f("EndOffset", m.end_offset);
                    f("Epoch", m.epoch);
                }
            };

            struct LeaderIdAndEpoch {
                int32_t leader_id = 0;
                int32_t leader_epoch = 0;
                bool operator==(const LeaderIdAndEpoch&) const = default;

                static void fields(auto& f, auto& m) {
                    f("LeaderId", m.leader_id);
                    f("LeaderEpoch", m.leader_epoch);
                }
            };

            int32_t index = 0;
            ErrorCode error_code = ErrorCode::none;
            SnapshotId snapshot_id;
            LeaderIdAndEpoch current_leader;
            int64_t size = 0;
            int64_t position = 0;
            Records unaligned_records;

            static void fields(auto& f, auto& m) {
                f("Index", m.index);
                f("ErrorCode", m.error_code);
                f("SnapshotId", m.snapshot_id);
                f.tagged(0, "CurrentLeader", m.current_leader, always);
                f("Size", m.size);
                f("Position", m.position);
                f("UnalignedRecords", m.unaligned_records);
            }
        };

        std::string name;
        std::vector<PartitionSnapshot> partitions;

        static void fields(auto& f, auto& m) {
            f("Name", m.name);
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

    int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::vector<TopicSnapshot> topics;
    std::vector<NodeEndpoint> node_endpoints;

    static void fields(auto& f, auto& m) {
        f("ThrottleTimeMs", m.throttle_time_ms);
        f("ErrorCode", m.error_code);
        f("Topics", m.topics);
        f.tagged(0, "NodeEndpoints", m.node_endpoints, since(1));
    }
};

}  // namespace protocol
