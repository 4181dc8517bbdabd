#include <charconv>

#include "broker/api/handlers.h"
#include "broker/api/internal_topics.h"
#include "broker/api/throttle.h"
#include "broker/broker.h"
#include "protocol/uuid.h"

namespace broker::api {

namespace {

using protocol::ErrorCode;
using protocol::FindCoordinatorRequest;
using protocol::FindCoordinatorResponse;
using Coordinator = FindCoordinatorResponse::Coordinator;

enum KeyType : int8_t { group_key = 0, transaction_key = 1, share_key = 2 };

// Empty: there is no coordinator of that type.
std::string_view topic_of(int8_t key_type, int16_t version) {
    switch (key_type) {
        case group_key: return metadata::offsets_topic;
        case transaction_key: return metadata::transactions_topic;
        case share_key: return version >= 6 ? metadata::share_state_topic : std::string_view{};
        default: return {};
    }
}

// "group:topicId:partition", as the persister asks; the group may have colons, too. To Java's
// split() colons at the end are none.
bool is_share_partition_key(std::string_view key) {
    while (key.ends_with(':')) key.remove_suffix(1);
    const size_t before_partition = key.rfind(':');
    if (before_partition == std::string_view::npos || before_partition == 0) return false;
    const size_t before_topic = key.rfind(':', before_partition - 1);
    if (before_topic == std::string_view::npos || before_topic == 0) return false;
    const auto topic_id = key.substr(before_topic + 1, before_partition - before_topic - 1);
    int32_t partition = 0;
    const auto* const end = key.data() + key.size();
    const auto [stopped, error] =
        std::from_chars(key.data() + before_partition + 1, end, partition);
    return protocol::parse_uuid(topic_id) && error == std::errc{} && stopped == end;
}

// Makes the internal topic on first use, so that its coordinator is there when the answer arrives.
Answer<Coordinator> find(RequestContext& context, int8_t key_type, std::string_view key) {
    Coordinator found{.key = std::string(key), .node_id = -1, .port = -1};
    const std::string_view topic = topic_of(key_type, context.version);
    if (topic.empty() || (key_type == share_key && !is_share_partition_key(key))) {
        found.error_code = ErrorCode::invalid_request;
        found.error_message = topic.empty() ? "This type of coordinator is not served."
                                            : "The key is not group:topicId:partition.";
        co_return found;
    }
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
