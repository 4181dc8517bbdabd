// SaslHandshake (API key 17): KIP-43; KIP-152 its tokens go into SaslAuthenticate v1.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct SaslHandshakeRequest {
    static constexpr int16_t api_key = 17;
    static constexpr Versions valid = between(0, 1), flexible = never;

    std::string_view mechanism;

    static void fields(auto& f, auto& m) { f("Mechanism", m.mechanism); }
};

struct SaslHandshakeResponse {
    static constexpr int16_t api_key = 17;
    static constexpr Versions valid = between(0, 1), flexible = never;

    ErrorCode error_code = ErrorCode::none;
    std::vector<std::string> mechanisms;

    static void fields(auto& f, auto& m) {
        f("ErrorCode", m.error_code);
        f("Mechanisms", m.mechanisms);
    }
};

}  // namespace protocol
