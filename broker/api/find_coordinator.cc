#include "broker/api/handlers.h"
#include "broker/api/internal_topics.h"
#include "broker/api/throttle.h"
#include "broker/broker.h"

namespace broker::api {

namespace {

using protocol::ErrorCode;
using protocol::FindCoordinatorRequest;
using protocol::FindCoordinatorResponse;
using Coordinator = FindCoordinatorResponse::Coordinator;

enum KeyType : int8_t { group_key = 0, transaction_key = 1 };

// Makes the internal topic on first use, so that its coordinator is there when the answer arrives.
Answer<Coordinator> find(RequestContext& context, int8_t key_type, std::string_view key) {
    Coordinator found{.key = std::string(key), .node_id = -1, .port = -1};
    if (key_type != group_key && key_type != transaction_key) {
        found.error_code = ErrorCode::invalid_request;
        found.error_message = "This type of coordinator is not served.";
        co_return found;
    }
    const std::string_view topic =
        key_type == group_key ? metadata::offsets_topic : metadata::transactions_topic;
    if (!context.home.image.find(topic)) {
        auto wanted = new_topic_named(topic, context.broker.config());
        auto quota = mutation_quota(context, /*strict_since=*/0);
        const auto created =
            co_await context.broker.controller().ensure_topic(std::move(wanted), quota);
        if (!created) {
            found.error_code = ErrorCode::coordinator_not_available;
            found.error_message = created.error().message;
            co_return found;
        }
    }
    const config::Endpoint advertised = context.broker.advertised(context);
    found.node_id = context.broker.config().node_id;
    found.host = advertised.host;
    found.port = advertised.port;
    co_return found;
}

}  // namespace

Answer<FindCoordinatorResponse> find_coordinator(RequestContext& context,
                                                 const FindCoordinatorRequest& request) {
    FindCoordinatorResponse response;
    if (context.version >= 4) {  // KIP-699
        for (const std::string_view key : request.coordinator_keys) {
            Coordinator found = co_await find(context, request.key_type, key);
            response.coordinators.push_back(std::move(found));
        }
        co_return response;
    }
    const Coordinator found = co_await find(context, request.key_type, request.key);
    response.error_code = found.error_code;
    response.error_message = found.error_message;
    response.node_id = found.node_id;
    response.host = found.host;
    response.port = found.port;
    co_return response;
}

}  // namespace broker::api
