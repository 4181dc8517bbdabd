// StreamsGroupHeartbeat (API key 88): KIP-1071; KIP-1331 topology descriptions v1.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct StreamsGroupHeartbeatRequest {
    static constexpr int16_t api_key = 88;
    static constexpr Versions valid = between(0, 1), flexible = since(0);

    struct KeyValue {
        std::string_view key;
        std::string_view value;

        static void fields(auto& f, auto& m) {
            f("Key", m.key);
            f("Value", m.value);
        }
    };

    struct TopicInfo {
        std::string_view name;
        int32_t partitions = 0;
        int16_t replication_factor = 0;
        std::vector<KeyValue> topic_configs;

        static void fields(auto& f, auto& m) {
            f("Name", m.name);
            f("Partitions", m.partitions);
            f("ReplicationFactor", m.replication_factor);
            f("TopicConfigs", m.topic_configs);
        }
    };

    struct Endpoint {
        std::string_view host;
        uint16_t port = 0;

        static void fields(auto& f, auto& m) {
            f("Host", m.host);
            f("Port", m.port);
        }
    };

    struct TaskOffset {
        std::string_view subtopology_id;
        int32_t partition = 0;
        int64_t offset = 0;

        static void fields(auto& f, auto& m) {
            f("SubtopologyId", m.subtopology_id);
            f("Partition", m.partition);
            f("Offset", m.offset);
        }
    };

    struct TaskIds {
        std::string_view subtopology_id;
        std::vector<int32_t> partitions;

        static void fields(auto& f, auto& m) {
            f("SubtopologyId", m.subtopology_id);
            f("Partitions", m.partitions);
        }
    };

    struct Topology {
        struct Subtopology {
            struct CopartitionGroup {
                std::vector<int16_t> source_topics;
                std::vector<int16_t> source_topic_regex;
                std::vector<int16_t> repartition_source_topics;

                static void fields(auto& f, auto& m) {
                    f("SourceTopics", m.source_topics);
                    f("SourceTopicRegex", m.source_topic_regex);
                    f("RepartitionSourceTopics", m.repartition_source_topics);
                }
            };

            std::string_view subtopology_id;
            std::vector<std::string_view> source_topics;
            std::vector<std::string_view> source_topic_regex;
            std::vector<TopicInfo> state_changelog_topics;
            std::vector<std::string_view> repartition_sink_topics;
            std::vector<TopicInfo> repartition_source_topics;
            std::vector<CopartitionGroup> copartition_groups;

            static void fields(auto& f, auto& m) {
                f("SubtopologyId", m.subtopology_id);
                f("SourceTopics", m.source_topics);
                f("SourceTopicRegex", m.source_topic_regex);
                f("StateChangelogTopics", m.state_changelog_topics);
                f("RepartitionSinkTopics", m.repartition_sink_topics);
                f("RepartitionSourceTopics", m.repartition_source_topics);
                f("CopartitionGroups", m.copartition_groups);
            }
        };

        int32_t epoch = 0;
        std::vector<Subtopology> subtopologies;

        static void fields(auto& f, auto& m) {
            f("Epoch", m.epoch);
            f("Subtopologies", m.subtopologies);
        }
    };

    std::string_view group_id;
    std::string_view member_id;
    int32_t member_epoch = 0;
    int32_t endpoint_information_epoch = 0;
    std::optional<std::string_view> instance_id;
    std::optional<std::string_view> rack_id;
    int32_t rebalance_timeout_ms = -1;
    std::optional<Topology> topology;
    std::optional<std::vector<TaskIds>> active_tasks;
    std::optional<std::vector<TaskIds>> standby_tasks;
    std::optional<std::vector<TaskIds>> warmup_tasks;
    std::optional<std::string_view> process_id;
    std::optional<Endpoint> user_endpoint;
    std::optional<std::vector<KeyValue>> client_tags;
    std::optional<std::vector<TaskOffset>> task_offsets;
    std::optional<std::vector<TaskOffset>> task_end_offsets;
    bool shutdown_application = false;

    static void fields(auto& f, auto& m) {
        f("GroupId", m.group_id);
        f("MemberId", m.member_id);
        f("MemberEpoch", m.member_epoch);
        f("EndpointInformationEpoch", m.endpoint_information_epoch);
        f("InstanceId", m.instance_id);
        f("RackId", m.rack_id);
        f("RebalanceTimeoutMs", m.rebalance_timeout_ms);
        f("Topology", m.topology);
        f("ActiveTasks", m.active_tasks);
        f("StandbyTasks", m.standby_tasks);
        f("WarmupTasks", m.warmup_tasks);
        f("ProcessId", m.process_id);
        f("UserEndpoint", m.user_endpoint);
        f("ClientTags", m.client_tags);
        f("TaskOffsets", m.task_offsets);
        f("TaskEndOffsets", m.task_end_offsets);
        f("ShutdownApplication", m.shutdown_application);
    }
};

struct StreamsGroupHeartbeatResponse {
    static constexpr int16_t api_key = 88;
    static constexpr Versions valid = between(0, 1), flexible = since(0);

    struct Status {
        int8_t status_code = 0;
        std::string status_detail;

        static void fields(auto& f, auto& m) {
            f("StatusCode", m.status_code);
            f("StatusDetail", m.status_detail);
        }
    };

    struct TopicPartition {
        std::string topic;
        std::vector<int32_t> partitions;

        static void fields(auto& f, auto& m) {
            f("Topic", m.topic);
            f("Partitions", m.partitions);
        }
    };

    struct TaskIds {
        std::string subtopology_id;
        std::vector<int32_t> partitions;

        static void fields(auto& f, auto& m) {
            f("SubtopologyId", m.subtopology_id);
            f("Partitions", m.partitions);
        }
    };

    struct Endpoint {
        std::string host;
        uint16_t port = 0;

        static void fields(auto& f, auto& m) {
            f("Host", m.host);
            f("Port", m.port);
        }
    };

    struct EndpointToPartitions {
        Endpoint user_endpoint;
        std::vector<TopicPartition> active_partitions;
        std::vector<TopicPartition> standby_partitions;

        static void fields(auto& f, auto& m) {
            f("UserEndpoint", m.user_endpoint);
            f("ActivePartitions", m.active_partitions);
            f("StandbyPartitions", m.standby_partitions);
        }
    };

    int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message;
    std::string member_id;
    int32_t member_epoch = 0;
    int32_t heartbeat_interval_ms = 0;
    int32_t acceptable_recovery_lag_legacy = 0;
    int32_t task_offset_interval_ms = 0;
    int64_t acceptable_recovery_lag = -1;
    std::optional<std::vector<Status>> status = std::vector<Status>{};
    std::optional<std::vector<TaskIds>> active_tasks;
    std::optional<std::vector<TaskIds>> standby_tasks;
    std::optional<std::vector<TaskIds>> warmup_tasks;
    bool topology_description_required = false;
    int32_t endpoint_information_epoch = 0;
    std::optional<std::vector<EndpointToPartitions>> partitions_by_user_endpoint;

    static void fields(auto& f, auto& m) {
        f("ThrottleTimeMs", m.throttle_time_ms);
        f("ErrorCode", m.error_code);
        f("ErrorMessage", m.error_message);
        f("MemberId", m.member_id);
        f("MemberEpoch", m.member_epoch);
        f("HeartbeatIntervalMs", m.heartbeat_interval_ms);
        f("AcceptableRecoveryLagLegacy", m.acceptable_recovery_lag_legacy, until(0));
        f("TaskOffsetIntervalMs", m.task_offset_interval_ms);
        f("AcceptableRecoveryLag", m.acceptable_recovery_lag, since(1));
        f("Status", m.status);
        f("ActiveTasks", m.active_tasks);
        f("StandbyTasks", m.standby_tasks);
        f("WarmupTasks", m.warmup_tasks);
        f("TopologyDescriptionRequired", m.topology_description_required, since(1));
        f("EndpointInformationEpoch", m.endpoint_information_epoch);
        f("PartitionsByUserEndpoint", m.partitions_by_user_endpoint);
    }
};

}  // namespace protocol
