#include "storage/producer_state.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "protocol/codec.h"
#include "protocol/crc32c.h"
#include "protocol/stored/producer_snapshot.h"
#include "protocol/wire.h"

namespace storage {
namespace {

using protocol::BatchView;
using protocol::ProducerSnapshot;
using std::unexpected;

constexpr int16_t snapshot_version = 1;
constexpr size_t snapshot_crc_position = 2;
constexpr size_t snapshot_entries_position = 6;
constexpr int16_t epoch_max = std::numeric_limits<int16_t>::max();
constexpr int64_t sequence_count = int64_t{1} << 31;  // sequences are 0 .. 2^31-1, in a circle

bool follows(int32_t sequence, int32_t previous) {
    return sequence == (int64_t{previous} + 1) % sequence_count;
}

// Sequences start anew with each epoch, so batches of another one say nothing any more.
void enter_epoch(Producer& producer, int16_t epoch) {
    if (producer.producer_epoch == epoch) return;
    producer.batches.clear();
    producer.producer_epoch = epoch;
}

void remember(Producer& producer, const ProducerBatch& batch) {
    if (producer.batches.size() == Producer::batches_max)
        producer.batches.erase(producer.batches.begin());
    producer.batches.push_back(batch);
}

const ProducerBatch* find_retried(const Producer& producer, const BatchView& batch) {
    if (producer.producer_epoch != batch.producer_epoch()) return nullptr;
    const auto same = std::ranges::find_if(producer.batches, [&](const ProducerBatch& known) {
        return known.first_sequence() == batch.base_sequence() &&
               known.last_sequence == batch.last_sequence();
    });
    return same == producer.batches.end() ? nullptr : &*same;
}

ProducerSnapshot::ProducerEntry to_entry(const Producer& producer) {
    ProducerSnapshot::ProducerEntry entry{
        .producer_id = producer.producer_id,
        .epoch = producer.producer_epoch,
        .last_sequence = producer.last_sequence(),
        .last_offset = -1,
        .timestamp = producer.last_timestamp,
        .coordinator_epoch = producer.coordinator_epoch,
        .current_txn_first_offset = producer.current_transaction_first_offset.value_or(-1)};
    if (!producer.batches.empty()) {
        entry.last_offset = producer.batches.back().last_offset;
        entry.offset_delta = producer.batches.back().offset_delta;
    }
    return entry;
}

Producer from_entry(const ProducerSnapshot::ProducerEntry& entry) {
    Producer producer{.producer_id = entry.producer_id,
                      .producer_epoch = entry.epoch,
                      .coordinator_epoch = entry.coordinator_epoch,
                      .last_timestamp = entry.timestamp};
    if (entry.current_txn_first_offset >= 0)
        producer.current_transaction_first_offset = entry.current_txn_first_offset;
    if (entry.last_offset >= 0)
        producer.batches.push_back({.last_sequence = entry.last_sequence,
                                    .last_offset = entry.last_offset,
                                    .offset_delta = entry.offset_delta,
                                    .timestamp = entry.timestamp});
    return producer;
}

}  // namespace

int32_t ProducerBatch::first_sequence() const {
    const int64_t first = int64_t{last_sequence} - offset_delta;
    return static_cast<int32_t>(first >= 0 ? first : first + sequence_count);
}

int32_t Producer::last_sequence() const {
    return batches.empty() ? protocol::no_sequence : batches.back().last_sequence;
}

std::expected<std::optional<ProducerBatch>, ErrorCode> ProducerState::check(
    const BatchView& batch, bool new_producer_starts_at_zero) const {
    if (!batch.has_producer()) return std::nullopt;
    const Producer* producer = find(batch.producer_id());
    const bool starts_at_zero = batch.base_sequence() == 0;
    if (!producer) {
        if (starts_at_zero || !new_producer_starts_at_zero) return std::nullopt;
        return unexpected(ErrorCode::out_of_order_sequence_number);
    }
    if (const ProducerBatch* retried = find_retried(*producer, batch)) return *retried;
    if (batch.producer_epoch() < producer->producer_epoch)
        return unexpected(ErrorCode::invalid_producer_epoch);
    const bool in_order = batch.producer_epoch() > producer->producer_epoch
                              ? starts_at_zero
                              : follows(batch.base_sequence(), producer->last_sequence());
    if (!in_order) return unexpected(ErrorCode::out_of_order_sequence_number);
    if (producer->current_transaction_first_offset && !batch.is_transactional())
        return unexpected(ErrorCode::invalid_txn_state);
    return std::nullopt;
}

std::expected<void, ErrorCode> ProducerState::check_marker(int64_t producer_id,
                                                           int16_t producer_epoch,
                                                           int32_t coordinator_epoch,
                                                           int16_t transaction_version) const {
    const Producer* producer = find(producer_id);
    if (!producer) return {};
    if (producer_epoch < producer->producer_epoch)
        return unexpected(ErrorCode::invalid_producer_epoch);
    if (transaction_version >= 2 && producer_epoch == producer->producer_epoch) {
        // The largest epoch cannot be bumped: there a marker has the epoch of its data.
        const bool retried = !producer->current_transaction_first_offset;
        if (!retried && producer_epoch != epoch_max)
            return unexpected(ErrorCode::invalid_producer_epoch);
    }
    if (coordinator_epoch < producer->coordinator_epoch)
        return unexpected(ErrorCode::transaction_coordinator_fenced);
    return {};
}

std::optional<protocol::AbortedTxn> ProducerState::apply(const BatchView& batch) {
    if (!batch.has_producer()) return std::nullopt;
    if (!batch.is_control()) {
        apply_data(batch);
        return std::nullopt;
    }
    // Compaction leaves a marker's batch without its record once nothing depends on it.
    const auto marker = protocol::control_record(batch);
    if (!marker) return std::nullopt;
    return apply_marker(batch, *marker);
}

void ProducerState::apply_data(const BatchView& batch) {
    Producer& producer = producers_[batch.producer_id()];
    producer.producer_id = batch.producer_id();
    enter_epoch(producer, batch.producer_epoch());
    remember(producer, {.last_sequence = batch.last_sequence(),
                        .last_offset = batch.last_offset(),
                        .offset_delta = batch.last_offset_delta(),
                        .timestamp = batch.max_timestamp()});
    producer.last_timestamp = batch.max_timestamp();
    if (!batch.is_transactional() || producer.current_transaction_first_offset) return;
    producer.current_transaction_first_offset = batch.base_offset();
    open_transactions_[batch.base_offset()] = batch.producer_id();
}

std::optional<protocol::AbortedTxn> ProducerState::apply_marker(
    const BatchView& batch, const protocol::ControlRecord& marker) {
    using protocol::ControlType;
    if (marker.type != ControlType::abort && marker.type != ControlType::commit)
        return std::nullopt;
    Producer& producer = producers_[batch.producer_id()];
    producer.producer_id = batch.producer_id();
    enter_epoch(producer, batch.producer_epoch());
    producer.coordinator_epoch = marker.coordinator_epoch;
    producer.last_timestamp = batch.max_timestamp();
    const auto first_offset = std::exchange(producer.current_transaction_first_offset, {});
    if (!first_offset) return std::nullopt;
    open_transactions_.erase(*first_offset);
    if (marker.type == ControlType::commit) return std::nullopt;
    return protocol::AbortedTxn{
        .producer_id = batch.producer_id(),
        .first_offset = *first_offset,
        .last_offset = batch.base_offset(),
        .last_stable_offset = first_unstable_offset().value_or(batch.base_offset() + 1)};
}

std::optional<int64_t> ProducerState::first_unstable_offset() const {
    if (open_transactions_.empty()) return std::nullopt;
    return open_transactions_.begin()->first;
}

const Producer* ProducerState::find(int64_t producer_id) const {
    const auto found = producers_.find(producer_id);
    return found == producers_.end() ? nullptr : &found->second;
}

void ProducerState::end_transaction(int64_t producer_id) {
    const auto found = producers_.find(producer_id);
    if (found == producers_.end()) return;
    const auto open = std::exchange(found->second.current_transaction_first_offset, {});
    if (open) open_transactions_.erase(*open);
}

void ProducerState::expire(int64_t expiration_ms, int64_t now_ms) {
    std::erase_if(producers_, [&](const auto& entry) {
        const Producer& producer = entry.second;
        return !producer.current_transaction_first_offset &&
               producer.last_timestamp <= now_ms - expiration_ms;
    });
}

protocol::Blob ProducerState::encode_snapshot() const {
    ProducerSnapshot snapshot;
    snapshot.producer_entries.reserve(producers_.size());
    for (const auto& [id, producer] : producers_)
        snapshot.producer_entries.push_back(to_entry(producer));
    std::ranges::sort(snapshot.producer_entries, {}, &ProducerSnapshot::ProducerEntry::producer_id);

    protocol::Blob bytes =
        protocol::encode_gathered(snapshot, snapshot_version, snapshot_crc_position).bytes;
    protocol::BufferSink(bytes.data()).integer(snapshot_version);
    const uint32_t crc =
        protocol::crc32c(protocol::Bytes(bytes).subspan(snapshot_entries_position));
    protocol::BufferSink(bytes.data() + snapshot_crc_position).integer(crc);
    return bytes;
}

std::optional<ProducerState> ProducerState::decode_snapshot(protocol::Bytes bytes) {
    if (bytes.size() < snapshot_entries_position) return std::nullopt;
    if (protocol::Reader(bytes).integer<int16_t>() != snapshot_version) return std::nullopt;
    const auto snapshot =
        protocol::decode<ProducerSnapshot>(bytes.subspan(snapshot_crc_position), snapshot_version);
    if (!snapshot) return std::nullopt;
    if (snapshot->crc != protocol::crc32c(bytes.subspan(snapshot_entries_position)))
        return std::nullopt;
    ProducerState state;
    for (const auto& entry : snapshot->producer_entries) {
        Producer producer = from_entry(entry);
        const auto open = producer.current_transaction_first_offset;
        if (open) state.open_transactions_[*open] = entry.producer_id;
        state.producers_[entry.producer_id] = std::move(producer);
    }
    return state;
}

}  // namespace storage
