// UnregisterBroker (API key 64): KIP-631.
#pragma once

#include <optional>
#include <string>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct UnregisterBrokerRequest {
    static constexpr int16_t api_key = 64;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    int32_t broker_id = 0;

    static void fields(auto& f, auto& m) { f("BrokerId", m.broker_id); }
};

struct UnregisterBrokerResponse {
    static constexpr int16_t api_key = 64;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message = std::string{};

    static void fields(auto& f, auto& m) {
        f("ThrottleTimeMs", m.throttle_time_ms);
        f("ErrorCode", m.error_code);
        f("ErrorMessage", m.error_message);
    }
};

}  // namespace protocol
