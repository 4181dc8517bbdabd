// Walks the batches of a .log file, of any magic, by their headers or as a whole.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>

#include "protocol/error.h"
#include "protocol/record_batch.h"
#include "storage/file_system.h"

namespace storage {

using protocol::ErrorCode;

// What storage needs to know of a batch. For magic 0 and 1, where a batch is one message, the
// offset on disk is that of the last record inside.
struct BatchHeader {
    uint64_t position = 0;
    uint64_t size_bytes = 0;
    int64_t base_offset = 0;
    int64_t last_offset = 0;
    int64_t max_timestamp = protocol::no_timestamp;
    int32_t leader_epoch = -1;
    int8_t magic = 2;

    int64_t next_offset() const { return last_offset + 1; }
    uint64_t end_position() const { return position + size_bytes; }
};

// Nullopt: no batch begins like this. `bytes` may end inside the batch, but not inside its header.
std::optional<BatchHeader> parse_batch_header(Bytes bytes, uint64_t position);

class BatchScanner {
  public:
    static constexpr size_t lookup_window_bytes = 4096;     // An index interval.
    static constexpr size_t bulk_window_bytes = 256 << 10;  // For reading all there is.

    // Walks [position, end) of a file that has at least `end` bytes.
    BatchScanner(const File& file, uint64_t position, uint64_t end,
                 size_t window_bytes = lookup_window_bytes)
        : file_(file), position_(position), end_(end), window_bytes_(window_bytes) {}

    // The next batch; nullopt at the end.
    // Errors: corrupt_message (what follows is no whole batch), kafka_storage_error.
    std::expected<std::optional<BatchHeader>, ErrorCode> next();

    // All bytes of the batch that next() gave last; valid until the next call.
    std::expected<Bytes, ErrorCode> bytes();

    // Where the next batch begins.
    uint64_t position() const { return position_; }

  private:
    std::expected<Bytes, ErrorCode> fetch(uint64_t position, size_t size);

    const File& file_;
    uint64_t position_;
    uint64_t end_;
    size_t window_bytes_;
    BatchHeader current_;
    std::unique_ptr<std::byte[]> buffer_;
    size_t buffer_capacity_ = 0;
    size_t buffered_bytes_ = 0;
    uint64_t buffer_position_ = 0;
};

// Whether the bytes of a batch of any magic have the checksum that they say.
bool has_valid_checksum(Bytes batch);

}  // namespace storage
