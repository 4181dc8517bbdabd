// AddRaftVoter and RemoveRaftVoter (KIP-853): the voters stay as they are, as in a cluster whose
// voters are static: einmal is a cluster of one.
#pragma once

#include <optional>
#include <string_view>

#include "broker/metadata/api_error.h"
#include "broker/request_context.h"

namespace broker::api {

// Why the voter cannot be added or removed: `verb` and its participle say which of them is asked.
// Always an error: inconsistent_cluster_id, invalid_request, unsupported_version.
struct VoterChange {
    std::string_view verb;        // "Add"
    std::string_view participle;  // "adding"
    std::optional<std::string_view> cluster_id;
    int32_t voter_id = 0;
};
metadata::ApiError refuse_voter_change(const RequestContext& context, const VoterChange& wanted);

}  // namespace broker::api
