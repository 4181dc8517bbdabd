// A group's own configs (KIP-848, KIP-932, KIP-1071).
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>

#include "broker/config/config_values.h"

namespace broker::config {

// Checks all overrides of a group together. Errors: invalid_config for an unknown key, a bad value,
// or one outside of the limits that the broker sets.
std::expected<void, ConfigError> validate_group_config(const Values& overrides,
                                                       const BrokerValues& broker);

// What a group itself has for an int, within the limits of this broker: those of the one that took
// it may have been wider. Nullopt: it has nothing of its own.
std::optional<int32_t> own_group_value(const Values& overrides, std::string_view key,
                                       const BrokerValues& broker);

}  // namespace broker::config
