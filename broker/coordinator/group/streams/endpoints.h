// Where the instances of a Kafka Streams application are reached, and which partitions of its
// input each works on: what clients find the owner of a key with (interactive queries, KIP-1071).
#pragma once

#include <vector>

#include "broker/coordinator/group/cluster_view.h"
#include "broker/coordinator/group/streams/streams_group.h"
#include "protocol/messages/streams_group_heartbeat.h"

namespace broker::coordinator::group {

// Of the group's members that have an endpoint, with `updated` as it is to be and without the one
// whose place it takes ("": nobody's).
std::vector<protocol::StreamsGroupHeartbeatResponse::EndpointToPartitions> partitions_by_endpoint(
    const StreamsGroup& group, const StreamsMember& updated, std::string_view replaced_member_id,
    const ClusterView& cluster);

}  // namespace broker::coordinator::group
