// Whether consumer groups (KIP-848) are served: the cluster is finalized at a level of
// group.version that has them, and the broker is configured to coordinate them.
#pragma once

#include "broker/broker.h"
#include "broker/request_context.h"
#include "broker/shard.h"

namespace broker::api {

inline bool has_consumer_group_protocol(const RequestContext& context) {
    const auto& features = context.home.image.features();
    const auto version = features.find("group.version");
    return version != features.end() && version->second >= 1 &&
           context.broker.config().group.serves_consumer_protocol;
}

}  // namespace broker::api
