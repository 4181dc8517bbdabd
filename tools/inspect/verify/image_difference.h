// Whether two images of the cluster are the same, whatever the order in which they were told.
#pragma once

#include <optional>
#include <string>

#include "broker/metadata/cluster_image.h"
#include "broker/metadata/kraft_batches.h"

namespace inspect {

// What a snapshot lacks of what the log says, and what it has besides, in words; nullopt: they are
// the same.
std::optional<std::string> difference(const broker::metadata::ClusterImage& snapshot,
                                      const broker::metadata::ClusterImage& log);
std::optional<std::string> difference(const broker::metadata::VoterSet& snapshot,
                                      const broker::metadata::VoterSet& log);

}  // namespace inspect
