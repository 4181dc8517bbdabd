// What is written into the metadata log about nodes, as pure functions of the image: what a new
// cluster begins with, that the broker is there and leads its partitions, and that others are gone.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "broker/metadata/api_error.h"
#include "broker/metadata/cluster_image.h"
#include "broker/metadata/metadata_record.h"

namespace broker::metadata {

// The broker as it registers itself.
struct BrokerFacts {
    int32_t node_id = 1;
    protocol::Uuid incarnation_id;  // of this process
    std::vector<protocol::Uuid> directory_ids;
    std::string rack;  // empty: none
    std::vector<protocol::RegisterBrokerRecord::BrokerEndpoint> end_points;
};

// Whether everything that the cluster is finalized at is understood here.
// Errors: a line that says what is not.
std::expected<void, std::string> check_features(const ClusterImage& image);

// One metadata transaction with these records, as Apache Kafka's controller begins a new cluster.
std::vector<MetadataRecord> bootstrap_cluster(std::vector<MetadataRecord> records);

// To be written at `offset`, which becomes the broker's epoch. It is not fenced any more, and its
// registration before this one is void.
std::vector<MetadataRecord> register_broker(const BrokerFacts& broker, int64_t offset);

// Makes the broker the leader of each of its partitions that has another one, or none: Apache Kafka
// takes the leadership away when it stops.
std::vector<MetadataRecord> take_leadership(const ClusterImage& image, int32_t node_id);

// The broker goes, as its next start is told. Empty: it is not registered.
std::vector<MetadataRecord> fence_broker(const ClusterImage& image, int32_t node_id);

// UnregisterBroker (KIP-631): one that is gone for good, of a cluster that this data was taken
// from. No partition has it in sync any more. Errors: broker_id_not_registered; invalid_request
// (this one).
std::expected<std::vector<MetadataRecord>, ApiError> unregister_broker(const ClusterImage& image,
                                                                       int32_t broker_id,
                                                                       int32_t node_id);
// UnregisterController, as unregister_broker(). Errors: controller_id_not_registered,
// invalid_request.
std::expected<std::vector<MetadataRecord>, ApiError> unregister_controller(
    const ClusterImage& image, int32_t controller_id, int32_t node_id);

}  // namespace broker::metadata
