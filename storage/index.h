// The .index file: where in the .log the batches of some offsets begin, an entry for every few
// kilobytes (index.interval.bytes).
#pragma once

#include <cstdint>
#include <expected>
#include <string>

#include "protocol/wire.h"
#include "storage/entry_file.h"

namespace storage {

// The batch whose last offset is base + relative_offset begins at `position`.
struct IndexEntry {
    static constexpr size_t size_bytes = 8;

    int32_t relative_offset = 0;
    int32_t position = 0;

    static IndexEntry decode(const std::byte* from) {
        protocol::Reader reader({from, size_bytes});
        IndexEntry entry;
        entry.relative_offset = reader.integer<int32_t>();
        entry.position = reader.integer<int32_t>();
        return entry;
    }
    void encode(std::byte* to) const {
        protocol::BufferSink sink(to);
        sink.integer(relative_offset);
        sink.integer(position);
    }
};

class OffsetIndex : public EntryFile<IndexEntry> {
  public:
    using EntryFile::EntryFile;

    // The last entry that is not past base + relative_offset; one of zeros, which stands for the
    // start of the log, when there is none.
    std::expected<IndexEntry, ErrorCode> lookup(int64_t relative_offset) const;
    // Drops what points at or past `position`.
    std::expected<void, ErrorCode> truncate_to_position(uint64_t position);
    // Whether the last entry can be true of a log of this size.
    // Errors: corrupt_message (it can't), kafka_storage_error.
    std::expected<void, ErrorCode> check(uint64_t log_bytes) const;
};

}  // namespace storage
