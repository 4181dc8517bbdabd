// On a listener without SASL, which all are so far, there is nothing to shake hands about.
#include "broker/api/handlers.h"

namespace broker::api {

Answer<protocol::SaslHandshakeResponse> sasl_handshake(RequestContext&,
                                                       const protocol::SaslHandshakeRequest&) {
    co_return protocol::SaslHandshakeResponse{.error_code =
                                                  protocol::ErrorCode::illegal_sasl_state};
}

}  // namespace broker::api
