// UnregisterController (API key 94): KIP-1221.
#pragma once

#include <optional>
#include <string>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct UnregisterControllerRequest {
    static constexpr int16_t api_key = 94;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    int32_t controller_id = 0;

    static void fields(auto& f, auto& m) { f("ControllerId", m.controller_id); }
};

struct UnregisterControllerResponse {
    static constexpr int16_t api_key = 94;
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
