// Whether share groups (KIP-932) are served: the cluster is finalized at a level of share.version
// that has them.
#pragma once

#include "broker/request_context.h"
#include "broker/shard.h"

namespace broker::api {

inline bool has_share_groups(const RequestContext& context) {
    const auto& features = context.home.image.features();
    const auto version = features.find("share.version");
    return version != features.end() && version->second >= 1;
}

}  // namespace broker::api
