// What the controller decides about configs, as pure functions of the image: a change in, records
// or an error out. Kafka's rules and words (KIP-133, KIP-226, KIP-339, KIP-714, KIP-848).
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "broker/config/broker_config.h"
#include "broker/metadata/api_error.h"
#include "broker/metadata/cluster_image.h"
#include "broker/metadata/metadata_record.h"

namespace broker::metadata {

// The numbers are those of the request.
enum class ConfigOperation : int8_t { set = 0, remove = 1, append = 2, subtract = 3 };

// All that a request says about one resource, as it was said.
struct ConfigChange {
    struct Entry {
        std::string key;
        std::optional<std::string> value;
        ConfigOperation operation = ConfigOperation::set;
    };
    ConfigResource resource = ConfigResource::topic;
    std::string name;
    std::vector<Entry> entries;
    bool replaces_all = false;  // AlterConfigs: what is not named is deleted
};

// What is wrong with the entries whatever they are about. Errors: invalid_request for a key that is
// named twice, a value that is null where there must be one, an operation that there is not.
std::expected<void, ApiError> validate_entries(const ConfigChange& change);

// A broker's id in the name of a resource. Errors: invalid_request for one that is no number, or
// another one.
std::expected<void, ApiError> validate_node_id(const std::string& name, int32_t node_id);

// The records of a change; none when everything is as wanted already. `broker` is this one, as it
// is configured now. Requires: the resource is not broker_logger.
// Errors: those of validate_entries(); invalid_request for a resource that there is not or that is
// not this broker's, unknown_topic_or_partition, invalid_topic_exception; invalid_config, or
// for brokers invalid_request, for what cannot be set; policy_violation when those of the resource
// would take more room than one change of the metadata log has, or all together more than
// einmal.config.bytes.max.
std::expected<std::vector<MetadataRecord>, ApiError> change_configs(
    const ClusterImage& image, const ConfigChange& change, const config::BrokerConfig& broker);

// Under eligible leader replicas (KIP-966) min.insync.replicas is the same for all brokers: what a
// cluster that does not say so yet is to be told.
std::vector<MetadataRecord> settle_min_insync_replicas(const ClusterImage& image,
                                                       const config::BrokerValues& values);

}  // namespace broker::metadata
