#include "broker/api/handlers.h"

namespace broker::api {

Answer<protocol::SaslAuthenticateResponse> sasl_authenticate(
    RequestContext&, const protocol::SaslAuthenticateRequest&) {
    co_return protocol::SaslAuthenticateResponse{
        .error_code = protocol::ErrorCode::illegal_sasl_state,
        .error_message = "SaslAuthenticate request received after successful authentication"};
}

}  // namespace broker::api
