// Changing a broker's configs while it runs (KIP-226): what may change, and to what.
#pragma once

#include <expected>
#include <functional>
#include <string_view>

#include "broker/config/broker_config.h"

namespace broker::config {

// Whom a change is for: one broker, or all of them.
enum class BrokerScope : uint8_t { one, all };

// The config of the broker that has `current` once `changed` are all dynamic configs of that
// scope. Errors: invalid_request, as Kafka answers for brokers, when a key cannot change while the
// broker runs, is not for that scope, or its value is bad, alone or together with others.
std::expected<BrokerConfig, ConfigError> change_broker_config(const BrokerConfig& current,
                                                              BrokerScope scope, Values changed);

// The same for configs that were decided upon long ago, perhaps by another broker: values that
// cannot be are left out, and told to `left_out` by their keys.
BrokerConfig take_over_dynamic_configs(const BrokerConfig& current, Values of_all, Values of_this,
                                       const std::function<void(std::string_view key)>& left_out);

}  // namespace broker::config
