// Whether streams groups (KIP-1071) are served: the cluster is finalized at a level of
// streams.version that has them, and the broker is configured to coordinate them.
#pragma once

#include "broker/broker.h"
#include "broker/request_context.h"
#include "broker/shard.h"

namespace broker::api {

inline bool has_streams_groups(const RequestContext& context) {
    const auto& features = context.home.image.features();
    const auto version = features.find("streams.version");
    return version != features.end() && version->second >= 1 &&
           context.broker.config().streams.are_served;
}

}  // namespace broker::api
