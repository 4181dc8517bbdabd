// The .timeindex file: the largest timestamp up to some offsets, an entry where .index has one and
// the timestamp rose, and a last one when the segment is rolled or closed.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>

#include "protocol/wire.h"
#include "storage/entry_file.h"

namespace storage {

// `timestamp` is that of the batch whose last offset is base + relative_offset.
struct TimeIndexEntry {
    static constexpr size_t size_bytes = 12;

    int64_t timestamp = -1;
    int32_t relative_offset = 0;

    static TimeIndexEntry decode(const std::byte* from) {
        protocol::Reader reader({from, size_bytes});
        TimeIndexEntry entry;
        entry.timestamp = reader.integer<int64_t>();
        entry.relative_offset = reader.integer<int32_t>();
        return entry;
    }
    void encode(std::byte* to) const {
        protocol::BufferSink sink(to);
        sink.integer(timestamp);
        sink.integer(relative_offset);
    }
};

class TimeIndex : public EntryFile<TimeIndexEntry> {
  public:
    using EntryFile::EntryFile;

    // Nothing happens unless the timestamp is larger than the last one.
    std::expected<void, ErrorCode> maybe_append(const TimeIndexEntry& entry);
    std::expected<std::optional<TimeIndexEntry>, ErrorCode> last() const;
    // The relative offset from which on records may be at or after `timestamp`.
    std::expected<int32_t, ErrorCode> lookup(int64_t timestamp) const;
    // Drops what speaks of offsets from base + relative_offset on.
    std::expected<void, ErrorCode> truncate_to_offset(int64_t relative_offset);
    // Errors: corrupt_message (the entries cannot be in order), kafka_storage_error.
    std::expected<void, ErrorCode> check() const;
};

}  // namespace storage
