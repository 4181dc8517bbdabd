#include "broker/api/raft_voters.h"

#include <fmt/format.h>

#include "broker/api/handlers.h"
#include "broker/broker.h"

namespace broker::api {

using protocol::ErrorCode;

metadata::ApiError refuse_voter_change(const RequestContext& context, const VoterChange& wanted) {
    const std::string& here = context.broker.cluster_id();
    if (wanted.cluster_id && *wanted.cluster_id != here)
        return {ErrorCode::inconsistent_cluster_id,
                fmt::format("The given id \"{}\" doesn't match the cluster id \"{}\"",
                            *wanted.cluster_id, here)};
    if (wanted.voter_id < 0)
        return {ErrorCode::invalid_request,
                fmt::format("{} voter request didn't include a valid voter", wanted.verb)};
    return {ErrorCode::unsupported_version,
            fmt::format("Cluster doesn't support {} voter because it is of one node.",
                        wanted.participle)};
}

Answer<protocol::AddRaftVoterResponse> add_raft_voter(
    RequestContext& context, const protocol::AddRaftVoterRequest& request) {
    const auto refusal = refuse_voter_change(context, {.verb = "Add",
                                                       .participle = "adding",
                                                       .cluster_id = request.cluster_id,
                                                       .voter_id = request.voter_id});
    co_return protocol::AddRaftVoterResponse{.error_code = refusal.code,
                                             .error_message = refusal.message};
}

Answer<protocol::RemoveRaftVoterResponse> remove_raft_voter(
    RequestContext& context, const protocol::RemoveRaftVoterRequest& request) {
    const auto refusal = refuse_voter_change(context, {.verb = "Remove",
                                                       .participle = "removing",
                                                       .cluster_id = request.cluster_id,
                                                       .voter_id = request.voter_id});
    co_return protocol::RemoveRaftVoterResponse{.error_code = refusal.code,
                                                .error_message = refusal.message};
}

}  // namespace broker::api
