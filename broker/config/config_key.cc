#include "broker/config/config_key.h"

#include <algorithm>
#include <vector>

#include "broker/config/key_table.h"

namespace broker::config {

namespace {

std::vector<ConfigKey> collect(std::initializer_list<std::span<const key_table::Row>> tables) {
    std::vector<ConfigKey> keys;
    for (const auto table : tables) keys.insert(keys.end(), table.begin(), table.end());
    std::ranges::sort(keys, {}, &ConfigKey::name);
    return keys;
}

const ConfigKey* find(std::span<const ConfigKey> keys, std::string_view name) {
    const auto found = std::ranges::lower_bound(keys, name, {}, &ConfigKey::name);
    return found != keys.end() && found->name == name ? &*found : nullptr;
}

}  // namespace

std::span<const ConfigKey> broker_keys() {
    static const auto keys = collect({network_rows(), log_rows(), coordinator_rows(),
                                      cluster_rows(), security_rows(), own_rows()});
    return keys;
}

std::span<const ConfigKey> topic_keys() {
    static const auto keys = collect({topic_rows()});
    return keys;
}

std::span<const ConfigKey> group_keys() {
    static const auto keys = collect({group_rows()});
    return keys;
}

std::span<const ConfigKey> client_metrics_keys() {
    static const auto keys = collect({client_metrics_rows()});
    return keys;
}

const ConfigKey* find_broker_key(std::string_view name) {
    constexpr std::string_view listener_prefix = "listener.name.";
    if (const auto* key = find(broker_keys(), name); key || !name.starts_with(listener_prefix)) {
        return key;
    }
    // listener.name.{name}.{key}, or listener.name.{name}.{sasl mechanism}.{key}.
    for (int prefixes = 0; prefixes < 2; ++prefixes) {
        const auto from = prefixes == 0 ? listener_prefix.size() : 0;
        const auto dot = name.find('.', from);
        if (dot == name.npos) return nullptr;
        name.remove_prefix(dot + 1);
        if (const auto* key = find(broker_keys(), name)) return key;
    }
    return nullptr;
}

const ConfigKey* find_topic_key(std::string_view name) { return find(topic_keys(), name); }

const ConfigKey* find_group_key(std::string_view name) { return find(group_keys(), name); }

const ConfigKey* find_client_metrics_key(std::string_view name) {
    return find(client_metrics_keys(), name);
}

}  // namespace broker::config
