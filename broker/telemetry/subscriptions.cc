#include "broker/telemetry/subscriptions.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <set>

#include "broker/config/config_key.h"
#include "protocol/crc32c.h"
#include "protocol/uuid.h"
#include "protocol/visitors.h"

namespace broker::telemetry {

namespace {

constexpr std::string_view all_metrics = "*";
constexpr int32_t default_interval_ms = 300'000;

using Match = std::vector<std::pair<std::string, coordinator::RegularExpression>>;

// Nullopt: one of them is no selector=pattern.
std::optional<Match> parse_match(std::string_view text) {
    Match match;
    for (const std::string& one : config::parse_list(text)) {
        const auto equals = one.find('=');
        if (equals == one.npos) return std::nullopt;
        auto pattern =
            coordinator::RegularExpression::parse(std::string_view(one).substr(equals + 1));
        if (!pattern) return std::nullopt;
        match.emplace_back(one.substr(0, equals), std::move(*pattern));
    }
    return match;
}

// Nullopt: there is no such selector.
std::optional<std::string> attribute(const Client& client, std::string_view selector) {
    if (selector == "client_instance_id") return protocol::to_string(client.instance_id);
    if (selector == "client_id") return std::string(client.client_id);
    if (selector == "client_software_name") return std::string(client.software_name);
    if (selector == "client_software_version") return std::string(client.software_version);
    if (selector == "client_source_address") return std::string(client.source_address);
    if (selector == "client_source_port") return std::to_string(client.source_port);
    return std::nullopt;
}

int32_t id_of(const Subscription& subscription, const protocol::Uuid& client) {
    uint32_t crc = protocol::crc32c(client.bytes);
    for (const std::string& metric : subscription.metrics)
        crc = protocol::crc32c(protocol::detail::as_bytes(metric + ","), crc);
    return static_cast<int32_t>(protocol::crc32c(
        protocol::detail::as_bytes(std::to_string(subscription.push_interval_ms)), crc));
}

}  // namespace

void Subscriptions::configure(const std::string& name, const config::Values& configs) {
    ++version_;
    parts_.erase(name);
    if (configs.empty()) return;
    const auto value = [&](const std::string& key) {
        const auto found = configs.find(key);
        return found == configs.end() ? std::string() : found->second;
    };
    auto match = parse_match(value("match"));
    const auto interval = config::parse_integer(value("interval.ms"));
    if (!match) return;
    parts_.emplace(
        name, Part{.match = std::move(*match),
                   .metrics = config::parse_list(value("metrics")),
                   .interval_ms = static_cast<int32_t>(interval.value_or(default_interval_ms))});
}

bool Subscriptions::matches(const Part& part, const Client& client) {
    return std::ranges::all_of(part.match, [&](const auto& condition) {
        const auto text = attribute(client, condition.first);
        return text && condition.second.matches(*text);
    });
}

Subscription Subscriptions::of(const Client& client) const {
    Subscription subscription{.push_interval_ms = default_interval_ms};
    std::set<std::string_view> metrics;
    for (const auto& [name, part] : parts_) {
        if (!matches(part, client)) continue;
        metrics.insert(part.metrics.begin(), part.metrics.end());
        subscription.push_interval_ms = std::min(subscription.push_interval_ms, part.interval_ms);
    }
    if (metrics.contains(all_metrics)) metrics = {all_metrics};
    subscription.metrics.assign(metrics.begin(), metrics.end());
    subscription.id = id_of(subscription, client.instance_id);
    return subscription;
}

}  // namespace broker::telemetry
