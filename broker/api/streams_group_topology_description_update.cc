#include <spdlog/spdlog.h>

#include <string>
#include <utility>

#include "broker/api/handlers.h"
#include "broker/api/on_group.h"
#include "broker/api/streams_group_protocol.h"
#include "broker/coordinator/group/validation.h"

namespace broker::api {

using coordinator::group::is_blank;
using protocol::ErrorCode;
using Request = protocol::StreamsGroupTopologyDescriptionUpdateRequest;
using Response = protocol::StreamsGroupTopologyDescriptionUpdateResponse;

namespace {

Response refusal(ErrorCode error, std::string message) {
    return {.error_code = error, .error_message = std::move(message)};
}

}  // namespace

// Members are asked for the description with their heartbeats; who looks at the group sees it.
Answer<Response> streams_group_topology_description_update(RequestContext& context,
                                                           const Request& request) {
    if (!has_streams_groups(context))
        co_return Response{.error_code = ErrorCode::unsupported_version};
    if (!context.broker.config().streams.keeps_topology_descriptions)
        co_return refusal(
            ErrorCode::unsupported_version,
            "The broker has no streams group topology description plugin configured.");
    if (is_blank(request.member_id))
        co_return refusal(ErrorCode::invalid_request, "MemberId can't be empty.");
    if (is_blank(request.group_id))
        co_return refusal(ErrorCode::invalid_request, "GroupId can't be empty.");
    auto describe = [&request](auto& machine, int64_t now_ms) {
        return machine.describe_topology(request, now_ms);
    };
    auto kept = co_await on_group(context, request.group_id, describe);
    if (!kept) co_return Response{.error_code = kept.error()};
    if (!*kept) co_return refusal(kept->error().error, std::move(kept->error().message));
    spdlog::info("Streams group {} describes its topology of epoch {}: {} subtopologies",
                 request.group_id, request.topology_epoch,
                 request.topology_description.subtopologies.size());
    co_return Response{};
}

}  // namespace broker::api
