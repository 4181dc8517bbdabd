// GetTelemetrySubscriptions (API key 71): KIP-714.
#pragma once

#include <string>
#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct GetTelemetrySubscriptionsRequest {
    static constexpr int16_t api_key = 71;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    Uuid client_instance_id;

    static void fields(auto& f, auto& m) { f("ClientInstanceId", m.client_instance_id); }
};

struct GetTelemetrySubscriptionsResponse {
    static constexpr int16_t api_key = 71;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    Uuid client_instance_id;
    int32_t subscription_id = 0;
    std::vector<int8_t> accepted_compression_types;
    int32_t push_interval_ms = 0;
    int32_t telemetry_max_bytes = 0;
    bool delta_temporality = false;
    std::vector<std::string> requested_metrics;

    static void fields(auto& f, auto& m) {
        f("ThrottleTimeMs", m.throttle_time_ms);
        f("ErrorCode", m.error_code);
        f("ClientInstanceId", m.client_instance_id);
        f("SubscriptionId", m.subscription_id);
        f("AcceptedCompressionTypes", m.accepted_compression_types);
        f("PushIntervalMs", m.push_interval_ms);
        f("TelemetryMaxBytes", m.telemetry_max_bytes);
        f("DeltaTemporality", m.delta_temporality);
        f("RequestedMetrics", m.requested_metrics);
    }
};

}  // namespace protocol
