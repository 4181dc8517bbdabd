// The topology of a streams group (KIP-1071), as its first member told it: what each subtopology
// reads, writes and keeps.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "broker/coordinator/group/refusal.h"
#include "protocol/messages/streams_group_describe.h"
#include "protocol/messages/streams_group_heartbeat.h"
#include "protocol/stored/streams_group.h"

namespace broker::coordinator::group {

struct StreamsTopology {
    using Subtopology = protocol::StreamsGroupTopologyValue::Subtopology;

    int32_t epoch = 0;
    std::map<std::string, Subtopology, std::less<>> subtopologies;  // by id

    bool operator==(const StreamsTopology&) const = default;
};

// What a client may not send. Regular expressions are refused in every heartbeat that has a
// topology, before anything else; the other is looked at when a member joins.
// Errors: invalid_request.
std::expected<void, Refusal> check_supported(
    const protocol::StreamsGroupHeartbeatRequest::Topology& topology);
// Errors: streams_invalid_topology (a changelog's partitions are not the client's to choose).
std::expected<void, Refusal> check_changelogs(
    const protocol::StreamsGroupHeartbeatRequest::Topology& topology);

// The record of a topology: as it was sent, in the same order.
protocol::StreamsGroupTopologyValue topology_value(
    const protocol::StreamsGroupHeartbeatRequest::Topology& topology);
// Errors: unknown_server_error as in Kafka, for a negative epoch, and two subtopologies of one id.
std::expected<StreamsTopology, Refusal> make_topology(protocol::StreamsGroupTopologyValue value);

// Topics that records come from: sources, those of repartitioning too.
std::set<std::string_view> source_topics(const StreamsTopology& topology);
// Those, and the changelogs: what the group's metadata hash is of.
std::set<std::string_view> required_topics(const StreamsTopology& topology);

// For StreamsGroupDescribe, while the topology has not been configured.
protocol::StreamsGroupDescribeResponse::DescribedGroup::Topology describe(
    const StreamsTopology& topology);

}  // namespace broker::coordinator::group
