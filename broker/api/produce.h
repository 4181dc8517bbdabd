// Produce where nothing has to be waited for: nearly always, on one shard.
#pragma once

#include <optional>

#include "broker/request_context.h"
#include "protocol/messages/produce.h"

namespace broker::api {

// The answer of produce(). Nullopt: another shard or a coordinator has to be asked, or a quota is
// to be counted, and nothing has been done yet.
std::optional<protocol::ProduceResponse> produce_at_once(RequestContext& context,
                                                         const protocol::ProduceRequest& request);

}  // namespace broker::api
