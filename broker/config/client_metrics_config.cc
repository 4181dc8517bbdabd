#include "broker/config/client_metrics_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace broker::config {

namespace {

constexpr int64_t interval_min_ms = 100;
constexpr int64_t interval_max_ms = 3'600'000;

// What a subscription may tell clients by.
constexpr std::array<std::string_view, 6> selectors{"client_id",
                                                    "client_instance_id",
                                                    "client_software_name",
                                                    "client_software_version",
                                                    "client_source_address",
                                                    "client_source_port"};

std::unexpected<ConfigError> refuse(ErrorCode code, std::string message) {
    return std::unexpected(ConfigError{code, std::move(message)});
}

// One of `match`: selector=pattern.
bool is_match(std::string_view text, const std::function<bool(std::string_view)>& is_pattern) {
    const auto equals = text.find('=');
    if (equals == text.npos) return false;
    const auto selector = text.substr(0, equals);
    const auto pattern = text.substr(equals + 1);
    return std::ranges::find(selectors, selector) != selectors.end() && !pattern.empty() &&
           pattern.find('=') == pattern.npos && is_pattern(pattern);
}

}  // namespace

std::expected<void, ConfigError> validate_client_metrics_config(
    const Values& configs, const std::function<bool(std::string_view)>& is_pattern) {
    for (const auto& [name, value] : configs) {
        const auto* key = find_client_metrics_key(name);
        if (!key)
            return refuse(ErrorCode::invalid_request,
                          fmt::format("Unknown client metrics configuration: {}", name));
        if (auto valid = validate(*key, value); !valid) return valid;
    }
    if (const auto interval = configs.find("interval.ms"); interval != configs.end()) {
        const auto number = parse_integer(interval->second).value_or(0);
        constexpr auto wording =
            "Invalid value {} for interval.ms, interval must be between {} and {} (1 hour)";
        if (number < interval_min_ms || number > interval_max_ms)
            return refuse(ErrorCode::invalid_request,
                          fmt::format(wording, number, interval_min_ms, interval_max_ms));
    }
    if (const auto match = configs.find("match"); match != configs.end()) {
        for (const std::string& one : parse_list(match->second))
            if (!is_match(one, is_pattern))
                return refuse(ErrorCode::invalid_config,
                              fmt::format("Illegal client matching pattern: {}", one));
    }
    return {};
}

}  // namespace broker::config
