#include "protocol/legacy_records.h"

#include <zlib.h>

#include <vector>

#include "protocol/scratch.h"
#include "protocol/wire.h"

namespace protocol {
namespace {

constexpr size_t crc_at = 12;
constexpr size_t magic_at = 16;
constexpr size_t attributes_at = 17;
constexpr size_t timestamp_at = 18;
constexpr size_t fields_end_of_magic_0 = 18;
constexpr size_t fields_end_of_magic_1 = 26;
constexpr size_t lengths_bytes = 2 * sizeof(int32_t);

constexpr int8_t compression_bits = 0x07;
constexpr int8_t log_append_time_bit = 0x08;

template <std::integral T>
T load(Bytes message, size_t at) {
    return Reader(message.subspan(at)).integer<T>();
}

std::optional<Bytes> nullable_bytes(Reader& reader) {
    const auto size = reader.integer<int32_t>();
    if (size < 0) return std::nullopt;
    return reader.bytes(static_cast<size_t>(size));
}

// The messages inside a wrapper, checked one by one.
std::expected<std::vector<LegacyMessage>, ErrorCode> unwrap(const LegacyMessage& wrapper,
                                                            Bytes value, Blob& plain) {
    // Kafka lets zstd into batches of magic 2 only.
    if (wrapper.compression() > Compression::lz4)
        return std::unexpected(ErrorCode::corrupt_message);
    const bool has_old_lz4 = wrapper.magic() == 0 && wrapper.compression() == Compression::lz4;
    const auto done = has_old_lz4
                          ? decompress_lz4_of_magic_0(value, decompressed_bytes_max, plain)
                          : decompress(wrapper.compression(), value, decompressed_bytes_max, plain);
    if (!done) return std::unexpected(done.error());
    std::vector<LegacyMessage> inner;
    Bytes rest = plain;
    while (const auto message = LegacyMessage::first_in(rest)) {
        if (!message->has_valid_crc()) return std::unexpected(ErrorCode::corrupt_message);
        if (message->magic() != wrapper.magic() || message->compression() != Compression::none)
            return std::unexpected(ErrorCode::invalid_record);
        inner.push_back(*message);
        rest = rest.subspan(message->size_bytes());
    }
    // As everywhere, a last message that is cut short does not count; anything else would.
    if (const auto frame = frame_of(rest); !frame || *frame || inner.empty())
        return std::unexpected(ErrorCode::invalid_record);
    return inner;
}

}  // namespace

std::optional<LegacyMessage> LegacyMessage::first_in(Bytes bytes) {
    const auto frame = frame_of(bytes);
    if (!frame || !*frame || (*frame)->magic > 1) return std::nullopt;
    const size_t fields_end = (*frame)->magic == 0 ? fields_end_of_magic_0 : fields_end_of_magic_1;
    if ((*frame)->size_bytes < fields_end + lengths_bytes) return std::nullopt;
    return LegacyMessage(bytes.first((*frame)->size_bytes));
}

int64_t LegacyMessage::offset() const { return load<int64_t>(bytes_, 0); }
int8_t LegacyMessage::magic() const { return load<int8_t>(bytes_, magic_at); }
uint32_t LegacyMessage::crc() const { return load<uint32_t>(bytes_, crc_at); }
int8_t LegacyMessage::attributes() const { return load<int8_t>(bytes_, attributes_at); }

int64_t LegacyMessage::timestamp() const {
    return magic() == 0 ? no_timestamp : load<int64_t>(bytes_, timestamp_at);
}

TimestampType LegacyMessage::timestamp_type() const {
    return magic() == 1 && (attributes() & log_append_time_bit) != 0
               ? TimestampType::log_append_time
               : TimestampType::create_time;
}

Compression LegacyMessage::compression() const {
    return static_cast<Compression>(attributes() & compression_bits);
}

bool LegacyMessage::has_valid_crc() const {
    const Bytes covered = bytes_.subspan(magic_at);
    return crc() == ::crc32_z(0, reinterpret_cast<const Bytef*>(covered.data()), covered.size());
}

std::expected<LegacyMessage::Content, ErrorCode> LegacyMessage::content() const {
    Reader reader(bytes_.subspan(magic() == 0 ? fields_end_of_magic_0 : fields_end_of_magic_1));
    Content content;
    content.key = nullable_bytes(reader);
    content.value = nullable_bytes(reader);
    if (!reader.ok() || reader.remaining() != 0) return std::unexpected(ErrorCode::invalid_record);
    return content;
}

std::expected<void, ErrorCode> for_each_legacy_record(const LegacyMessage& message,
                                                      RecordVisitor visit) {
    if (!message.has_valid_crc()) return std::unexpected(ErrorCode::corrupt_message);
    const auto content = message.content();
    if (!content) return std::unexpected(content.error());
    if (message.compression() == Compression::none) {
        visit({.offset = message.offset(),
               .timestamp = message.timestamp(),
               .key = content->key,
               .value = content->value});
        return {};
    }
    if (!content->value) return std::unexpected(ErrorCode::invalid_record);
    Scratch scratch;
    const auto inner = unwrap(message, *content->value, scratch.blob());
    if (!inner) return std::unexpected(inner.error());
    // In magic 1 offsets inside a wrapper count from 0, and the wrapper has that of the last one.
    const uint64_t base_offset = message.magic() == 0
                                     ? 0
                                     : static_cast<uint64_t>(message.offset()) -
                                           static_cast<uint64_t>(inner->back().offset());
    for (const auto& record : *inner) {
        const auto fields = record.content();
        if (!fields) return std::unexpected(fields.error());
        const bool has_own_time = message.timestamp_type() == TimestampType::create_time;
        const bool go_on = visit(
            {.offset = static_cast<int64_t>(base_offset + static_cast<uint64_t>(record.offset())),
             .timestamp = has_own_time ? record.timestamp() : message.timestamp(),
             .key = fields->key,
             .value = fields->value});
        if (!go_on) break;
    }
    return {};
}

}  // namespace protocol
