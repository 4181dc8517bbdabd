#include <utility>

#include "broker/api/handlers.h"
#include "broker/api/telemetry_client.h"
#include "broker/broker.h"
#include "broker/shard.h"
#include "protocol/compression.h"

namespace broker::api {

namespace {

using protocol::Compression;
using protocol::GetTelemetrySubscriptionsRequest;
using protocol::GetTelemetrySubscriptionsResponse;

// The best ones first, as Kafka has them.
std::vector<int8_t> accepted_codecs() {
    std::vector<int8_t> codecs;
    for (const auto codec :
         {Compression::zstd, Compression::lz4, Compression::gzip, Compression::snappy})
        codecs.push_back(static_cast<int8_t>(codec));
    return codecs;
}

}  // namespace

Answer<GetTelemetrySubscriptionsResponse> get_telemetry_subscriptions(
    RequestContext& context, const GetTelemetrySubscriptionsRequest& request) {
    const protocol::Uuid instance_id = request.client_instance_id.is_zero()
                                           ? context.home.random_uuid()
                                           : request.client_instance_id;
    Shard& owner = telemetry_owner(context, instance_id);
    const telemetry::Client client = telemetry_client(context, instance_id);
    const auto subscribe = [&] {
        return owner.telemetry_clients.subscribe(owner.telemetry_subscriptions, client,
                                                 owner.clock.now_ms());
    };
    auto subscription = co_await owner.run(subscribe);
    if (!subscription)
        co_return GetTelemetrySubscriptionsResponse{.error_code = subscription.error()};
    co_return GetTelemetrySubscriptionsResponse{
        .client_instance_id = instance_id,
        .subscription_id = subscription->id,
        .accepted_compression_types = accepted_codecs(),
        .push_interval_ms = subscription->push_interval_ms,
        .telemetry_max_bytes = context.broker.config().telemetry_max_bytes,
        .delta_temporality = true,
        .requested_metrics = std::move(subscription->metrics)};
}

}  // namespace broker::api
