#include "broker/config/config_values.h"

#include <algorithm>
#include <array>

namespace broker::config {

namespace {

// A key that gives another one its value, and what to multiply with.
struct Synonym {
    std::string_view key;
    std::string_view stands_for;
    int64_t factor = 1;
};

constexpr int64_t minute_ms = 60'000;
constexpr int64_t hour_ms = 60 * minute_ms;

// Stronger ones first.
constexpr std::array synonyms{
    Synonym{"log.retention.minutes", "log.retention.ms", minute_ms},
    Synonym{"log.retention.hours", "log.retention.ms", hour_ms},
    Synonym{"log.roll.hours", "log.roll.ms", hour_ms},
    Synonym{"log.roll.jitter.hours", "log.roll.jitter.ms", hour_ms},
    Synonym{"log.flush.scheduler.interval.ms", "log.flush.interval.ms"},
    Synonym{"log.dir", "log.dirs"},
};

std::string convert(std::string_view broker_key, const SourcedValue& found) {
    if (found.name == broker_key) return found.value;
    const auto synonym = std::ranges::find(synonyms, found.name, &Synonym::key);
    if (synonym == synonyms.end() || synonym->factor == 1) return found.value;
    const auto number = parse_integer(found.value).value_or(-1);
    return std::to_string(number < 0 ? -1 : number * synonym->factor);
}

}  // namespace

std::vector<SourcedValue> find_all(std::string_view broker_key, const BrokerValues& values) {
    std::vector<std::string_view> names{broker_key};
    for (const auto& synonym : synonyms) {
        if (synonym.stands_for == broker_key) names.push_back(synonym.key);
    }
    const auto* own = find_broker_key(broker_key);
    const bool has_prefix = own && own->name != broker_key;
    if (has_prefix) names.push_back(own->name);
    const std::array<std::pair<const Values*, Source>, 3> layers{{
        {&values.dynamic_broker, Source::dynamic_broker},
        {&values.dynamic_default, Source::dynamic_default_broker},
        {&values.fixed, Source::static_broker},
    }};
    std::vector<SourcedValue> found;
    for (const auto& [layer, source] : layers) {
        for (const auto name : names) {
            if (const auto at = layer->find(name); at != layer->end()) {
                found.push_back({name, at->second, source});
            }
        }
    }
    for (const auto name : names) {
        if (has_prefix && name == broker_key) continue;
        const auto* key = find_broker_key(name);
        if (!key || !key->default_value()) continue;
        found.push_back({name, std::string(*key->default_value()), Source::default_value});
    }
    return found;
}

std::optional<std::string> effective_value(std::string_view broker_key,
                                           const BrokerValues& values) {
    const auto found = find_all(broker_key, values);
    if (found.empty()) return std::nullopt;
    return convert(broker_key, found.front());
}

}  // namespace broker::config
