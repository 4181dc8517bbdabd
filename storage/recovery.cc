// Opening a log: what a crash left behind is cleared away, what may be damaged is checked or made
// anew, and the producer state is replayed. The order is told in README.md.
#include "storage/recovery.h"

#include <algorithm>
#include <set>
#include <utility>

#include "storage/log.h"
#include "storage/log_state.h"
#include "storage/partition_metadata.h"

namespace storage {

using protocol::BatchView;

namespace {

std::unexpected<ErrorCode> storage_error() {
    return std::unexpected(ErrorCode::kafka_storage_error);
}

}  // namespace

std::expected<std::unique_ptr<Log>, ErrorCode> Log::open(FileSystem& files, std::string directory,
                                                         const OpenOptions& options) {
    auto state = std::make_unique<LogState>(files, std::move(directory), options);
    if (auto loaded = LogLoader(*state, options).load(); !loaded)
        return std::unexpected(loaded.error());
    std::unique_ptr<Log> log(new Log(std::move(state)));
    // A crash may have come between the raised start and the deletion of what is below it.
    if (auto deleted = log->delete_segments_below_start(); !deleted)
        return std::unexpected(deleted.error());
    // Nobody was told of it, as its sync failed or never came; from here on everybody may be.
    if (log->log_end_offset() - log->recovery_point() >= options.config.flush_messages)
        if (auto flushed = log->flush(); !flushed) return std::unexpected(flushed.error());
    return log;
}

std::expected<void, ErrorCode> LogLoader::load() {
    log_.directory_exists = log_.context.files.exists(log_.context.directory);
    if (log_.directory_exists) {
        // What the process before this one did not sync is this one's to sync.
        log_.log_unsynced = !options_.clean_shutdown;
        log_.names_unsynced = !options_.clean_shutdown;
        log_.directory_unsynced = !options_.clean_shutdown;
        if (auto checked = check_topic_id(); !checked) return checked;
        if (auto read = read_directory(); !read) return read;
    }
    // What was on the disk for sure is not there any more: to begin anew would hide that.
    if (log_.segments.empty() && is_lost(log_.end_offset))
        return std::unexpected(ErrorCode::corrupt_message);
    if (log_.segments.empty()) {
        log_.recovery.began_anew = options_.log_start_offset > 0;
        log_.recovery_point = log_.end_offset;
        // Or the crash came while it was begun anew.
        auto newest = log_.snapshots.newest(log_.end_offset);
        if (!newest) return std::unexpected(newest.error());
        const bool is_of_beginning = newest->offset == log_.end_offset;
        if (is_of_beginning) log_.producers = std::move(newest->producers);
        return log_.snapshots.remove_above(is_of_beginning ? log_.end_offset : -1);
    }
    if (auto read = read_epochs(); !read) return read;
    auto recovered = options_.clean_shutdown ? load_clean_end() : recover_segments();
    if (!recovered) return recovered;
    return finish();
}

// Whether a log that ends there lacks records that were on the disk, and were not deleted since.
bool LogLoader::is_lost(int64_t end_offset) const {
    return end_offset < options_.recovery_point &&
           options_.log_start_offset < options_.recovery_point;
}

std::expected<void, ErrorCode> LogLoader::check_topic_id() {
    const auto stored = read_topic_id(log_.context.files, log_.context.directory);
    if (stored && !log_.topic_id.is_zero() && *stored != log_.topic_id)
        return std::unexpected(ErrorCode::inconsistent_topic_id);
    if (stored) log_.topic_id = *stored;
    const bool is_unreadable = !stored && stored.error() != std::errc::no_such_file_or_directory &&
                               stored.error() != std::errc::illegal_byte_sequence;
    if (is_unreadable) return storage_error();
    return stored ? std::expected<void, ErrorCode>() : log_.write_topic_id_file();
}

std::expected<void, ErrorCode> LogLoader::read_directory() {
    FileSystem& files = log_.context.files;
    if (auto cleared = clear_leftovers(); !cleared) return cleared;
    const auto names = files.list(log_.context.directory);
    if (!names) return storage_error();
    std::vector<int64_t> snapshots;
    std::set<int64_t> logs;
    for (const std::string& name : *names) {
        const auto parsed = parse_segment_file_name(name);
        if (parsed && parsed->kind == SegmentFile::log) logs.insert(parsed->offset);
        if (parsed && parsed->kind == SegmentFile::snapshot) snapshots.push_back(parsed->offset);
    }
    for (const std::string& name : *names) {
        const auto parsed = parse_segment_file_name(name);
        if (!parsed || parsed->kind == SegmentFile::snapshot || logs.contains(parsed->offset))
            continue;
        // Without compaction segments are deleted at both ends only: a log file has vanished.
        if (!logs.empty() && parsed->offset > *logs.begin() && parsed->offset < *logs.rbegin() &&
            parsed->offset >= options_.compacted_to)
            return std::unexpected(ErrorCode::corrupt_message);
        if (!files.remove(log_.context.path(name))) return storage_error();
    }
    for (const int64_t base : logs) log_.segments.emplace_back(log_.context, base, options_.now_ms);
    log_.snapshots = Snapshots(log_.context, std::move(snapshots));
    return {};
}

std::expected<void, ErrorCode> LogLoader::clear_leftovers() {
    FileSystem& files = log_.context.files;
    const auto names = files.list(log_.context.directory);
    if (!names) return storage_error();
    int64_t cleaned_min = std::numeric_limits<int64_t>::max();
    std::vector<std::pair<std::string, SegmentFileName>> swaps;
    for (const std::string& name : *names) {
        const auto parsed = parse_segment_file_name(name);
        if (!parsed || parsed->leftover == Leftover::none) continue;
        if (parsed->leftover == Leftover::swap) {
            swaps.emplace_back(name, *parsed);
            continue;
        }
        if (parsed->leftover == Leftover::cleaned)
            cleaned_min = std::min(cleaned_min, parsed->offset);
        if (!files.remove(log_.context.path(name))) return storage_error();
    }
    for (const auto& [name, parsed] : swaps) {
        // Cleaned files are renamed to .swap in descending order: while one of a lower offset is
        // still .cleaned the set is not whole, and the segments it was made from are all there.
        if (parsed.offset < cleaned_min) continue;
        if (!files.remove(log_.context.path(name))) return storage_error();
    }
    std::erase_if(swaps, [&](const auto& swap) { return swap.second.offset >= cleaned_min; });
    return swaps.empty() ? std::expected<void, ErrorCode>() : complete_swap(swaps, *names);
}

std::expected<void, ErrorCode> LogLoader::complete_swap(
    const std::vector<std::pair<std::string, SegmentFileName>>& swaps,
    const std::vector<std::string>& names) {
    FileSystem& files = log_.context.files;
    // The swap files replace all segments in the range of offsets that they cover.
    int64_t first = std::numeric_limits<int64_t>::max();
    int64_t end = 0;
    for (const auto& [name, parsed] : swaps) {
        if (parsed.kind != SegmentFile::log) continue;
        first = std::min(first, parsed.offset);
        const auto next = next_offset_of(log_.context.path(name), parsed.offset);
        if (!next) return std::unexpected(next.error());
        end = std::max(end, *next);
    }
    for (const std::string& name : names) {
        const auto parsed = parse_segment_file_name(name);
        if (!parsed || parsed->leftover != Leftover::none || parsed->kind == SegmentFile::snapshot)
            continue;
        if (parsed->offset < first || parsed->offset >= end) continue;
        if (!files.remove(log_.context.path(name))) return storage_error();
    }
    for (const auto& [name, parsed] : swaps) {
        if (!files.rename(log_.context.path(name), log_.context.path(parsed.offset, parsed.kind)))
            return storage_error();
    }
    log_.names_unsynced = true;
    return {};
}

std::expected<int64_t, ErrorCode> LogLoader::next_offset_of(const std::string& path,
                                                            int64_t base_offset) {
    const auto file = log_.context.files.open(path, FileSystem::Open::read);
    if (!file) return storage_error();
    const auto size = (*file)->size();
    if (!size) return storage_error();
    BatchScanner scanner(**file, 0, *size);
    int64_t next_offset = base_offset;
    for (;;) {
        const auto batch = scanner.next();
        if (!batch && batch.error() != ErrorCode::corrupt_message)
            return std::unexpected(batch.error());
        if (!batch || !*batch) return next_offset;
        next_offset = (*batch)->next_offset();
    }
}

std::expected<void, ErrorCode> LogLoader::read_epochs() {
    const std::string path = log_.context.path(leader_epoch_file_name);
    if (log_.context.files.exists(path)) {
        log_.epochs_unsynced = !options_.clean_shutdown;
        const auto text = read_whole(log_.context.files, path);
        if (!text) return storage_error();
        if (auto epochs = LeaderEpochs::decode(std::string(as_text(*text)))) {
            log_.epochs = std::move(*epochs);
            return {};
        }
    }
    epochs_changed_ = true;
    // After a crash the others are scanned anyway. An epoch that is found behind a segment which
    // cannot be walked to its end would hide the epochs in there.
    const size_t end = options_.clean_shutdown ? log_.segments.size()
                                               : log_.segment_to_recover(options_.recovery_point);
    for (size_t i = 0; i < end; ++i) {
        Segment& segment = log_.segments[i];
        const auto walked = segment.for_each_batch(
            segment.base_offset(),
            [&](const BatchHeader& batch, Bytes) { return note_epoch(batch); });
        // Damage is reported to who reads it.
        if (!walked && walked.error() != ErrorCode::corrupt_message) return walked;
        segment.unload();
    }
    return {};
}

std::expected<void, ErrorCode> LogLoader::note_epoch(const BatchHeader& batch) {
    if (batch.leader_epoch > log_.epochs.latest())
        epochs_changed_ |= log_.epochs.assign(batch.leader_epoch, batch.base_offset);
    return {};
}

std::expected<void, ErrorCode> LogLoader::load_clean_end() {
    // The log was closed with a snapshot at its end, and the recovery point was set to it.
    const auto newest = log_.snapshots.newest_offset();
    Segment& active = log_.segments.back();
    if (newest && *newest == options_.recovery_point && *newest >= active.base_offset()) {
        log_.end_offset = *newest;
    } else {
        const auto end = active.read_next_offset();
        if (!end) return std::unexpected(end.error());
        log_.end_offset = *end;
        log_.end_is_checked = true;
    }
    log_.recovery_point = log_.end_offset;
    return {};
}

std::expected<void, ErrorCode> LogLoader::recover_segments() {
    const size_t first = log_.segment_to_recover(options_.recovery_point);
    const int64_t first_base = log_.segments[first].base_offset();
    if (auto removed = log_.snapshots.remove_above(first_base); !removed) return removed;
    auto producers = log_.producers_at(first_base);
    if (!producers) return std::unexpected(producers.error());
    log_.producers = std::move(*producers);

    // The file may tell of epochs whose batches are lost: they would hide those that are found.
    epochs_changed_ |= log_.epochs.truncate_from_end(options_.recovery_point);
    int64_t next_offset = first_base;
    for (size_t i = first; i < log_.segments.size(); ++i) {
        Segment& segment = log_.segments[i];
        const bool follows_gap =
            segment.base_offset() != next_offset &&
            (segment.base_offset() < next_offset || next_offset >= options_.compacted_to);
        if (follows_gap && next_offset < options_.recovery_point)
            return std::unexpected(ErrorCode::corrupt_message);
        if (follows_gap) {
            if (auto dropped = drop_segments(i); !dropped) return dropped;
            break;
        }
        // Nobody is known at the beginning: that needs no file, and no sync for each log.
        const bool knows_nobody = i == 0 && log_.producers.producers().empty();
        if (!knows_nobody)
            if (auto written = write_snapshot(segment.base_offset()); !written) return written;
        const auto cut = recover_segment(segment);
        if (!cut) return std::unexpected(cut.error());
        ++log_.recovery.segments_scanned;
        log_.recovery.bytes_cut += *cut;
        const auto end = segment.read_next_offset();
        if (!end) return std::unexpected(end.error());
        next_offset = *end;
        if (*cut > 0) {
            // It must not come back, after the next power cut, behind what is appended now.
            if (!segment.log_file()->sync()) return storage_error();
            if (auto dropped = drop_segments(i + 1); !dropped) return dropped;
        }
        if (i + 1 < log_.segments.size()) segment.unload();
    }
    if (is_lost(next_offset)) return std::unexpected(ErrorCode::corrupt_message);
    log_.end_offset = next_offset;
    log_.end_is_checked = true;
    log_.recovery_point = options_.recovery_point;
    return {};
}

std::expected<void, ErrorCode> LogLoader::write_snapshot(int64_t offset) {
    if (auto written = log_.snapshots.write(offset, log_.producers); !written) return written;
    // Those from the recovery point on are synced with the log.
    return offset < options_.recovery_point ? sync_snapshot(offset)
                                            : std::expected<void, ErrorCode>();
}

std::expected<void, ErrorCode> LogLoader::sync_snapshot(int64_t offset) {
    const auto file = log_.context.files.open(log_.context.path(offset, SegmentFile::snapshot),
                                              FileSystem::Open::read_write);
    if (!file || !(*file)->sync()) return storage_error();
    return {};
}

std::expected<uint64_t, ErrorCode> LogLoader::recover_segment(Segment& segment) {
    return segment.recover(options_.recovery_point, [&](const BatchHeader& header, Bytes bytes) {
        if (const auto batch = BatchView::first_in(bytes))
            LogState::apply(log_.producers, segment, *batch);
        return note_epoch(header);
    });
}

std::expected<void, ErrorCode> LogLoader::drop_segments(size_t first) {
    const size_t count = log_.segments.size() - first;
    log_.recovery.segments_dropped += count;
    // From the end on, so that a crash meanwhile leaves no gap.
    for (size_t i = 0; i < count; ++i) {
        const size_t last = log_.segments.size();
        if (auto removed = log_.remove_segments(last - 1, last); !removed) return removed;
    }
    // After the next power cut they could fit to what is appended now.
    return log_.sync_directory();
}

std::expected<void, ErrorCode> LogLoader::finish() {
    if (options_.clean_shutdown) {
        auto producers = log_.producers_at(log_.end_offset);
        if (!producers) return std::unexpected(producers.error());
        log_.producers = std::move(*producers);
    }
    if (log_.end_offset < options_.log_start_offset) {
        if (auto begun = begin_anew(); !begun) return begun;
    }
    log_.start_offset = std::max(options_.log_start_offset, log_.segments.front().base_offset());
    epochs_changed_ |= log_.epochs.truncate_from_end(log_.end_offset);
    epochs_changed_ |= log_.epochs.truncate_from_start(log_.start_offset);
    if (epochs_changed_) {
        if (auto written = log_.write_epochs(log_.epochs); !written) return written;
    }
    return log_.snapshots.remove_above(log_.end_offset);
}

// The checkpoint knows of deleted records that the log no longer has room for. Who wrote the rest
// is remembered, which Kafka does not: what they send again may have been read. What they had open
// is not: its marker may have been in what is lost.
std::expected<void, ErrorCode> LogLoader::begin_anew() {
    log_.recovery.began_anew = true;
    log_.end_offset = options_.log_start_offset;
    for (const auto& [id, producer] : ProducerState(log_.producers).producers())
        log_.producers.end_transaction(id);
    if (auto written = log_.snapshots.write(log_.end_offset, log_.producers); !written)
        return written;
    if (auto synced = sync_snapshot(log_.end_offset); !synced) return synced;
    log_.names_unsynced = true;
    if (auto dropped = drop_segments(0); !dropped) return dropped;
    log_.recovery_point = log_.end_offset;
    if (auto added = log_.add_segment(log_.end_offset, options_.now_ms); !added) return added;
    return log_.sync_directory();
}

std::expected<ProducerState, ErrorCode> LogState::producers_at(int64_t offset) {
    auto snapshot = snapshots.newest(offset);
    if (!snapshot) return std::unexpected(snapshot.error());
    for (size_t i = segment_index(snapshot->offset); i < segments.size(); ++i) {
        if (snapshot->offset >= offset || segments[i].base_offset() >= offset) break;
        const auto walked = segments[i].for_each_batch(
            snapshot->offset,
            [&](const BatchHeader& header, Bytes bytes) -> std::expected<void, ErrorCode> {
                if (header.base_offset >= offset) return {};
                if (const auto batch = BatchView::first_in(bytes))
                    (void)snapshot->producers.apply(*batch);
                return {};
            });
        if (!walked) return std::unexpected(walked.error());
        if (i + 1 < segments.size()) segments[i].unload();
    }
    return std::move(snapshot->producers);
}

std::expected<void, ErrorCode> LogState::rebuild_transactions(size_t index) {
    Segment& segment = segments[index];
    std::vector<protocol::AbortedTxn> aborted;
    auto at_base = producers_at(segment.base_offset());
    if (!at_base) return std::unexpected(at_base.error());
    const auto walked = segment.for_each_batch(
        segment.base_offset(),
        [&](const BatchHeader&, Bytes bytes) -> std::expected<void, ErrorCode> {
            const auto batch = BatchView::first_in(bytes);
            const auto ended = batch ? apply(*at_base, *batch) : std::nullopt;
            if (ended) aborted.push_back(*ended);
            return {};
        });
    return walked ? segment.replace_transactions(aborted) : walked;
}

std::expected<void, ErrorCode> LogState::make_directory() {
    // The next flush syncs its name; also of one that was there, as an empty log had no reason to.
    directory_unsynced = true;
    if (directory_exists) return {};
    // A data directory that went away is not made anew: what is in there would go when it is back.
    if (!context.files.exists(parent_directory(context.directory))) return storage_error();
    if (!context.files.create_directories(context.directory)) return storage_error();
    if (auto written = write_topic_id_file(); !written) return written;
    directory_exists = true;
    return {};
}

std::expected<void, ErrorCode> LogState::write_topic_id_file() {
    if (topic_id.is_zero()) return {};
    if (!write_topic_id(context.files, context.directory, topic_id)) return storage_error();
    return {};
}

}  // namespace storage
