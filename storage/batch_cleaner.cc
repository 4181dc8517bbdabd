#include "storage/batch_cleaner.h"

#include <utility>

namespace storage {

using protocol::BatchView;
using protocol::Record;

bool BatchCleaner::is_last_of_producer(const BatchView& batch) const {
    if (!batch.has_producer()) return false;
    const auto producer = last_batches_.find(batch.producer_id());
    if (producer == last_batches_.end()) return false;
    const LastBatch& last = producer->second;
    if (last.data_offset) return !batch.is_control() && batch.last_offset() == *last.data_offset;
    // Nothing but a marker tells of the epoch that fences its predecessors.
    return batch.is_control() && batch.producer_epoch() == last.producer_epoch;
}

bool BatchCleaner::is_past_horizon(const BatchView& batch) const {
    return batch.has_delete_horizon() && batch.base_timestamp() <= rules_.now_ms;
}

bool BatchCleaner::is_kept(const BatchView& batch, const Record& record) const {
    if (record.offset >= rules_.end_offset) return true;
    // Kafka drops what got in without a key before the topic was compacted.
    if (!record.key || record.offset < keys_.find(*record.key)) return false;
    return record.value || !is_past_horizon(batch);
}

Bytes BatchCleaner::without_records(const BatchView& batch) {
    // The batch at the end stays as well, so that it can be told how far the log was compacted.
    if (!is_last_of_producer(batch) && batch.next_offset() != rules_.end_offset) return {};
    cleaned_ = protocol::build_emptied_batch(batch);
    return cleaned_;
}

std::expected<Bytes, ErrorCode> BatchCleaner::clean(const BatchView& batch) {
    if (batch.is_control()) {
        const bool ends_nothing = transactions_.ends_nothing(batch);
        markers_.push_back({batch.producer_id(), batch.base_offset()});
        return ends_nothing ? clean_control(batch) : batch.bytes();
    }
    return transactions_.is_aborted(batch) ? without_records(batch) : clean_data(batch);
}

// A marker that nothing depends on stays as long as a tombstone does, for readers that are in the
// middle of its transaction.
Bytes BatchCleaner::clean_control(const BatchView& batch) {
    const auto drop = [&] {
        markers_.back().was_dropped = true;
        return without_records(batch);
    };
    if (batch.record_count() == 0) return drop();
    if (!batch.has_delete_horizon()) {
        auto marked = rewrite(batch, rules_.now_ms + rules_.delete_retention_ms);
        return marked ? *marked : batch.bytes();
    }
    if (!is_past_horizon(batch)) return batch.bytes();
    // Kafka empties the one that tells of a producer's epoch, and does not know the epoch any more
    // when the log is replayed.
    return is_last_of_producer(batch) ? batch.bytes() : drop();
}

std::expected<Bytes, ErrorCode> BatchCleaner::clean_data(const BatchView& batch) {
    int32_t kept_count = 0;
    bool has_tombstones = false;
    const auto walked = protocol::for_each_record(batch, [&](const Record& record) {
        if (!is_kept(batch, record)) return true;
        ++kept_count;
        has_tombstones |= !record.value;
        return true;
    });
    if (!walked) return std::unexpected(walked.error());
    if (kept_count == 0) return without_records(batch);
    if (has_tombstones && !batch.has_delete_horizon())
        return rewrite(batch, rules_.now_ms + rules_.delete_retention_ms);
    if (kept_count == batch.record_count()) return batch.bytes();
    return rewrite(
        batch, batch.has_delete_horizon() ? std::optional(batch.base_timestamp()) : std::nullopt);
}

std::expected<Bytes, ErrorCode> BatchCleaner::rewrite(const BatchView& batch,
                                                      std::optional<int64_t> delete_horizon_ms) {
    protocol::BatchBuilder builder({.base_offset = batch.base_offset(),
                                    .partition_leader_epoch = batch.partition_leader_epoch(),
                                    .compression = batch.compression(),
                                    .timestamp_type = batch.timestamp_type(),
                                    .log_append_time_ms = batch.max_timestamp(),
                                    .producer_id = batch.producer_id(),
                                    .producer_epoch = batch.producer_epoch(),
                                    .base_sequence = batch.base_sequence(),
                                    .transactional = batch.is_transactional(),
                                    .control = batch.is_control(),
                                    .last_offset = batch.last_offset(),
                                    .delete_horizon_ms = delete_horizon_ms});
    const auto walked = protocol::for_each_record(batch, [&](const Record& record) {
        if (batch.is_control() || is_kept(batch, record))
            builder.add_at(record.offset, record.timestamp, record.key, record.value,
                           record.headers);
        return true;
    });
    if (!walked) return std::unexpected(walked.error());
    cleaned_ = builder.build();
    return cleaned_;
}

}  // namespace storage
