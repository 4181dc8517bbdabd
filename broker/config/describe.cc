#include "broker/config/describe.h"

#include <algorithm>
#include <set>
#include <span>
#include <utility>

#include "broker/config/documentation.h"

namespace broker::config {

bool is_asked(const Names& names, std::string_view name) {
    return !names || names->empty() || std::ranges::find(*names, name) != names->end();
}

namespace {

Description describe_key(const ConfigKey& key) {
    std::string documentation(documentation_of(key));
    if (!key.acted_on) documentation += " Accepted without effect.";
    return {.name = std::string(key.name),
            .sensitive = key.sensitive(),
            .type = key.type,
            .documentation = std::move(documentation)};
}

void add_synonym(Description& description, std::string_view name, const std::string& value,
                 Source source) {
    const auto shown = description.sensitive ? std::nullopt : std::optional(value);
    description.synonyms.push_back({std::string(name), shown, source});
}

// The strongest synonym says where the value comes from.
void set_value(Description& description, const ConfigKey& key,
               const std::optional<std::string>& value) {
    if (!description.synonyms.empty()) description.source = description.synonyms.front().source;
    if (value && !description.sensitive) description.value = normalise(key, *value);
}

// A topic's or group's own value, else the broker's under the name it has there.
Description describe_override(const ConfigKey& key, const Values& overrides, Source own_source,
                              const BrokerValues& broker) {
    auto description = describe_key(key);
    std::optional<std::string> value;
    if (const auto own = overrides.find(key.name); own != overrides.end()) {
        value = own->second;
        add_synonym(description, key.name, normalise(key, *value), own_source);
    }
    if (!key.broker_key.empty()) {
        // Kafka drops the synonyms in front of the key's own name, so that segment.ms taken from
        // log.roll.hours looks like a default in DescribeConfigs, though not in CreateTopics. Here
        // both name the source.
        for (const auto& found : find_all(key.broker_key, broker)) {
            add_synonym(description, found.name, found.value, found.source);
        }
        if (!value) value = effective_value(key.broker_key, broker);
    } else if (!value && key.default_value()) {
        value = std::string(*key.default_value());
    }
    set_value(description, key, value);
    return description;
}

std::vector<Description> describe_overrides(std::span<const ConfigKey> keys, const Names& names,
                                            const Values& overrides, Source own_source,
                                            const BrokerValues& broker) {
    std::vector<Description> descriptions;
    for (const auto& key : keys) {
        if (!is_asked(names, key.name) || (key.internal && !overrides.contains(key.name))) continue;
        descriptions.push_back(describe_override(key, overrides, own_source, broker));
    }
    return descriptions;
}

// A key that is none of Kafka's may hold anything, a password too.
constexpr ConfigKey custom_key{.type = ConfigType::unknown_type};

// `name` is the key's, perhaps with a listener's prefix, or any text.
Description describe_named(std::string_view name, const ConfigKey* key) {
    const bool is_kafkas = key && key->name == name;
    auto description = describe_key(key ? *key : custom_key);
    description.name = name;
    description.read_only = !is_kafkas || key->update == Update::read_only;
    description.sensitive = description.sensitive || !key;
    if (!is_kafkas) description.documentation.reset();
    return description;
}

Description describe_broker_key(std::string_view name, const BrokerValues& broker) {
    const auto* key = find_broker_key(name);
    auto description = describe_named(name, key);
    const auto synonyms = find_all(name, broker);
    // A key without a value of its own is null, whatever the keys that stand in for it say.
    const auto own = std::ranges::find(synonyms, name, &SourcedValue::name);
    for (auto found = own; found != synonyms.end(); ++found)
        add_synonym(description, found->name, found->value, found->source);
    set_value(description, key ? *key : custom_key,
              own == synonyms.end() ? std::nullopt : std::optional(own->value));
    return description;
}

bool is_set(std::string_view name, const BrokerValues& broker) {
    return broker.dynamic_broker.contains(name) || broker.dynamic_default.contains(name) ||
           broker.fixed.contains(name);
}

}  // namespace

std::vector<Description> describe_topic(const Names& names, const Values& overrides,
                                        const BrokerValues& broker) {
    return describe_overrides(topic_keys(), names, overrides, Source::dynamic_topic, broker);
}

std::vector<Description> describe_group(const Names& names, const Values& overrides,
                                        const BrokerValues& broker) {
    auto descriptions =
        describe_overrides(group_keys(), names, overrides, Source::dynamic_group, broker);
    for (auto& description : descriptions) {
        // A key that no broker key stands behind still names its default.
        const auto* key = find_group_key(description.name);
        if (key->broker_key.empty())
            add_synonym(description, key->name, std::string(*key->default_value()),
                        Source::default_value);
    }
    return descriptions;
}

std::vector<Description> describe_client_metrics(const Names& names, const Values& overrides) {
    return describe_overrides(client_metrics_keys(), names, overrides,
                              Source::dynamic_client_metrics, {});
}

std::vector<Description> describe_broker(const Names& names, const BrokerValues& broker) {
    std::vector<Description> descriptions;
    for (const auto& key : broker_keys()) {
        if (!is_asked(names, key.name) || (key.internal && !is_set(key.name, broker))) continue;
        descriptions.push_back(describe_broker_key(key.name, broker));
    }
    // Keys with a listener's prefix, and those that are none of Kafka's, exist as far as they were
    // set.
    std::set<std::string_view> others;
    for (const auto* layer : {&broker.dynamic_broker, &broker.dynamic_default, &broker.fixed}) {
        for (const auto& [name, value] : *layer) {
            const auto* key = find_broker_key(name);
            if ((!key || key->name != name) && is_asked(names, name)) others.insert(name);
        }
    }
    for (const auto name : others) descriptions.push_back(describe_broker_key(name, broker));
    return descriptions;
}

std::vector<Description> describe_broker_defaults(const Names& names, const BrokerValues& broker) {
    std::vector<Description> descriptions;
    for (const auto& [name, value] : broker.dynamic_default) {
        if (!is_asked(names, name)) continue;
        auto description = describe_named(name, find_broker_key(name));
        add_synonym(description, name, value, Source::dynamic_default_broker);
        description.source = Source::dynamic_default_broker;
        // As it was set, where a broker tells what it has made of it.
        if (!description.sensitive) description.value = value;
        descriptions.push_back(std::move(description));
    }
    return descriptions;
}

}  // namespace broker::config
