#include "broker/coordinator/group/group_records.h"

#include "broker/coordinator/group/record_codec.h"
#include "protocol/stored/legacy_offset_commit.h"
#include "protocol/stored/offset_commit.h"

namespace broker::coordinator::group {

using protocol::ErrorCode;
using protocol::GroupMetadataKey;
using protocol::GroupMetadataValue;
using protocol::LegacyOffsetCommitKey;
using protocol::OffsetCommitKey;
using protocol::OffsetCommitValue;

namespace {

constexpr int16_t group_value_version = 3;
constexpr int16_t offset_value_version = 4;
// The only one with an expire timestamp.
constexpr int16_t offset_value_version_with_expiry = 1;

}  // namespace

Record group_record(const std::string& group_id, const GroupMetadataValue& value) {
    return {key_of(GroupMetadataKey{group_id}),
            with_prefix(group_value_version, value, group_value_version)};
}

Record group_tombstone(const std::string& group_id) {
    return {key_of(GroupMetadataKey{group_id}), std::nullopt};
}

Record offset_record(const std::string& group_id, const TopicPartition& partition,
                     const CommittedOffset& offset) {
    const int16_t version =
        offset.expire_timestamp == -1 ? offset_value_version : offset_value_version_with_expiry;
    OffsetCommitValue value{.offset = offset.offset,
                            .leader_epoch = offset.leader_epoch,
                            .metadata = offset.metadata,
                            .commit_timestamp = offset.commit_timestamp,
                            .expire_timestamp = offset.expire_timestamp,
                            .topic_id = offset.topic_id};
    return {key_of(OffsetCommitKey{group_id, partition.topic, partition.partition}),
            with_prefix(version, value, version)};
}

Record offset_tombstone(const std::string& group_id, const TopicPartition& partition) {
    return {key_of(OffsetCommitKey{group_id, partition.topic, partition.partition}), std::nullopt};
}

std::expected<std::variant<GroupRecord, OffsetRecord, ForeignRecord>, ErrorCode> read_record(
    protocol::Bytes key_bytes, std::optional<protocol::Bytes> value_bytes) {
    const auto corrupt = std::unexpected(ErrorCode::corrupt_message);
    protocol::Reader reader(key_bytes);
    const auto type = reader.integer<int16_t>();
    if (!reader.ok()) return corrupt;
    if (type == GroupMetadataKey::record_type) {
        auto key = protocol::decode<GroupMetadataKey>(reader, 0);
        if (!key) return corrupt;
        GroupRecord record{.group_id = std::move(key->group), .value = {}};
        if (value_bytes) {
            record.value = decode_value<GroupMetadataValue>(*value_bytes);
            if (!record.value) return corrupt;
        }
        return record;
    }
    // The key of brokers before 0.9 has the same body, and so has its value's version 0.
    if (type == OffsetCommitKey::record_type || type == LegacyOffsetCommitKey::record_type) {
        auto key = protocol::decode<OffsetCommitKey>(reader, 0);
        if (!key) return corrupt;
        OffsetRecord record{.group_id = std::move(key->group),
                            .partition = {std::move(key->topic), key->partition},
                            .value = {}};
        if (!value_bytes) return record;
        auto value = decode_value<OffsetCommitValue>(*value_bytes);
        if (!value) return corrupt;
        record.value = {.offset = value->offset,
                        .leader_epoch = value->leader_epoch,
                        .metadata = std::move(value->metadata),
                        .commit_timestamp = value->commit_timestamp,
                        .expire_timestamp = value->expire_timestamp,
                        .topic_id = value->topic_id};
        return record;
    }
    return ForeignRecord{};
}

}  // namespace broker::coordinator::group
