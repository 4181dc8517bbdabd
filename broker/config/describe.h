// What DescribeConfigs and CreateTopics tell about the configs of a resource: value, where it comes
// from, and what it would be otherwise (KIP-226, KIP-524, KIP-569).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/config/config_values.h"

namespace broker::config {

struct Synonym {
    std::string name;
    std::optional<std::string> value;  // nullopt: sensitive
    Source source = Source::default_value;
    bool operator==(const Synonym&) const = default;
};

struct Description {
    std::string name;
    std::optional<std::string> value;  // nullopt: null, or sensitive
    Source source = Source::default_value;
    bool read_only = false;
    bool sensitive = false;
    std::vector<Synonym> synonyms;  // strongest first; the first one holds
    ConfigType type = ConfigType::string_type;
    std::optional<std::string> documentation;  // nullopt: there is none
};

// The keys asked for: nullopt stands for all, as does none. Names that are no key are left out, as
// are internal keys that were not set.
using Names = std::optional<std::vector<std::string_view>>;
bool is_asked(const Names& names, std::string_view name);

std::vector<Description> describe_topic(const Names& names, const Values& overrides,
                                        const BrokerValues& broker);
std::vector<Description> describe_broker(const Names& names, const BrokerValues& broker);
// The broker named "": only what was set for all brokers.
std::vector<Description> describe_broker_defaults(const Names& names, const BrokerValues& broker);
std::vector<Description> describe_client_metrics(const Names& names, const Values& overrides);
std::vector<Description> describe_group(const Names& names, const Values& overrides,
                                        const BrokerValues& broker);

}  // namespace broker::config
