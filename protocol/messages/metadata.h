// Metadata (API key 3): auto-creation is asked for v4, KIP-430 authorized operations v8,
// flexible v9, KIP-516 topic ids v10 and v12, KIP-1102 rebootstrap v13.
#pragma once

#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct MetadataRequest {
    static constexpr int16_t api_key = 3;
    static constexpr Versions valid = between(0, 13), flexible = since(9);

    struct MetadataRequestTopic {
        Uuid topic_id;
        std::optional<std::string_view> name = std::string_view{};

        static void fields(auto& f, auto& m) {
            f("TopicId", m.topic_id, since(10));
            f("Name", m.name, always, nullable(since(10)));
        }
    };

    std::optional<std::vector<MetadataRequestTopic>> topics = std::vector<MetadataRequestTopic>{};
    bool allow_auto_topic_creation = true;
    bool include_cluster_authorized_operations = false;
    bool include_topic_authorized_operations = false;

    static void fields(auto& f, auto& m) {
        f("Topics", m.topics, always, nullable(since(1)));
        f("AllowAutoTopicCreation", m.allow_auto_topic_creation, since(4));
        f("IncludeClusterAuthorizedOperations", m.include_cluster_authorized_operations,
          between(8, 10));
        f("IncludeTopicAuthorizedOperations", m.include_topic_authorized_operations, since(8));
    }
};

struct MetadataResponse {
    static constexpr int16_t api_key = 3;
    static constexpr Versions valid = between(0, 13), flexible = since(9);

    struct MetadataResponseBroker {
        int32_t node_id = 0;
        std::string host;
        int32_t port = 0;
        std::optional<std::string> rack;

        static void fields(auto& f, auto& m) {
            f("NodeId", m.node_id);
            f("Host", m.host);
            f("Port", m.port);
            f("Rack", m.rack, since(1));
        }
    };

    struct MetadataResponseTopic {
        struct MetadataResponsePartition {
            ErrorCode error_code = ErrorCode::none;
            int32_t partition_index = 0;
            int32_t leader_id = 0;
            int32_t leader_epoch = -1;
            std::vector<int32_t> replica_nodes;
            std::vector<int32_t> isr_nodes;
            std::vector<int32_t> offline_replicas;

            static void fields(auto& f, auto& m) {
                f("ErrorCode", m.error_code);
                f("PartitionIndex", m.partition_index);
                f("LeaderId", m.leader_id);
                f("LeaderEpoch", m.leader_epoch, since(7));
                f("ReplicaNodes", m.replica_nodes);
                f("IsrNodes", m.isr_nodes);
                f("OfflineReplicas", m.offline_replicas, since(5));
            }
        };

        ErrorCode error_code = ErrorCode::none;
        std::optional<std::string> name = std::string{};
        Uuid topic_id;
        bool is_internal = false;
        std::vector<MetadataResponsePartition> partitions;
        int32_t topic_authorized_operations = std::numeric_limits<int32_t>::min();

        static void fields(auto& f, auto& m) {
            f("ErrorCode", m.error_code);
            f("Name", m.name, always, nullable(since(12)));
            f("TopicId", m.topic_id, since(10));
            f("IsInternal", m.is_internal, since(1));
            f("Partitions", m.partitions);
            f("TopicAuthorizedOperations", m.topic_authorized_operations, since(8));
        }
    };

    int32_t throttle_time_ms = 0;
    std::vector<MetadataResponseBroker> brokers;
    std::optional<std::string> cluster_id;
    int32_t controller_id = -1;
    std::vector<MetadataResponseTopic> topics;
    int32_t cluster_authorized_operations = std::numeric_limits<int32_t>::min();
    ErrorCode error_code = ErrorCode::none;

    static void fields(auto& f, auto& m) {
        f("ThrottleTimeMs", m.throttle_time_ms, since(3));
        f("Brokers", m.brokers);
        f("ClusterId", m.cluster_id, since(2));
        f("ControllerId", m.controller_id, since(1));
        f("Topics", m.topics);
        f("ClusterAuthorizedOperations", m.cluster_authorized_operations, between(8, 10));
        f("ErrorCode", m.error_code, since(13));
    }
};

}  // namespace protocol
