// The records of __consumer_offsets that a classic group, and the offsets of any group, consist of,
// made and read.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <variant>

#include "broker/coordinator/group/offset_store.h"
#include "broker/coordinator/record.h"
#include "protocol/error.h"
#include "protocol/stored/group_metadata.h"

namespace broker::coordinator::group {

// In the versions that Kafka 4.4 writes: GroupMetadata 3; OffsetCommit 4, or 1 with an expire time.
Record group_record(const std::string& group_id, const protocol::GroupMetadataValue& value);
Record group_tombstone(const std::string& group_id);
Record offset_record(const std::string& group_id, const TopicPartition& partition,
                     const CommittedOffset& offset);
Record offset_tombstone(const std::string& group_id, const TopicPartition& partition);

// A record read back; no value: a tombstone.
struct GroupRecord {
    std::string group_id;
    std::optional<protocol::GroupMetadataValue> value;
};
struct OffsetRecord {
    std::string group_id;
    TopicPartition partition;
    std::optional<CommittedOffset> value;  // its log_offset is not set
};
// A record of a share or streams group.
struct ForeignRecord {};

// Errors: corrupt_message when key or value cannot be read, or the value is of a later version.
std::expected<std::variant<GroupRecord, OffsetRecord, ForeignRecord>, protocol::ErrorCode>
read_record(protocol::Bytes key, std::optional<protocol::Bytes> value);

}  // namespace broker::coordinator::group
