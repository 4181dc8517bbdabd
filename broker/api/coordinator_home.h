// Which partition of an internal topic coordinates a group or a transactional id, and on which
// shard it lives.
#pragma once

#include <expected>
#include <string_view>

#include "broker/request_context.h"
#include "protocol/error.h"

namespace broker::api {

struct CoordinatorHome {
    Shard* owner = nullptr;
    int32_t partition = -1;
};

// Errors: not_coordinator (the internal topic is not there yet: FindCoordinator makes it).
std::expected<CoordinatorHome, protocol::ErrorCode> group_home(Shard& here,
                                                               std::string_view group_id);
std::expected<CoordinatorHome, protocol::ErrorCode> group_home(RequestContext& context,
                                                               std::string_view group_id);
std::expected<CoordinatorHome, protocol::ErrorCode> transaction_home(
    RequestContext& context, std::string_view transactional_id);

// The group's partition of __consumer_offsets, whether or not the topic is there yet.
int32_t group_partition(const RequestContext& context, std::string_view group_id);

}  // namespace broker::api
