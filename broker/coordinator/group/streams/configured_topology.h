// A streams group's topology as the cluster's topics make it (KIP-1071): how many tasks there are,
// which internal topics are to be created, or why it cannot be run.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "broker/coordinator/group/cluster_view.h"
#include "broker/coordinator/group/refusal.h"
#include "broker/coordinator/group/streams/topology.h"
#include "protocol/messages/streams_group_describe.h"

namespace broker::coordinator::group {

// Status codes of StreamsGroupHeartbeat.
enum class StreamsStatus : int8_t {
    stale_topology = 0,
    missing_source_topics = 1,
    incorrectly_partitioned_topics = 2,
    missing_internal_topics = 3,
    shutdown_application = 4,
    assignment_delayed = 5,
    missing_client_tags = 6,
};

// A repartition or changelog topic.
struct InternalTopic {
    int32_t partition_count = 0;
    int16_t replication_factor = 0;              // 0: the broker's default
    std::map<std::string, std::string> configs;  // as the client wants them

    bool operator==(const InternalTopic&) const = default;
};
using InternalTopics = std::map<std::string, InternalTopic, std::less<>>;  // by name

struct ConfiguredSubtopology {
    int32_t task_count = 0;
    std::set<std::string> source_topics;
    InternalTopics repartition_source_topics;
    std::set<std::string> repartition_sink_topics;
    InternalTopics state_changelog_topics;

    bool operator==(const ConfiguredSubtopology&) const = default;
    bool is_stateful() const { return !state_changelog_topics.empty(); }
};

struct ConfiguredTopology {
    using Subtopologies = std::map<std::string, ConfiguredSubtopology, std::less<>>;  // by id
    struct Problem {
        StreamsStatus status = StreamsStatus::missing_source_topics;
        std::string detail;
        bool operator==(const Problem&) const = default;
    };

    int32_t epoch = 0;          // of the topology
    int64_t metadata_hash = 0;  // of the topics that it was configured with
    // Empty while source topics are missing or topics are incorrectly partitioned.
    std::optional<Subtopologies> subtopologies;
    InternalTopics topics_to_create;
    std::optional<Problem> problem;

    bool operator==(const ConfiguredTopology&) const = default;
    // Whether tasks may be assigned.
    bool is_ready() const { return !problem; }
};

// Tasks of one topology. Kafka has no such limit: what a client says must not fill the memory.
inline constexpr int64_t topology_tasks_max = 100'000;

// Time and memory are those of the topology and its tasks. Errors: streams_invalid_topology,
// invalid_topic_exception (the name of an internal topic), unknown_server_error as in Kafka where
// it does not foresee what the client says.
std::expected<ConfiguredTopology, Refusal> configure_topology(const StreamsTopology& topology,
                                                              int64_t metadata_hash,
                                                              const ClusterView& cluster);

// For StreamsGroupDescribe.
protocol::StreamsGroupDescribeResponse::DescribedGroup::Topology describe(
    const ConfiguredTopology& topology);

}  // namespace broker::coordinator::group
