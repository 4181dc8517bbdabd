// StreamsGroupDescribe (API key 89): KIP-1071; KIP-1331 topology descriptions and KIP-1357
// assignors v1.
#pragma once

#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct StreamsGroupDescribeRequest {
    static constexpr int16_t api_key = 89;
    static constexpr Versions valid = between(0, 1), flexible = since(0);

    std::vector<std::string_view> group_ids;
    bool include_authorized_operations = false;
    bool include_topology_description = false;

    static void fields(auto& f, auto& m) {
        f("GroupIds", m.group_ids);
        f("IncludeAuthorizedOperations", m.include_authorized_operations);
        f("IncludeTopologyDescription", m.include_topology_description, since(1));
    }
};

struct StreamsGroupDescribeResponse {
    static constexpr int16_t api_key = 89;
    static constexpr Versions valid = between(0, 1), flexible = since(0);

    struct Endpoint {
        std::string host;
        uint16_t port = 0;

        static void fields(auto& f, auto& m) {
            f("Host", m.host);
            f("Port", m.port);
        }
    };

    struct TaskOffset {
        std::string subtopology_id;
        int32_t partition = 0;
        int64_t offset = 0;

        static void fields(auto& f, auto& m) {
            f("SubtopologyId", m.subtopology_id);
            f("Partition", m.partition);
            f("Offset", m.offset);
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

    struct Assignment {
        std::vector<TaskIds> active_tasks;
        std::vector<TaskIds> standby_tasks;
        std::vector<TaskIds> warmup_tasks;

        static void fields(auto& f, auto& m) {
            f("ActiveTasks", m.active_tasks);
            f("StandbyTasks", m.standby_tasks);
            f("WarmupTasks", m.warmup_tasks);
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

    struct TopicInfo {
        std::string name;
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

    struct TopologyDescriptionNode {
        std::string name;
        int8_t node_type = 0;
        std::vector<std::string> source_topics;
        std::optional<std::string> sink_topic;
        std::vector<std::string> stores;
        std::vector<std::string> successors;

        static void fields(auto& f, auto& m) {
            f("Name", m.name);
            f("NodeType", m.node_type);
            f("SourceTopics", m.source_topics);
            f("SinkTopic", m.sink_topic);
            f("Stores", m.stores);
            f("Successors", m.successors);
        }
    };

    struct TopologyDescriptionSubtopology {
        std::string subtopology_id;
        std::vector<TopologyDescriptionNode> nodes;

        static void fields(auto& f, auto& m) {
            f("SubtopologyId", m.subtopology_id);
            f("Nodes", m.nodes);
        }
    };

    struct TopologyDescriptionGlobalStore {
        TopologyDescriptionNode source;
        TopologyDescriptionNode processor;

        static void fields(auto& f, auto& m) {
            f("Source", m.source);
            f("Processor", m.processor);
        }
    };

    struct TopologyDescription {
        std::vector<TopologyDescriptionSubtopology> subtopologies;
        std::vector<TopologyDescriptionGlobalStore> global_stores;

        static void fields(auto& f, auto& m) {
            f("Subtopologies", m.subtopologies);
            f("GlobalStores", m.global_stores);
        }
    };

    struct DescribedGroup {
        struct Topology {
            struct Subtopology {
                std::string subtopology_id;
                std::vector<std::string> source_topics;
                std::vector<std::string> repartition_sink_topics;
                std::vector<TopicInfo> state_changelog_topics;
                std::vector<TopicInfo> repartition_source_topics;

                static void fields(auto& f, auto& m) {
                    f("SubtopologyId", m.subtopology_id);
                    f("SourceTopics", m.source_topics);
                    f("RepartitionSinkTopics", m.repartition_sink_topics);
                    f("StateChangelogTopics", m.state_changelog_topics);
                    f("RepartitionSourceTopics", m.repartition_source_topics);
                }
            };

            int32_t epoch = 0;
            std::optional<std::vector<Subtopology>> subtopologies;

            static void fields(auto& f, auto& m) {
                f("Epoch", m.epoch);
                f("Subtopologies", m.subtopologies);
            }
        };

        struct Member {
            std::string member_id;
            int32_t member_epoch = 0;
            std::optional<std::string> instance_id;
            std::optional<std::string> rack_id;
            std::string client_id;
            std::string client_host;
            int32_t topology_epoch = 0;
            std::string process_id;
            std::optional<Endpoint> user_endpoint;
            std::vector<KeyValue> client_tags;
            std::vector<TaskOffset> task_offsets;
            std::vector<TaskOffset> task_end_offsets;
            Assignment assignment;
            Assignment target_assignment;
            bool is_classic = false;

            static void fields(auto& f, auto& m) {
                f("MemberId", m.member_id);
                f("MemberEpoch", m.member_epoch);
                f("InstanceId", m.instance_id);
                f("RackId", m.rack_id);
                f("ClientId", m.client_id);
                f("ClientHost", m.client_host);
                f("TopologyEpoch", m.topology_epoch);
                f("ProcessId", m.process_id);
                f("UserEndpoint", m.user_endpoint);
                f("ClientTags", m.client_tags);
                f("TaskOffsets", m.task_offsets);
                f("TaskEndOffsets", m.task_end_offsets);
                f("Assignment", m.assignment);
                f("TargetAssignment", m.target_assignment);
                f("IsClassic", m.is_classic);
            }
        };

        ErrorCode error_code = ErrorCode::none;
        std::optional<std::string> error_message;
        std::string group_id;
        std::string group_state;
        int32_t group_epoch = 0;
        int32_t assignment_epoch = 0;
        std::optional<Topology> topology;
        std::vector<Member> members;
        int32_t authorized_operations = std::numeric_limits<int32_t>::min();
        std::optional<TopologyDescription> topology_description;
        int8_t topology_description_status = 0;
        std::optional<std::string> assignor_name;

        static void fields(auto& f, auto& m) {
            f("ErrorCode", m.error_code);
            f("ErrorMessage", m.error_message);
            f("GroupId", m.group_id);
            f("GroupState", m.group_state);
            f("GroupEpoch", m.group_epoch);
            f("AssignmentEpoch", m.assignment_epoch);
            f("Topology", m.topology);
            f("Members", m.members);
            f("AuthorizedOperations", m.authorized_operations);
            f("TopologyDescription", m.topology_description, since(1));
            f("TopologyDescriptionStatus", m.topology_description_status, since(1));
            f("AssignorName", m.assignor_name, since(1));
        }
    };

    int32_t throttle_time_ms = 0;
    std::vector<DescribedGroup> groups;

    static void fields(auto& f, auto& m) {
        f("ThrottleTimeMs", m.throttle_time_ms);
        f("Groups", m.groups);
    }
};

}  // namespace protocol
