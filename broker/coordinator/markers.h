// Writes the marker that ends a transaction on one partition, wherever that partition lives.
#pragma once

#include <asio/awaitable.hpp>

#include "broker/metadata/cluster_image.h"
#include "broker/partition/replica.h"

namespace broker {
class Shards;
}

namespace broker::coordinator {

// On a partition of __consumer_offsets the group coordinator takes part: the offsets of the
// transaction become visible, or vanish, in the same step.
// Errors: unknown_topic_or_partition, invalid_producer_epoch, transaction_coordinator_fenced,
// kafka_storage_error.
asio::awaitable<protocol::ErrorCode> write_marker(Shards& shards, metadata::TopicRef topic,
                                                  int32_t partition, partition::Marker marker);

}  // namespace broker::coordinator
