#include "broker/api/committed_topics.h"
#include "broker/api/handlers.h"
#include "broker/api/run_group.h"

namespace broker::api {

using protocol::OffsetCommitRequest;
using protocol::OffsetCommitResponse;

Answer<OffsetCommitResponse> offset_commit(RequestContext& context,
                                           const OffsetCommitRequest& request) {
    const CommittedTopics<OffsetCommitRequest, OffsetCommitResponse> topics(
        context.home.image, request, /*by_id=*/context.version >= 10);
    const coordinator::GroupService::Operation commit = [&](auto& machine, const auto& caller) {
        return machine.offset_commit(topics.known(), caller);
    };
    const auto answered =
        co_await run_group<OffsetCommitResponse>(context, request.group_id, commit);
    co_return answered ? topics.join(*answered) : topics.refuse(answered.error());
}

}  // namespace broker::api
