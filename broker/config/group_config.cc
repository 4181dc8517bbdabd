#include "broker/config/group_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace broker::config {

namespace {

struct Limit {
    std::string_view key;
    std::string_view min_key;  // empty: there is no such limit
    std::string_view max_key;
};

constexpr std::array limits{
    Limit{"consumer.heartbeat.interval.ms", "group.consumer.min.heartbeat.interval.ms",
          "group.consumer.max.heartbeat.interval.ms"},
    Limit{"consumer.session.timeout.ms", "group.consumer.min.session.timeout.ms",
          "group.consumer.max.session.timeout.ms"},
    Limit{"consumer.assignment.interval.ms", "group.consumer.min.assignment.interval.ms",
          "group.consumer.max.assignment.interval.ms"},
    Limit{"share.heartbeat.interval.ms", "group.share.min.heartbeat.interval.ms",
          "group.share.max.heartbeat.interval.ms"},
    Limit{"share.session.timeout.ms", "group.share.min.session.timeout.ms",
          "group.share.max.session.timeout.ms"},
    Limit{"share.record.lock.duration.ms", "group.share.min.record.lock.duration.ms",
          "group.share.max.record.lock.duration.ms"},
    Limit{"share.delivery.count.limit", "group.share.min.delivery.count.limit",
          "group.share.max.delivery.count.limit"},
    Limit{"share.partition.max.record.locks", "group.share.min.partition.max.record.locks",
          "group.share.max.partition.max.record.locks"},
    Limit{"share.assignment.interval.ms", "group.share.min.assignment.interval.ms",
          "group.share.max.assignment.interval.ms"},
    Limit{"streams.heartbeat.interval.ms", "group.streams.min.heartbeat.interval.ms",
          "group.streams.max.heartbeat.interval.ms"},
    Limit{"streams.session.timeout.ms", "group.streams.min.session.timeout.ms",
          "group.streams.max.session.timeout.ms"},
    Limit{"streams.num.standby.replicas", "", "group.streams.max.standby.replicas"},
    Limit{"streams.assignment.interval.ms", "group.streams.min.assignment.interval.ms",
          "group.streams.max.assignment.interval.ms"},
    Limit{"streams.task.offset.interval.ms", "group.streams.min.task.offset.interval.ms", ""},
    Limit{"streams.num.warmup.replicas", "", "group.streams.max.warmup.replicas"},
};

std::unexpected<ConfigError> refuse(std::string message) {
    return std::unexpected(ConfigError{ErrorCode::invalid_config, std::move(message)});
}

// A group's values: its own, else the broker's.
struct GroupValues {
    const Values& overrides;
    const BrokerValues& broker;

    const std::string* own(std::string_view key) const {
        const auto found = overrides.find(key);
        return found == overrides.end() ? nullptr : &found->second;
    }
    std::optional<int64_t> limit(std::string_view broker_key) const {
        return parse_integer(effective_value(broker_key, broker).value_or(""));
    }
    int64_t number(std::string_view key) const {
        if (const auto* value = own(key)) return parse_integer(*value).value_or(0);
        return limit(find_group_key(key)->broker_key).value_or(0);
    }
};

std::expected<void, ConfigError> check_limit(const GroupValues& group, const Limit& limit) {
    if (!group.own(limit.key)) return {};
    const auto number = group.number(limit.key);
    const auto min = group.limit(limit.min_key);
    const auto max = group.limit(limit.max_key);
    if ((!min || number >= *min) && (!max || number <= *max)) return {};
    if (min && max)
        return refuse(
            fmt::format("{} must be in the range {} to {} inclusive.", limit.key, *min, *max));
    if (max) return refuse(fmt::format("{} must be less than or equal to {}", limit.key, *max));
    return refuse(fmt::format("{} must be greater than or equal to {}", limit.key, *min));
}

std::expected<void, ConfigError> check_heartbeat(const GroupValues& group, std::string_view kind) {
    const auto session = fmt::format("{}.session.timeout.ms", kind);
    const auto heartbeat = fmt::format("{}.heartbeat.interval.ms", kind);
    if (!group.own(session) && !group.own(heartbeat)) return {};
    if (group.number(session) > group.number(heartbeat)) return {};
    return refuse(fmt::format("{} must be greater than {}", session, heartbeat));
}

std::expected<void, ConfigError> check_names(const GroupValues& group) {
    if (const auto* assignor = group.own("streams.assignor.name")) {
        const auto known =
            parse_list(effective_value("group.streams.assignors", group.broker).value_or(""));
        if (std::ranges::find(known, *assignor) == known.end())
            return refuse(fmt::format("{} '{}' is not a registered task assignor. {}: [{}].",
                                      "streams.assignor.name", *assignor,
                                      "Registered assignors are", fmt::join(known, ", ")));
    }
    const auto* dead_letters = group.own("errors.deadletterqueue.topic.name");
    if (dead_letters && dead_letters->starts_with("__"))
        return refuse("errors.deadletterqueue.topic.name: DLQ topic name must not start with '__'");
    return {};
}

}  // namespace

std::expected<void, ConfigError> validate_group_config(const Values& overrides,
                                                       const BrokerValues& broker) {
    for (const auto& [name, value] : overrides) {
        const auto* key = find_group_key(name);
        if (!key) return refuse(fmt::format("Unknown group config name: {}", name));
        if (auto valid = validate(*key, value); !valid) return valid;
    }
    const GroupValues group{overrides, broker};
    for (const auto& limit : limits)
        if (auto sound = check_limit(group, limit); !sound) return sound;
    for (const std::string_view kind : {"consumer", "share", "streams"})
        if (auto sound = check_heartbeat(group, kind); !sound) return sound;
    return check_names(group);
}

std::optional<int32_t> own_group_value(const Values& overrides, std::string_view key,
                                       const BrokerValues& broker) {
    const GroupValues group{overrides, broker};
    if (!group.own(key)) return std::nullopt;
    int64_t number = group.number(key);
    const auto limit = std::ranges::find(limits, key, &Limit::key);
    if (limit != limits.end()) {
        if (const auto max = group.limit(limit->max_key)) number = std::min(number, *max);
        if (const auto min = group.limit(limit->min_key)) number = std::max(number, *min);
    }
    return static_cast<int32_t>(number);
}

}  // namespace broker::config
