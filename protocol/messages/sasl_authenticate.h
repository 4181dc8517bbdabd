// SaslAuthenticate (API key 36): KIP-152; KIP-368 session lifetime v1, flexible v2.
#pragma once

#include <optional>
#include <string>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct SaslAuthenticateRequest {
    static constexpr int16_t api_key = 36;
    static constexpr Versions valid = between(0, 2), flexible = since(2);

    Bytes auth_bytes;

    static void fields(auto& f, auto& m) { f("AuthBytes", m.auth_bytes); }
};

struct SaslAuthenticateResponse {
    static constexpr int16_t api_key = 36;
    static constexpr Versions valid = between(0, 2), flexible = since(2);

    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message = std::string{};
    Blob auth_bytes;
    int64_t session_lifetime_ms = 0;

    static void fields(auto& f, auto& m) {
        f("ErrorCode", m.error_code);
        f("ErrorMessage", m.error_message);
        f("AuthBytes", m.auth_bytes);
        f("SessionLifetimeMs", m.session_lifetime_ms, since(1));
    }
};

}  // namespace protocol
