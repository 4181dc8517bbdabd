// What the controller decides about topics, as pure functions of the image: requests in, records or
// an error out.
#pragma once

#include <expected>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "broker/metadata/cluster_image.h"
#include "broker/metadata/metadata_record.h"
#include "protocol/error.h"

namespace broker::metadata {

using protocol::ErrorCode;

struct ApiError {
    ErrorCode code = ErrorCode::none;
    std::string message;
};

struct NewTopic {
    std::string name;
    int32_t partition_count = -1;     // -1: num.partitions
    int16_t replication_factor = -1;  // -1: default.replication.factor
    // Partition index to broker ids; empty: the broker decides.
    std::map<int32_t, std::vector<int32_t>> assignments;
    config::Values configs;
};

struct ClusterDefaults {
    int32_t node_id = 1;
    int32_t partition_count = 1;
    int32_t partition_count_max = 100'000;  // over all topics
    protocol::Uuid directory_id;
};

// "." and "..", other characters than letters, digits, '.', '_', '-', or more than 249 of them.
// Errors: invalid_topic_exception.
std::expected<void, ApiError> validate_topic_name(std::string_view name);

// The records of a new topic. `topic_id` must not be in use.
// Errors: topic_already_exists, invalid_topic_exception (also a clash of '.' with '_'),
// invalid_partitions, invalid_replication_factor, invalid_replica_assignment, invalid_request,
// invalid_config.
std::expected<std::vector<MetadataRecord>, ApiError> create_topic(const ClusterImage& image,
                                                                  const NewTopic& topic,
                                                                  const protocol::Uuid& topic_id,
                                                                  const ClusterDefaults& defaults);

}  // namespace broker::metadata
