// A sentence about each key that nothing acts on. Those that are acted on have theirs in their row.
#pragma once

#include <string_view>

#include "broker/config/config_key.h"

namespace broker::config {

// What the key is for, from its row or from the list.
std::string_view documentation_of(const ConfigKey& key);

}  // namespace broker::config
