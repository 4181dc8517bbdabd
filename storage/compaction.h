// One round of the log cleaner over one log (KIP-58): reads the keys of what is not compacted yet,
// and then writes the segments anew, a group of them at a time, without what is obsolete.
//
// Log::begin_compaction() makes it, with all that it needs of the log: it works on any one thread
// at a time, beside the log. After each group Log::swap_in() puts it into the place of the old
// ones.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "storage/batch_cleaner.h"
#include "storage/offset_map.h"
#include "storage/segment.h"

namespace storage {

// What there is to compact in a log.
struct Cleanable {
    int64_t first_dirty_offset = 0;  // below it the log was compacted before
    int64_t end_offset = 0;          // where the part ends that may be compacted now
    uint64_t clean_bytes = 0;
    uint64_t dirty_bytes = 0;
    bool is_overdue = false;  // max.compaction.lag.ms is over

    double dirty_ratio() const {
        const uint64_t total = clean_bytes + dirty_bytes;
        return total == 0 ? 0 : static_cast<double>(dirty_bytes) / static_cast<double>(total);
    }
};

struct CompactionOptions {
    int64_t now_ms = 0;
    OffsetMap::Options keys;
    // The round ends with operation_not_attempted once this is true; may be null.
    const std::atomic<bool>* is_cancelled = nullptr;
};

// What a round needs to know of its log.
struct CompactionPlan {
    std::string directory;
    LogConfig config;
    std::vector<int64_t> segments;  // base offsets of those that may be compacted
    int64_t first_dirty_offset = 0;
    int64_t end_offset = 0;                     // where those segments end
    std::vector<protocol::AbortedTxn> aborted;  // with data in them, and the marker behind them
    LastBatches last_batches;
    uint64_t truncation_count = 0;
};

class CompactionRound {
  public:
    CompactionRound(FileSystem& files, CompactionPlan plan, const CompactionOptions& options)
        : context_{files, plan.directory, plan.config}, plan_(std::move(plan)), options_(options) {}
    CompactionRound(const CompactionRound&) = delete;

    // First of all.
    // Errors, here and below: kafka_storage_error (also when the log has dropped a segment
    // meanwhile), corrupt_message and others (the log is damaged),
    // unsupported_for_message_format (batches before magic 2, which are not compacted).
    std::expected<void, ErrorCode> read_keys();
    // Writes the next group, and syncs it. False: that was the last one.
    std::expected<bool, ErrorCode> clean_next();

    // The log is compacted up to here once all groups are swapped in.
    int64_t end_offset() const { return std::max(end_offset_, plan_.first_dirty_offset); }
    uint64_t bytes_read() const { return bytes_read_; }
    uint64_t bytes_written() const { return bytes_written_; }

  private:
    friend class Log;
    using VisitBatch = std::function<std::expected<bool, ErrorCode>(const protocol::BatchView&)>;

    std::expected<std::vector<protocol::AbortedTxn>, ErrorCode> read_aborted();
    std::expected<void, ErrorCode> read_snapshots();
    std::expected<uint64_t, ErrorCode> count_dirty_records();
    std::expected<void, ErrorCode> enter_keys(CleanedTransactions transactions);
    // False: the map is full; what is to be compacted then ends there.
    std::expected<bool, ErrorCode> enter_batch(const protocol::BatchView& batch);
    std::expected<void, ErrorCode> for_each_batch(int64_t base_offset, const VisitBatch& visit);
    std::expected<std::shared_ptr<File>, ErrorCode> open(int64_t base_offset, SegmentFile kind);
    std::expected<uint64_t, ErrorCode> size_of(int64_t base_offset, SegmentFile kind);
    std::expected<void, ErrorCode> choose_group();
    std::expected<void, ErrorCode> write_group();
    std::expected<void, ErrorCode> write(Blob& waiting);

    const SegmentContext context_;
    const CompactionPlan plan_;
    const CompactionOptions options_;
    int64_t end_offset_ = 0;
    std::optional<OffsetMap> keys_;
    std::optional<BatchCleaner> cleaner_;
    size_t next_segment_ = 0;     // the first one after the group, in the plan
    std::vector<int64_t> group_;  // base offsets
    std::optional<Segment> cleaned_;
    // Snapshots that know a transaction as open, by producer id; and of these the producers whose
    // marker is not in the group any more. A replay from such a snapshot on would never end it.
    std::map<int64_t, std::vector<int64_t>> open_in_snapshots_;
    std::map<int64_t, std::set<int64_t>> ended_in_snapshots_;
    uint64_t bytes_read_ = 0, bytes_written_ = 0;
};

}  // namespace storage
