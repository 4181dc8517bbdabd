#include "storage/time_index.h"

namespace storage {

std::expected<void, ErrorCode> TimeIndex::maybe_append(const TimeIndexEntry& entry) {
    const auto last_entry = last();
    if (!last_entry) return std::unexpected(last_entry.error());
    const int64_t timestamp = *last_entry ? (*last_entry)->timestamp : -1;
    if (entry.timestamp > timestamp) append(entry);
    return {};
}

std::expected<std::optional<TimeIndexEntry>, ErrorCode> TimeIndex::last() const {
    if (count() == 0) return std::nullopt;
    const auto entry = at(count() - 1);
    if (!entry) return std::unexpected(entry.error());
    return *entry;
}

std::expected<int32_t, ErrorCode> TimeIndex::lookup(int64_t timestamp) const {
    // Up to an entry no timestamp is larger than its own, so what is sought lies after the last
    // entry that is smaller.
    const auto after =
        partition_point([&](const TimeIndexEntry& entry) { return entry.timestamp < timestamp; });
    if (!after) return std::unexpected(after.error());
    if (*after == 0) return 0;
    const auto entry = at(*after - 1);
    if (!entry) return std::unexpected(entry.error());
    return entry->relative_offset;
}

std::expected<void, ErrorCode> TimeIndex::truncate_to_offset(int64_t relative_offset) {
    const auto keep = partition_point(
        [&](const TimeIndexEntry& entry) { return entry.relative_offset < relative_offset; });
    if (!keep) return std::unexpected(keep.error());
    return truncate(*keep);
}

std::expected<void, ErrorCode> TimeIndex::check() const {
    if (count() == 0) return {};
    const auto first = at(0);
    const auto last = at(count() - 1);
    if (!first || !last) return std::unexpected(ErrorCode::kafka_storage_error);
    if (last->relative_offset < 0 || last->timestamp < first->timestamp ||
        (count() > 1 && last->relative_offset == 0))
        return std::unexpected(ErrorCode::corrupt_message);
    return {};
}

}  // namespace storage
