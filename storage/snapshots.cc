#include "storage/snapshots.h"

#include <algorithm>
#include <utility>

#include "storage/fresh_file.h"

namespace storage {

namespace {

constexpr size_t newest_kept = 2;

}  // namespace

Snapshots::Snapshots(const SegmentContext& context, std::vector<int64_t> offsets)
    : context_(&context), offsets_(std::move(offsets)) {
    std::ranges::sort(offsets_);
}

std::expected<void, ErrorCode> Snapshots::write(int64_t offset, const ProducerState& producers) {
    const auto place = std::ranges::lower_bound(offsets_, offset);
    if (place != offsets_.end() && *place == offset) return {};
    const std::string path = context_->path(offset, SegmentFile::snapshot);
    if (!write_fresh(context_->files, path, producers.encode_snapshot())) {
        (void)context_->files.remove(path);
        return std::unexpected(ErrorCode::kafka_storage_error);
    }
    offsets_.insert(place, offset);
    return {};
}

std::expected<Snapshots::Snapshot, ErrorCode> Snapshots::newest(int64_t offset) {
    for (size_t i = offsets_.size(); i-- > 0;) {
        if (offsets_[i] > offset) continue;
        const auto bytes =
            read_whole(context_->files, context_->path(offsets_[i], SegmentFile::snapshot));
        if (!bytes) return std::unexpected(ErrorCode::kafka_storage_error);
        if (auto producers = ProducerState::decode_snapshot(*bytes))
            return Snapshot{offsets_[i], std::move(*producers)};
        if (auto removed = remove(i, i + 1); !removed) return std::unexpected(removed.error());
    }
    return Snapshot{};
}

std::expected<void, ErrorCode> Snapshots::end_transactions(int64_t offset,
                                                           const std::set<int64_t>& producer_ids) {
    if (!std::ranges::binary_search(offsets_, offset)) return {};
    const std::string path = context_->path(offset, SegmentFile::snapshot);
    const auto bytes = read_whole(context_->files, path);
    if (!bytes) return std::unexpected(ErrorCode::kafka_storage_error);
    auto producers = ProducerState::decode_snapshot(*bytes);
    if (!producers) return {};  // Nobody believes it.
    for (const int64_t id : producer_ids) producers->end_transaction(id);
    if (!replace_whole(context_->files, path, producers->encode_snapshot()))
        return std::unexpected(ErrorCode::kafka_storage_error);
    return {};
}

std::optional<int64_t> Snapshots::newest_offset() const {
    if (offsets_.empty()) return std::nullopt;
    return offsets_.back();
}

std::expected<void, ErrorCode> Snapshots::remove_above(int64_t offset) {
    const auto first = std::ranges::upper_bound(offsets_, offset) - offsets_.begin();
    return remove(static_cast<size_t>(first), offsets_.size());
}

std::expected<void, ErrorCode> Snapshots::prune(const std::vector<Segment>& segments) {
    for (size_t i = offsets_.size(); i-- > 0;) {
        const bool is_new = i + newest_kept >= offsets_.size();
        if (is_new || std::ranges::binary_search(segments, offsets_[i], {}, &Segment::base_offset))
            continue;
        if (auto removed = remove(i, i + 1); !removed) return removed;
    }
    return {};
}

std::expected<void, ErrorCode> Snapshots::remove(size_t first, size_t last) {
    for (size_t i = last; i-- > first;) {
        const std::string path = context_->path(offsets_[i], SegmentFile::snapshot);
        if (context_->files.exists(path) && !context_->files.remove(path))
            return std::unexpected(ErrorCode::kafka_storage_error);
        offsets_.erase(offsets_.begin() + static_cast<ptrdiff_t>(i));
    }
    return {};
}

}  // namespace storage
