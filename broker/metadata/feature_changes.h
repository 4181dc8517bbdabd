// UpdateFeatures (KIP-584, KIP-778, KIP-1022): which level the cluster's features may be finalized
// at, as a pure function of the image.
#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string_view>
#include <vector>

#include "broker/metadata/api_error.h"
#include "broker/metadata/cluster_image.h"

namespace broker::metadata {

enum class UpgradeType : int8_t { upgrade = 1, safe_downgrade = 2, unsafe_downgrade = 3 };

struct FeatureUpdate {
    std::string_view feature;
    int16_t level = 0;  // 0: it is finalized no more
    UpgradeType type = UpgradeType::upgrade;
};

// This node, as the answers name it, and the kraft.version of its metadata log, which stays.
struct FeatureHost {
    int32_t node_id = 1;
    int16_t kraft_version = 0;
};

// The records of all of the updates, or why the first wrong one fails them all.
// Errors: invalid_update_version (a level or a type that is not known, one that goes down without
// being told so, a metadata.version below which what is written could not be read, one that another
// feature depends on).
std::expected<std::vector<MetadataRecord>, ApiError> update_features(
    const ClusterImage& image, std::span<const FeatureUpdate> updates, const FeatureHost& host);

}  // namespace broker::metadata
