// What the controller decides about partitions of topics that there are, as pure functions of the
// image: more of them (KIP-195), their leaders (KIP-460) and their replicas (KIP-455).
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>
#include <vector>

#include "broker/metadata/api_error.h"
#include "broker/metadata/cluster_image.h"
#include "broker/metadata/replica_assignment.h"

namespace broker::metadata {

using Records = std::vector<MetadataRecord>;

struct MorePartitions {
    std::string_view topic;
    int32_t count = 0;  // with those that there are
    // Of each that is new, its brokers. Nullopt: the broker decides.
    std::optional<std::vector<std::vector<int32_t>>> assignments;
};
// Errors: unknown_topic_or_partition, invalid_topic_exception (of a coordinator, whose keys would
// be looked for in other partitions), invalid_partitions, invalid_replica_assignment,
// policy_violation (more at once than the controller writes at once).
std::expected<Records, ApiError> create_partitions(const ClusterImage& image,
                                                   const MorePartitions& wanted,
                                                   const ClusterDefaults& defaults);

enum class ElectionType : int8_t { preferred = 0, unclean = 1 };
// Whether another leader can be elected: there is one broker, so nobody can, and it is said why.
// Gives election_not_needed where this broker leads as it should, preferred_leader_not_available
// and eligible_leaders_not_available where brokers would have to that are not there.
ApiError elect_leader(const PartitionImage& partition, ElectionType type, int32_t node_id);

struct Reassignment {
    std::string_view topic;
    int32_t partition = 0;
    // Nullopt: what is under way is cancelled.
    std::optional<std::vector<int32_t>> replicas;
    bool may_change_replication_factor = true;  // KIP-860
};
// Errors: unknown_topic_or_partition, invalid_replica_assignment, invalid_replication_factor,
// no_reassignment_in_progress.
std::expected<Records, ApiError> reassign(const ClusterImage& image, const Reassignment& wanted,
                                          const ClusterDefaults& defaults);

// Says in which of this broker's directories its replica is (KIP-858). No records: the metadata has
// it, or knows nothing of directories, or of the partition.
Records assign_directory(const ClusterImage& image, const protocol::Uuid& topic_id,
                         int32_t partition, const protocol::Uuid& directory_id,
                         const ClusterDefaults& defaults);

// The directory that the metadata says; zero where it does not.
protocol::Uuid assigned_directory(const PartitionImage& partition, int32_t node_id);

// Replicas come or go that are those of a broker that is not there: of a cluster of more brokers
// that this data was taken from.
inline bool is_reassigning(const PartitionImage& partition) {
    return !partition.adding_replicas.empty() || !partition.removing_replicas.empty();
}

}  // namespace broker::metadata
