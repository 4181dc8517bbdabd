#include "protocol/record_batch.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>
#include <utility>

#include "protocol/crc32c.h"
#include "protocol/scratch.h"
#include "protocol/wire.h"

namespace protocol {
namespace {

// Where the header's fields lie.
constexpr size_t batch_length_at = 8;
constexpr size_t leader_epoch_at = 12;
constexpr size_t magic_at = 16;
constexpr size_t crc_at = 17;
constexpr size_t attributes_at = 21;
constexpr size_t last_offset_delta_at = 23;
constexpr size_t base_timestamp_at = 27;
constexpr size_t max_timestamp_at = 35;
constexpr size_t producer_id_at = 43;
constexpr size_t producer_epoch_at = 51;
constexpr size_t base_sequence_at = 53;
constexpr size_t record_count_at = 57;

constexpr int16_t compression_bits = 0x07;
constexpr int16_t log_append_time_bit = 0x08;
constexpr int16_t transactional_bit = 0x10;
constexpr int16_t control_bit = 0x20;
constexpr int16_t delete_horizon_bit = 0x40;

constexpr int8_t current_magic = 2;
// What the length field counts at least: the rest of a header, or of a message of magic 0.
constexpr int32_t batch_length_min = batch_header_bytes - batch_prefix_bytes;
constexpr int32_t legacy_length_min = 14;

template <std::integral T>
T load(Bytes batch, size_t at) {
    T value;
    std::memcpy(&value, batch.data() + at, sizeof(value));
    return big_endian(value);
}

template <std::integral T>
void store(MutableBytes batch, size_t at, T value) {
    value = big_endian(value);
    std::memcpy(batch.data() + at, &value, sizeof(value));
}

void store_crc(MutableBytes batch) {
    store(batch, crc_at, crc32c(Bytes(batch).subspan(attributes_at)));
}

// Offsets and times of a hostile batch may overflow, which must wrap as in Kafka.
int64_t wrapping_sum(int64_t left, int64_t right) {
    return static_cast<int64_t>(static_cast<uint64_t>(left) + static_cast<uint64_t>(right));
}
int64_t wrapping_difference(int64_t left, int64_t right) {
    return static_cast<int64_t>(static_cast<uint64_t>(left) - static_cast<uint64_t>(right));
}

}  // namespace

int32_t sequence_after(int32_t sequence, int32_t delta) {
    const auto sum = static_cast<uint32_t>(sequence) + static_cast<uint32_t>(delta);
    return static_cast<int32_t>(sum & std::numeric_limits<int32_t>::max());
}

std::expected<std::optional<BatchFrame>, ErrorCode> frame_of(Bytes bytes) {
    if (bytes.size() < batch_prefix_bytes) return std::nullopt;
    const auto length = load<int32_t>(bytes, batch_length_at);
    constexpr int32_t length_max = std::numeric_limits<int32_t>::max() - batch_prefix_bytes;
    if (length < legacy_length_min || length > length_max)
        return std::unexpected(ErrorCode::corrupt_message);
    if (bytes.size() <= magic_at) return std::nullopt;
    const auto magic = load<int8_t>(bytes, magic_at);
    if (magic < 0 || magic > current_magic) return std::unexpected(ErrorCode::corrupt_message);
    if (magic == current_magic && length < batch_length_min)
        return std::unexpected(ErrorCode::corrupt_message);
    const size_t size_bytes = batch_prefix_bytes + static_cast<size_t>(length);
    if (bytes.size() < size_bytes) return std::nullopt;
    return BatchFrame{.offset = load<int64_t>(bytes, 0), .size_bytes = size_bytes, .magic = magic};
}

std::optional<BatchView> BatchView::first_in(Bytes bytes) {
    const auto frame = frame_of(bytes);
    if (!frame || !*frame || (*frame)->magic != current_magic) return std::nullopt;
    return BatchView(bytes.first((*frame)->size_bytes));
}

int64_t BatchView::base_offset() const { return load<int64_t>(bytes_, 0); }
int32_t BatchView::partition_leader_epoch() const { return load<int32_t>(bytes_, leader_epoch_at); }
uint32_t BatchView::crc() const { return load<uint32_t>(bytes_, crc_at); }
int16_t BatchView::attributes() const { return load<int16_t>(bytes_, attributes_at); }
int32_t BatchView::last_offset_delta() const { return load<int32_t>(bytes_, last_offset_delta_at); }
int64_t BatchView::last_offset() const { return wrapping_sum(base_offset(), last_offset_delta()); }
int64_t BatchView::next_offset() const { return wrapping_sum(last_offset(), 1); }
int64_t BatchView::base_timestamp() const { return load<int64_t>(bytes_, base_timestamp_at); }
int64_t BatchView::max_timestamp() const { return load<int64_t>(bytes_, max_timestamp_at); }
int64_t BatchView::producer_id() const { return load<int64_t>(bytes_, producer_id_at); }
int16_t BatchView::producer_epoch() const { return load<int16_t>(bytes_, producer_epoch_at); }
int32_t BatchView::base_sequence() const { return load<int32_t>(bytes_, base_sequence_at); }
int32_t BatchView::record_count() const { return load<int32_t>(bytes_, record_count_at); }
Bytes BatchView::records() const { return bytes_.subspan(batch_header_bytes); }

int32_t BatchView::last_sequence() const {
    if (base_sequence() == no_sequence) return no_sequence;
    return sequence_after(base_sequence(), last_offset_delta());
}

Compression BatchView::compression() const {
    return static_cast<Compression>(attributes() & compression_bits);
}
TimestampType BatchView::timestamp_type() const {
    return (attributes() & log_append_time_bit) != 0 ? TimestampType::log_append_time
                                                     : TimestampType::create_time;
}
bool BatchView::is_transactional() const { return (attributes() & transactional_bit) != 0; }
bool BatchView::is_control() const { return (attributes() & control_bit) != 0; }
bool BatchView::has_delete_horizon() const { return (attributes() & delete_horizon_bit) != 0; }
bool BatchView::has_valid_crc() const { return crc() == crc32c(bytes_.subspan(attributes_at)); }

std::optional<BatchView> BatchCursor::next() {
    const auto batch = BatchView::first_in(rest_);
    if (batch) rest_ = rest_.subspan(batch->size_bytes());
    return batch;
}

void set_base_offset(MutableBytes batch, int64_t base_offset) { store(batch, 0, base_offset); }

void set_partition_leader_epoch(MutableBytes batch, int32_t leader_epoch) {
    store(batch, leader_epoch_at, leader_epoch);
}

void set_max_timestamp(MutableBytes batch, TimestampType type, int64_t max_timestamp) {
    const auto before = load<int16_t>(batch, attributes_at);
    const auto after = static_cast<int16_t>(type == TimestampType::log_append_time
                                                ? before | log_append_time_bit
                                                : before & ~log_append_time_bit);
    if (after == before && load<int64_t>(batch, max_timestamp_at) == max_timestamp) return;
    store(batch, attributes_at, after);
    store(batch, max_timestamp_at, max_timestamp);
    store_crc(batch);
}

std::expected<void, ErrorCode> for_each_stored_record(const BatchView& batch,
                                                      StoredRecordVisitor visit) {
    if (batch.record_count() < 0) return std::unexpected(ErrorCode::invalid_record);
    if (batch.record_count() == 0) return {};
    Bytes rest = batch.records();
    std::optional<Scratch> scratch;
    if (batch.compression() != Compression::none) {
        auto& plain = scratch.emplace().blob();
        if (auto done = decompress(batch.compression(), rest, decompressed_bytes_max, plain); !done)
            return done;
        rest = plain;
    }
    StoredRecord record;
    for (int32_t i = 0; i < batch.record_count(); ++i) {
        if (auto taken = take_record(rest, record); !taken) return taken;
        if (!visit(record)) return {};
    }
    if (!rest.empty()) return std::unexpected(ErrorCode::invalid_record);
    return {};
}

std::expected<void, ErrorCode> for_each_record(const BatchView& batch, RecordVisitor visit) {
    const bool has_own_times = batch.timestamp_type() == TimestampType::create_time;
    Record record;
    return for_each_stored_record(batch, [&](const StoredRecord& stored) {
        record.offset = wrapping_sum(batch.base_offset(), stored.offset_delta);
        record.timestamp = has_own_times
                               ? wrapping_sum(batch.base_timestamp(), stored.timestamp_delta)
                               : batch.max_timestamp();
        record.key = stored.key;
        record.value = stored.value;
        unpack_headers(stored, record.headers);
        return visit(record);
    });
}

std::expected<ControlRecord, ErrorCode> control_record(const BatchView& batch) {
    if (!batch.is_control()) return std::unexpected(ErrorCode::invalid_record);
    std::optional<ControlRecord> control;
    const auto walked = for_each_record(batch, [&](const Record& record) {
        Reader key(record.key.value_or(Bytes{}));
        const auto key_version = key.integer<int16_t>();
        control = ControlRecord{.type = static_cast<ControlType>(key.integer<int16_t>())};
        bool is_sound = key.ok() && key_version >= 0;
        if (control->type == ControlType::abort || control->type == ControlType::commit) {
            Reader value(record.value.value_or(Bytes{}));
            const auto value_version = value.integer<int16_t>();
            control->coordinator_epoch = value.integer<int32_t>();
            is_sound = is_sound && value.ok() && value_version >= 0;
        }
        if (!is_sound) control.reset();
        return false;
    });
    if (!walked) return std::unexpected(walked.error());
    if (!control) return std::unexpected(ErrorCode::invalid_record);
    return *control;
}

namespace {

int16_t attributes_of(const BatchBuilder::Options& options) {
    int attributes = std::to_underlying(options.compression);
    if (options.timestamp_type == TimestampType::log_append_time) attributes |= log_append_time_bit;
    if (options.transactional) attributes |= transactional_bit;
    if (options.control) attributes |= control_bit;
    if (options.delete_horizon_ms) attributes |= delete_horizon_bit;
    return static_cast<int16_t>(attributes);
}

int32_t batch_length(const Blob& batch) {
    const size_t length = batch.size() - batch_prefix_bytes;
    assert(length <= static_cast<size_t>(std::numeric_limits<int32_t>::max()));
    return static_cast<int32_t>(length);
}

}  // namespace

void BatchBuilder::clear() {
    batch_.assign(batch_header_bytes, std::byte{0});
    count_ = 0;
    next_offset_ = options_.base_offset;
    // KIP-534: the horizon takes the base timestamp's place.
    base_timestamp_ = options_.delete_horizon_ms.value_or(no_timestamp);
    max_timestamp_ = no_timestamp;
}

void BatchBuilder::add(int64_t timestamp, std::optional<Bytes> key, std::optional<Bytes> value,
                       std::span<const RecordHeader> headers) {
    add_at(next_offset_, timestamp, key, value, headers);
}

void BatchBuilder::add_at(int64_t offset, int64_t timestamp, std::optional<Bytes> key,
                          std::optional<Bytes> value, std::span<const RecordHeader> headers) {
    const int64_t offset_delta = offset - options_.base_offset;
    assert((count_ == 0 || offset >= next_offset_) && std::in_range<int32_t>(offset_delta));
    if (count_ == 0 && !options_.delete_horizon_ms) base_timestamp_ = timestamp;
    append_record({.timestamp_delta = wrapping_difference(timestamp, base_timestamp_),
                   .offset_delta = static_cast<int32_t>(offset_delta),
                   .key = key,
                   .value = value},
                  headers, batch_);
    max_timestamp_ = std::max(max_timestamp_, timestamp);
    next_offset_ = offset + 1;
    ++count_;
}

Blob BatchBuilder::build() {
    Blob batch = std::exchange(batch_, {});
    if (options_.compression != Compression::none) {
        Blob packed(batch_header_bytes);
        compress(options_.compression, Bytes(batch).subspan(batch_header_bytes),
                 options_.compression_level, packed);
        batch = std::move(packed);
    }
    const int64_t last_offset = options_.last_offset.value_or(next_offset_ - 1);
    const bool has_own_times = options_.timestamp_type == TimestampType::create_time;
    BufferSink header(batch.data());
    header.integer(options_.base_offset);
    header.integer(batch_length(batch));
    header.integer(options_.partition_leader_epoch);
    header.integer(current_magic);
    header.integer(uint32_t{0});
    header.integer(attributes_of(options_));
    header.integer(static_cast<int32_t>(last_offset - options_.base_offset));
    header.integer(base_timestamp_);
    header.integer(has_own_times ? max_timestamp_ : options_.log_append_time_ms);
    header.integer(options_.producer_id);
    header.integer(options_.producer_epoch);
    header.integer(options_.base_sequence);
    header.integer(count_);
    assert(header.next() == batch.data() + batch_header_bytes);
    store_crc(batch);
    clear();
    return batch;
}

Blob build_emptied_batch(const BatchView& batch) {
    const Bytes header = batch.bytes().first(batch_header_bytes);
    Blob emptied(header.begin(), header.end());
    const int16_t kept_bits = log_append_time_bit | transactional_bit | control_bit;
    store(MutableBytes(emptied), batch_length_at, batch_length(emptied));
    store(MutableBytes(emptied), attributes_at,
          static_cast<int16_t>(batch.attributes() & kept_bits));
    store(MutableBytes(emptied), base_timestamp_at, no_timestamp);
    store(MutableBytes(emptied), record_count_at, int32_t{0});
    store_crc(emptied);
    return emptied;
}

Blob build_end_transaction_marker(int64_t producer_id, int16_t producer_epoch, ControlType outcome,
                                  int32_t coordinator_epoch, int64_t timestamp) {
    assert(outcome == ControlType::abort || outcome == ControlType::commit);
    constexpr int16_t key_version = 0, value_version = 0;
    std::array<std::byte, 4> key;
    BufferSink key_sink(key.data());
    key_sink.integer(key_version);
    key_sink.integer(std::to_underlying(outcome));
    std::array<std::byte, 6> value;
    BufferSink value_sink(value.data());
    value_sink.integer(value_version);
    value_sink.integer(coordinator_epoch);

    BatchBuilder builder({.producer_id = producer_id,
                          .producer_epoch = producer_epoch,
                          .transactional = true,
                          .control = true});
    builder.add(timestamp, Bytes(key), Bytes(value));
    return builder.build();
}

std::expected<Blob, ErrorCode> recompress(const BatchView& batch, Compression compression,
                                          int level) {
    Scratch scratch;
    auto& plain = scratch.blob();
    if (auto done = decompress(batch.compression(), batch.records(), decompressed_bytes_max, plain);
        !done)
        return std::unexpected(done.error());
    const Bytes header = batch.bytes().first(batch_header_bytes);
    Blob other(header.begin(), header.end());
    compress(compression, plain, level, other);
    store(MutableBytes(other), batch_length_at, batch_length(other));
    store(MutableBytes(other), attributes_at,
          static_cast<int16_t>((batch.attributes() & ~compression_bits) |
                               std::to_underlying(compression)));
    store_crc(other);
    return other;
}

}  // namespace protocol
