// Opens a log: see recovery.cc. For log.cc and tests of nothing else.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <utility>
#include <vector>

#include "storage/log_state.h"

namespace storage {

// Fills a fresh LogState from its directory, once.
class LogLoader {
  public:
    LogLoader(LogState& log, const Log::OpenOptions& options) : log_(log), options_(options) {}

    // Errors: as Log::open().
    std::expected<void, ErrorCode> load();

  private:
    using SwapFile = std::pair<std::string, SegmentFileName>;

    bool is_lost(int64_t end_offset) const;
    std::expected<void, ErrorCode> check_topic_id();
    std::expected<void, ErrorCode> read_directory();
    std::expected<void, ErrorCode> clear_leftovers();
    std::expected<void, ErrorCode> complete_swap(const std::vector<SwapFile>& swaps,
                                                 const std::vector<std::string>& names);
    std::expected<int64_t, ErrorCode> next_offset_of(const std::string& path, int64_t base_offset);
    std::expected<void, ErrorCode> read_epochs();
    std::expected<void, ErrorCode> note_epoch(const BatchHeader& batch);
    std::expected<void, ErrorCode> load_clean_end();
    std::expected<void, ErrorCode> recover_segments();
    std::expected<void, ErrorCode> write_snapshot(int64_t offset);
    std::expected<void, ErrorCode> sync_snapshot(int64_t offset);
    std::expected<uint64_t, ErrorCode> recover_segment(Segment& segment);
    std::expected<void, ErrorCode> drop_segments(size_t first);
    std::expected<void, ErrorCode> finish();
    std::expected<void, ErrorCode> begin_anew();

    LogState& log_;
    const Log::OpenOptions& options_;
    bool epochs_changed_ = false;
};

}  // namespace storage
