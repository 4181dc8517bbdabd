#include "broker/coordinator/share/share_state.h"

#include <algorithm>
#include <limits>

#include "protocol/stored/framing.h"
#include "protocol/stored/share_state.h"
#include "protocol/uuid.h"

namespace broker::coordinator::share {

namespace {

using protocol::ShareSnapshotKey;
using protocol::ShareSnapshotValue;
using protocol::ShareUpdateKey;
using protocol::ShareUpdateValue;

constexpr int16_t value_version = 0;

template <class Key>
protocol::Blob encode(const SharePartitionKey& key) {
    return protocol::encode_key(
        Key{.group_id = key.group_id, .topic_id = key.topic_id, .partition = key.partition});
}

template <class Value>
void put_batches(const std::vector<StateBatch>& batches, Value& value) {
    for (const StateBatch& batch : batches)
        value.state_batches.push_back({.first_offset = batch.first_offset,
                                       .last_offset = batch.last_offset,
                                       .delivery_state = static_cast<int8_t>(batch.delivery_state),
                                       .delivery_count = batch.delivery_count});
}

// Nullopt: no broker writes such batches.
template <class Value>
std::optional<std::vector<StateBatch>> take_batches(const Value& value) {
    std::vector<StateBatch> batches;
    for (const auto& batch : value.state_batches) {
        const bool is_sound = batch.first_offset >= 0 && batch.first_offset <= batch.last_offset &&
                              batch.last_offset < std::numeric_limits<int64_t>::max() &&
                              batch.delivery_state >= 0 &&
                              batch.delivery_state <= static_cast<int8_t>(DeliveryState::archived);
        if (!is_sound) return std::nullopt;
        batches.push_back({batch.first_offset, batch.last_offset,
                           static_cast<DeliveryState>(batch.delivery_state), batch.delivery_count});
    }
    return batches;
}

std::optional<ShareState> read_snapshot(protocol::Bytes bytes) {
    const auto value = protocol::decode_value<ShareSnapshotValue>(bytes);
    if (!value) return std::nullopt;
    auto batches = take_batches(*value);
    if (!batches) return std::nullopt;
    return ShareState{.snapshot_epoch = value->snapshot_epoch,
                      .state_epoch = value->state_epoch,
                      .leader_epoch = value->leader_epoch,
                      .start_offset = value->start_offset,
                      .delivery_complete_count = value->delivery_complete_count,
                      .created_ms = value->create_timestamp,
                      .written_ms = value->write_timestamp,
                      .batches = std::move(*batches)};
}

std::optional<ShareUpdate> read_update(protocol::Bytes bytes) {
    const auto value = protocol::decode_value<ShareUpdateValue>(bytes);
    if (!value) return std::nullopt;
    auto batches = take_batches(*value);
    if (!batches) return std::nullopt;
    return ShareUpdate{.snapshot_epoch = value->snapshot_epoch,
                       .leader_epoch = value->leader_epoch,
                       .start_offset = value->start_offset,
                       .delivery_complete_count = value->delivery_complete_count,
                       .batches = std::move(*batches)};
}

template <class Key>
SharePartitionKey partition_key(Key& key) {
    return {std::move(key.group_id), key.topic_id, key.partition};
}

}  // namespace

std::string SharePartitionKey::coordinator_key() const {
    return group_id + ":" + protocol::to_string(topic_id) + ":" + std::to_string(partition);
}

Record snapshot_record(const SharePartitionKey& key, const ShareState& state) {
    ShareSnapshotValue value{.snapshot_epoch = state.snapshot_epoch,
                             .state_epoch = state.state_epoch,
                             .leader_epoch = state.leader_epoch,
                             .start_offset = state.start_offset,
                             .delivery_complete_count = state.delivery_complete_count,
                             .create_timestamp = state.created_ms,
                             .write_timestamp = state.written_ms};
    put_batches(state.batches, value);
    return {encode<ShareSnapshotKey>(key), protocol::encode_value(value, value_version)};
}

Record update_record(const SharePartitionKey& key, const ShareUpdate& update) {
    ShareUpdateValue value{.snapshot_epoch = update.snapshot_epoch,
                           .leader_epoch = update.leader_epoch,
                           .start_offset = update.start_offset,
                           .delivery_complete_count = update.delivery_complete_count};
    put_batches(update.batches, value);
    return {encode<ShareUpdateKey>(key), protocol::encode_value(value, value_version)};
}

Record tombstone(const SharePartitionKey& key) {
    return {encode<ShareSnapshotKey>(key), std::nullopt};
}

std::optional<ShareRecord> read_record(protocol::Bytes key, std::optional<protocol::Bytes> value) {
    if (auto of_snapshot = protocol::decode_key<ShareSnapshotKey>(key)) {
        ShareRecord record{.key = partition_key(*of_snapshot)};
        if (value && !(record.snapshot = read_snapshot(*value))) return std::nullopt;
        return record;
    }
    auto of_update = protocol::decode_key<ShareUpdateKey>(key);
    if (!of_update || !value) return std::nullopt;
    ShareRecord record{.key = partition_key(*of_update), .update = read_update(*value)};
    return record.update ? std::optional(std::move(record)) : std::nullopt;
}

}  // namespace broker::coordinator::share
