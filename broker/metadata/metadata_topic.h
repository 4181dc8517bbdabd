// The topic of the metadata log (KIP-595), which is none of the cluster's.
#pragma once

#include <string_view>

#include "protocol/types.h"

namespace broker::metadata {

inline constexpr std::string_view metadata_topic = "__cluster_metadata";

// The same in every cluster.
inline constexpr protocol::Uuid metadata_topic_id = [] {
    protocol::Uuid id;
    id.bytes.back() = std::byte{1};
    return id;
}();

}  // namespace broker::metadata
