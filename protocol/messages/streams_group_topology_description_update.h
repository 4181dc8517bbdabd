// StreamsGroupTopologyDescriptionUpdate (API key 93): KIP-1331.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct StreamsGroupTopologyDescriptionUpdateRequest {
    static constexpr int16_t api_key = 93;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    struct TopologyDescriptionNode {
        std::string_view name;
        int8_t node_type = 0;
        std::vector<std::string_view> source_topics;
        std::optional<std::string_view> sink_topic;
        std::vector<std::string_view> stores;
        std::vector<std::string_view> successors;

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
        std::string_view subtopology_id;
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

    std::string_view group_id;
    std::string_view member_id;
    int32_t topology_epoch = 0;
    TopologyDescription topology_description;

    static void fields(auto& f, auto& m) {
        f("GroupId", m.group_id);
        f("MemberId", m.member_id);
        f("TopologyEpoch", m.topology_epoch);
        f("TopologyDescription", m.topology_description);
    }
};

struct StreamsGroupTopologyDescriptionUpdateResponse {
    static constexpr int16_t api_key = 93;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message;

    static void fields(auto& f, auto& m) {
        f("ThrottleTimeMs", m.throttle_time_ms);
        f("ErrorCode", m.error_code);
        f("ErrorMessage", m.error_message);
    }
};

}  // namespace protocol
