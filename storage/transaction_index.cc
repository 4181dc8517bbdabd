#include "storage/transaction_index.h"

namespace storage {

std::expected<bool, ErrorCode> TransactionIndex::collect(
    int64_t from, int64_t to, std::vector<protocol::AbortedTxn>& found) const {
    const auto first = partition_point(
        [&](const TransactionIndexEntry& entry) { return entry.last_offset < from; });
    if (!first) return std::unexpected(first.error());
    for (size_t i = *first; i < count(); ++i) {
        const auto entry = at(i);
        if (!entry) return std::unexpected(entry.error());
        if (entry->first_offset < to) found.push_back(*entry);
        // Whatever was still open when this one ended began at or after its last stable offset.
        if (entry->last_stable_offset >= to) return true;
    }
    return false;
}

std::expected<void, ErrorCode> TransactionIndex::truncate_to_offset(int64_t offset) {
    const auto keep = partition_point(
        [&](const TransactionIndexEntry& entry) { return entry.last_offset < offset; });
    if (!keep) return std::unexpected(keep.error());
    if (count() == 0) return {};
    return truncate(*keep);
}

std::expected<void, ErrorCode> TransactionIndex::check(int64_t base_offset) const {
    int64_t previous = base_offset - 1;
    for (size_t i = 0; i < count(); ++i) {
        const auto entry = at(i);
        if (!entry) return std::unexpected(entry.error());
        if (entry->version != 0 || entry->last_offset <= previous ||
            entry->first_offset > entry->last_offset)
            return std::unexpected(ErrorCode::corrupt_message);
        previous = entry->last_offset;
    }
    return {};
}

}  // namespace storage
