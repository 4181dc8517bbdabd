// One record of a batch of magic 2 (KIP-98): its fields, and how they are laid out in the batch.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

inline constexpr int64_t no_timestamp = -1;

// Kafka has no limit; this one bounds what a list of headers of two bytes each grows to in memory.
inline constexpr int32_t record_headers_max = 1'000'000;

struct RecordHeader {
    std::string_view key;
    std::optional<Bytes> value;
};

// One record, viewing into its batch or into the buffer that it was decompressed to.
struct Record {
    int64_t offset = 0;
    int64_t timestamp = no_timestamp;
    std::optional<Bytes> key;
    std::optional<Bytes> value;
    std::vector<RecordHeader> headers;
};

// A record as it is stored: times and offsets relative to its batch, headers still packed.
struct StoredRecord {
    size_t size_bytes = 0;  // with the varint that tells its length
    size_t body_bytes = 0;  // without
    int8_t attributes = 0;
    int64_t timestamp_delta = 0;
    int32_t offset_delta = 0;
    std::optional<Bytes> key;
    std::optional<Bytes> value;
    int32_t header_count = 0;
    Bytes headers;
};

// Takes the first record off `rest`. Its whole structure is checked, that of its headers too.
// Errors: invalid_record; corrupt_message when not even its size can be read.
std::expected<void, ErrorCode> take_record(Bytes& rest, StoredRecord& record);

// Unpacks the headers of a record that take_record() gave; `headers` keeps its memory.
void unpack_headers(const StoredRecord& record, std::vector<RecordHeader>& headers);

// Appends a record; its sizes and packed headers are not looked at. Requires: each field of
// less than 2^31 bytes, and so all of them together.
void append_record(const StoredRecord& record, std::span<const RecordHeader> headers, Blob& target);

}  // namespace protocol
