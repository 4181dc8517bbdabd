#include "broker/metadata/config_changes.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <set>
#include <utility>

#include "broker/config/broker_change.h"
#include "broker/config/client_metrics_config.h"
#include "broker/config/group_config.h"
#include "broker/coordinator/regular_expression.h"
#include "broker/metadata/topic_changes.h"

namespace broker::metadata {

namespace {

using config::Values;
using Checked = std::expected<void, ApiError>;

// As Kafka's internal.metadata.max.batch.size.in.bytes: what its brokers read at once.
constexpr size_t change_bytes_max = 8 << 20;
constexpr std::string_view min_insync_replicas = "min.insync.replicas";
constexpr std::string_view elr_feature = "eligible.leader.replicas.version";

Checked from_config(std::expected<void, config::ConfigError> result) {
    if (result) return {};
    return refuse(result.error().code, std::move(result.error().message));
}

Checked check_topic(const ClusterImage& image, const std::string& name) {
    if (name.empty())
        return refuse(ErrorCode::invalid_request, "Default topic resources are not allowed.");
    if (auto valid = validate_topic_name(name); !valid) return valid;
    if (image.find(std::string_view(name))) return {};
    return refuse(ErrorCode::unknown_topic_or_partition,
                  fmt::format("The topic '{}' does not exist.", name));
}

Checked check_resource(const ClusterImage& image, const ConfigChange& change, int32_t node_id) {
    switch (change.resource) {
        case ConfigResource::topic: return check_topic(image, change.name);
        case ConfigResource::broker:
            return change.name.empty() ? Checked{} : validate_node_id(change.name, node_id);
        case ConfigResource::client_metrics:
            if (!change.name.empty()) return {};
            return refuse(ErrorCode::invalid_request, "Subscription name can't be empty");
        case ConfigResource::group:
            if (!change.name.empty()) return {};
            return refuse(ErrorCode::invalid_request, "Default group resources are not allowed.");
        default:
            return refuse(
                ErrorCode::invalid_request,
                fmt::format("Unknown resource type {}", static_cast<int>(change.resource)));
    }
}

// The list that a key holds by default. Errors: invalid_config when it holds none.
std::expected<std::string, ApiError> list_default(const ConfigChange& change,
                                                  const ConfigChange::Entry& entry) {
    const bool appends = entry.operation == ConfigOperation::append;
    const config::ConfigKey* key = nullptr;
    if (change.resource == ConfigResource::topic) key = config::find_topic_key(entry.key);
    if (change.resource == ConfigResource::group) key = config::find_group_key(entry.key);
    if (change.resource == ConfigResource::broker) key = config::find_broker_key(entry.key);
    const bool is_known = key && key->name == entry.key;
    if (is_known && key->type == config::ConfigType::list_type)
        return std::string(key->default_value().value_or(""));
    if (change.resource != ConfigResource::broker)
        return refuse(ErrorCode::invalid_config,
                      fmt::format("Can't {} to key {} because its type is not LIST.",
                                  appends ? "APPEND" : "SUBTRACT", entry.key));
    if (!is_known)
        return refuse(ErrorCode::invalid_config, fmt::format("Unknown config name: {}", entry.key));
    return refuse(ErrorCode::invalid_config,
                  fmt::format("Config value {} is not allowed for config key: {}",
                              appends ? "append" : "subtract", entry.key));
}

// As the items after an append or a subtraction, joined by commas.
std::string changed_list(std::string_view before, const ConfigChange::Entry& entry) {
    auto items = config::parse_list(before);
    auto named = config::parse_list(*entry.value);
    // The empty text names the empty element, which no list may have.
    if (named.empty()) named.emplace_back();
    if (entry.operation == ConfigOperation::subtract) {
        const std::set<std::string_view> gone(named.begin(), named.end());
        std::erase_if(items, [&](const std::string& item) { return gone.contains(item); });
    } else {
        std::set<std::string, std::less<>> there(items.begin(), items.end());
        for (std::string& one : named)
            if (there.insert(one).second) items.push_back(std::move(one));
    }
    return fmt::format("{}", fmt::join(items, ","));
}

// What the resource's configs become.
std::expected<Values, ApiError> apply(const ConfigChange& change, const Values& before) {
    Values after = change.replaces_all ? Values{} : before;
    for (const auto& entry : change.entries) {
        if (entry.operation == ConfigOperation::remove) {
            after.erase(entry.key);
        } else if (entry.operation == ConfigOperation::set) {
            after[entry.key] = *entry.value;
        } else {
            const auto default_list = list_default(change, entry);
            if (!default_list) return std::unexpected(default_list.error());
            const auto set = before.find(entry.key);
            after[entry.key] =
                changed_list(set == before.end() ? *default_list : set->second, entry);
        }
    }
    return after;
}

bool has_eligible_leader_replicas(const ClusterImage& image) {
    const auto level = image.features().find(elr_feature);
    return level != image.features().end() && level->second > 0;
}

Checked check_min_insync_replicas(const ConfigChange& change, const Values& before,
                                  const Values& after) {
    const bool is_named = std::ranges::any_of(
        change.entries, [](const auto& entry) { return entry.key == min_insync_replicas; });
    const bool is_altered =
        is_named || before.contains(min_insync_replicas) != after.contains(min_insync_replicas);
    if (!is_altered) return {};
    if (!change.name.empty())
        return refuse(ErrorCode::invalid_config,
                      "Broker-level min.insync.replicas cannot be altered while ELR is enabled.");
    if (after.contains(min_insync_replicas)) return {};
    return refuse(ErrorCode::invalid_config,
                  "Cluster-level min.insync.replicas cannot be removed while ELR is enabled.");
}

Checked check_broker(const ClusterImage& image, const ConfigChange& change, const Values& before,
                     const Values& after, const config::BrokerConfig& broker) {
    const auto scope = change.name.empty() ? config::BrokerScope::all : config::BrokerScope::one;
    const auto changed = config::change_broker_config(broker, scope, after);
    if (!changed) return refuse(changed.error().code, changed.error().message);
    if (!has_eligible_leader_replicas(image)) return {};
    return check_min_insync_replicas(change, before, after);
}

Checked check_values(const ClusterImage& image, const ConfigChange& change, const Values& before,
                     const Values& after, const config::BrokerConfig& broker) {
    const auto is_pattern = [](std::string_view text) {
        return coordinator::RegularExpression::parse(text).has_value();
    };
    switch (change.resource) {
        case ConfigResource::topic: return from_config(config::validate_topic_config(after));
        case ConfigResource::group:
            return from_config(config::validate_group_config(after, broker.values));
        case ConfigResource::client_metrics:
            return from_config(config::validate_client_metrics_config(after, is_pattern));
        default: return check_broker(image, change, before, after, broker);
    }
}

protocol::ConfigRecord record_of(ConfigResource resource, const std::string& name,
                                 std::string_view key, std::optional<std::string> value) {
    return {.resource_type = static_cast<int8_t>(resource),
            .resource_name = name,
            .name = std::string(key),
            .value = std::move(value)};
}

// The differences.
std::vector<MetadataRecord> records_of(ConfigResource resource, const std::string& name,
                                       const Values& before, const Values& after) {
    std::vector<MetadataRecord> records;
    for (const auto& [key, value] : before)
        if (!after.contains(key))
            records.emplace_back(record_of(resource, name, key, std::nullopt));
    for (const auto& [key, value] : after) {
        const auto found = before.find(key);
        if (found == before.end() || found->second != value)
            records.emplace_back(record_of(resource, name, key, value));
    }
    return records;
}

size_t bytes_of(const std::string& name, const Values& values) {
    size_t bytes = 0;
    for (const auto& [key, value] : values) bytes += config_bytes(name, key, value);
    return bytes;
}

Checked check_room(const ClusterImage& image, size_t bytes_before, size_t bytes_after,
                   int64_t bytes_max) {
    if (bytes_after <= bytes_before) return {};
    if (bytes_after > change_bytes_max)
        return refuse(ErrorCode::policy_violation,
                      fmt::format("The configs of one resource may take {} bytes, not {}.",
                                  change_bytes_max, bytes_after));
    if (std::cmp_less_equal(image.config_bytes() - bytes_before + bytes_after, bytes_max))
        return {};
    return refuse(
        ErrorCode::policy_violation,
        fmt::format("All configs would take more than einmal.config.bytes.max={}", bytes_max));
}

}  // namespace

std::expected<void, ApiError> validate_entries(const ConfigChange& change) {
    std::set<std::string_view> keys;
    std::vector<std::string_view> nulls;
    for (const auto& entry : change.entries) {
        if (!keys.insert(entry.key).second)
            return refuse(ErrorCode::invalid_request, "Error due to duplicate config keys");
        if (entry.operation != ConfigOperation::remove && !entry.value) nulls.push_back(entry.key);
    }
    if (!nulls.empty())
        return refuse(ErrorCode::invalid_request,
                      fmt::format("Null value not supported for : {}", fmt::join(nulls, ", ")));
    for (const auto& entry : change.entries) {
        const auto operation = static_cast<int>(entry.operation);
        if (operation < 0 || entry.operation > ConfigOperation::subtract)
            return refuse(ErrorCode::invalid_request,
                          fmt::format("Unknown operations type {}", operation));
    }
    return {};
}

std::expected<void, ApiError> validate_node_id(const std::string& name, int32_t node_id) {
    int32_t id = -1;
    const auto* const end = name.data() + name.size();
    const auto [stopped, error] = std::from_chars(name.data(), end, id);
    if (error != std::errc{} || stopped != end)
        return refuse(ErrorCode::invalid_request,
                      fmt::format("Node id must be an integer, but it is: {}", name));
    if (id != node_id)
        return refuse(
            ErrorCode::invalid_request,
            fmt::format("Unexpected broker id, expected {}, but received {}", node_id, id));
    return {};
}

std::expected<std::vector<MetadataRecord>, ApiError> change_configs(
    const ClusterImage& image, const ConfigChange& change, const config::BrokerConfig& broker) {
    if (auto valid = validate_entries(change); !valid) return std::unexpected(valid.error());
    if (auto valid = check_resource(image, change, broker.node_id); !valid)
        return std::unexpected(valid.error());
    const bool is_this_broker = change.resource == ConfigResource::broker && !change.name.empty();
    const std::string name = is_this_broker ? std::to_string(broker.node_id) : change.name;
    const Values& before = image.configs(change.resource, name);
    const auto after = apply(change, before);
    if (!after) return std::unexpected(after.error());
    if (auto valid = check_values(image, change, before, *after, broker); !valid)
        return std::unexpected(valid.error());
    auto room =
        check_room(image, bytes_of(name, before), bytes_of(name, *after), broker.config_bytes_max);
    if (!room) return std::unexpected(room.error());
    return records_of(change.resource, name, before, *after);
}

std::vector<MetadataRecord> settle_min_insync_replicas(const ClusterImage& image,
                                                       const config::BrokerValues& values) {
    if (!has_eligible_leader_replicas(image)) return {};
    std::vector<MetadataRecord> records;
    for (const std::string& name : image.configured(ConfigResource::broker)) {
        const bool is_set =
            image.configs(ConfigResource::broker, name).contains(min_insync_replicas);
        if (!name.empty() && is_set)
            records.emplace_back(
                record_of(ConfigResource::broker, name, min_insync_replicas, std::nullopt));
    }
    if (!image.configs(ConfigResource::broker, "").contains(min_insync_replicas))
        records.emplace_back(
            record_of(ConfigResource::broker, "", min_insync_replicas,
                      config::effective_value(min_insync_replicas, {.fixed = values.fixed})));
    return records;
}

}  // namespace broker::metadata
