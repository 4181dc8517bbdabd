// The features of KIP-584: what this broker can do, what a new cluster is finalized at, and what it
// understands in the metadata of a cluster that was somebody else's.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace broker::metadata {

struct Feature {
    std::string_view name;
    int16_t min = 0;
    int16_t max = 0;      // the last level whose records are understood
    int16_t initial = 0;  // the finalized level of a new cluster: what `kafka-storage format` gives
    // Clients act on a level (transaction.version 2 is KIP-890), so they are told of those only
    // that are served: up to this one, 0 for none.
    int16_t served = 0;
};

inline constexpr std::string_view metadata_version_feature = "metadata.version";
// Of the metadata log itself (KIP-853): it is in the log's control records, not among those below.
inline constexpr std::string_view kraft_version_feature = "kraft.version";
inline constexpr int16_t kraft_version_max = 1;

// In the order in which Apache Kafka writes them.
inline constexpr std::array features = {
    Feature{.name = metadata_version_feature, .min = 7, .max = 33, .initial = 33, .served = 33},
    Feature{.name = "eligible.leader.replicas.version", .max = 1, .initial = 1, .served = 1},
    Feature{.name = "group.version", .max = 1, .initial = 1, .served = 1},
    // Without the dead-letter queues of level 2 (KIP-1191).
    Feature{.name = "share.version", .max = 2, .initial = 2, .served = 1},
    Feature{.name = "streams.version", .max = 1, .initial = 1, .served = 1},
    Feature{.name = "transaction.version", .max = 2, .initial = 2, .served = 2},
};

// Nullptr: not known.
constexpr const Feature* find_feature(std::string_view name) {
    for (const Feature& feature : features)
        if (feature.name == name) return &feature;
    return nullptr;
}

// The metadata.version from which on Apache Kafka writes something.
namespace metadata_version_of {
inline constexpr int16_t zk_migration = 8;               // 3.4-IV0, KIP-866
inline constexpr int16_t scram = 11;                     // 3.5-IV2, KIP-900
inline constexpr int16_t metadata_transactions = 13;     // 3.6-IV1, KIP-868
inline constexpr int16_t directory_assignment = 17;      // 3.7-IV2, KIP-858
inline constexpr int16_t eligible_leader_replicas = 23;  // 4.0-IV1, KIP-966
inline constexpr int16_t cordoned_log_dirs = 30;         // 4.3-IV0, KIP-1066
}  // namespace metadata_version_of

}  // namespace broker::metadata
