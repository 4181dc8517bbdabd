// The part that ShareFetch and ShareAcknowledge share: acknowledging records, and the end of a
// share session, which gives back what its member has acquired (KIP-932).
#pragma once

#include <asio/awaitable.hpp>
#include <optional>
#include <string_view>
#include <vector>

#include "broker/api/share_sessions.h"
#include "broker/request_context.h"
#include "protocol/messages/share_acknowledge.h"
#include "protocol/messages/share_fetch.h"

namespace broker::api {

// The shard that keeps the sessions of a group.
Shard& share_session_home(Shards& shards, std::string_view group_id);

// A member id as Kafka's clients make them: not empty, and no longer than a UUID.
bool is_share_member_id(const std::optional<std::string_view>& member_id);

struct AcknowledgedPartition {
    protocol::Uuid topic_id;
    int32_t partition = 0;
    protocol::ErrorCode error = protocol::ErrorCode::none;
};

// One answer for each partition that the request names with acknowledgements, or at all.
// Errors in it: unknown_topic_id, unknown_topic_or_partition, invalid_request,
// invalid_record_state, and what the share coordinator says.
asio::awaitable<std::vector<AcknowledgedPartition>> acknowledge_records(
    RequestContext& context, const ShareSessionKey& key,
    const protocol::ShareFetchRequest& request);
asio::awaitable<std::vector<AcknowledgedPartition>> acknowledge_records(
    RequestContext& context, const ShareSessionKey& key,
    const protocol::ShareAcknowledgeRequest& request);

// Ends a session; with a connection only if it began there. What its member has acquired is
// available again, and with the last session of a group its share-partitions are forgotten.
asio::awaitable<void> end_share_session(Shards& shards, ShareSessionKey key,
                                        const ConnectionState* connection);
// The same on request, whatever connection it began on.
asio::awaitable<void> end_share_session(RequestContext& context, ShareSessionKey key);

}  // namespace broker::api
