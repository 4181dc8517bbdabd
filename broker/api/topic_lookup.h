// Finds the topic that a request means: by name in old versions, by id in new ones (KIP-516).
#pragma once

#include <expected>
#include <string_view>

#include "broker/metadata/cluster_image.h"
#include "protocol/error.h"

namespace broker::api {

// Errors: unknown_topic_or_partition, unknown_topic_id.
inline std::expected<metadata::TopicRef, protocol::ErrorCode> find_topic(
    const metadata::ClusterImage& image, bool by_id, std::string_view name,
    const protocol::Uuid& id) {
    metadata::TopicRef topic = by_id ? image.find(id) : image.find(name);
    if (topic) return topic;
    return std::unexpected(by_id ? protocol::ErrorCode::unknown_topic_id
                                 : protocol::ErrorCode::unknown_topic_or_partition);
}

}  // namespace broker::api
