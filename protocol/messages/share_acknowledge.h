// ShareAcknowledge (API key 79): KIP-932; KIP-1222 renewal v2.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct ShareAcknowledgeRequest {
    static constexpr int16_t api_key = 79;
    static constexpr Versions valid = between(1, 2), flexible = since(0);

    struct AcknowledgeTopic {
        struct AcknowledgePartition {
            struct AcknowledgementBatch {
                int64_t first_offset = 0;
                int64_t last_offset = 0;
                std::vector<int8_t> acknowledge_types;

                static void fields(auto& f, auto& m) {
                    f("FirstOffset", m.first_offset);
                    f("LastOffset", m.last_offset);
                    f("AcknowledgeTypes", m.acknowledge_types);
                }
            };

            int32_t partition_index = 0;
            std::vector<AcknowledgementBatch> acknowledgement_batches;

            static void fields(auto& f, auto& m) {
                f("PartitionIndex", m.partition_index);
                f("AcknowledgementBatches", m.acknowledgement_batches);
            }
        };

        Uuid topic_id;
        std::vector<AcknowledgePartition> partitions;

        static void fields(auto& f, auto& m) {
            f("TopicId", m.topic_id);
            f("Partitions", m.partitions);
        }
    };

    std::optional<std::string_view> group_id;
    std::optional<std::string_view> member_id = std::string_view{};
    int32_t share_session_epoch = 0;
    bool is_renew_ack = false;
    std::vector<AcknowledgeTopic> topics;

    static void fields(auto& f, auto& m) {
        f("GroupId", m.group_id);
        f("MemberId", m.member_id);
        f("ShareSessionEpoch", m.share_session_epoch);
        f("IsRenewAck", m.is_renew_ack, since(2));
        f("Topics", m.topics);
    }
};

struct ShareAcknowledgeResponse {
    static constexpr int16_t api_key = 79;
    static constexpr Versions valid = between(1, 2), flexible = since(0);

    struct ShareAcknowledgeTopicResponse {
        struct PartitionData {
            struct LeaderIdAndEpoch {
                int32_t leader_id = 0;
                int32_t leader_epoch = 0;

                static void fields(auto& f, auto& m) {
                    f("LeaderId", m.leader_id);
                    f("LeaderEpoch", m.leader_epoch);
                }
            };

            int32_t partition_index = 0;
            ErrorCode error_code = ErrorCode::none;
            std::optional<std::string> error_message;
            LeaderIdAndEpoch current_leader;

            static void fields(auto& f, auto& m) {
                f("PartitionIndex", m.partition_index);
                f("ErrorCode", m.error_code);
                f("ErrorMessage", m.error_message);
                f("CurrentLeader", m.current_leader);
            }
        };

        Uuid topic_id;
        std::vector<PartitionData> partitions;

        static void fields(auto& f, auto& m) {
            f("TopicId", m.topic_id);
            f("Partitions", m.partitions);
        }
    };

    struct NodeEndpoint {
        int32_t node_id = 0;
        std::string host;
        int32_t port = 0;
        std::optional<std::string> rack;

        static void fields(auto& f, auto& m) {
            f("NodeId", m.node_id);
            f("Host", m.host);
            f("Port", m.port);
            f("Rack", m.rack);
        }
    };

    int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message;
    int32_t acquisition_lock_timeout_ms = 0;
    std::vector<ShareAcknowledgeTopicResponse> responses;
    std::vector<NodeEndpoint> node_endpoints;

    static void fields(auto& f, auto& m) {
        f("ThrottleTimeMs", m.throttle_time_ms);
        f("ErrorCode", m.error_code);
        f("ErrorMessage", m.error_message);
        f("AcquisitionLockTimeoutMs", m.acquisition_lock_timeout_ms, since(2));
        f("Responses", m.responses);
        f("NodeEndpoints", m.node_endpoints);
    }
};

}  // namespace protocol
