#include "broker/config/listeners.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

namespace broker::config {

namespace {

struct NamedEndpoint {
    std::string name;
    Endpoint endpoint;
};

template <class T>
using Result = std::expected<T, ConfigError>;

std::unexpected<ConfigError> refuse(std::string message) {
    return std::unexpected(ConfigError{ErrorCode::invalid_config, std::move(message)});
}

std::string upper(std::string text) {
    std::ranges::transform(text, text.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    });
    return text;
}

Result<NamedEndpoint> parse_endpoint(std::string_view key, const std::string& text) {
    const auto refuse_text = [&] {
        return refuse(fmt::format("{}={}: an address is written NAME://host:port", key, text));
    };
    const auto scheme_end = text.find("://");
    const auto colon = text.rfind(':');
    if (scheme_end == text.npos || scheme_end == 0 || colon < scheme_end + 3) return refuse_text();
    auto host = text.substr(scheme_end + 3, colon - scheme_end - 3);
    const auto port = parse_integer(text.substr(colon + 1));
    if (!port || !std::in_range<uint16_t>(*port)) return refuse_text();
    if (host.starts_with('[') && host.ends_with(']')) {
        host = host.substr(1, host.size() - 2);  // IPv6
    } else if (host.find(':') != host.npos) {
        return refuse_text();
    }
    return NamedEndpoint{upper(text.substr(0, scheme_end)),
                         {std::move(host), static_cast<uint16_t>(*port)}};
}

Result<std::vector<NamedEndpoint>> parse_endpoints(std::string_view key,
                                                   const BrokerValues& values) {
    std::vector<NamedEndpoint> endpoints;
    for (const auto& item : parse_list(effective_value(key, values).value_or(""))) {
        auto endpoint = parse_endpoint(key, item);
        if (!endpoint) return std::unexpected(endpoint.error());
        const auto same_name = [&](const NamedEndpoint& one) { return one.name == endpoint->name; };
        if (std::ranges::any_of(endpoints, same_name)) {
            return refuse(fmt::format("{}: {} is there twice", key, endpoint->name));
        }
        endpoints.push_back(*std::move(endpoint));
    }
    return endpoints;
}

std::map<std::string, std::string> protocol_by_listener(const BrokerValues& values) {
    std::map<std::string, std::string> protocols;
    const auto text = effective_value("listener.security.protocol.map", values).value_or("");
    for (const auto& item : parse_list(text)) {
        const auto colon = item.find(':');
        if (colon != item.npos) protocols[upper(item.substr(0, colon))] = item.substr(colon + 1);
    }
    return protocols;
}

std::vector<std::string> controller_names(const BrokerValues& values) {
    auto names = parse_list(effective_value("controller.listener.names", values).value_or(""));
    std::ranges::transform(names, names.begin(), upper);
    return names;
}

Result<void> check_protocol(const std::string& name,
                            const std::map<std::string, std::string>& protocols) {
    const auto protocol = protocols.find(name);
    if (protocol == protocols.end()) {
        return refuse(
            fmt::format("listener.security.protocol.map: no protocol for listener {}", name));
    }
    if (protocol->second == "PLAINTEXT") return {};
    // Serving it unencrypted and unauthenticated would be worse than not starting.
    return refuse(
        fmt::format("listeners: {} asks for {}; only PLAINTEXT is served", name, protocol->second));
}

Result<void> advertise(std::vector<Listener>& listeners,
                       const std::vector<std::string>& controllers, const BrokerValues& values) {
    const auto advertised = parse_endpoints("advertised.listeners", values);
    if (!advertised) return std::unexpected(advertised.error());
    for (const auto& [name, endpoint] : *advertised) {
        if (std::ranges::find(controllers, name) != controllers.end()) continue;
        const auto listener = std::ranges::find(listeners, name, &Listener::name);
        if (listener == listeners.end()) {
            return refuse(
                fmt::format("advertised.listeners: {} is not one of the listeners", name));
        }
        if (endpoint.host == "0.0.0.0" || endpoint.host == "::") {
            return refuse(fmt::format("advertised.listeners: no client can connect to {} of {}",
                                      endpoint.host, name));
        }
        listener->advertised = endpoint;
    }
    return {};
}

}  // namespace

std::expected<std::vector<Listener>, ConfigError> resolve_listeners(const BrokerValues& values) {
    const auto endpoints = parse_endpoints("listeners", values);
    if (!endpoints) return std::unexpected(endpoints.error());
    const auto controllers = controller_names(values);
    const auto protocols = protocol_by_listener(values);
    std::vector<Listener> listeners;
    for (const auto& [name, endpoint] : *endpoints) {
        if (std::ranges::find(controllers, name) != controllers.end()) continue;
        if (auto served = check_protocol(name, protocols); !served) {
            return std::unexpected(served.error());
        }
        listeners.push_back({name, endpoint, std::nullopt});
    }
    if (listeners.empty()) return refuse("listeners: there is none for clients");
    if (auto done = advertise(listeners, controllers, values); !done) {
        return std::unexpected(done.error());
    }
    return listeners;
}

std::string listen_everywhere(std::string_view advertised_listeners) {
    std::vector<std::string> listeners;
    for (auto& item : parse_list(advertised_listeners)) {
        const auto host = item.find("://");
        const auto colon = item.rfind(':');
        if (host != item.npos && colon > host) item.replace(host + 3, colon - host - 3, "0.0.0.0");
        listeners.push_back(std::move(item));
    }
    return fmt::format("{}", fmt::join(listeners, ","));
}

}  // namespace broker::config
