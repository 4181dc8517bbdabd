// CreateTopics (API key 19): validate-only v1, KIP-464 broker defaults v4, flexible and KIP-525
// configs v5, KIP-599 v6, KIP-516 topic ids v7.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct CreateTopicsRequest {
    static constexpr int16_t api_key = 19;
    static constexpr Versions valid = between(2, 7), flexible = since(5);

    struct CreatableTopic {
        struct CreatableReplicaAssignment {
            int32_t partition_index = 0;
            std::vector<int32_t> broker_ids;

            static void fields(auto& f, auto& m) {
                f("PartitionIndex", m.partition_index);
                f("BrokerIds", m.broker_ids);
            }
        };

        struct CreatableTopicConfig {
            std::string_view name;
            std::optional<std::string_view> value = std::string_view{};

            static void fields(auto& f, auto& m) {
                f("Name", m.name);
                f("Value", m.value);
            }
        };

        std::string_view name;
        int32_t num_partitions = 0;
        int16_t replication_factor = 0;
        std::vector<CreatableReplicaAssignment> assignments;
        std::vector<CreatableTopicConfig> configs;

        static void fields(auto& f, auto& m) {
            f("Name", m.name);
            f("NumPartitions", m.num_partitions);
            f("ReplicationFactor", m.replication_factor);
            f("Assignments", m.assignments);
            f("Configs", m.configs);
        }
    };

    std::vector<CreatableTopic> topics;
    int32_t timeout_ms = 60000;
    bool validate_only = false;

    static void fields(auto& f, auto& m) {
        f("Topics", m.topics);
        f("timeoutMs", m.timeout_ms);
        f("validateOnly", m.validate_only);
    }
};

struct CreateTopicsResponse {
    static constexpr int16_t api_key = 19;
    static constexpr Versions valid = between(2, 7), flexible = since(5);

    struct CreatableTopicResult {
        struct CreatableTopicConfigs {
            std::string name;
            std::optional<std::string> value = std::string{};
            bool read_only = false;
            int8_t config_source = -1;
            bool is_sensitive = false;

            static void fields(auto& f, auto& m) {
                f("Name", m.name);
                f("Value", m.value);
                f("ReadOnly", m.read_only);
                f("ConfigSource", m.config_source);
                f("IsSensitive", m.is_sensitive);
            }
        };

        std::string name;
        Uuid topic_id;
        ErrorCode error_code = ErrorCode::none;
        std::optional<std::string> error_message = std::string{};
        ErrorCode topic_config_error_code = ErrorCode::none;
        int32_t num_partitions = -1;
        int16_t replication_factor = -1;
        std::optional<std::vector<CreatableTopicConfigs>> configs =
            std::vector<CreatableTopicConfigs>{};

        static void fields(auto& f, auto& m) {
            f("Name", m.name);
            f("TopicId", m.topic_id, since(7));
            f("ErrorCode", m.error_code);
            f("ErrorMessage", m.error_message);
            f.tagged(0, "TopicConfigErrorCode", m.topic_config_error_code, since(5));
            f("NumPartitions", m.num_partitions, since(5));
            f("ReplicationFactor", m.replication_factor, since(5));
            f("Configs", m.configs, since(5));
        }
    };

    int32_t throttle_time_ms = 0;
    std::vector<CreatableTopicResult> topics;

    static void fields(auto& f, auto& m) {
        f("ThrottleTimeMs", m.throttle_time_ms);
        f("Topics", m.topics);
    }
};

}  // namespace protocol
