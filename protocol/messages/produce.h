// Produce (API key 0): KIP-98 transactions v3, KIP-467 record errors v8, flexible v9, KIP-951
// leader hints v10, KIP-890 v11 and v12 (implicit join of the transaction), KIP-516 topic ids
// v13.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct ProduceRequest {
    static constexpr int16_t api_key = 0;
    static constexpr Versions valid = between(3, 13), flexible = since(9);

    struct TopicProduceData {
        struct PartitionProduceData {
            int32_t index = 0;
            std::optional<Records> records = Records{};

            static void fields(auto& f, auto& m) {
                f("Index", m.index);
                f("Records", m.records);
            }
        };

        std::string_view name;
        Uuid topic_id;
        std::vector<PartitionProduceData> partition_data;

        static void fields(auto& f, auto& m) {
            f("Name", m.name, until(12));
            f("TopicId", m.topic_id, since(13));
            f("PartitionData", m.partition_data);
        }
    };

    std::optional<std::string_view> transactional_id;
    int16_t acks = 0;
    int32_t timeout_ms = 0;
    std::vector<TopicProduceData> topic_data;

    static void fields(auto& f, auto& m) {
        f("TransactionalId", m.transactional_id);
        f("Acks", m.acks);
        f("TimeoutMs", m.timeout_ms);
        f("TopicData", m.topic_data);
    }
};

struct ProduceResponse {
    static constexpr int16_t api_key = 0;
    static constexpr Versions valid = between(3, 13), flexible = since(9);

    struct TopicProduceResponse {
        struct PartitionProduceResponse {
            struct BatchIndexAndErrorMessage {
                int32_t batch_index = 0;
                std::optional<std::string> batch_index_error_message;

                static void fields(auto& f, auto& m) {
                    f("BatchIndex", m.batch_index);
                    f("BatchIndexErrorMessage", m.batch_index_error_message);
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

            int32_t index = 0;
            ErrorCode error_code = ErrorCode::none;
            int64_t base_offset = 0;
            int64_t log_append_time_ms = -1;
            int64_t log_start_offset = -1;
            std::vector<BatchIndexAndErrorMessage> record_errors;
            std::optional<std::string> error_message;
            LeaderIdAndEpoch current_leader;

            static void fields(auto& f, auto& m) {
                f("Index", m.index);
                f("ErrorCode", m.error_code);
                f("BaseOffset", m.base_offset);
                f("LogAppendTimeMs", m.log_append_time_ms);
                f("LogStartOffset", m.log_start_offset, since(5));
                f("RecordErrors", m.record_errors, since(8));
                f("ErrorMessage", m.error_message, since(8));
                f.tagged(0, "CurrentLeader", m.current_leader, since(10));
            }
        };

        std::string_view name;
        Uuid topic_id;
        std::vector<PartitionProduceResponse> partition_responses;

        static void fields(auto& f, auto& m) {
            f("Name", m.name, until(12));
            f("TopicId", m.topic_id, since(13));
            f("PartitionResponses", m.partition_responses);
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

    std::vector<TopicProduceResponse> responses;
    int32_t throttle_time_ms = 0;
    std::vector<NodeEndpoint> node_endpoints;

    static void fields(auto& f, auto& m) {
        f("Responses", m.responses);
        f("ThrottleTimeMs", m.throttle_time_ms);
        f.tagged(0, "NodeEndpoints", m.node_endpoints, since(10));
    }
};

}  // namespace protocol
