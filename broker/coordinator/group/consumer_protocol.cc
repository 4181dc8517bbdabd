#include "broker/coordinator/group/consumer_protocol.h"

#include <algorithm>

#include "broker/coordinator/group/record_codec.h"
#include "protocol/codec.h"

namespace broker::coordinator::group {

namespace {

template <class Message>
std::optional<Message> read_versioned(protocol::Bytes bytes) {
    protocol::Reader reader(bytes);
    const auto version = reader.integer<int16_t>();
    if (!reader.ok() || version < 0) return std::nullopt;
    return protocol::decode<Message>(reader, std::min(version, Message::valid.last));
}

}  // namespace

std::optional<std::vector<std::string>> subscribed_topics_of(protocol::Bytes metadata) {
    protocol::Reader reader(metadata);
    const auto version = reader.integer<int16_t>();
    if (!reader.ok() || version < 0) return std::nullopt;
    // The topics come first in every version, known or not, so the oldest layout reads them all.
    auto subscription = protocol::decode<protocol::ConsumerProtocolSubscription>(reader, 0);
    if (!subscription) return std::nullopt;
    return std::move(subscription->topics);
}

std::optional<protocol::ConsumerProtocolSubscription> read_subscription(protocol::Bytes metadata) {
    return read_versioned<protocol::ConsumerProtocolSubscription>(metadata);
}

std::optional<protocol::ConsumerProtocolAssignment> read_assignment(protocol::Bytes assignment) {
    return read_versioned<protocol::ConsumerProtocolAssignment>(assignment);
}

protocol::Blob write_assignment(const TopicPartitions& partitions, const ClusterView& cluster,
                                protocol::Bytes metadata) {
    protocol::ConsumerProtocolAssignment assignment;
    for (const auto& [topic_id, assigned] : partitions)
        if (const auto topic = cluster.find_topic(topic_id))
            assignment.assigned_partitions.push_back(
                {std::string(topic->name), {assigned.begin(), assigned.end()}});
    protocol::Reader reader(metadata);
    const auto asked = reader.integer<int16_t>();
    constexpr auto valid = protocol::ConsumerProtocolAssignment::valid;
    const int16_t version = reader.ok() ? std::clamp(asked, valid.first, valid.last) : valid.first;
    return with_prefix(version, assignment, version);
}

}  // namespace broker::coordinator::group
