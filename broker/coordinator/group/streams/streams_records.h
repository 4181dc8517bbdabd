// The records of __consumer_offsets that a streams group consists of (KIP-1071), made and replayed.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "broker/coordinator/group/streams/streams_group.h"
#include "broker/coordinator/record.h"
#include "protocol/error.h"
#include "protocol/stored/streams_group.h"

namespace broker::coordinator::group {

// A member's state in its record: unlike that of a consumer group's member it counts from 1.
inline constexpr int8_t stored_state_offset = 1;
int8_t stored_state(MemberState state);

Record streams_epoch_record(const std::string& group_id, const StreamsGroupEpoch& epoch);
Record streams_topology_record(const std::string& group_id,
                               const protocol::StreamsGroupTopologyValue& topology);
Record streams_member_record(const std::string& group_id, const StreamsMember& member);
Record streams_assignment_epoch_record(const std::string& group_id, int32_t epoch,
                                       int64_t timestamp_ms);
Record streams_target_record(const std::string& group_id, const std::string& member_id,
                             const Tasks& target);
// Which tasks the member has, and its epoch.
Record streams_current_assignment_record(const std::string& group_id, const StreamsMember& member);

// The three that take a member away.
void append_streams_member_tombstones(const std::string& group_id, const std::string& member_id,
                                      std::vector<Record>& records);
// All that take a group away, in Kafka's order.
void append_streams_group_tombstones(const StreamsGroup& group, std::vector<Record>& records);

// As replay_consumer_record(), for the records of streams groups.
std::expected<std::optional<std::string>, protocol::ErrorCode> replay_streams_record(
    protocol::Bytes key, std::optional<protocol::Bytes> value, StreamsGroups& groups);

}  // namespace broker::coordinator::group
