#include "storage/compaction.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "storage/producer_state.h"

namespace storage {

using protocol::BatchView;

namespace {

constexpr size_t write_bytes = 1 << 20;

std::unexpected<ErrorCode> storage_error() {
    return std::unexpected(ErrorCode::kafka_storage_error);
}

}  // namespace

std::expected<std::shared_ptr<File>, ErrorCode> CompactionRound::open(int64_t base_offset,
                                                                      SegmentFile kind) {
    auto file = context_.files.open(context_.path(base_offset, kind), FileSystem::Open::read);
    if (!file) return storage_error();
    return *std::move(file);
}

std::expected<uint64_t, ErrorCode> CompactionRound::size_of(int64_t base_offset, SegmentFile kind) {
    // An index that is missing is made anew when it is needed.
    if (kind != SegmentFile::log && !context_.files.exists(context_.path(base_offset, kind)))
        return 0;
    const auto file = open(base_offset, kind);
    if (!file) return std::unexpected(file.error());
    const auto size = (*file)->size();
    if (!size) return storage_error();
    return *size;
}

std::expected<void, ErrorCode> CompactionRound::for_each_batch(int64_t base_offset,
                                                               const VisitBatch& visit) {
    const auto file = open(base_offset, SegmentFile::log);
    if (!file) return std::unexpected(file.error());
    const auto size = (*file)->size();
    if (!size) return storage_error();
    BatchScanner scanner(**file, 0, *size, BatchScanner::bulk_window_bytes);
    for (;;) {
        if (options_.is_cancelled && *options_.is_cancelled)
            return std::unexpected(ErrorCode::operation_not_attempted);
        const auto header = scanner.next();
        if (!header) return std::unexpected(header.error());
        if (!*header) return {};
        if ((*header)->magic < 2) return std::unexpected(ErrorCode::unsupported_for_message_format);
        const auto bytes = scanner.bytes();
        if (!bytes) return std::unexpected(bytes.error());
        const auto batch = BatchView::first_in(*bytes);
        if (!batch || !batch->has_valid_crc()) return std::unexpected(ErrorCode::corrupt_message);
        const auto goes_on = visit(*batch);
        if (!goes_on) return std::unexpected(goes_on.error());
        if (!*goes_on) return {};
    }
}

std::expected<std::vector<protocol::AbortedTxn>, ErrorCode> CompactionRound::read_aborted() {
    auto aborted = plan_.aborted;
    for (const int64_t base_offset : plan_.segments) {
        TransactionIndex index(context_.files,
                               context_.path(base_offset, SegmentFile::transaction_index));
        auto loaded = index.load();
        if (loaded) loaded = index.check(base_offset);
        if (!loaded) return std::unexpected(loaded.error());
        for (size_t i = 0; i < index.count(); ++i) {
            const auto entry = index.at(i);
            if (!entry) return std::unexpected(entry.error());
            aborted.push_back(*entry);
        }
    }
    return aborted;
}

std::expected<void, ErrorCode> CompactionRound::read_snapshots() {
    for (const int64_t base_offset : plan_.segments) {
        const auto bytes =
            read_whole(context_.files, context_.path(base_offset, SegmentFile::snapshot));
        if (!bytes && bytes.error() == std::errc::no_such_file_or_directory) continue;
        if (!bytes) return storage_error();
        const auto producers = ProducerState::decode_snapshot(*bytes);
        if (!producers) continue;
        for (const auto& [id, producer] : producers->producers())
            if (producer.current_transaction_first_offset)
                open_in_snapshots_[id].push_back(base_offset);
    }
    return {};
}

std::expected<uint64_t, ErrorCode> CompactionRound::count_dirty_records() {
    uint64_t count = 0;
    for (size_t i = next_segment_; i < plan_.segments.size(); ++i) {
        const auto walked = for_each_batch(plan_.segments[i], [&](const BatchView& batch) {
            if (!batch.is_control())
                count += static_cast<uint64_t>(std::max(batch.record_count(), 0));
            return true;
        });
        if (!walked) return std::unexpected(walked.error());
    }
    return count;
}

std::expected<void, ErrorCode> CompactionRound::read_keys() {
    const auto after = std::ranges::upper_bound(plan_.segments, plan_.first_dirty_offset);
    next_segment_ = static_cast<size_t>(std::max<ptrdiff_t>(after - plan_.segments.begin() - 1, 0));
    auto aborted = read_aborted();
    if (!aborted) return std::unexpected(aborted.error());
    if (auto read = read_snapshots(); !read) return read;
    const auto record_count = count_dirty_records();
    if (!record_count) return std::unexpected(record_count.error());
    keys_.emplace(options_.keys, *record_count);
    if (auto entered = enter_keys(CleanedTransactions(*aborted)); !entered) return entered;
    cleaner_.emplace(BatchCleaner::Rules{.now_ms = options_.now_ms,
                                         .delete_retention_ms = plan_.config.delete_retention_ms,
                                         .end_offset = end_offset_},
                     *keys_, plan_.last_batches, CleanedTransactions(*std::move(aborted)));
    next_segment_ = 0;
    return {};
}

std::expected<void, ErrorCode> CompactionRound::enter_keys(CleanedTransactions transactions) {
    end_offset_ = plan_.end_offset;
    bool has_room = true;
    for (size_t i = next_segment_; i < plan_.segments.size() && has_room; ++i) {
        const auto walked = for_each_batch(
            plan_.segments[i], [&](const BatchView& batch) -> std::expected<bool, ErrorCode> {
                if (batch.is_control()) {
                    (void)transactions.ends_nothing(batch);
                    return true;
                }
                if (transactions.is_aborted(batch)) return true;
                if (batch.last_offset() < plan_.first_dirty_offset) return true;
                const auto entered = enter_batch(batch);
                has_room = entered.value_or(false);
                return entered;
            });
        if (!walked) return walked;
    }
    return {};
}

std::expected<bool, ErrorCode> CompactionRound::enter_batch(const BatchView& batch) {
    bool has_room = true;
    const auto walked = protocol::for_each_record(batch, [&](const protocol::Record& record) {
        if (!record.key || record.offset < plan_.first_dirty_offset) return true;
        has_room = keys_->put(*record.key, record.offset);
        if (!has_room) end_offset_ = record.offset;
        return has_room;
    });
    if (!walked) return std::unexpected(walked.error());
    return has_room;
}

std::expected<bool, ErrorCode> CompactionRound::clean_next() {
    if (auto chosen = choose_group(); !chosen) return std::unexpected(chosen.error());
    if (group_.empty()) return false;
    if (auto written = write_group(); !written) {
        if (cleaned_) (void)cleaned_->remove();
        return std::unexpected(written.error());
    }
    return true;
}

// As many of the next segments as fit into one.
std::expected<void, ErrorCode> CompactionRound::choose_group() {
    group_.clear();
    cleaned_.reset();
    ended_in_snapshots_.clear();
    const auto index_bytes_max = static_cast<uint64_t>(plan_.config.segment_index_bytes);
    uint64_t log_bytes = 0, index_bytes = 0, time_index_bytes = 0;
    for (; next_segment_ < plan_.segments.size(); ++next_segment_) {
        const int64_t base_offset = plan_.segments[next_segment_];
        if (base_offset >= end_offset_) return {};
        const auto log_size = size_of(base_offset, SegmentFile::log);
        const auto index_size = size_of(base_offset, SegmentFile::index);
        const auto time_index_size = size_of(base_offset, SegmentFile::time_index);
        if (!log_size || !index_size || !time_index_size) return storage_error();
        log_bytes += *log_size;
        index_bytes += *index_size;
        time_index_bytes += *time_index_size;
        const bool is_last = next_segment_ + 1 == plan_.segments.size();
        const int64_t next_offset = is_last ? plan_.end_offset : plan_.segments[next_segment_ + 1];
        const int64_t first_offset = group_.empty() ? base_offset : group_.front();
        const bool fits = log_bytes <= static_cast<uint64_t>(plan_.config.segment_bytes) &&
                          index_bytes <= index_bytes_max && time_index_bytes <= index_bytes_max &&
                          next_offset - 1 - first_offset <= std::numeric_limits<int32_t>::max();
        if (!group_.empty() && !fits) return {};
        group_.push_back(base_offset);
    }
    return {};
}

std::expected<void, ErrorCode> CompactionRound::write_group() {
    auto created = Segment::create(context_, group_.front(), options_.now_ms, Leftover::cleaned);
    if (!created) return std::unexpected(created.error());
    cleaned_ = *std::move(created);
    Blob waiting;
    for (const int64_t base_offset : group_) {
        const auto walked = for_each_batch(
            base_offset, [&](const BatchView& batch) -> std::expected<bool, ErrorCode> {
                bytes_read_ += batch.size_bytes();
                const auto left = cleaner_->clean(batch);
                if (!left) return std::unexpected(left.error());
                waiting.insert(waiting.end(), left->begin(), left->end());
                if (waiting.size() < write_bytes) return true;
                if (auto written = write(waiting); !written)
                    return std::unexpected(written.error());
                return true;
            });
        if (!walked) return walked;
    }
    if (auto written = write(waiting); !written) return written;
    if (auto finished = cleaned_->finish(); !finished) return finished;
    const auto files = cleaned_->files();
    if (!files) return std::unexpected(files.error());
    for (const auto& file : *files)
        if (!file->sync()) return storage_error();
    cleaned_->unload();
    return {};
}

std::expected<void, ErrorCode> CompactionRound::write(Blob& waiting) {
    const auto size = cleaned_->size_bytes();
    if (!size) return std::unexpected(size.error());
    if (*size + waiting.size() > static_cast<uint64_t>(std::numeric_limits<int32_t>::max()))
        return std::unexpected(ErrorCode::record_list_too_large);
    if (!waiting.empty()) {
        if (auto appended = cleaned_->append(waiting); !appended) return appended;
    }
    bytes_written_ += waiting.size();
    waiting.clear();
    for (const auto& aborted : cleaner_->take_indexed()) cleaned_->add_aborted(aborted);
    for (const auto& marker : cleaner_->take_markers()) {
        const auto open = open_in_snapshots_.find(marker.producer_id);
        if (open == open_in_snapshots_.end()) continue;
        // It ends what is open there, and none after it does.
        std::erase_if(open->second, [&](int64_t snapshot) {
            if (snapshot > marker.offset) return false;
            if (marker.was_dropped) ended_in_snapshots_[snapshot].insert(marker.producer_id);
            return true;
        });
    }
    return {};
}

}  // namespace storage
