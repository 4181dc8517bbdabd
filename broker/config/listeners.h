// listeners, advertised.listeners and listener.security.protocol.map as listeners to open
// (KIP-103).
#pragma once

#include <expected>
#include <vector>

#include "broker/config/broker_config.h"

namespace broker::config {

// Errors: invalid_config for an address that cannot be read, a name without a protocol or given
// twice, a protocol that is not served, an advertised name that is not listened on.
std::expected<std::vector<Listener>, ConfigError> resolve_listeners(const BrokerValues& values);

// "NAME://host:port" with every host replaced by 0.0.0.0: what to listen on where only the
// advertised addresses are known.
std::string listen_everywhere(std::string_view advertised_listeners);

}  // namespace broker::config
