// A group's own configs (KIP-848, KIP-932, KIP-1071).
#pragma once

#include <expected>

#include "broker/config/config_values.h"

namespace broker::config {

// Checks all overrides of a group together. Errors: invalid_config for an unknown key, a bad value,
// or one outside of the limits that the broker sets.
std::expected<void, ConfigError> validate_group_config(const Values& overrides,
                                                       const BrokerValues& broker);

}  // namespace broker::config
