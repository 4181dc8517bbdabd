#include "storage/segment.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <functional>
#include <limits>

namespace storage {

namespace {

TransactionIndexEntry entry_of(const protocol::AbortedTxn& aborted) {
    TransactionIndexEntry entry;
    static_cast<protocol::AbortedTxn&>(entry) = aborted;
    return entry;
}

}  // namespace

std::expected<Segment, ErrorCode> Segment::create(const SegmentContext& context,
                                                  int64_t base_offset, int64_t created_ms,
                                                  Leftover leftover) {
    Segment segment(context, base_offset, created_ms);
    segment.leftover_ = leftover;
    // Other files of it would be taken for this one's.
    if (leftover != Leftover::none)
        if (auto removed = segment.remove(); !removed) return std::unexpected(removed.error());
    auto opened = segment.open_files(FileSystem::Open::create);
    if (!opened) return std::unexpected(opened.error());
    if (!(*opened)->log->truncate(0)) return std::unexpected(ErrorCode::kafka_storage_error);
    segment.open_ = std::move(*opened);
    segment.size_bytes_ = 0;
    segment.written_from_ = 0;
    segment.next_offset_ = base_offset;
    return segment;
}

std::expected<std::unique_ptr<Segment::OpenFiles>, ErrorCode> Segment::open_files(
    FileSystem::Open mode) {
    FileSystem& files = context_->files;
    auto log = files.open(path(SegmentFile::log), mode);
    if (!log) return std::unexpected(ErrorCode::kafka_storage_error);
    return std::make_unique<OpenFiles>(
        std::move(*log), OffsetIndex(files, path(SegmentFile::index)),
        TimeIndex(files, path(SegmentFile::time_index)),
        TransactionIndex(files, path(SegmentFile::transaction_index)));
}

std::expected<void, ErrorCode> Segment::load() {
    if (open_) return {};
    auto opened = open_files(FileSystem::Open::read_write);
    if (!opened) return std::unexpected(opened.error());
    const auto size = (*opened)->log->size();
    if (!size) return std::unexpected(ErrorCode::kafka_storage_error);
    size_bytes_ = *size;
    if (written_from_ == unknown_size) written_from_ = *size;
    open_ = std::move(*opened);

    auto loaded = open_->transactions.load();
    if (loaded) loaded = open_->transactions.check(base_offset_);
    needs_transactions_ = !loaded && loaded.error() == ErrorCode::corrupt_message;
    if (loaded || needs_transactions_) loaded = open_->index.load();
    if (loaded) loaded = open_->index.check(size_bytes_);
    if (loaded) loaded = open_->time_index.load();
    if (loaded) loaded = open_->time_index.check();
    if (loaded && open_->index.is_made() && open_->time_index.is_made()) return {};
    if (loaded || loaded.error() == ErrorCode::corrupt_message) loaded = rebuild_indexes();
    if (!loaded) open_.reset();
    return loaded;
}

void Segment::unload() { open_.reset(); }

std::expected<uint64_t, ErrorCode> Segment::size_bytes() {
    if (size_bytes_ != unknown_size) return size_bytes_;
    const auto file = context_->files.open(path(SegmentFile::log), FileSystem::Open::read);
    if (!file) return std::unexpected(ErrorCode::kafka_storage_error);
    const auto size = (*file)->size();
    if (!size) return std::unexpected(ErrorCode::kafka_storage_error);
    return size_bytes_ = *size;
}

int64_t Segment::jitter_ms() const {
    const LogConfig& config = context_->config;
    const int64_t jitter_max = std::min(config.segment_jitter_ms, config.roll_ms());
    if (jitter_max <= 0) return 0;
    // It is there to keep partitions from rolling all at once: any spread by name does.
    const auto spread = std::hash<std::string>()(context_->directory) ^
                        static_cast<uint64_t>(base_offset_) * 0x9e3779b97f4a7c15;
    return static_cast<int64_t>(spread % static_cast<uint64_t>(jitter_max));
}

std::expected<bool, ErrorCode> Segment::should_roll(size_t bytes, int64_t last_offset,
                                                    int64_t max_timestamp, int64_t now_ms) {
    if (auto loaded = load(); !loaded) return std::unexpected(loaded.error());
    const auto& deferred = open_->deferred;
    if (size_bytes_ == 0 && deferred.empty())
        return last_offset - base_offset_ > std::numeric_limits<int32_t>::max();

    const LogConfig& config = context_->config;
    if (size_bytes_ + open_->deferred_bytes + bytes > static_cast<uint64_t>(config.segment_bytes))
        return true;
    const auto index_bytes = static_cast<size_t>(config.segment_index_bytes);
    // Each append may become an entry.
    if (open_->index.count() + deferred.size() >= index_bytes / IndexEntry::size_bytes ||
        open_->time_index.count() + deferred.size() + 1 >= index_bytes / TimeIndexEntry::size_bytes)
        return true;
    if (last_offset - base_offset_ > std::numeric_limits<int32_t>::max()) return true;

    const auto first = first_timestamp();
    if (!first) return std::unexpected(first.error());
    const int64_t age_ms = *first >= 0 ? max_timestamp - *first : now_ms - created_ms_;
    return age_ms > config.roll_ms() - jitter_ms();
}

std::expected<int64_t, ErrorCode> Segment::first_timestamp() {
    if (first_timestamp_) return *first_timestamp_;
    if (auto loaded = load(); !loaded) return std::unexpected(loaded.error());
    if (size_bytes_ == 0 && has_deferred())
        return parse_batch_header(open_->deferred.front(), 0)->max_timestamp;
    BatchScanner scanner(*open_->log, 0, size_bytes_, protocol::batch_header_bytes);
    const auto first = scanner.next();
    if (!first) return std::unexpected(first.error());
    if (!*first) return protocol::no_timestamp;
    first_timestamp_ = (*first)->max_timestamp;
    return *first_timestamp_;
}

void Segment::note(const BatchHeader& batch) {
    if (batch.max_timestamp > max_timestamp_.timestamp)
        max_timestamp_ = {batch.max_timestamp, batch.last_offset};
    if (bytes_since_index_entry_ > static_cast<uint64_t>(context_->config.index_interval_bytes)) {
        open_->index.append({relative(batch.last_offset), static_cast<int32_t>(batch.position)});
        // Where this fails the entry is missing, which makes a search longer, not wrong.
        (void)open_->time_index.maybe_append(
            {max_timestamp_.timestamp, relative(max_timestamp_.offset)});
        bytes_since_index_entry_ = 0;
    }
    bytes_since_index_entry_ += batch.size_bytes;
    if (batch.position == 0) first_timestamp_ = batch.max_timestamp;
    next_offset_ = batch.next_offset();
}

void Segment::defer(Bytes batches) {
    open_->deferred.push_back(batches);
    open_->deferred_bytes += batches.size();
}

std::expected<void, ErrorCode> Segment::append(Bytes batches) {
    if (auto loaded = load(); !loaded) return loaded;
    defer(batches);
    return write_out();
}

std::expected<void, ErrorCode> Segment::write_out() {
    if (!has_deferred()) return {};
    auto written = write_deferred();
    open_->deferred.clear();
    open_->deferred_bytes = 0;
    return written;
}

std::expected<void, ErrorCode> Segment::write_deferred() {
    assert(!broken_);
    // What the indexes know of the largest timestamp has to be read before it can rise.
    if (auto known = read_next_offset(); !known) return std::unexpected(known.error());
    const auto& parts = open_->deferred;
    const size_t bytes = open_->deferred_bytes;
    reservation_.prepare(*open_->log, size_bytes_, bytes,
                         static_cast<uint64_t>(context_->config.segment_bytes));
    if (!open_->log->write_parts_at(parts, size_bytes_)) {
        reservation_.forget();
        // Synced, lest a power cut brings back what was refused, behind what is appended next.
        broken_ = !open_->log->truncate(size_bytes_);
        lost_sync_ = !broken_ && !open_->log->sync();
        return std::unexpected(ErrorCode::kafka_storage_error);
    }
    uint64_t position = size_bytes_;
    size_bytes_ += bytes;
    for (Bytes batches : parts) {
        while (!batches.empty()) {
            const auto batch = parse_batch_header(batches, position);
            assert(batch && batch->end_position() <= size_bytes_);
            note(*batch);
            open_->recent.add(*batch);
            position += batch->size_bytes;
            batches = batches.subspan(batch->size_bytes);
        }
    }
    return {};
}

void Segment::add_aborted(const protocol::AbortedTxn& aborted) {
    open_->transactions.append(entry_of(aborted));
}

std::expected<std::optional<BatchHeader>, ErrorCode> Segment::find_from(const IndexEntry& entry,
                                                                        int64_t offset) {
    BatchScanner scanner(*open_->log, static_cast<uint64_t>(entry.position), size_bytes_);
    int64_t offset_min = base_offset_;
    for (bool is_first = true;; is_first = false) {
        auto batch = scanner.next();
        if (!batch || !*batch) return batch;
        if ((*batch)->base_offset < offset_min || (is_first && !is_true(entry, **batch)))
            return std::unexpected(ErrorCode::corrupt_message);
        if ((*batch)->last_offset >= offset) return batch;
        offset_min = (*batch)->next_offset();
    }
}

std::expected<std::optional<BatchHeader>, ErrorCode> Segment::find(int64_t offset) {
    if (auto loaded = load(); !loaded) return std::unexpected(loaded.error());
    if (const BatchHeader* recent = open_->recent.find(offset)) return *recent;
    const auto entry = open_->index.lookup(offset - base_offset_);
    if (!entry) return std::unexpected(entry.error());
    auto found = find_from(*entry, offset);
    if (found || found.error() != ErrorCode::corrupt_message || entry->position == 0) return found;
    // Either the log is damaged or the index is.
    found = find_from({}, offset);
    if (!found) return found;
    if (auto rebuilt = rebuild_indexes(); !rebuilt) return std::unexpected(rebuilt.error());
    return found;
}

std::expected<void, ErrorCode> Segment::scan_tail() {
    const auto last_time = open_->time_index.last();
    if (!last_time) return std::unexpected(last_time.error());
    const auto entry = open_->index.lookup(std::numeric_limits<int32_t>::max());
    if (!entry) return std::unexpected(entry.error());

    // Each index entry came with the largest timestamp up to it: only what follows is unknown.
    MaxTimestamp max;
    if (*last_time) max = {(*last_time)->timestamp, base_offset_ + (*last_time)->relative_offset};
    int64_t next_offset = base_offset_;
    BatchScanner scanner(*open_->log, static_cast<uint64_t>(entry->position), size_bytes_);
    for (bool is_first = true;; is_first = false) {
        const auto batch = scanner.next();
        if (!batch) return std::unexpected(batch.error());
        if (!*batch) break;
        if ((*batch)->base_offset < next_offset || (is_first && !is_true(*entry, **batch)))
            return std::unexpected(ErrorCode::corrupt_message);
        if ((*batch)->max_timestamp > max.timestamp)
            max = {(*batch)->max_timestamp, (*batch)->last_offset};
        next_offset = (*batch)->next_offset();
    }
    max_timestamp_ = max;
    next_offset_ = next_offset;
    return {};
}

std::expected<int64_t, ErrorCode> Segment::read_next_offset() {
    if (auto loaded = load(); !loaded) return std::unexpected(loaded.error());
    if (next_offset_ >= 0) return next_offset_;
    if (auto scanned = scan_tail(); !scanned) {
        if (scanned.error() != ErrorCode::corrupt_message) return std::unexpected(scanned.error());
        if (auto rebuilt = rebuild_indexes(); !rebuilt) return std::unexpected(rebuilt.error());
    }
    return next_offset_;
}

std::expected<MaxTimestamp, ErrorCode> Segment::max_timestamp() {
    if (next_offset_ >= 0) return max_timestamp_;
    if (auto known = read_next_offset(); !known) return std::unexpected(known.error());
    return max_timestamp_;
}

std::expected<std::optional<BatchHeader>, ErrorCode> Segment::find_timestamp(int64_t timestamp) {
    if (auto loaded = load(); !loaded) return std::unexpected(loaded.error());
    const auto relative_offset = open_->time_index.lookup(timestamp);
    if (!relative_offset) return std::unexpected(relative_offset.error());
    return find(base_offset_ + *relative_offset);
}

std::expected<std::optional<int64_t>, ErrorCode> Segment::offset_bound(uint64_t position) {
    if (auto loaded = load(); !loaded) return std::unexpected(loaded.error());
    const auto& index = open_->index;
    const auto at = index.partition_point(
        [&](const IndexEntry& entry) { return static_cast<uint64_t>(entry.position) < position; });
    if (!at) return std::unexpected(at.error());
    if (*at == index.count()) return std::nullopt;
    const auto entry = index.at(*at);
    if (!entry) return std::unexpected(entry.error());
    return base_offset_ + entry->relative_offset;
}

std::expected<void, ErrorCode> Segment::truncate_to(int64_t offset) {
    const auto batch = find(offset);
    if (!batch) return std::unexpected(batch.error());
    const uint64_t position = *batch ? (*batch)->position : size_bytes_;
    open_->recent.clear();
    if (auto cut = open_->index.truncate_to_position(position); !cut) return cut;
    if (auto cut = open_->time_index.truncate_to_offset(offset - base_offset_); !cut) return cut;
    if (auto cut = open_->transactions.truncate_to_offset(offset); !cut) return cut;
    if (!open_->log->truncate(position)) return std::unexpected(ErrorCode::kafka_storage_error);
    size_bytes_ = position;
    reservation_.forget();
    written_from_ = std::min(written_from_, position);
    checked_to_ = std::min(checked_to_, position);
    bytes_since_index_entry_ = 0;
    if (position == 0) first_timestamp_.reset();
    return scan_tail();
}

std::expected<uint64_t, ErrorCode> Segment::recover(int64_t trusted_to, const Visit& visit) {
    open_.reset();
    auto opened = open_files(FileSystem::Open::read_write);
    if (!opened) return std::unexpected(opened.error());
    const auto size = (*opened)->log->size();
    if (!size) return std::unexpected(ErrorCode::kafka_storage_error);
    open_ = std::move(*opened);
    if (auto reset = reset_transactions(); !reset) return std::unexpected(reset.error());
    max_timestamp_ = {};
    next_offset_ = base_offset_;
    bytes_since_index_entry_ = 0;
    size_bytes_ = 0;
    written_from_ = 0;  // all that stays is checked

    BatchScanner scanner(*open_->log, 0, *size, BatchScanner::bulk_window_bytes);
    for (;;) {
        const auto batch = scanner.next();
        if (batch && !*batch) break;
        if (!batch && batch.error() != ErrorCode::corrupt_message)
            return std::unexpected(batch.error());
        const auto bytes = batch ? scanner.bytes() : std::unexpected(batch.error());
        if (!bytes && bytes.error() != ErrorCode::corrupt_message)
            return std::unexpected(bytes.error());
        const bool is_good =
            bytes && (*batch)->base_offset >= next_offset_ &&
            (*batch)->last_offset - base_offset_ <= std::numeric_limits<int32_t>::max() &&
            has_valid_checksum(*bytes);
        if (!is_good && next_offset_ < trusted_to)
            return std::unexpected(ErrorCode::corrupt_message);
        if (!is_good) break;
        note(**batch);
        size_bytes_ = (*batch)->end_position();
        if (auto visited = visit(**batch, *bytes); !visited)
            return std::unexpected(visited.error());
    }
    if (*size > size_bytes_ && !open_->log->truncate(size_bytes_))
        return std::unexpected(ErrorCode::kafka_storage_error);
    if (auto finished = finish(); !finished) return std::unexpected(finished.error());
    return *size - size_bytes_;
}

std::expected<void, ErrorCode> Segment::for_each_batch(int64_t offset, const Visit& visit) {
    const auto first = find(offset);
    if (!first) return std::unexpected(first.error());
    if (!*first) return {};
    BatchScanner scanner(*open_->log, (*first)->position, size_bytes_,
                         BatchScanner::bulk_window_bytes);
    for (;;) {
        const auto batch = scanner.next();
        if (!batch) return std::unexpected(batch.error());
        if (!*batch) return {};
        const auto bytes = scanner.bytes();
        if (!bytes) return std::unexpected(bytes.error());
        if (auto visited = visit(**batch, *bytes); !visited) return visited;
    }
}

std::expected<void, ErrorCode> Segment::rebuild_indexes() {
    open_->index = OffsetIndex(context_->files, open_->index.path());
    open_->time_index = TimeIndex(context_->files, open_->time_index.path());
    max_timestamp_ = {};
    next_offset_ = base_offset_;
    bytes_since_index_entry_ = 0;
    BatchScanner scanner(*open_->log, 0, size_bytes_);
    for (;;) {
        const auto batch = scanner.next();
        if (!batch) return std::unexpected(batch.error());
        if (!*batch) break;
        if ((*batch)->base_offset < next_offset_)
            return std::unexpected(ErrorCode::corrupt_message);
        note(**batch);
    }
    return finish();
}

std::expected<void, ErrorCode> Segment::reset_transactions() {
    const std::string path = open_->transactions.path();
    open_->transactions = TransactionIndex(context_->files, path);
    needs_transactions_ = false;
    if (context_->files.exists(path) && !context_->files.remove(path))
        return std::unexpected(ErrorCode::kafka_storage_error);
    return {};
}

std::expected<void, ErrorCode> Segment::replace_transactions(
    std::span<const protocol::AbortedTxn> aborted) {
    FileSystem& files = context_->files;
    const std::string target = path(SegmentFile::transaction_index);
    const std::string temporary = target + ".tmp";
    if (files.exists(temporary) && !files.remove(temporary))
        return std::unexpected(ErrorCode::kafka_storage_error);
    TransactionIndex anew(files, temporary);
    for (const protocol::AbortedTxn& one : aborted) anew.append(entry_of(one));
    if (auto written = anew.persist(); !written) return written;
    const auto file = anew.file();
    if (!file || !(*file)->sync() || !files.rename(temporary, target) ||
        !files.sync_directory(context_->directory))
        return std::unexpected(ErrorCode::kafka_storage_error);
    open_->transactions = TransactionIndex(files, target);
    needs_transactions_ = false;
    return open_->transactions.load();
}

std::expected<void, ErrorCode> Segment::persist() {
    if (!open_) return {};
    if (auto written = open_->index.persist(); !written) return written;
    if (auto written = open_->time_index.persist(); !written) return written;
    if (open_->transactions.count() == 0 && !open_->transactions.is_made()) return {};
    return open_->transactions.persist();
}

std::expected<void, ErrorCode> Segment::finish() {
    if (!open_) return {};
    reservation_.give_back(*open_->log, size_bytes_);
    if (next_offset_ >= 0 && max_timestamp_.timestamp >= 0) {
        if (auto added = open_->time_index.maybe_append(
                {max_timestamp_.timestamp, relative(max_timestamp_.offset)});
            !added)
            return added;
    }
    return persist();
}

std::expected<std::vector<std::shared_ptr<File>>, ErrorCode> Segment::files() {
    if (auto loaded = load(); !loaded) return std::unexpected(loaded.error());
    if (auto written = persist(); !written) return std::unexpected(written.error());
    std::vector<std::shared_ptr<File>> files{open_->log};
    const auto add = [&files](const auto& index) -> std::expected<void, ErrorCode> {
        if (!index.is_made()) return {};
        auto file = index.file();
        if (!file) return std::unexpected(file.error());
        files.push_back(std::move(*file));
        return {};
    };
    auto added = add(open_->index);
    if (added) added = add(open_->time_index);
    if (added) added = add(open_->transactions);
    if (!added) return std::unexpected(added.error());
    return files;
}

namespace {

constexpr std::array file_kinds = {SegmentFile::log, SegmentFile::index, SegmentFile::time_index,
                                   SegmentFile::transaction_index};

}  // namespace

std::expected<void, ErrorCode> Segment::remove() {
    open_.reset();
    for (const auto kind : file_kinds) {
        const std::string name = path(kind);
        if (context_->files.exists(name) && !context_->files.remove(name))
            return std::unexpected(ErrorCode::kafka_storage_error);
    }
    return {};
}

std::expected<std::vector<std::string>, ErrorCode> Segment::rename(Leftover leftover) {
    open_.reset();
    FileSystem& files = context_->files;
    std::vector<std::string> before, after;
    for (const auto kind : file_kinds) {
        std::string name = path(kind);
        // Without its log it is on a disk that is away, and there when that comes back.
        if (kind != SegmentFile::log && !files.exists(name)) continue;
        std::string new_name = context_->path(base_offset_, kind, leftover);
        if (!files.rename(name, new_name)) {
            // As a whole or not at all: a segment without its log is none. The log comes last.
            for (size_t i = before.size(); i-- > 0;) (void)files.rename(after[i], before[i]);
            // Nor may a power cut find it renamed.
            if (!before.empty()) (void)files.sync_directory(context_->directory);
            return std::unexpected(ErrorCode::kafka_storage_error);
        }
        before.push_back(std::move(name));
        after.push_back(std::move(new_name));
    }
    leftover_ = leftover;
    return after;
}

}  // namespace storage
