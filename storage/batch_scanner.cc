#include "storage/batch_scanner.h"

#include <algorithm>
#include <limits>

#include "protocol/legacy_records.h"
#include "protocol/wire.h"

namespace storage {

namespace {

using protocol::batch_header_bytes;
using protocol::batch_prefix_bytes;

// Prefix, crc, magic, attributes, and an empty key and value: a message of magic 0.
constexpr size_t legacy_message_bytes_min = batch_prefix_bytes + 14;
constexpr size_t magic_position = 16;
constexpr size_t legacy_timestamp_position = 18;
constexpr size_t record_count_position = 57;

template <class T>
T load(Bytes bytes, size_t position) {
    return protocol::Reader(bytes.subspan(position)).integer<T>();
}

}  // namespace

std::optional<BatchHeader> parse_batch_header(Bytes bytes, uint64_t position) {
    if (bytes.size() < legacy_message_bytes_min) return std::nullopt;
    BatchHeader header{.position = position, .base_offset = load<int64_t>(bytes, 0)};
    const auto length = load<int32_t>(bytes, 8);
    header.magic = load<int8_t>(bytes, magic_position);
    if (header.base_offset < 0 || length < 0) return std::nullopt;
    header.size_bytes = batch_prefix_bytes + static_cast<size_t>(length);

    if (header.magic == 0 || header.magic == 1) {
        if (header.size_bytes < legacy_message_bytes_min) return std::nullopt;
        header.last_offset = header.base_offset;
        if (header.magic == 1)
            header.max_timestamp = load<int64_t>(bytes, legacy_timestamp_position);
        return header;
    }
    if (header.magic != 2 || header.size_bytes < batch_header_bytes ||
        bytes.size() < batch_header_bytes)
        return std::nullopt;
    header.leader_epoch = load<int32_t>(bytes, 12);
    const auto last_offset_delta = load<int32_t>(bytes, 23);
    if (last_offset_delta < 0 ||
        header.base_offset > std::numeric_limits<int64_t>::max() - last_offset_delta)
        return std::nullopt;
    header.last_offset = header.base_offset + last_offset_delta;
    // In a batch that compaction emptied no record has that time.
    if (load<int32_t>(bytes, record_count_position) > 0)
        header.max_timestamp = load<int64_t>(bytes, 35);
    return header;
}

std::expected<std::optional<BatchHeader>, ErrorCode> BatchScanner::next() {
    if (position_ >= end_) return std::nullopt;
    const auto header_bytes = std::min<uint64_t>(batch_header_bytes, end_ - position_);
    const auto bytes = fetch(position_, header_bytes);
    if (!bytes) return std::unexpected(bytes.error());
    const auto header = parse_batch_header(*bytes, position_);
    if (!header || header->end_position() > end_)
        return std::unexpected(ErrorCode::corrupt_message);
    current_ = *header;
    position_ = header->end_position();
    return header;
}

std::expected<Bytes, ErrorCode> BatchScanner::bytes() {
    return fetch(current_.position, current_.size_bytes);
}

std::expected<Bytes, ErrorCode> BatchScanner::fetch(uint64_t position, size_t size) {
    if (position < buffer_position_ || position + size > buffer_position_ + buffered_bytes_) {
        const size_t wanted = std::min<uint64_t>(std::max(size, window_bytes_), end_ - position);
        if (wanted > buffer_capacity_) {
            buffer_ = std::make_unique_for_overwrite<std::byte[]>(wanted);
            buffer_capacity_ = wanted;
        }
        const auto read = file_.read_at({buffer_.get(), wanted}, position);
        buffered_bytes_ = read ? *read : 0;
        buffer_position_ = position;
        if (!read) return std::unexpected(ErrorCode::kafka_storage_error);
        if (*read < size) return std::unexpected(ErrorCode::corrupt_message);
    }
    return Bytes(buffer_.get() + (position - buffer_position_), size);
}

bool has_valid_checksum(Bytes batch) {
    if (load<int8_t>(batch, magic_position) == 2) {
        const auto view = protocol::BatchView::first_in(batch);
        return view && view->has_valid_crc();
    }
    const auto message = protocol::LegacyMessage::first_in(batch);
    return message && message->has_valid_crc();
}

}  // namespace storage
