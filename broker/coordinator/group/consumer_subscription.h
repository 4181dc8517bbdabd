// The topics in what a classic consumer puts into JoinGroup (ConsumerProtocolSubscription.json).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "protocol/types.h"

namespace broker::coordinator::group {

// Nullopt: the bytes are no subscription.
std::optional<std::vector<std::string>> subscribed_topics_of(protocol::Bytes metadata);

}  // namespace broker::coordinator::group
