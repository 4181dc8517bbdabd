// What the controller decides about topics, as pure functions of the image: requests in, records or
// an error out.
#pragma once

#include <expected>
#include <map>
#include <string>
#include <vector>

#include "broker/metadata/api_error.h"
#include "broker/metadata/cluster_image.h"
#include "broker/metadata/metadata_record.h"
#include "broker/metadata/replica_assignment.h"
#include "broker/quota/mutation_quota.h"

namespace broker::metadata {

struct NewTopic {
    std::string name;
    int32_t partition_count = -1;     // -1: num.partitions
    int16_t replication_factor = -1;  // -1: default.replication.factor
    // Partition index to broker ids; empty: the broker decides.
    std::map<int32_t, std::vector<int32_t>> assignments;
    config::Values configs;
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

// Counts partitions that are to be made or deleted against the quota of who asks for that
// (KIP-599). Errors: throttling_quota_exceeded.
std::expected<void, ApiError> charge(quota::MutationQuota& quota, size_t partition_count,
                                     int64_t now_ms);
// Those that the records make.
std::expected<void, ApiError> charge_new_partitions(quota::MutationQuota& quota,
                                                    const std::vector<MetadataRecord>& records,
                                                    int64_t now_ms);

}  // namespace broker::metadata
