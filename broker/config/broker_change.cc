#include "broker/config/broker_change.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace broker::config {

namespace {

using Names = std::vector<std::string_view>;
using Checked = std::expected<void, ConfigError>;

std::unexpected<ConfigError> refuse(std::string message) {
    return std::unexpected(ConfigError{ErrorCode::invalid_request, std::move(message)});
}

Names names_of(const Values& values, auto is_meant) {
    Names names;
    for (const auto& [name, value] : values)
        if (is_meant(name)) names.push_back(name);
    return names;
}

bool has_listener_prefix(std::string_view name) { return name.starts_with("listener.name."); }

bool is_one_of(std::string_view name, const auto& names) {
    return std::ranges::find(names, name) != names.end();
}

// Kafka opens and closes listeners while it runs; here they stay as they are.
constexpr std::array<std::string_view, 2> listener_keys{"listener.security.protocol.map",
                                                        "listeners"};

bool is_fixed(std::string_view name) {
    const auto* key = find_broker_key(name);
    if (!key || key->name != name) return false;
    return key->update == Update::read_only || is_one_of(name, listener_keys);
}

// A listener's key store is its own.
bool needs_listener_prefix(std::string_view name) {
    constexpr std::array<std::string_view, 10> keys{"ssl.key.password",
                                                    "ssl.keystore.certificate.chain",
                                                    "ssl.keystore.key",
                                                    "ssl.keystore.location",
                                                    "ssl.keystore.password",
                                                    "ssl.keystore.type",
                                                    "ssl.truststore.certificates",
                                                    "ssl.truststore.location",
                                                    "ssl.truststore.password",
                                                    "ssl.truststore.type"};
    return is_one_of(name, keys);
}

bool is_for_one_broker(std::string_view name) {
    constexpr std::array<std::string_view, 3> for_all_listeners{
        "max.connection.creation.rate", "max.connections", "num.network.threads"};
    const auto* key = find_broker_key(name);
    if (has_listener_prefix(name)) return !key || !is_one_of(key->name, for_all_listeners);
    return key && key->update == Update::per_broker;
}

Checked check_names(const Values& changed, BrokerScope scope) {
    const auto refuse_names = [](const std::string& reason, const Names& names) {
        return refuse(fmt::format("{}: [{}]", reason, fmt::join(names, ", ")));
    };
    if (const auto names = names_of(changed, is_fixed); !names.empty())
        return refuse_names("Cannot update these configs dynamically", names);
    if (const auto names = names_of(changed, needs_listener_prefix); !names.empty())
        return refuse_names(
            fmt::format("{} {}", "These security configs can be dynamically updated",
                        "only per-listener using the listener prefix"),
            names);
    if (scope == BrokerScope::one) return {};
    if (const auto names = names_of(changed, is_for_one_broker); !names.empty())
        return refuse_names(
            "Cannot update these configs at default cluster level, broker id must be specified",
            names);
    return {};
}

// There is no class to be loaded here: a default stands for what einmal does instead.
Checked check_classes(const Values& changed) {
    for (const auto& [name, value] : changed) {
        const auto* key = find_broker_key(name);
        const bool names_classes =
            key && (key->type == ConfigType::class_type || key->name == "metric.reporters");
        if (!names_classes) continue;
        for (const std::string& class_name : parse_list(value))
            if (class_name != key->value)
                return refuse(fmt::format(
                    "Invalid value {} for configuration {}: Class {} could not be found.",
                    class_name, key->name, class_name));
    }
    return {};
}

// The values of a key before and after a change.
struct Change {
    const BrokerValues& before;
    const BrokerValues& after;

    static int64_t number(std::string_view key, const BrokerValues& values) {
        return parse_integer(effective_value(key, values).value_or("")).value_or(0);
    }
    int64_t from(std::string_view key) const { return number(key, before); }
    int64_t to(std::string_view key) const { return number(key, after); }
};

// Kafka's pools grow and shrink step by step. The threads are not there, the steps are kept.
Checked check_thread_counts(const Change& change) {
    constexpr std::array<std::string_view, 9> pools{
        "background.threads",
        "num.io.threads",
        "num.network.threads",
        "num.recovery.threads.per.data.dir",
        "num.replica.fetchers",
        "remote.log.manager.copier.thread.pool.size",
        "remote.log.manager.expiration.thread.pool.size",
        "remote.log.manager.follower.thread.pool.size",
        "remote.log.reader.threads"};
    for (const auto pool : pools) {
        const auto before = change.from(pool), after = change.to(pool);
        const auto refuse_count = [&](std::string_view bound) {
            return refuse(fmt::format("{} {}={}, value {} the current value {}",
                                      "Dynamic thread count update validation failed for", pool,
                                      after, bound, before));
        };
        if (after < before / 2) return refuse_count("should be at least half");
        if (after > before * 2) return refuse_count("should not be greater than double");
    }
    constexpr std::string_view cleaners = "log.cleaner.threads";
    const auto before = change.from(cleaners), after = change.to(cleaners);
    if (before == after) return {};
    if (after < 1) return refuse("Log cleaner threads should be at least 1");
    if (after < before / 2)
        return refuse(fmt::format(
            "Log cleaner threads cannot be reduced to less than half the current value {}",
            before));
    if (after > before * 2)
        return refuse(fmt::format(
            "Log cleaner threads cannot be increased to more than double the current value {}",
            before));
    return {};
}

Checked check_limits(const Change& change) {
    for (const std::string_view key : {"max.connections", "max.connection.creation.rate"})
        if (change.to(key) != change.from(key) && change.to(key) < 1)
            return refuse(fmt::format("Invalid {} {}", key, change.to(key)));
    for (const std::string_view kind : {"consumer", "share", "streams"}) {
        const auto key = fmt::format("group.{}.assignment.interval.ms", kind);
        const auto min = fmt::format("group.{}.min.assignment.interval.ms", kind);
        const auto max = fmt::format("group.{}.max.assignment.interval.ms", kind);
        if (change.to(key) == change.from(key)) continue;
        if (change.to(key) > change.to(max))
            return refuse(fmt::format("{} must be less than or equal to {}", key, max));
        if (change.to(key) < change.to(min))
            return refuse(fmt::format("{} must be greater than or equal to {}", key, min));
    }
    return {};
}

Checked check_cordoned_directories(const BrokerConfig& config) {
    const auto cordoned =
        parse_list(effective_value("cordoned.log.dirs", config.values).value_or(""));
    Names missing;
    for (const std::string& one : cordoned)
        if (one != "*" && !is_one_of(one, config.log.directories)) missing.push_back(one);
    if (missing.empty()) return {};
    return refuse(
        fmt::format("{} Missing entries : {}",
                    "All entries in cordoned.log.dirs must be present in log.dirs or log.dir.",
                    fmt::join(missing, ", ")));
}

// What the process was told, or has chosen, when it started.
void keep_what_is_fixed(const BrokerConfig& current, BrokerConfig& changed) {
    changed.listeners = current.listeners;
    changed.log.directories = current.log.directories;
    changed.seed = current.seed;
}

}  // namespace

std::expected<BrokerConfig, ConfigError> change_broker_config(const BrokerConfig& current,
                                                              BrokerScope scope, Values changed) {
    if (auto named = check_names(changed, scope); !named) return std::unexpected(named.error());
    if (auto classes = check_classes(changed); !classes) return std::unexpected(classes.error());
    BrokerValues values = current.values;
    (scope == BrokerScope::one ? values.dynamic_broker : values.dynamic_default) =
        std::move(changed);
    auto config = resolve_broker_config(std::move(values));
    if (!config) return refuse(config.error().message);
    keep_what_is_fixed(current, *config);
    const Change change{current.values, config->values};
    for (const auto check : {check_thread_counts, check_limits})
        if (auto sound = check(change); !sound) return std::unexpected(sound.error());
    if (auto cordoned = check_cordoned_directories(*config); !cordoned)
        return std::unexpected(cordoned.error());
    return config;
}

BrokerConfig take_over_dynamic_configs(const BrokerConfig& current, Values of_all, Values of_this,
                                       const std::function<void(std::string_view key)>& left_out) {
    for (Values* layer : {&of_all, &of_this})
        std::erase_if(*layer, [&](const auto& entry) {
            const auto* key = find_broker_key(entry.first);
            const bool is_bad = key && !validate(*key, entry.second);
            if (is_bad) left_out(entry.first);
            return is_bad;
        });
    if (of_this == current.values.dynamic_broker && of_all == current.values.dynamic_default)
        return current;
    BrokerValues values{
        .dynamic_broker = of_this, .dynamic_default = of_all, .fixed = current.values.fixed};
    auto config = resolve_broker_config(std::move(values));
    if (!config) {
        for (const Values* layer : {&of_all, &of_this})
            for (const auto& [name, value] : *layer) left_out(name);
        return current;
    }
    keep_what_is_fixed(current, *config);
    return *std::move(config);
}

}  // namespace broker::config
