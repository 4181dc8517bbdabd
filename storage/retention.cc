// What retention.ms, retention.bytes and segment.ms do to a log, and the files of segments on their
// way out.
#include <algorithm>
#include <utility>

#include "storage/log.h"
#include "storage/log_state.h"

namespace storage {

namespace {

// How large the segment is, and since when it holds nothing new.
struct Measured {
    uint64_t size_bytes = 0;
    int64_t newest_ms = 0;
};

std::expected<Measured, ErrorCode> measure(LogState& log, size_t index) {
    Segment& segment = log.segments[index];
    const auto size = segment.size_bytes();
    if (!size) return std::unexpected(size.error());
    // Opened by load_segment(), which makes again what is missing. Not for long: this goes through
    // all logs, and most are idle.
    const bool was_loaded = segment.is_loaded();
    if (!segment.knows_max_timestamp()) {
        if (auto loaded = log.load_segment(index); !loaded) return std::unexpected(loaded.error());
    }
    const auto max = segment.max_timestamp();
    if (!was_loaded) segment.unload();
    if (!max) return std::unexpected(max.error());
    // Records without a time are as old as their segment, as far as it is known.
    return Measured{*size, max->timestamp >= 0 ? max->timestamp : segment.created_ms()};
}

// How many of the oldest segments retention lets go.
std::expected<size_t, ErrorCode> count_expired(LogState& log, int64_t end_offset, int64_t now_ms) {
    const LogConfig& config = log.context.config;
    int64_t excess_bytes = -config.retention_bytes;
    for (Segment& segment : log.segments)
        excess_bytes += static_cast<int64_t>(segment.size_bytes().value_or(0));
    size_t count = 0;
    for (; count < log.segments.size(); ++count) {
        const bool is_last = count + 1 == log.segments.size();
        const int64_t next_base = is_last ? log.end_offset : log.segments[count + 1].base_offset();
        const bool is_empty_last = is_last && log.segments[count].base_offset() == log.end_offset;
        if (next_base > end_offset || is_empty_last) break;
        const auto measured = measure(log, count);
        if (!measured) return std::unexpected(measured.error());
        const auto size = static_cast<int64_t>(measured->size_bytes);
        const bool is_too_much = config.retention_bytes >= 0 && excess_bytes >= size;
        const bool is_too_old =
            config.retention_ms >= 0 && now_ms - measured->newest_ms > config.retention_ms;
        if (!is_too_much && !is_too_old) break;
        excess_bytes -= size;
    }
    return count;
}

}  // namespace

std::expected<size_t, ErrorCode> Log::apply_retention(int64_t now_ms) {
    LogState& log = *state_;
    if (log.segments.empty() || log.refuses_writes) return 0;
    // What the disk refused to let go of when the start was raised.
    if (auto deleted = delete_segments_below_start(); !deleted)
        return std::unexpected(deleted.error());
    const bool limits =
        log.context.config.retention_ms >= 0 || log.context.config.retention_bytes >= 0;
    if (!log.context.config.deletes || !limits) return 0;
    const auto expired = count_expired(log, last_stable_offset(), now_ms);
    if (!expired || *expired == 0) return expired;
    if (*expired == log.segments.size()) {
        if (auto rolled = log.roll(now_ms); !rolled) return std::unexpected(rolled.error());
    }
    const int64_t start = log.segments[*expired].base_offset();
    // It may begin there already: DeleteRecords leaves a log's only segment.
    const auto shortened =
        start > log.start_offset ? raise_log_start_offset(start) : delete_segments_below_start();
    if (!shortened) return std::unexpected(shortened.error());
    return *expired;
}

std::expected<void, ErrorCode> Log::roll_if_due(int64_t now_ms) {
    LogState& log = *state_;
    if (log.segments.empty() || log.refuses_writes) return {};
    const Segment& active = log.segments.back();
    if (active.base_offset() == log.end_offset || !active.is_due_to_roll(now_ms)) return {};
    return log.roll(now_ms);
}

std::expected<void, ErrorCode> LogState::set_segments_aside(size_t first, size_t last) {
    if (first == last) return {};
    // The names of the segments that stay have to last before others go.
    if (auto synced = sync_directory(); !synced) return synced;
    for (size_t i = first; i < last; ++i) {
        names_unsynced = true;
        auto paths = segments[first].rename(Leftover::deleted);
        if (!paths) return std::unexpected(paths.error());
        for (std::string& path : *paths)
            deleted_files.push_back({.path = std::move(path), .due_ms = std::nullopt});
        segments.erase(segments.begin() + static_cast<ptrdiff_t>(first));
    }
    return {};
}

std::vector<std::string> Log::take_deleted_files(int64_t now_ms) {
    LogState& log = *state_;
    std::vector<std::string> due;
    std::erase_if(log.deleted_files, [&](LogState::DeletedFile& file) {
        if (!file.due_ms) file.due_ms = now_ms + log.context.config.file_delete_delay_ms;
        if (*file.due_ms > now_ms) return false;
        due.push_back(std::move(file.path));
        return true;
    });
    return due;
}

}  // namespace storage
