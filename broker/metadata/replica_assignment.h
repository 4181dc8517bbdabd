// Which brokers a partition is put on: as a client wants it (CreateTopics, CreatePartitions,
// AlterPartitionReassignments), and as it is done here, where there is one broker.
#pragma once

#include <expected>
#include <span>

#include "broker/metadata/api_error.h"
#include "broker/metadata/cluster_image.h"

namespace broker::metadata {

struct ClusterDefaults {
    int32_t node_id = 1;
    int32_t partition_count = 1;
    int32_t partition_count_max = 100'000;  // over all topics
    protocol::Uuid directory_id;
};

// As in Kafka: at least one broker, each of them there, and none twice.
// Errors: invalid_replica_assignment.
std::expected<void, ApiError> validate_assignment(std::span<const int32_t> brokers,
                                                  const ClusterDefaults& defaults);

// The record of a new partition, which this broker leads.
protocol::PartitionRecord new_partition(const protocol::Uuid& topic_id, int32_t partition,
                                        const ClusterDefaults& defaults);

// Errors: invalid_partitions (so many more than there are, over all topics, are too many).
std::expected<void, ApiError> check_room_for(const ClusterImage& image, int32_t partition_count,
                                             const ClusterDefaults& defaults);

}  // namespace broker::metadata
