#include "protocol/record.h"

#include <bit>
#include <cassert>
#include <cstring>
#include <utility>

namespace protocol {
namespace {

// Lengths and deltas inside a record are zigzag varints, unlike the unsigned ones of messages.
constexpr uint32_t zigzag(int32_t value) {
    return (static_cast<uint32_t>(value) << 1) ^ static_cast<uint32_t>(value >> 31);
}
constexpr uint64_t zigzag(int64_t value) {
    return (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
}

constexpr size_t varint_size(auto value) {
    return (static_cast<size_t>(std::bit_width(zigzag(value) | 1U)) + 6) / 7;
}

// Cursor over the fields of records. Failure is sticky.
class FieldReader {
  public:
    explicit FieldReader(Bytes bytes) : next_(bytes.data()), end_(next_ + bytes.size()) {}

    bool ok() const { return ok_; }
    size_t remaining() const { return static_cast<size_t>(end_ - next_); }
    const std::byte* next() const { return next_; }

    int8_t byte() { return next_ == end_ ? fail() : static_cast<int8_t>(*next_++); }
    // Bits beyond the type's width are dropped, as in Kafka.
    int32_t varint() {
        const auto value = varint_bits<uint32_t, 35>();
        return static_cast<int32_t>(value >> 1) ^ -static_cast<int32_t>(value & 1);
    }
    int64_t varlong() {
        const auto value = varint_bits<uint64_t, 70>();
        return static_cast<int64_t>(value >> 1) ^ -static_cast<int64_t>(value & 1);
    }
    Bytes bytes(int32_t size) {
        if (std::cmp_greater(size, remaining())) {
            fail();
            return {};
        }
        return {std::exchange(next_, next_ + size), static_cast<size_t>(size)};
    }
    // Every length below 0 reads as null.
    std::optional<Bytes> nullable_bytes() {
        const int32_t size = varint();
        if (size < 0) return std::nullopt;
        return bytes(size);
    }
    int8_t fail() {
        ok_ = false;
        next_ = end_;
        return 0;
    }

  private:
    template <class Bits, int end_shift>
    Bits varint_bits() {
        Bits value = 0;
        for (int shift = 0; shift < end_shift; shift += 7) {
            if (next_ == end_) break;
            const auto byte = static_cast<uint8_t>(*next_++);
            value |= static_cast<Bits>(static_cast<Bits>(byte & 0x7f) << shift);
            if (byte < 0x80) return value;
        }
        fail();
        return 0;
    }

    const std::byte* next_;
    const std::byte* end_;
    bool ok_ = true;
};

// Writes into memory that was measured before.
class FieldWriter {
  public:
    explicit FieldWriter(std::byte* next) : next_(next) {}
    const std::byte* next() const { return next_; }

    void byte(int8_t value) { *next_++ = static_cast<std::byte>(value); }
    void varint(auto value) {
        auto bits = zigzag(value);
        for (; bits >= 0x80; bits >>= 7) *next_++ = static_cast<std::byte>(bits | 0x80);
        *next_++ = static_cast<std::byte>(bits);
    }
    void nullable_bytes(const std::optional<Bytes>& field) {
        if (!field) return varint(int32_t{-1});
        varint(static_cast<int32_t>(field->size()));
        if (field->empty()) return;
        std::memcpy(next_, field->data(), field->size());
        next_ += field->size();
    }

  private:
    std::byte* next_;
};

Bytes bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

size_t size_of(const std::optional<Bytes>& field) {
    if (!field) return varint_size(int32_t{-1});
    return varint_size(static_cast<int32_t>(field->size())) + field->size();
}

size_t body_size(const StoredRecord& record, std::span<const RecordHeader> headers) {
    size_t size = sizeof(record.attributes) + varint_size(record.timestamp_delta) +
                  varint_size(record.offset_delta) + size_of(record.key) + size_of(record.value) +
                  varint_size(static_cast<int32_t>(headers.size()));
    for (const auto& header : headers)
        size += size_of(bytes_of(header.key)) + size_of(header.value);
    return size;
}

// Checks the headers at the reader and leaves it behind them.
bool skip_headers(FieldReader& reader, int32_t count) {
    // Each header takes at least two bytes, so a larger count cannot be true.
    if (count < 0 || count > record_headers_max || std::cmp_greater(count, reader.remaining()))
        return false;
    for (int32_t i = 0; i < count && reader.ok(); ++i) {
        const int32_t key_bytes = reader.varint();
        if (key_bytes < 0) return false;
        reader.bytes(key_bytes);
        reader.nullable_bytes();
    }
    return reader.ok();
}

}  // namespace

std::expected<void, ErrorCode> take_record(Bytes& rest, StoredRecord& record) {
    FieldReader outer(rest);
    const int32_t body_bytes = outer.varint();
    if (!outer.ok()) {
        // Kafka reports five bytes without an end as a broken stream, too few as a bad record.
        return std::unexpected(rest.size() < 5 ? ErrorCode::invalid_record
                                               : ErrorCode::corrupt_message);
    }
    if (body_bytes < 0) return std::unexpected(ErrorCode::invalid_record);
    const Bytes body = outer.bytes(body_bytes);
    if (!outer.ok()) return std::unexpected(ErrorCode::invalid_record);

    FieldReader reader(body);
    record.attributes = reader.byte();
    record.timestamp_delta = reader.varlong();
    record.offset_delta = reader.varint();
    record.key = reader.nullable_bytes();
    record.value = reader.nullable_bytes();
    record.header_count = reader.varint();
    record.headers = {reader.next(), reader.remaining()};
    if (!reader.ok() || !skip_headers(reader, record.header_count) || reader.remaining() != 0)
        return std::unexpected(ErrorCode::invalid_record);
    record.size_bytes = static_cast<size_t>(outer.next() - rest.data());
    record.body_bytes = body.size();
    rest = rest.subspan(record.size_bytes);
    return {};
}

void unpack_headers(const StoredRecord& record, std::vector<RecordHeader>& headers) {
    headers.clear();
    FieldReader reader(record.headers);
    for (int32_t i = 0; i < record.header_count; ++i) {
        const Bytes key = reader.bytes(reader.varint());
        headers.push_back({.key = {reinterpret_cast<const char*>(key.data()), key.size()},
                           .value = reader.nullable_bytes()});
    }
    assert(reader.ok());
}

void append_record(const StoredRecord& record, std::span<const RecordHeader> headers,
                   Blob& target) {
    const size_t body_bytes = body_size(record, headers);
    assert(body_bytes <= static_cast<size_t>(std::numeric_limits<int32_t>::max()));
    const size_t start = target.size();
    target.resize(start + varint_size(static_cast<int32_t>(body_bytes)) + body_bytes);
    FieldWriter writer(target.data() + start);
    writer.varint(static_cast<int32_t>(body_bytes));
    writer.byte(record.attributes);
    writer.varint(record.timestamp_delta);
    writer.varint(record.offset_delta);
    writer.nullable_bytes(record.key);
    writer.nullable_bytes(record.value);
    writer.varint(static_cast<int32_t>(headers.size()));
    for (const auto& header : headers) {
        writer.nullable_bytes(bytes_of(header.key));
        writer.nullable_bytes(header.value);
    }
    assert(writer.next() == target.data() + target.size());
}

}  // namespace protocol
