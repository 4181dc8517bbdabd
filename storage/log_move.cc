// A log as it moves to another directory: what there is to copy, and the step in which the copy
// takes its place.
#include <utility>

#include "storage/log.h"
#include "storage/log_copy.h"
#include "storage/log_state.h"

namespace storage {

std::expected<LogContents, ErrorCode> Log::contents() const {
    LogState& log = *state_;
    if (log.refuses_writes) return std::unexpected(ErrorCode::kafka_storage_error);
    LogContents contents{.directory = log.context.directory,
                         .snapshots = log.snapshots.offsets(),
                         .end_offset = log.end_offset,
                         .truncation_count = log.truncation_count};
    for (Segment& segment : log.segments) {
        const auto size = segment.size_bytes();
        if (!size) return std::unexpected(size.error());
        contents.segments.push_back({segment.base_offset(), *size});
    }
    return contents;
}

void Log::set_moving(bool is_moving) { state_->is_moving = is_moving; }
bool Log::is_moving() const { return state_->is_moving; }

std::expected<void, ErrorCode> Log::complete(LogCopy& copy) {
    LogState& log = *state_;
    if (log.refuses_writes) return std::unexpected(ErrorCode::kafka_storage_error);
    if (!log.segments.empty()) {
        const auto active = log.load_segment(log.segments.size() - 1);
        if (!active) return std::unexpected(active.error());
        // With its last entries, as a clean stop may not look at it any more.
        if (auto finished = (*active)->finish(); !finished) return finished;
    }
    const auto now = contents();
    if (!now) return std::unexpected(now.error());
    return copy.finish(*now);
}

void Log::relocate(std::string directory) {
    LogState& log = *state_;
    for (Segment& segment : log.segments) segment.unload();
    log.context.directory = std::move(directory);
    log.directory_exists = true;
    // What was begun with the old files is not to be ended with the new ones.
    ++log.truncation_count;
    ++log.relocation_count;
    log.deleted_files.clear();
    log.recovery_point = log.end_offset;
    log.log_unsynced = log.names_unsynced = false;
    log.directory_unsynced = log.epochs_unsynced = false;
}

}  // namespace storage
