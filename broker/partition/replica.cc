#include "broker/partition/replica.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "broker/partition/append_group.h"
#include "storage/batch_reader.h"

namespace broker::partition {

namespace {

using protocol::BatchView;

// Less is read, and looked at, sooner than handed from a file to a socket.
constexpr size_t stays_in_file_bytes_min = 16 << 10;

Produced refuse(ErrorCode error, std::string message = {}) {
    return {.error = error, .message = std::move(message)};
}

int compression_level(const config::TopicConfig& topic, protocol::Compression codec) {
    switch (codec) {
        case protocol::Compression::gzip: return topic.gzip_level;
        case protocol::Compression::lz4: return topic.lz4_level;
        case protocol::Compression::zstd: return topic.zstd_level;
        default: return protocol::default_compression_level;
    }
}

// The offset after the last whole batch in `bytes`, or `start` when there is none.
std::expected<int64_t, ErrorCode> end_of(protocol::Bytes bytes, int64_t start) {
    while (const auto batch = BatchView::first_in(bytes)) {
        start = batch->next_offset();
        bytes = bytes.subspan(batch->size_bytes());
    }
    return start;
}

}  // namespace

int64_t Replica::end_offset(Isolation isolation) const {
    return isolation == Isolation::read_committed ? last_stable_offset() : high_watermark();
}

bool Replica::is_open_here(int64_t producer_id, int16_t producer_epoch) const {
    const storage::Producer* producer = log_->producers().find(producer_id);
    return producer && producer->current_transaction_first_offset &&
           producer->producer_epoch == producer_epoch;
}

bool Replica::is_verified(int64_t producer_id, int16_t producer_epoch, Ticket ticket) const {
    if (is_open_here(producer_id, producer_epoch)) return true;
    return verifications_.contains({producer_id, ticket});
}

Replica::Ticket Replica::begin_verification(int64_t producer_id, int16_t producer_epoch) {
    if (is_open_here(producer_id, producer_epoch)) return 0;
    // One more, as a fenced producer that asks, too, must not take away its successor's.
    verifications_.emplace(std::pair(producer_id, ++last_ticket_), producer_epoch);
    return last_ticket_;
}

void Replica::end_verification(int64_t producer_id, Ticket ticket) {
    verifications_.erase({producer_id, ticket});
}

// Nullopt: new, in order, and part of its transaction.
std::optional<Produced> Replica::check_producer(const BatchView& batch,
                                                const AppendOptions& options) const {
    // That a batch is there already says nothing while it may not be on the disk.
    if (log_->is_offline()) return refuse(ErrorCode::kafka_storage_error);
    // KIP-890: under transaction version 2 each transaction has an epoch of its own, so its first
    // batch here has sequence 0. A partition that was never written has lost nothing (KAFKA-15591).
    const bool begins_epoch = options.ticket != 0 && options.has_epoch_per_transaction;
    const bool never_written = log_->log_end_offset() == 0;
    const auto retry_of = log_->producers().check(batch, begins_epoch || never_written);
    if (!retry_of) return refuse(retry_of.error());
    if (*retry_of)
        return Produced{.base_offset = (*retry_of)->base_offset(),
                        .log_append_time_ms = options.topic.log.timestamp_type ==
                                                      protocol::TimestampType::log_append_time
                                                  ? (*retry_of)->timestamp
                                                  : protocol::no_timestamp,
                        .log_start_offset = log_->log_start_offset()};
    if (!batch.is_transactional() || !options.must_be_verified ||
        is_verified(batch.producer_id(), batch.producer_epoch(), options.ticket))
        return std::nullopt;
    // A marker came between the coordinator's word and this append: the transaction is over.
    return refuse(ErrorCode::invalid_txn_state, "the batch is not part of an open transaction");
}

Produced Replica::append(protocol::MutableBytes records, const AppendOptions& options) {
    auto produced = check_and_append(records, options);
    if (options.ticket != 0)
        end_verification(BatchView::first_in(records)->producer_id(), options.ticket);
    return produced;
}

Produced Replica::check_and_append(protocol::MutableBytes records, const AppendOptions& options) {
    const auto& topic = options.topic;
    const auto valid = protocol::validate_produced(
        records, {.compacted = topic.log.compacts,
                  .batch_bytes_max = topic.max_message_bytes,
                  .decompressed_record_bytes_max = topic.decompressed_record_bytes_max,
                  .timestamp_type = topic.log.timestamp_type,
                  .timestamp_before_max_ms = topic.timestamp_before_max_ms,
                  .timestamp_after_max_ms = topic.timestamp_after_max_ms,
                  .now_ms = options.now_ms});
    if (!valid) {
        const auto& refusal = valid.error();
        return {.error = refusal.error,
                .message = refusal.message,
                .record_errors = refusal.record_errors};
    }
    if (auto answered = check_producer(*valid, options)) return std::move(*answered);

    protocol::MutableBytes batch = records.first(valid->size_bytes());
    protocol::Blob recompressed;
    if (topic.compression && *topic.compression != valid->compression()) {
        auto other = protocol::recompress(*valid, *topic.compression,
                                          compression_level(topic, *topic.compression));
        if (!other) return refuse(other.error());
        recompressed = std::move(*other);
        batch = recompressed;
    }

    // A client's word on its own records' times is checked, as Kafka does.
    if (topic.log.timestamp_type == protocol::TimestampType::create_time)
        protocol::set_max_timestamp(batch, topic.log.timestamp_type, valid->max_record_timestamp);

    const bool is_later = options.group && recompressed.empty();
    if (is_later && !std::exchange(is_in_group_, true)) options.group->add(*this);
    const auto appended = log_->append(batch, leader_epoch_, options.now_ms,
                                       is_later ? storage::Write::later : storage::Write::now);
    if (!appended) return refuse(appended.error());
    if (!is_in_group_) wake_waiters();
    return {.base_offset = appended->base_offset,
            .log_append_time_ms = appended->log_append_time_ms,
            .log_start_offset = log_->log_start_offset()};
}

bool Replica::write_out() {
    is_in_group_ = false;
    const auto written = log_->write_out();
    wake_waiters();
    return written.has_value();
}

std::expected<storage::Appended, ErrorCode> Replica::append_own(protocol::MutableBytes batches,
                                                                int64_t now_ms) {
    auto appended = log_->append(batches, leader_epoch_, now_ms);
    if (appended) wake_waiters();
    return appended;
}

std::expected<storage::Appended, ErrorCode> Replica::append_transactional_own(
    protocol::MutableBytes batch, Ticket ticket, int64_t now_ms) {
    const auto view = BatchView::first_in(batch);
    const int64_t producer_id = view->producer_id();
    const bool verified = is_verified(producer_id, view->producer_epoch(), ticket);
    if (ticket != 0) end_verification(producer_id, ticket);
    const storage::Producer* known = log_->producers().find(producer_id);
    if (known && known->producer_epoch > view->producer_epoch())
        return std::unexpected(ErrorCode::invalid_producer_epoch);
    if (!verified) return std::unexpected(ErrorCode::invalid_txn_state);
    return append_own(batch, now_ms);
}

// Under transaction version 2 a marker has the epoch of the transaction that comes next (KIP-890):
// whoever begins that one may ask while the marker is late, and keeps the ticket.
void Replica::end_verifications(const Marker& marker) {
    const bool spares_next = marker.transaction_version >= 2 &&
                             marker.producer_epoch < std::numeric_limits<int16_t>::max();
    const int epoch_max = spares_next ? marker.producer_epoch - 1 : marker.producer_epoch;
    auto it = verifications_.lower_bound({marker.producer_id, 0});
    while (it != verifications_.end() && it->first.first == marker.producer_id)
        it = it->second <= epoch_max ? verifications_.erase(it) : std::next(it);
}

std::expected<int64_t, ErrorCode> Replica::append_marker(const Marker& marker, int64_t now_ms) {
    const auto allowed =
        log_->producers().check_marker(marker.producer_id, marker.producer_epoch,
                                       marker.coordinator_epoch, marker.transaction_version);
    if (!allowed) return std::unexpected(allowed.error());
    end_verifications(marker);
    auto batch = protocol::build_end_transaction_marker(
        marker.producer_id, marker.producer_epoch,
        marker.commit ? protocol::ControlType::commit : protocol::ControlType::abort,
        marker.coordinator_epoch, now_ms);
    const auto appended = append_own(batch, now_ms);
    if (!appended) return std::unexpected(appended.error());
    return appended->base_offset;
}

ErrorCode Replica::check_leader_epoch(int32_t current_leader_epoch) const {
    if (current_leader_epoch == -1 || current_leader_epoch == leader_epoch_) return ErrorCode::none;
    return current_leader_epoch < leader_epoch_ ? ErrorCode::fenced_leader_epoch
                                                : ErrorCode::unknown_leader_epoch;
}

storage::LeaderEpochs::EpochEnd Replica::end_of_epoch(int32_t leader_epoch) const {
    // The leader's own epoch has begun although no batch may tell of it yet.
    if (leader_epoch == leader_epoch_) return {leader_epoch, log_->log_end_offset()};
    return log_->leader_epochs().end_offset_of(leader_epoch, log_->log_end_offset());
}

Fetched Replica::measure(const FetchFrom& from) {
    Fetched answer{.high_watermark = high_watermark(),
                   .last_stable_offset = last_stable_offset(),
                   .log_start_offset = log_->log_start_offset()};
    answer.error = log_->is_offline() ? ErrorCode::kafka_storage_error
                                      : check_leader_epoch(from.current_leader_epoch);
    if (answer.error != ErrorCode::none) return answer;
    if (from.last_fetched_epoch >= 0) {
        const auto end = end_of_epoch(from.last_fetched_epoch);
        if (end.epoch < from.last_fetched_epoch || end.end_offset < from.offset) {
            answer.diverging = end;
            return answer;
        }
    }
    const int64_t end = end_offset(from.isolation);
    if (from.offset > high_watermark() || from.offset < answer.log_start_offset) {
        answer.error = ErrorCode::offset_out_of_range;
        return answer;
    }
    if (from.offset >= end) return answer;
    auto slice = log_->read(from.offset, from.bytes_max, end, from.at_least_one);
    if (!slice) {
        answer.error = slice.error();
        return answer;
    }
    answer.slice = std::move(*slice);
    answer.size = answer.slice.size;
    return answer;
}

// Into answer.buffer.
void Replica::read_slice(Fetched& answer) {
    const storage::FileSlice slice = std::exchange(answer.slice, {});
    answer.buffer = std::make_unique_for_overwrite<std::byte[]>(slice.size);
    const auto got = slice.file->read_at({answer.buffer.get(), slice.size}, slice.position);
    answer.size = got.value_or(0);
    if (!got) answer.error = ErrorCode::kafka_storage_error;
    // Bits that flipped on the disk are found here, not by each client in its own way.
    const auto intact = storage::intact_size({answer.buffer.get(), answer.size});
    if (!intact) answer.error = intact.error();
    answer.size = intact.value_or(0);
    log_->note_checked(slice, answer.size);
}

Fetched Replica::fetch(const FetchFrom& from) {
    Fetched answer = measure(from);
    if (answer.size == 0) return answer;
    const storage::FileSlice& slice = answer.slice;
    const bool stays = from.may_stay_in_file && slice.is_checked &&
                       slice.size >= stays_in_file_bytes_min && slice.file->descriptor() >= 0;
    if (!stays) read_slice(answer);
    if (from.isolation != Isolation::read_committed || answer.size == 0) return answer;
    const auto end =
        stays ? log_->offset_bound(slice) : end_of({answer.buffer.get(), answer.size}, from.offset);
    auto aborted =
        end ? log_->aborted_transactions(from.offset, *end) : std::unexpected(end.error());
    if (aborted) {
        answer.aborted = std::move(*aborted);
    } else {
        // Without the list the reader would take aborted records for committed ones.
        answer.error = aborted.error();
        answer.size = 0;
        answer.slice = {};
    }
    return answer;
}

}  // namespace broker::partition
