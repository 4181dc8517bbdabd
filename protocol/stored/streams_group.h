// What __consumer_offsets holds of KIP-1071 streams groups.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "protocol/types.h"

namespace protocol {

struct StreamsGroupMetadataKey {
    static constexpr int16_t record_type = 17;
    static constexpr Versions valid = between(0, 0), flexible = never;

    std::string group_id;

    static void fields(auto& f, auto& m) { f("GroupId", m.group_id); }
};

struct StreamsGroupMetadataValue {
    static constexpr int16_t record_type = 17;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    struct LastAssignmentConfig {
        std::string key;
        std::string value;

        static void fields(auto& f, auto& m) {
            f("Key", m.key);
            f("Value", m.value);
        }
    };

    int32_t epoch = 0;
    int64_t metadata_hash = 0;
    int32_t validated_topology_epoch = -1;
    std::optional<std::vector<LastAssignmentConfig>> last_assignment_configs =
        std::vector<LastAssignmentConfig>{};
    int32_t stored_description_topology_epoch = -1;
    int32_t failed_description_topology_epoch = -1;

    static void fields(auto& f, auto& m) {
        f("Epoch", m.epoch);
        f("MetadataHash", m.metadata_hash);
        f.tagged(0, "ValidatedTopologyEpoch", m.validated_topology_epoch, always, -1);
        f.tagged(1, "LastAssignmentConfigs", m.last_assignment_configs, always,
                 std::vector<LastAssignmentConfig>{});
        f.tagged(2, "StoredDescriptionTopologyEpoch", m.stored_description_topology_epoch, always,
                 -1);
        f.tagged(3, "FailedDescriptionTopologyEpoch", m.failed_description_topology_epoch, always,
                 -1);
    }
};

struct StreamsGroupMemberMetadataKey {
    static constexpr int16_t record_type = 19;
    static constexpr Versions valid = between(0, 0), flexible = never;

    std::string group_id;
    std::string member_id;

    static void fields(auto& f, auto& m) {
        f("GroupId", m.group_id);
        f("MemberId", m.member_id);
    }
};

struct StreamsGroupMemberMetadataValue {
    static constexpr int16_t record_type = 19;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    struct Endpoint {
        std::string host;
        uint16_t port = 0;

        static void fields(auto& f, auto& m) {
            f("Host", m.host);
            f("Port", m.port);
        }
    };

    struct KeyValue {
        std::string key;
        std::string value;

        static void fields(auto& f, auto& m) {
            f("Key", m.key);
            f("Value", m.value);
        }
    };

    std::optional<std::string> instance_id = std::string{};
    std::optional<std::string> rack_id = std::string{};
    std::string client_id;
    std::string client_host;
    int32_t rebalance_timeout_ms = -1;
    int32_t topology_epoch = 0;
    std::string process_id;
    std::optional<Endpoint> user_endpoint;
    std::vector<KeyValue> client_tags;

    static void fields(auto& f, auto& m) {
        f("InstanceId", m.instance_id);
        f("RackId", m.rack_id);
        f("ClientId", m.client_id);
        f("ClientHost", m.client_host);
        f("RebalanceTimeoutMs", m.rebalance_timeout_ms);
        f("TopologyEpoch", m.topology_epoch);
        f("ProcessId", m.process_id);
        f("UserEndpoint", m.user_endpoint);
        f("ClientTags", m.client_tags);
    }
};

struct StreamsGroupTargetAssignmentMetadataKey {
    static constexpr int16_t record_type = 20;
    static constexpr Versions valid = between(0, 0), flexible = never;

    std::string group_id;

    static void fields(auto& f, auto& m) { f("GroupId", m.group_id); }
};

struct StreamsGroupTargetAssignmentMetadataValue {
    static constexpr int16_t record_type = 20;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    int32_t assignment_epoch = 0;
    int64_t assignment_timestamp = 0;

    static void fields(auto& f, auto& m) {
        f("AssignmentEpoch", m.assignment_epoch);
        f.tagged(0, "AssignmentTimestamp", m.assignment_timestamp, always);
    }
};

struct StreamsGroupTargetAssignmentMemberKey {
    static constexpr int16_t record_type = 21;
    static constexpr Versions valid = between(0, 0), flexible = never;

    std::string group_id;
    std::string member_id;

    static void fields(auto& f, auto& m) {
        f("GroupId", m.group_id);
        f("MemberId", m.member_id);
    }
};

struct StreamsGroupTargetAssignmentMemberValue {
    static constexpr int16_t record_type = 21;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    struct TaskIds {
        std::string subtopology_id;
        std::vector<int32_t> partitions;

        static void fields(auto& f, auto& m) {
            f("SubtopologyId", m.subtopology_id);
            f("Partitions", m.partitions);
        }
    };

    std::vector<TaskIds> active_tasks;
    std::vector<TaskIds> standby_tasks;
    std::vector<TaskIds> warmup_tasks;

    static void fields(auto& f, auto& m) {
        f("ActiveTasks", m.active_tasks);
        f("StandbyTasks", m.standby_tasks);
        f("WarmupTasks", m.warmup_tasks);
    }
};

struct StreamsGroupCurrentMemberAssignmentKey {
    static constexpr int16_t record_type = 22;
    static constexpr Versions valid = between(0, 0), flexible = never;

    std::string group_id;
    std::string member_id;

    static void fields(auto& f, auto& m) {
        f("GroupId", m.group_id);
        f("MemberId", m.member_id);
    }
};

struct StreamsGroupCurrentMemberAssignmentValue {
    static constexpr int16_t record_type = 22;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    struct TaskIds {
        std::string subtopology_id;
        std::vector<int32_t> partitions;
        std::optional<std::vector<int32_t>> assignment_epochs = std::vector<int32_t>{};

        static void fields(auto& f, auto& m) {
            f("SubtopologyId", m.subtopology_id);
            f("Partitions", m.partitions);
            f.tagged(0, "AssignmentEpochs", m.assignment_epochs, always, std::vector<int32_t>{});
        }
    };

    int32_t member_epoch = 0;
    int32_t previous_member_epoch = 0;
    int8_t state = 0;
    std::vector<TaskIds> active_tasks;
    std::vector<TaskIds> standby_tasks;
    std::vector<TaskIds> warmup_tasks;
    std::vector<TaskIds> active_tasks_pending_revocation;
    std::vector<TaskIds> standby_tasks_pending_revocation;
    std::vector<TaskIds> warmup_tasks_pending_revocation;

    static void fields(auto& f, auto& m) {
        f("MemberEpoch", m.member_epoch);
        f("PreviousMemberEpoch", m.previous_member_epoch);
        f("State", m.state);
        f("ActiveTasks", m.active_tasks);
        f("StandbyTasks", m.standby_tasks);
        f("WarmupTasks", m.warmup_tasks);
        f("ActiveTasksPendingRevocation", m.active_tasks_pending_revocation);
        f("StandbyTasksPendingRevocation", m.standby_tasks_pending_revocation);
        f("WarmupTasksPendingRevocation", m.warmup_tasks_pending_revocation);
    }
};

struct StreamsGroupTopologyKey {
    static constexpr int16_t record_type = 23;
    static constexpr Versions valid = between(0, 0), flexible = never;

    std::string group_id;

    static void fields(auto& f, auto& m) { f("GroupId", m.group_id); }
};

struct StreamsGroupTopologyValue {
    static constexpr int16_t record_type = 23;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    struct TopicConfig {
        std::string key;
        std::string value;
        bool operator==(const TopicConfig&) const = default;

        static void fields(auto& f, auto& m) {
            f("key", m.key);
            f("value", m.value);
        }
    };

    struct TopicInfo {
        std::string name;
        int32_t partitions = 0;
        int16_t replication_factor = 0;
        std::vector<TopicConfig> topic_configs;
        bool operator==(const TopicInfo&) const = default;

        static void fields(auto& f, auto& m) {
            f("Name", m.name);
            f("Partitions", m.partitions);
            f("ReplicationFactor", m.replication_factor);
            f("TopicConfigs", m.topic_configs);
        }
    };

    struct Subtopology {
        struct CopartitionGroup {
            std::vector<int16_t> source_topics;
            std::vector<int16_t> source_topic_regex;
            std::vector<int16_t> repartition_source_topics;
            bool operator==(const CopartitionGroup&) const = default;

            static void fields(auto& f, auto& m) {
                f("SourceTopics", m.source_topics);
                f("SourceTopicRegex", m.source_topic_regex);
                f("RepartitionSourceTopics", m.repartition_source_topics);
            }
        };

        std::string subtopology_id;
        std::vector<std::string> source_topics;
        std::vector<std::string> source_topic_regex;
        std::vector<TopicInfo> state_changelog_topics;
        std::vector<std::string> repartition_sink_topics;
        std::vector<TopicInfo> repartition_source_topics;
        std::vector<CopartitionGroup> copartition_groups;
        bool operator==(const Subtopology&) const = default;

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

}  // namespace protocol
