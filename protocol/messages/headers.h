// What stands before every body on the wire: request header v1 and v2, response header v0 and v1.
#pragma once

#include <string_view>

#include "protocol/types.h"

namespace protocol {

struct RequestHeader {
    static constexpr Versions valid = between(1, 2), flexible = since(2);

    int16_t request_api_key = 0;
    int16_t request_api_version = 0;
    int32_t correlation_id = 0;
    ShortText client_id = std::string_view{};

    static void fields(auto& f, auto& m) {
        f("RequestApiKey", m.request_api_key);
        f("RequestApiVersion", m.request_api_version);
        f("CorrelationId", m.correlation_id);
        f("ClientId", m.client_id);
    }
};

struct ResponseHeader {
    static constexpr Versions valid = between(0, 1), flexible = since(1);

    int32_t correlation_id = 0;

    static void fields(auto& f, auto& m) { f("CorrelationId", m.correlation_id); }
};

}  // namespace protocol
