// The records of __consumer_offsets that a consumer group consists of (KIP-848), made and replayed.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "broker/coordinator/group/consumer/consumer_group.h"
#include "broker/coordinator/record.h"
#include "protocol/error.h"

namespace broker::coordinator::group {

Record epoch_record(const std::string& group_id, int32_t epoch, int64_t metadata_hash);
Record partition_metadata_tombstone(const std::string& group_id);
Record member_record(const std::string& group_id, const ConsumerMember& member);
Record assignment_epoch_record(const std::string& group_id, int32_t epoch, int64_t timestamp_ms);
Record target_record(const std::string& group_id, const std::string& member_id,
                     const TopicPartitions& target);
// What the member owns and its epoch.
Record current_assignment_record(const std::string& group_id, const ConsumerMember& member);
Record regex_record(const std::string& group_id, const std::string& regex,
                    const ResolvedRegex& resolved);
Record regex_tombstone(const std::string& group_id, const std::string& regex);

// The three that take a member away.
void append_member_tombstones(const std::string& group_id, const std::string& member_id,
                              std::vector<Record>& records);
// All that take a group away, in Kafka's order. `renamed` tells which members the log knows by
// another id by then: of records that come before these.
struct RenamedMember {
    std::string old_member_id;
    std::string new_member_id;
};
void append_group_tombstones(const ConsumerGroup& group,
                             const std::optional<RenamedMember>& renamed,
                             std::vector<Record>& records);
// All that make the group anew, in Kafka's order.
void append_group_records(const ConsumerGroup& group, std::vector<Record>& records);

// Applies a record to the group that it names, which comes into being with its first one, and gives
// the group's id. Nullopt: it is no record of a consumer group. Errors: corrupt_message when key or
// value cannot be read, or the value is of a later version.
std::expected<std::optional<std::string>, protocol::ErrorCode> replay_consumer_record(
    protocol::Bytes key, std::optional<protocol::Bytes> value, ConsumerGroups& groups);

}  // namespace broker::coordinator::group
