// The layers that a config value can come from, and how a value of a type is read (KIP-226).
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/config/config_key.h"
#include "protocol/error.h"

namespace broker::config {

using protocol::ErrorCode;

// Key to value, as text.
using Values = std::map<std::string, std::string, std::less<>>;

// The numbers are DescribeConfigs' ConfigSource.
enum class Source : int8_t {
    unknown = 0,
    dynamic_topic = 1,
    dynamic_broker = 2,
    dynamic_default_broker = 3,
    static_broker = 4,
    default_value = 5,
    dynamic_broker_logger = 6,
    dynamic_client_metrics = 7,
    dynamic_group = 8,
};

// Why a config was refused. `message` names key and value, as Kafka words it for users.
struct ConfigError {
    ErrorCode code = ErrorCode::invalid_config;
    std::string message;
};

// Everything that a broker value can come from, strongest first.
struct BrokerValues {
    Values dynamic_broker;   // set for this broker's id (AlterConfigs)
    Values dynamic_default;  // set for all brokers (AlterConfigs on broker "")
    Values fixed;            // what file, environment and command line say
};

struct SourcedValue {
    std::string_view name;  // the key it was found under: a synonym has another name
    std::string value;      // as it was set, in the unit of that key
    Source source = Source::default_value;
};

// All values of a broker key and its synonyms, strongest first; defaults come last. A default that
// is null is left out. What a key with a listener's prefix stands for is a synonym of it.
std::vector<SourcedValue> find_all(std::string_view broker_key, const BrokerValues& values);

// The value that holds, converted to the key's own unit: log.retention.ms from
// log.retention.hours. nullopt: null, or no such key.
std::optional<std::string> effective_value(std::string_view broker_key, const BrokerValues& values);

// Checks a value against its key's type and rule, as Kafka does.
std::expected<void, ConfigError> validate(const ConfigKey& key, std::string_view value);

// A valid value as Kafka reports it back: trimmed, lists without blanks and repetitions.
std::string normalise(const ConfigKey& key, std::string_view value);

// A text as a value of the type; nullopt: it is not one.
std::optional<bool> parse_boolean(std::string_view text);
std::optional<int64_t> parse_integer(std::string_view text);
std::optional<double> parse_double(std::string_view text);
// Splits at commas and trims; the empty text is the empty list.
std::vector<std::string> parse_list(std::string_view text);

}  // namespace broker::config
