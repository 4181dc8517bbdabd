#include <spdlog/spdlog.h>

#include "broker/api/handlers.h"
#include "broker/api/telemetry_client.h"
#include "broker/broker.h"
#include "broker/shard.h"
#include "broker/telemetry/metrics_data.h"
#include "protocol/compression.h"
#include "protocol/uuid.h"

namespace broker::api {

namespace {

using protocol::ErrorCode;
using protocol::PushTelemetryRequest;
using protocol::PushTelemetryResponse;

// Of one push: so much is shown, and so much larger than packed it may be.
constexpr size_t line_count_max = 1000;
constexpr size_t expansion_max = 16;

// Who asked for metrics finds them in the broker's log.
ErrorCode show(const telemetry::Client& client, const PushTelemetryRequest& push,
               size_t bytes_max) {
    protocol::Blob plain;
    const auto codec = static_cast<protocol::Compression>(push.compression_type);
    if (!protocol::decompress(codec, push.metrics, expansion_max * bytes_max, plain))
        return ErrorCode::invalid_record;
    const auto points = telemetry::read_metrics(plain, line_count_max);
    if (!points) return points.error();
    spdlog::info("Client {} ({}, {} {}) pushes {}{} metrics", client.client_id,
                 protocol::to_string(client.instance_id), client.software_name,
                 client.software_version, points->size() == line_count_max ? "at least " : "",
                 points->size());
    for (const telemetry::DataPoint& point : *points)
        spdlog::info("Client metric of {}: {}", client.client_id, telemetry::to_line(point));
    return ErrorCode::none;
}

}  // namespace

Answer<PushTelemetryResponse> push_telemetry(RequestContext& context,
                                             const PushTelemetryRequest& request) {
    if (request.client_instance_id.is_zero())
        co_return PushTelemetryResponse{.error_code = ErrorCode::invalid_request};
    Shard& owner = telemetry_owner(context, request.client_instance_id);
    const telemetry::Client client = telemetry_client(context, request.client_instance_id);
    const int32_t bytes_max = context.broker.config().telemetry_max_bytes;
    bool is_wanted = false;
    const auto admit = [&] {
        is_wanted = !owner.telemetry_subscriptions.of(client).metrics.empty();
        return owner.telemetry_clients.admit(owner.telemetry_subscriptions, client, request,
                                             bytes_max, owner.clock.now_ms());
    };
    ErrorCode error = co_await owner.run(admit);
    // What nobody asked for is taken, as by Kafka, and dropped.
    if (error == ErrorCode::none && is_wanted && !request.metrics.empty())
        error = show(client, request, static_cast<size_t>(bytes_max));
    co_return PushTelemetryResponse{.error_code = error};
}

}  // namespace broker::api
