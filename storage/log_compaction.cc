// Compaction as a log sees it: what there is to do, and the swap of segments for cleaned ones.
#include <algorithm>
#include <utility>

#include "storage/compaction.h"
#include "storage/log.h"
#include "storage/log_state.h"

namespace storage {

namespace {

// The first segment that compaction must leave alone: the last stable offset is in it, records of
// it are too young, or it is written to. Requires: there are segments.
std::expected<size_t, ErrorCode> first_uncleanable(LogState& log, int64_t first_dirty_offset,
                                                   int64_t last_stable_offset, int64_t now_ms) {
    const size_t end = std::min(log.segment_index(last_stable_offset), log.segments.size() - 1);
    const int64_t lag_ms = log.context.config.min_compaction_lag_ms;
    if (lag_ms <= 0) return end;
    for (size_t i = log.segment_index(first_dirty_offset); i < end; ++i) {
        if (!log.segments[i].knows_max_timestamp()) {
            if (auto loaded = log.load_segment(i); !loaded) return std::unexpected(loaded.error());
        }
        const auto max = log.segments[i].max_timestamp();
        if (!max) return std::unexpected(max.error());
        if (max->timestamp > now_ms - lag_ms) return i;
    }
    return end;
}

// Whether a record waits for compaction longer than it may.
std::expected<bool, ErrorCode> is_overdue(LogState& log, int64_t first_dirty_offset,
                                          int64_t now_ms) {
    const int64_t lag_ms = log.context.config.max_compaction_lag_ms;
    if (lag_ms == std::numeric_limits<int64_t>::max()) return false;
    for (size_t i = log.segment_index(first_dirty_offset); i + 1 < log.segments.size(); ++i) {
        if (!log.segments[i].knows_first_timestamp()) {
            if (auto loaded = log.load_segment(i); !loaded) return std::unexpected(loaded.error());
        }
        const auto first = log.segments[i].first_timestamp();
        if (!first) return std::unexpected(first.error());
        if (*first > 0 && *first < now_ms - lag_ms) return true;
    }
    return false;
}

}  // namespace

std::expected<Cleanable, ErrorCode> Log::cleanable(int64_t compacted_to, int64_t now_ms) const {
    LogState& log = *state_;
    // A checkpoint may be another log's, of the same name.
    const bool is_known = compacted_to >= log.start_offset && compacted_to <= log.end_offset;
    const int64_t first_dirty = is_known ? compacted_to : log.start_offset;
    Cleanable cleanable{.first_dirty_offset = first_dirty, .end_offset = first_dirty};
    if (log.segments.empty() || log.refuses_writes) return cleanable;
    const auto end = first_uncleanable(log, first_dirty, last_stable_offset(), now_ms);
    if (!end) return std::unexpected(end.error());
    for (size_t i = 0; i < *end; ++i) {
        const auto size = log.segments[i].size_bytes();
        if (!size) return std::unexpected(size.error());
        const bool is_dirty = log.segments[i + 1].base_offset() > first_dirty;
        (is_dirty ? cleanable.dirty_bytes : cleanable.clean_bytes) += *size;
    }
    cleanable.end_offset = log.segments[*end].base_offset();
    const auto overdue = is_overdue(log, first_dirty, now_ms);
    if (!overdue) return std::unexpected(overdue.error());
    cleanable.is_overdue = *overdue;
    return cleanable;
}

std::expected<std::unique_ptr<CompactionRound>, ErrorCode> Log::begin_compaction(
    const Cleanable& cleanable, const CompactionOptions& options) {
    LogState& log = *state_;
    CompactionPlan plan{.directory = log.context.directory,
                        .config = log.context.config,
                        .first_dirty_offset = cleanable.first_dirty_offset,
                        .end_offset = cleanable.end_offset,
                        .truncation_count = log.truncation_count};
    size_t index = 0;
    for (; index < log.segments.size(); ++index) {
        if (log.segments[index].base_offset() >= cleanable.end_offset) break;
        plan.segments.push_back(log.segments[index].base_offset());
    }
    for (; index < log.segments.size(); ++index) {
        const auto segment = log.load_segment(index);
        if (!segment) return std::unexpected(segment.error());
        const auto is_complete = (*segment)->transactions().collect(
            cleanable.end_offset, cleanable.end_offset, plan.aborted);
        if (!is_complete) return std::unexpected(is_complete.error());
        if (*is_complete) break;
    }
    for (const auto& [id, producer] : log.producers.producers()) {
        LastBatch last{.data_offset = std::nullopt, .producer_epoch = producer.producer_epoch};
        if (!producer.batches.empty()) last.data_offset = producer.batches.back().last_offset;
        plan.last_batches.emplace(id, last);
    }
    return std::make_unique<CompactionRound>(log.context.files, std::move(plan), options);
}

std::expected<bool, ErrorCode> Log::swap_in(CompactionRound& round) {
    LogState& log = *state_;
    const auto first =
        std::ranges::lower_bound(log.segments, round.group_.front(), {}, &Segment::base_offset);
    const auto index = static_cast<size_t>(first - log.segments.begin());
    const size_t count = round.group_.size();
    const bool is_unchanged =
        !log.refuses_writes && !log.is_moving &&
        log.truncation_count == round.plan_.truncation_count &&
        index + count < log.segments.size() &&
        std::equal(
            round.group_.begin(), round.group_.end(), first,
            [](int64_t base, const Segment& segment) { return base == segment.base_offset(); });
    if (!is_unchanged) {
        (void)round.cleaned_->remove();
        return false;
    }
    // Before the markers go, of which all records went before.
    for (const auto& [snapshot, producer_ids] : round.ended_in_snapshots_) {
        if (auto ended = log.snapshots.end_transactions(snapshot, producer_ids); !ended) {
            (void)round.cleaned_->remove();
            return std::unexpected(ended.error());
        }
    }
    const auto swapped = log.swap_segments(index, index + count, *round.cleaned_);
    if (!swapped) return std::unexpected(swapped.error());
    return true;
}

std::expected<void, ErrorCode> LogState::swap_segments(size_t first, size_t last,
                                                       Segment& cleaned) {
    // Each rename leaves either the old segments, or all that recovery needs to finish the swap.
    names_unsynced = true;
    if (auto renamed = cleaned.rename(Leftover::swap); !renamed) {
        (void)cleaned.remove();
        return std::unexpected(renamed.error());
    }
    // A failure from here on leaves memory and files apart; opening the log again sets that right.
    refuses_writes = true;
    const int64_t base_offset = segments[first].base_offset();
    const int64_t created_ms = segments[first].created_ms();
    for (size_t i = first; i < last; ++i) {
        auto paths = segments[i].rename(Leftover::deleted);
        if (!paths) return std::unexpected(paths.error());
        for (std::string& path : *paths)
            deleted_files.push_back({.path = std::move(path), .due_ms = std::nullopt});
    }
    if (auto renamed = cleaned.rename(Leftover::none); !renamed)
        return std::unexpected(renamed.error());
    segments[first] = Segment(context, base_offset, created_ms);
    segments.erase(segments.begin() + static_cast<ptrdiff_t>(first) + 1,
                   segments.begin() + static_cast<ptrdiff_t>(last));
    refuses_writes = false;
    // Before the checkpoint says that this is clean, and before the old segments' files go.
    if (auto synced = sync_directory(); !synced) return synced;
    return snapshots.prune(segments);
}

}  // namespace storage
