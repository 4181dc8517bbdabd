// Envelope (API key 58): KIP-590 a request that a broker forwards, and whose it is.
#pragma once

#include <optional>
#include <string>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct EnvelopeRequest {
    static constexpr int16_t api_key = 58;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    Bytes request_data;
    std::optional<Bytes> request_principal = Bytes{};
    Bytes client_host_address;

    static void fields(auto& f, auto& m) {
        f("RequestData", m.request_data);
        f("RequestPrincipal", m.request_principal);
        f("ClientHostAddress", m.client_host_address);
    }
};

struct EnvelopeResponse {
    static constexpr int16_t api_key = 58;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    std::optional<Blob> response_data;
    ErrorCode error_code = ErrorCode::none;

    static void fields(auto& f, auto& m) {
        f("ResponseData", m.response_data);
        f("ErrorCode", m.error_code);
    }
};

// The principal in an Envelope, as the default KafkaPrincipalBuilder writes it.
struct DefaultPrincipalData {
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    std::string type;
    std::string name;
    bool token_authenticated = false;

    static void fields(auto& f, auto& m) {
        f("Type", m.type);
        f("Name", m.name);
        f("TokenAuthenticated", m.token_authenticated);
    }
};

}  // namespace protocol
