// The configs of a subscription to clients' metrics (KIP-714).
#pragma once

#include <expected>
#include <functional>

#include "broker/config/config_values.h"

namespace broker::config {

// Checks all configs of a subscription together; `is_pattern` tells regular expressions. Errors:
// invalid_request for an unknown key or an interval that is out of bounds, invalid_config for a
// value of another type or a match that no client can have.
std::expected<void, ConfigError> validate_client_metrics_config(
    const Values& configs, const std::function<bool(std::string_view)>& is_pattern);

}  // namespace broker::config
