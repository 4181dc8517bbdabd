// Primitive reads and writes of the Kafka wire: big-endian integers, varints, raw bytes.
#pragma once

#include <bit>
#include <cassert>
#include <concepts>
#include <cstring>
#include <utility>
#include <vector>

#include "protocol/types.h"

namespace protocol {

template <std::integral T>
constexpr T big_endian(T value) {
    if constexpr (sizeof(T) == 1)
        return value;
    else if constexpr (sizeof(T) == 2)
        return static_cast<T>(__builtin_bswap16(value));
    else if constexpr (sizeof(T) == 4)
        return static_cast<T>(__builtin_bswap32(value));
    else
        return static_cast<T>(__builtin_bswap64(value));
}

constexpr size_t unsigned_varint_size(uint32_t value) {
    return (std::bit_width(value | 1U) + 6U) / 7U;
}

// The most elements that Kafka reads in one array.
inline constexpr int32_t kafka_array_elements_max = 1'000'000;

// Cursor over one received frame. Failure is sticky: after a short or malformed read every read
// yields zero and ok() stays false, so decoders check once at the end, not after every field.
class Reader {
  public:
    // `array_elements_max`: an array that claims more is refused.
    explicit Reader(Bytes frame, int32_t array_elements_max = kafka_array_elements_max)
        : next_(frame.data()),
          end_(next_ + frame.size()),
          array_elements_max_(array_elements_max) {}

    int32_t array_elements_max() const { return array_elements_max_; }
    bool ok() const { return ok_; }
    size_t remaining() const { return static_cast<size_t>(end_ - next_); }

    void fail() {
        ok_ = false;
        next_ = end_;
    }

    template <std::integral T>
    T integer() {
        if (remaining() < sizeof(T)) [[unlikely]] {
            fail();
            return T{};
        }
        T value;
        std::memcpy(&value, next_, sizeof(T));
        next_ += sizeof(T);
        return big_endian(value);
    }

    // KIP-482 UNSIGNED_VARINT.
    uint32_t unsigned_varint() {
        if (next_ != end_ && static_cast<uint8_t>(*next_) < 0x80) [[likely]]
            return static_cast<uint8_t>(*next_++);
        uint32_t value = 0;
        for (int shift = 0; shift < 35; shift += 7) {
            const auto byte = integer<uint8_t>();
            value |= static_cast<uint32_t>(byte & 0x7f) << shift;
            if (byte < 0x80) return value;
        }
        fail();
        return 0;
    }

    Bytes bytes(size_t size) {
        if (remaining() < size) [[unlikely]] {
            fail();
            return {};
        }
        return {std::exchange(next_, next_ + size), size};
    }

  private:
    const std::byte* next_;
    const std::byte* end_;
    int32_t array_elements_max_;
    bool ok_ = true;
};

// Where the bytes of a `records` field belong in a message that was written without them.
struct Splice {
    size_t at = 0;  // they come before this byte of the written message
    Bytes records;
    size_t elsewhere_bytes = 0;  // as in Records
};

// Counts what a BufferSink would write.
class SizeSink {
  public:
    size_t size() const { return size_; }
    // How many of them are the contents of `records` fields.
    size_t record_bytes() const { return record_bytes_; }

    template <std::integral T>
    void integer(T) {
        size_ += sizeof(T);
    }
    void unsigned_varint(uint32_t value) { size_ += unsigned_varint_size(value); }
    void bytes(Bytes data) { size_ += data.size(); }
    void records(const Records& records) {
        const size_t bytes = records.bytes.size() + records.elsewhere_bytes;
        size_ += bytes;
        record_bytes_ += bytes;
    }

  private:
    size_t size_ = 0;
    size_t record_bytes_ = 0;
};

// Writes into memory that a SizeSink has measured, hence without bounds checks. Given `splices`, it
// leaves record batches where they are and notes where they belong, so that the socket can gather
// them (writev) instead of the codec copying them.
class BufferSink {
  public:
    explicit BufferSink(std::byte* target, std::vector<Splice>* splices = nullptr)
        : target_(target), next_(target), splices_(splices) {}
    std::byte* next() const { return next_; }

    template <std::integral T>
    void integer(T value) {
        value = big_endian(value);
        std::memcpy(next_, &value, sizeof(T));
        next_ += sizeof(T);
    }
    void unsigned_varint(uint32_t value) {
        for (; value >= 0x80; value >>= 7) *next_++ = static_cast<std::byte>(value | 0x80);
        *next_++ = static_cast<std::byte>(value);
    }
    void bytes(Bytes data) {
        if (data.empty()) return;
        std::memcpy(next_, data.data(), data.size());
        next_ += data.size();
    }
    void records(const Records& records) {
        const auto& [data, elsewhere_bytes] = records;
        assert(splices_ || elsewhere_bytes == 0);
        if (splices_ == nullptr) return bytes(data);
        if (!data.empty() || elsewhere_bytes > 0)
            splices_->push_back({static_cast<size_t>(next_ - target_), data, elsewhere_bytes});
    }

  private:
    std::byte* target_;
    std::byte* next_;
    std::vector<Splice>* splices_;
};

}  // namespace protocol
