#include "broker/config/load.h"

#include <fmt/format.h>

#include "broker/config/environment.h"
#include "broker/config/listeners.h"
#include "broker/config/nearest_name.h"

namespace broker::config {

namespace {

std::string unknown_key(std::string_view name) {
    std::vector<std::string_view> names;
    for (const auto& key : broker_keys()) {
        if (!key.internal) names.push_back(key.name);
    }
    return fmt::format("unknown config key {}; the nearest is {}", name,
                       nearest_name(name, names).value_or(""));
}

std::expected<void, ConfigError> check_names(const Values& layer) {
    for (const auto& [name, value] : layer) {
        if (find_broker_key(name)) continue;
        return std::unexpected(ConfigError{ErrorCode::invalid_config, unknown_key(name)});
    }
    return {};
}

void overlay(Values& values, const Values& stronger) {
    for (const auto& [name, value] : stronger) values.insert_or_assign(name, value);
}

Values environment_layer(const StaticSources& sources, std::vector<std::string>& warnings) {
    Values layer;
    for (auto& [name, value] : keys_of_environment(sources.environment)) {
        if (find_broker_key(name)) {
            layer.emplace(name, value);
        } else {
            warnings.push_back("environment: " + unknown_key(name));
        }
    }
    // As the container image does: who only says how clients get here listens everywhere.
    const auto advertised = layer.find("advertised.listeners");
    if (advertised != layer.end() && !layer.contains("listeners") &&
        !sources.file.contains("listeners")) {
        layer["listeners"] = listen_everywhere(advertised->second);
    }
    return layer;
}

}  // namespace

std::expected<StaticConfig, ConfigError> load_static_config(const StaticSources& sources) {
    for (const auto* layer : {&sources.file, &sources.command_line}) {
        if (auto known = check_names(*layer); !known) return std::unexpected(known.error());
    }
    StaticConfig config;
    config.values = sources.file;
    overlay(config.values, environment_layer(sources, config.warnings));
    // Addresses of other listeners would be advertised by names that no longer exist.
    if (sources.command_line.contains("listeners")) config.values.erase("advertised.listeners");
    overlay(config.values, sources.command_line);
    for (const auto& [name, value] : config.values) {
        if (!find_broker_key(name)->acted_on) config.without_effect.push_back(name);
    }
    return config;
}

}  // namespace broker::config
