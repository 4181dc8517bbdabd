#include "broker/config/group_config.h"

#include <fmt/format.h>

#include <array>

namespace broker::config {

namespace {

struct Limit {
    std::string_view key;
    std::string_view min_key;
    std::string_view max_key;
};

constexpr std::array limits{
    Limit{"consumer.session.timeout.ms", "group.consumer.min.session.timeout.ms",
          "group.consumer.max.session.timeout.ms"},
    Limit{"consumer.heartbeat.interval.ms", "group.consumer.min.heartbeat.interval.ms",
          "group.consumer.max.heartbeat.interval.ms"},
    Limit{"consumer.assignment.interval.ms", "group.consumer.min.assignment.interval.ms",
          "group.consumer.max.assignment.interval.ms"},
    Limit{"share.session.timeout.ms", "group.share.min.session.timeout.ms",
          "group.share.max.session.timeout.ms"},
    Limit{"share.heartbeat.interval.ms", "group.share.min.heartbeat.interval.ms",
          "group.share.max.heartbeat.interval.ms"},
    Limit{"share.assignment.interval.ms", "group.share.min.assignment.interval.ms",
          "group.share.max.assignment.interval.ms"},
    Limit{"share.record.lock.duration.ms", "group.share.min.record.lock.duration.ms",
          "group.share.max.record.lock.duration.ms"},
    Limit{"share.delivery.count.limit", "group.share.min.delivery.count.limit",
          "group.share.max.delivery.count.limit"},
    Limit{"share.partition.max.record.locks", "group.share.min.partition.max.record.locks",
          "group.share.max.partition.max.record.locks"},
    Limit{"streams.session.timeout.ms", "group.streams.min.session.timeout.ms",
          "group.streams.max.session.timeout.ms"},
    Limit{"streams.heartbeat.interval.ms", "group.streams.min.heartbeat.interval.ms",
          "group.streams.max.heartbeat.interval.ms"},
    Limit{"streams.assignment.interval.ms", "group.streams.min.assignment.interval.ms",
          "group.streams.max.assignment.interval.ms"},
    Limit{"streams.num.standby.replicas", "", "group.streams.max.standby.replicas"},
};

std::unexpected<ConfigError> refuse(std::string message) {
    return std::unexpected(ConfigError{ErrorCode::invalid_config, std::move(message)});
}

std::optional<int64_t> limit_value(std::string_view key, const BrokerValues& broker) {
    const auto text = effective_value(key, broker);
    return text ? parse_integer(*text) : std::nullopt;
}

}  // namespace

std::expected<void, ConfigError> validate_group_config(const Values& overrides,
                                                       const BrokerValues& broker) {
    for (const auto& [name, value] : overrides) {
        const auto* key = find_group_key(name);
        if (!key) return refuse(fmt::format("{}: there is no such group config", name));
        if (auto valid = validate(*key, value); !valid) return valid;
    }
    for (const auto& limit : limits) {
        const auto own = overrides.find(limit.key);
        if (own == overrides.end()) continue;
        const auto number = parse_integer(own->second).value_or(0);
        if (const auto min = limit_value(limit.min_key, broker); min && number < *min) {
            return refuse(
                fmt::format("{}={}: is below {}={}", limit.key, number, limit.min_key, *min));
        }
        if (const auto max = limit_value(limit.max_key, broker); max && number > *max) {
            return refuse(
                fmt::format("{}={}: is above {}={}", limit.key, number, limit.max_key, *max));
        }
    }
    return {};
}

}  // namespace broker::config
