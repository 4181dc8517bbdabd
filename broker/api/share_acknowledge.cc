#include "broker/api/handlers.h"
#include "broker/api/share_acknowledgements.h"
#include "broker/api/share_group_protocol.h"
#include "broker/broker.h"

namespace broker::api {

namespace {

using protocol::ErrorCode;
using protocol::ShareAcknowledgeRequest;
using protocol::ShareAcknowledgeResponse;

ShareAcknowledgeResponse refuse(ErrorCode error, std::optional<std::string> message = {}) {
    return {.error_code = error, .error_message = std::move(message)};
}

}  // namespace

Answer<ShareAcknowledgeResponse> share_acknowledge(RequestContext& context,
                                                   const ShareAcknowledgeRequest& request) {
    if (!has_share_groups(context)) co_return refuse(ErrorCode::unsupported_version);
    if (!request.group_id)
        co_return refuse(ErrorCode::invalid_request, "Invalid group id in the request.");
    if (!is_share_member_id(request.member_id))
        co_return refuse(ErrorCode::invalid_request, "Invalid member id in the request.");
    const ShareSessionKey key{std::string(*request.group_id), std::string(*request.member_id)};
    Shard& home = share_session_home(context.shards, key.group_id);
    auto take = [&] { return home.share_sessions.acknowledge(key, request.share_session_epoch); };
    const ErrorCode taken = co_await home.run(std::move(take));
    if (taken != ErrorCode::none) co_return refuse(taken);

    ShareAcknowledgeResponse response;
    response.acquisition_lock_timeout_ms =
        context.home.share_partitions.config_of(key.group_id).record_lock_duration_ms;
    for (const auto& answer : co_await acknowledge_records(context, key, request)) {
        if (response.responses.empty() || response.responses.back().topic_id != answer.topic_id)
            response.responses.emplace_back().topic_id = answer.topic_id;
        response.responses.back().partitions.push_back(
            {.partition_index = answer.partition, .error_code = answer.error});
    }
    if (request.share_session_epoch == final_share_epoch) co_await end_share_session(context, key);
    co_return response;
}

}  // namespace broker::api
