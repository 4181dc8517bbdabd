#include "storage/index.h"

namespace storage {

std::expected<IndexEntry, ErrorCode> OffsetIndex::lookup(int64_t relative_offset) const {
    const auto after = partition_point(
        [&](const IndexEntry& entry) { return entry.relative_offset <= relative_offset; });
    if (!after) return std::unexpected(after.error());
    if (*after == 0) return IndexEntry{};
    return at(*after - 1);
}

std::expected<void, ErrorCode> OffsetIndex::truncate_to_position(uint64_t position) {
    const auto keep = partition_point(
        [&](const IndexEntry& entry) { return static_cast<uint64_t>(entry.position) < position; });
    if (!keep) return std::unexpected(keep.error());
    return truncate(*keep);
}

std::expected<void, ErrorCode> OffsetIndex::check(uint64_t log_bytes) const {
    if (count() == 0) return {};
    const auto last = at(count() - 1);
    if (!last) return std::unexpected(last.error());
    // Apache Kafka leaves zeros behind an index that it could not trim: no entry has offset 0, as
    // the first batch of a segment is never indexed.
    if (last->relative_offset <= 0 || last->position <= 0 ||
        static_cast<uint64_t>(last->position) >= log_bytes)
        return std::unexpected(ErrorCode::corrupt_message);
    return {};
}

}  // namespace storage
