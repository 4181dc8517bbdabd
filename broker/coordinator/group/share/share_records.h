// The records of __consumer_offsets that a share group consists of (KIP-932), made and replayed.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "broker/coordinator/group/share/share_group.h"
#include "broker/coordinator/record.h"
#include "protocol/error.h"

namespace broker::coordinator::group {

Record share_epoch_record(const std::string& group_id, int32_t epoch, int64_t metadata_hash);
Record share_member_record(const std::string& group_id, const ShareMember& member);
Record share_assignment_epoch_record(const std::string& group_id, int32_t epoch,
                                     int64_t timestamp_ms);
Record share_target_record(const std::string& group_id, const std::string& member_id,
                           const TopicPartitions& target);
// What the member is to fetch from, and its epoch.
Record share_current_assignment_record(const std::string& group_id, const ShareMember& member);
Record share_state_partitions_record(const std::string& group_id,
                                     const ShareStatePartitions& partitions);

// The three that take a member away.
void append_share_member_tombstones(const std::string& group_id, const std::string& member_id,
                                    std::vector<Record>& records);
// All that take a group away, in Kafka's order.
void append_share_group_tombstones(const ShareGroup& group, std::vector<Record>& records);

// As replay_consumer_record(), for the records of share groups.
std::expected<std::optional<std::string>, protocol::ErrorCode> replay_share_record(
    protocol::Bytes key, std::optional<protocol::Bytes> value, ShareGroups& groups);

}  // namespace broker::coordinator::group
