#include "broker/telemetry/client_instances.h"

#include <algorithm>

#include "protocol/compression.h"

namespace broker::telemetry {

namespace {

using protocol::ErrorCode;

bool is_over(const std::optional<int64_t>& since_ms, int64_t interval_ms, int64_t now_ms) {
    return !since_ms || now_ms - *since_ms >= interval_ms;
}

ErrorCode fault_of(const protocol::PushTelemetryRequest& push, int32_t subscription_id,
                   int32_t bytes_max) {
    constexpr auto last_codec = static_cast<int8_t>(protocol::Compression::zstd);
    if (push.subscription_id != subscription_id) return ErrorCode::unknown_subscription_id;
    if (push.compression_type < 0 || push.compression_type > last_codec)
        return ErrorCode::unsupported_compression_type;
    if (push.metrics.size() > static_cast<size_t>(bytes_max)) return ErrorCode::telemetry_too_large;
    return ErrorCode::none;
}

}  // namespace

// A client that does not know of the newest subscriptions begins anew.
ClientInstances::Instance& ClientInstances::use(const Subscriptions& subscriptions,
                                                const Client& client, int64_t now_ms) {
    const auto& id = client.instance_id.bytes;
    Instance& instance =
        instances_.use({reinterpret_cast<const char*>(id.data()), id.size()}, now_ms);
    if (instance.version != subscriptions.version()) {
        const Subscription subscription = subscriptions.of(client);
        instance = {.version = subscriptions.version(),
                    .subscription_id = subscription.id,
                    .push_interval_ms = subscription.push_interval_ms};
    }
    return instance;
}

std::expected<Subscription, ErrorCode> ClientInstances::subscribe(
    const Subscriptions& subscriptions, const Client& client, int64_t now_ms) {
    Instance& instance = use(subscriptions, client, now_ms);
    const bool is_in_time = is_over(instance.asked_ms, instance.push_interval_ms, now_ms) &&
                            is_over(instance.pushed_ms, instance.push_interval_ms, now_ms);
    if (!is_in_time && !instance.may_ask_again)
        return std::unexpected(ErrorCode::throttling_quota_exceeded);
    if (is_in_time) instance.asked_ms = now_ms;
    instance.may_ask_again = false;
    return subscriptions.of(client);
}

ErrorCode ClientInstances::admit(const Subscriptions& subscriptions, const Client& client,
                                 const protocol::PushTelemetryRequest& push, int32_t bytes_max,
                                 int64_t now_ms) {
    Instance& instance = use(subscriptions, client, now_ms);
    if (instance.is_terminating) return ErrorCode::invalid_request;
    // The first push after asking comes at a random time of the interval.
    const bool has_asked_since =
        instance.asked_ms && (!instance.pushed_ms || *instance.asked_ms > *instance.pushed_ms);
    const bool is_in_time =
        has_asked_since || is_over(instance.pushed_ms, instance.push_interval_ms, now_ms);
    if (is_in_time) instance.pushed_ms = now_ms;
    if (!is_in_time && !push.terminating) return ErrorCode::throttling_quota_exceeded;
    instance.is_terminating = push.terminating;
    const ErrorCode fault = fault_of(push, instance.subscription_id, bytes_max);
    instance.may_ask_again = fault == ErrorCode::unknown_subscription_id ||
                             fault == ErrorCode::unsupported_compression_type;
    return fault;
}

}  // namespace broker::telemetry
