#include "broker/api/error_message.h"
#include "broker/api/handlers.h"
#include "broker/broker.h"
#include "broker/metadata/registration.h"

namespace broker::api {

Answer<protocol::UnregisterBrokerResponse> unregister_broker(
    RequestContext& context, const protocol::UnregisterBrokerRequest& request) {
    metadata::Controller::Decision decide = [id = request.broker_id](const auto& image,
                                                                     const auto& defaults) {
        return metadata::unregister_broker(image, id, defaults.node_id);
    };
    const auto gone = co_await context.broker.controller().change(std::move(decide));
    const auto error = gone ? metadata::ApiError{} : gone.error();
    co_return protocol::UnregisterBrokerResponse{.error_code = error.code,
                                                 .error_message = message_of(error)};
}

}  // namespace broker::api
