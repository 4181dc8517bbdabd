// ExpireDelegationToken (API key 40): KIP-48; flexible v2.
#pragma once

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct ExpireDelegationTokenRequest {
    static constexpr int16_t api_key = 40;
    static constexpr Versions valid = between(1, 2), flexible = since(2);

    Bytes hmac;
    int64_t expiry_time_period_ms = 0;

    static void fields(auto& f, auto& m) {
        f("Hmac", m.hmac);
        f("ExpiryTimePeriodMs", m.expiry_time_period_ms);
    }
};

struct ExpireDelegationTokenResponse {
    static constexpr int16_t api_key = 40;
    static constexpr Versions valid = between(1, 2), flexible = since(2);

    ErrorCode error_code = ErrorCode::none;
    int64_t expiry_timestamp_ms = 0;
    int32_t throttle_time_ms = 0;

    static void fields(auto& f, auto& m) {
        f("ErrorCode", m.error_code);
        f("ExpiryTimestampMs", m.expiry_timestamp_ms);
        f("ThrottleTimeMs", m.throttle_time_ms);
    }
};

}  // namespace protocol
