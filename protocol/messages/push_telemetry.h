// PushTelemetry (API key 72): KIP-714.
#pragma once

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct PushTelemetryRequest {
    static constexpr int16_t api_key = 72;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    Uuid client_instance_id;
    int32_t subscription_id = 0;
    bool terminating = false;
    int8_t compression_type = 0;
    Bytes metrics;

    static void fields(auto& f, auto& m) {
        f("ClientInstanceId", m.client_instance_id);
        f("SubscriptionId", m.subscription_id);
        f("Terminating", m.terminating);
        f("CompressionType", m.compression_type);
        f("Metrics", m.metrics);
    }
};

struct PushTelemetryResponse {
    static constexpr int16_t api_key = 72;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;

    static void fields(auto& f, auto& m) {
        f("ThrottleTimeMs", m.throttle_time_ms);
        f("ErrorCode", m.error_code);
    }
};

}  // namespace protocol
