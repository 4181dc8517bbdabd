// What consumers put into JoinGroup and SyncGroup: to a classic group they are bytes, but for the
// topics that offsets are kept for, and where a group changes its protocol (KIP-848).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/coordinator/group/cluster_view.h"
#include "broker/coordinator/group/consumer/consumer_member.h"
#include "protocol/stored/consumer_protocol.h"
#include "protocol/types.h"

namespace broker::coordinator::group {

inline constexpr std::string_view consumer_protocol_type = "consumer";

// The topics that a consumer's metadata asks for. Nullopt: they cannot be read.
std::optional<std::vector<std::string>> subscribed_topics_of(protocol::Bytes metadata);

// All of it; of a later version the part that is known. Nullopt: it cannot be read.
std::optional<protocol::ConsumerProtocolSubscription> read_subscription(protocol::Bytes metadata);
std::optional<protocol::ConsumerProtocolAssignment> read_assignment(protocol::Bytes assignment);

// Partitions that are listed by the names of their topics, as far as there are such topics.
TopicPartitions by_topic_id(const auto& named, const ClusterView& cluster) {
    TopicPartitions partitions;
    for (const auto& listed : named)
        if (const auto topic = cluster.find_topic(std::string_view(listed.topic)))
            partitions[topic->id].insert(listed.partitions.begin(), listed.partitions.end());
    return partitions;
}

// An assignment in the version of the member's metadata, which is one that it understands.
protocol::Blob write_assignment(const TopicPartitions& partitions, const ClusterView& cluster,
                                protocol::Bytes metadata);

}  // namespace broker::coordinator::group
