// Every config key that Kafka 4.4 knows, and einmal's own: name, type, default, rule, and whether
// it is acted on. The tables are data; nothing else in the project lists config keys.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace broker::config {

// The numbers are DescribeConfigs' ConfigType.
enum class ConfigType : int8_t {
    unknown_type = 0,  // of a key that is none of Kafka's
    boolean_type = 1,
    string_type = 2,
    int_type = 3,
    short_type = 4,
    long_type = 5,
    double_type = 6,
    list_type = 7,
    class_type = 8,
    password_type = 9,
};

// What a value must satisfy beyond its type.
struct Rule {
    enum class Kind : uint8_t {
        none,
        range,             // min <= value <= max
        gzip_level,        // -1, or 1 to 9
        one_of,            // `choices`, comma-separated
        one_of_any_case,   // the same, whatever the case
        each_of,           // a list, each element one of `choices`
        distinct,          // a list without repetitions
        non_empty,         // a string or list with something in it
        replicas,          // "*", or a list of partition:broker
        auto_offset_reset  // earliest, latest, by_duration:<ISO 8601 duration>
    };
    Kind kind = Kind::none;
    double min = 0;
    double max = 0;
    std::string_view choices;
};

// Whether a change is possible while the broker runs, and for which resource (KIP-226).
enum class Update : uint8_t { read_only, per_broker, cluster_wide };

struct ConfigKey {
    std::string_view name;
    ConfigType type = ConfigType::string_type;
    std::optional<std::string_view> value;  // Kafka's default; nullopt: null
    Rule rule;
    std::optional<std::string_view> development;  // our default, where it differs from Kafka's
    Update update = Update::read_only;
    bool acted_on = false;           // else accepted, reported back, and without effect
    bool internal = false;           // may be set, and is listed only then
    std::string_view broker_key;     // topic and group keys: where the default comes from
    std::string_view documentation;  // one sentence, for keys that are acted on

    std::optional<std::string_view> default_value() const {
        return development ? development : value;
    }
    bool sensitive() const { return type == ConfigType::password_type; }
};

// Sorted by name. Broker keys include einmal's own, which begin with "einmal.".
std::span<const ConfigKey> broker_keys();
std::span<const ConfigKey> topic_keys();
std::span<const ConfigKey> group_keys();
std::span<const ConfigKey> client_metrics_keys();

// nullptr: there is no such key. A broker key may carry a listener's prefix, as in
// "listener.name.external.ssl.keystore.type".
const ConfigKey* find_broker_key(std::string_view name);
const ConfigKey* find_topic_key(std::string_view name);
const ConfigKey* find_group_key(std::string_view name);
const ConfigKey* find_client_metrics_key(std::string_view name);

}  // namespace broker::config
