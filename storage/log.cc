#include "storage/log.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "storage/fresh_file.h"
#include "storage/log_state.h"

namespace storage {

namespace {

using protocol::BatchView;
using protocol::MutableBytes;

struct Stamped {
    int64_t last_offset;
    int64_t max_timestamp;
    bool has_control = false;
};

// Requires: `batches` are whole batches of magic 2.
Stamped stamp(MutableBytes batches, int64_t base_offset, int32_t leader_epoch,
              protocol::TimestampType type, int64_t now_ms) {
    Stamped stamped{base_offset - 1, protocol::no_timestamp};
    while (!batches.empty()) {
        const auto batch = BatchView::first_in(batches);
        assert(batch);
        const auto bytes = batches.first(batch->size_bytes());
        protocol::set_base_offset(bytes, stamped.last_offset + 1);
        protocol::set_partition_leader_epoch(bytes, leader_epoch);
        if (type == protocol::TimestampType::log_append_time)
            protocol::set_max_timestamp(bytes, type, now_ms);
        stamped.last_offset = batch->last_offset();
        stamped.max_timestamp = std::max(stamped.max_timestamp, batch->max_timestamp());
        stamped.has_control |= batch->is_control();
        batches = batches.subspan(bytes.size());
    }
    return stamped;
}

}  // namespace

Log::Log(std::unique_ptr<LogState> state) : state_(std::move(state)) {}
Log::~Log() = default;

std::expected<Appended, ErrorCode> Log::append(MutableBytes batches, int32_t leader_epoch,
                                               int64_t now_ms, Write when) {
    LogState& log = *state_;
    // What was lost of those that came together must not be skipped: of a producer that is unknown
    // now any sequence would do.
    if (log.refuses_writes || log.lost_deferred)
        return std::unexpected(ErrorCode::kafka_storage_error);
    const LogConfig& config = log.context.config;
    if (batches.size() > static_cast<size_t>(config.segment_bytes))
        return std::unexpected(ErrorCode::record_list_too_large);

    const Stamped stamped =
        stamp(batches, log.end_offset, leader_epoch, config.timestamp_type, now_ms);
    if (auto ready =
            log.make_room(batches.size(), stamped.last_offset, stamped.max_timestamp, now_ms);
        !ready)
        return std::unexpected(ready.error());

    // The epoch goes first: should the batches fail, it starts where the log ends, which says
    // nothing.
    std::optional<LeaderEpochs> new_epochs;
    if (leader_epoch > log.epochs.latest()) {
        new_epochs = log.epochs;
        new_epochs->assign(leader_epoch, log.end_offset);
        if (auto written = log.write_epochs(*new_epochs); !written)
            return std::unexpected(written.error());
    }
    Segment& active = log.segments.back();
    active.defer(batches);
    const bool must_flush = stamped.last_offset + 1 - log.recovery_point >= config.flush_messages;
    // Whoever aborts is entered into an index by what is in the file.
    const bool may_wait = !stamped.has_control && !must_flush && !log.last_write_failed;
    if (when == Write::now || !may_wait)
        if (auto written = log.write_out(); !written) return std::unexpected(written.error());

    if (new_epochs) log.epochs = std::move(*new_epochs);
    const Appended appended{
        .base_offset = log.end_offset,
        .last_offset = stamped.last_offset,
        .log_append_time_ms = config.timestamp_type == protocol::TimestampType::log_append_time
                                  ? now_ms
                                  : protocol::no_timestamp};
    log.end_offset = stamped.last_offset + 1;
    for (Bytes rest = batches; !rest.empty();) {
        const auto batch = BatchView::first_in(rest);
        LogState::apply(log.producers, active, *batch);
        rest = rest.subspan(batch->size_bytes());
    }
    if (must_flush) {
        // The records are there, but nobody was told so: that must not go on.
        if (!flush()) return log.go_offline();
        log.flushed_at_ms = now_ms;
    }
    return appended;
}

std::expected<void, ErrorCode> Log::write_out() {
    auto written = state_->write_out();
    if (std::exchange(state_->lost_deferred, false))
        return std::unexpected(ErrorCode::kafka_storage_error);
    return written;
}

std::expected<void, ErrorCode> LogState::write_out() {
    if (segments.empty() || !segments.back().has_deferred()) return {};
    Segment& active = segments.back();
    auto written = active.write_out();
    last_write_failed = !written;
    if (written) return {};
    refuses_writes = active.is_broken();
    if (active.has_lost_sync()) (void)go_offline();
    if (auto taken = take_back(); !taken) (void)go_offline();
    return written;
}

// What is in the log's memory and not in the file.
std::expected<void, ErrorCode> LogState::take_back() {
    const auto end = segments.back().read_next_offset();
    if (!end) return std::unexpected(end.error());
    if (*end == end_offset) return {};
    lost_deferred = true;
    end_offset = *end;
    // In the file a new one starts where the log ends, which says nothing.
    epochs.truncate_from_end(end_offset);
    auto before = producers_at(end_offset);
    if (!before) return std::unexpected(before.error());
    producers = std::move(*before);
    return {};
}

std::optional<protocol::AbortedTxn> LogState::apply(ProducerState& producers,
                                                    const BatchView& batch) {
    auto aborted = producers.apply(batch);
    if (aborted)
        aborted->last_stable_offset =
            producers.first_unstable_offset().value_or(batch.next_offset());
    return aborted;
}

void LogState::apply(ProducerState& producers, Segment& segment, const BatchView& batch) {
    if (const auto aborted = apply(producers, batch)) segment.add_aborted(*aborted);
}

std::expected<void, ErrorCode> LogState::make_room(size_t bytes, int64_t last_offset,
                                                   int64_t max_timestamp, int64_t now_ms) {
    if (segments.empty()) {
        if (auto made = make_directory(); !made) return made;
        return add_segment(end_offset, now_ms);
    }
    if (auto checked = check_end(); !checked) return checked;
    const auto should_roll = segments.back().should_roll(bytes, last_offset, max_timestamp, now_ms);
    if (!should_roll) return std::unexpected(should_roll.error());
    if (!*should_roll) return {};
    if (auto written = write_out(); !written) return written;
    return roll(now_ms);
}

std::expected<void, ErrorCode> LogState::check_end() {
    if (end_is_checked) return {};
    const auto end = segments.back().read_next_offset();
    if (!end) return std::unexpected(end.error());
    // The log was changed behind our back: appending would make doubles or gaps.
    if (*end != end_offset) refuses_writes = true;
    if (*end != end_offset) return std::unexpected(ErrorCode::kafka_storage_error);
    end_is_checked = true;
    return {};
}

std::expected<void, ErrorCode> LogState::add_segment(int64_t base_offset, int64_t now_ms) {
    auto segment = Segment::create(context, base_offset, now_ms);
    if (!segment) {
        // An empty file must not stay behind: the segment before it may grow past its name.
        const std::string path = context.path(base_offset, SegmentFile::log);
        refuses_writes |= context.files.exists(path) && !context.files.remove(path);
        names_unsynced = true;
        return std::unexpected(segment.error());
    }
    segments.push_back(std::move(*segment));
    names_unsynced = true;
    end_is_checked = true;
    return {};
}

std::expected<void, ErrorCode> LogState::roll(int64_t now_ms) {
    if (auto checked = check_end(); !checked) return checked;
    Segment& active = segments.back();
    if (active.base_offset() == end_offset) return {};
    if (auto finished = active.finish(); !finished) return finished;
    if (auto written = snapshots.write(end_offset, producers); !written) return written;
    if (auto added = add_segment(end_offset, now_ms); !added) return added;
    // What could not be removed is tried again with the next segment.
    (void)snapshots.prune(segments);
    return {};
}

std::expected<void, ErrorCode> Log::roll(int64_t now_ms) {
    if (state_->refuses_writes) return std::unexpected(ErrorCode::kafka_storage_error);
    if (state_->segments.empty()) return {};
    return state_->roll(now_ms);
}

std::expected<void, ErrorCode> LogState::write_epochs(const LeaderEpochs& new_epochs) {
    const std::string path = context.path(leader_epoch_file_name);
    const std::string temporary = path + ".tmp";
    if (!write_fresh(context.files, temporary, as_bytes(new_epochs.encode())) ||
        !context.files.rename(temporary, path))
        return std::unexpected(ErrorCode::kafka_storage_error);
    epochs_unsynced = true;
    names_unsynced = true;
    return {};
}

std::expected<void, ErrorCode> LogState::sync_directory() {
    if (names_unsynced && !context.files.sync_directory(context.directory)) return go_offline();
    names_unsynced = false;
    return {};
}

std::expected<void, ErrorCode> LogState::remove_segments(size_t first, size_t last) {
    if (first == last) return {};
    // The names of the segments that stay have to last before others go.
    if (auto synced = sync_directory(); !synced) return synced;
    for (size_t i = first; i < last; ++i) {
        if (auto removed = segments[first].remove(); !removed) return removed;
        segments.erase(segments.begin() + static_cast<ptrdiff_t>(first));
        names_unsynced = true;
    }
    return {};
}

std::expected<void, ErrorCode> Log::raise_log_start_offset(int64_t offset) {
    LogState& log = *state_;
    if (log.is_offline) return log.go_offline();
    if (offset > log.end_offset) return std::unexpected(ErrorCode::offset_out_of_range);
    if (offset <= log.start_offset) return {};
    log.start_offset = offset;
    log.on_change();
    if (log.segments.empty()) return {};
    if (log.epochs.truncate_from_start(offset)) {
        if (auto written = log.write_epochs(log.epochs); !written) return written;
    }
    return delete_segments_below_start();
}

std::expected<void, ErrorCode> Log::delete_segments_below_start() {
    LogState& log = *state_;
    if (log.segments.empty()) return {};
    const size_t first_kept = log.segment_index(log.start_offset);
    if (first_kept == 0) return {};
    // Nothing but the snapshot at the new beginning knows the producers of what goes.
    if (log.recovery_point <= log.segments[first_kept].base_offset() || log.log_unsynced) {
        if (auto flushed = flush(); !flushed) return flushed;
    }
    if (auto removed = log.set_segments_aside(0, first_kept); !removed) return removed;
    return log.snapshots.prune(log.segments);
}

std::expected<void, ErrorCode> Log::truncate_to(int64_t offset) {
    LogState& log = *state_;
    if (offset >= log.end_offset) return {};
    if (log.refuses_writes) return std::unexpected(ErrorCode::kafka_storage_error);
    ++log.truncation_count;
    // A failure on the way leaves memory and files apart; opening the log again sets that right.
    log.refuses_writes = true;

    const int64_t first_base = log.segments.front().base_offset();
    // The newest go first, so that a crash leaves no gap.
    while (log.segments.size() > 1 && log.segments.back().base_offset() > offset) {
        const size_t count = log.segments.size();
        if (auto removed = log.remove_segments(count - 1, count); !removed) return removed;
    }
    // Their names must not come back behind a segment that ends earlier.
    if (auto synced = log.sync_directory(); !synced) return synced;
    if (offset < first_base) {
        if (auto removed = log.remove_segments(0, 1); !removed) return removed;
        if (auto added = log.add_segment(offset, 0); !added) return added;
    } else if (auto cut = log.segments.back().truncate_to(offset); !cut) {
        return cut;
    }
    const auto end = log.segments.back().read_next_offset();
    if (!end) return std::unexpected(end.error());
    log.end_offset = *end;
    log.end_is_checked = true;
    log.start_offset = std::min(log.start_offset, *end);
    log.on_change();
    log.recovery_point = std::min(log.recovery_point, *end);
    if (auto removed = log.snapshots.remove_above(*end); !removed) return removed;
    if (log.epochs.truncate_from_end(*end)) {
        if (auto written = log.write_epochs(log.epochs); !written) return written;
    }
    auto producers = log.producers_at(*end);
    if (!producers) return std::unexpected(producers.error());
    log.producers = std::move(*producers);

    // What was cut must not come back under what is appended next.
    log.log_unsynced = true;
    log.refuses_writes = false;
    return flush();
}

void Log::expire_producers(int64_t expiration_ms, int64_t now_ms) {
    state_->producers.expire(expiration_ms, now_ms);
}

void Log::configure(const LogConfig& config) { state_->context.config = config; }

void Log::tell_changes(std::function<void()> told) { state_->on_change = std::move(told); }

std::expected<SyncJob, ErrorCode> Log::begin_sync() {
    LogState& log = *state_;
    if (log.is_offline) return std::unexpected(ErrorCode::kafka_storage_error);
    SyncJob job{.end_offset = log.end_offset,
                .truncation_count = log.truncation_count,
                .relocation_count = log.relocation_count};
    // What another one is about to sync counts as done when that one ends, not before.
    const bool is_alone = log.syncs_under_way == 0;
    if (log.segments.empty() || (is_alone && log.is_synced())) {
        ++log.syncs_under_way;
        return job;
    }
    const size_t last = log.segments.size() - 1;
    for (size_t i = log.segment_to_recover(log.recovery_point); i < last; ++i) {
        const auto files = log.segments[i].files();
        if (!files) return std::unexpected(files.error());
        job.files.insert(job.files.end(), files->begin(), files->end());
        log.segments[i].unload();
    }
    // The indexes of the last segment are made anew after a crash, so they need not be synced.
    if (auto loaded = log.segments[last].load(); !loaded) return std::unexpected(loaded.error());
    job.files.push_back(log.segments[last].log_file());
    const auto add = [&](const std::string& path) {
        auto file = log.context.files.open(path, FileSystem::Open::read_write);
        if (file) job.files.push_back(std::move(*file));
        return file.has_value();
    };
    for (const int64_t offset : log.snapshots.offsets()) {
        if (offset >= log.recovery_point && !add(log.context.path(offset, SegmentFile::snapshot)))
            return std::unexpected(ErrorCode::kafka_storage_error);
    }
    const std::string epochs = log.context.path(leader_epoch_file_name);
    const bool with_epochs = log.epochs_unsynced || (!is_alone && log.context.files.exists(epochs));
    if (with_epochs && !add(epochs)) return std::unexpected(ErrorCode::kafka_storage_error);
    if (log.names_unsynced || !is_alone) job.directories.push_back(log.context.directory);
    if (log.directory_unsynced || !is_alone)
        job.directories.push_back(parent_directory(log.context.directory));
    ++log.syncs_under_way;
    log.epochs_unsynced = false;
    log.names_unsynced = false;
    log.directory_unsynced = false;
    log.log_unsynced = false;
    return job;
}

void Log::take_offline() { (void)state_->go_offline(); }

void Log::end_sync(const SyncJob& job, bool succeeded) {
    LogState& log = *state_;
    --log.syncs_under_way;
    // All of it was on the disk when the log went on elsewhere: these files are not its any more.
    if (job.relocation_count != log.relocation_count) return;
    if (!succeeded) (void)log.go_offline();
    if (log.is_offline || job.truncation_count != log.truncation_count) return;
    log.recovery_point = std::max(log.recovery_point, job.end_offset);
}

bool SyncJob::run(FileSystem& file_system) const {
    const auto sync_file = [](const auto& file) { return file->sync().has_value(); };
    const auto sync_directory = [&](const std::string& directory) {
        return file_system.sync_directory(directory).has_value();
    };
    return std::ranges::all_of(files, sync_file) &&
           std::ranges::all_of(directories, sync_directory);
}

std::expected<void, ErrorCode> Log::flush() {
    const auto job = begin_sync();
    if (!job) return std::unexpected(job.error());
    const bool succeeded = job->run(state_->context.files);
    end_sync(*job, succeeded);
    if (state_->is_offline) return std::unexpected(ErrorCode::kafka_storage_error);
    return {};
}

std::expected<void, ErrorCode> Log::flush_if_due(int64_t now_ms) {
    LogState& log = *state_;
    if (now_ms - log.flushed_at_ms < log.context.config.flush_ms) return {};
    log.flushed_at_ms = now_ms;
    return log.recovery_point < log.end_offset ? flush() : std::expected<void, ErrorCode>();
}

std::expected<void, ErrorCode> Log::close() {
    LogState& log = *state_;
    if (log.segments.empty()) return {};
    if (log.refuses_writes) return std::unexpected(ErrorCode::kafka_storage_error);
    Segment& active = log.segments.back();
    const bool is_untouched =
        !active.is_loaded() && log.is_synced() && log.snapshots.newest_offset() == log.end_offset;
    if (is_untouched) return {};
    if (auto finished = active.finish(); !finished) return finished;
    if (auto written = log.snapshots.write(log.end_offset, log.producers); !written) return written;
    if (auto pruned = log.snapshots.prune(log.segments); !pruned) return pruned;
    // After a clean stop nothing is made anew: all that this has written must outlive a power cut.
    const auto files = active.files();
    if (!files) return std::unexpected(files.error());
    for (const auto& file : *files)
        if (!file->sync()) return std::unexpected(ErrorCode::kafka_storage_error);
    log.names_unsynced = true;
    if (auto flushed = flush(); !flushed) return flushed;
    for (Segment& segment : log.segments) segment.unload();
    return {};
}

}  // namespace storage
