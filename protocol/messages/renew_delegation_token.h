// RenewDelegationToken (API key 39): KIP-48; flexible v2.
#pragma once

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct RenewDelegationTokenRequest {
    static constexpr int16_t api_key = 39;
    static constexpr Versions valid = between(1, 2), flexible = since(2);

    Bytes hmac;
    int64_t renew_period_ms = 0;

    static void fields(auto& f, auto& m) {
        f("Hmac", m.hmac);
        f("RenewPeriodMs", m.renew_period_ms);
    }
};

struct RenewDelegationTokenResponse {
    static constexpr int16_t api_key = 39;
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
