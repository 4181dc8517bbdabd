// What a member of a streams group is told for its heartbeat (KIP-1071).
#pragma once

#include <cstdint>
#include <optional>

#include "broker/coordinator/group/effects.h"
#include "broker/coordinator/group/streams/streams_group_change.h"
#include "protocol/messages/streams_group_heartbeat.h"

namespace broker::coordinator::group {

// Requires: `change` has made `after` of `before`, which says that it has `owned`. Notes in the
// group's memory that the application is to be shut down, and that endpoints have changed. Of a new
// group that memory is lost with the answer, as in Kafka, which is why it is not told its epoch.
StreamsHeartbeat answer_heartbeat(const protocol::StreamsGroupHeartbeatRequest& request,
                                  int16_t version, const StreamsMember& before,
                                  const StreamsMember& after, const std::optional<Tasks>& owned,
                                  StreamsGroupChange& change, StreamsGroup& group,
                                  bool is_new_group, const ChangeContext& context);

}  // namespace broker::coordinator::group
