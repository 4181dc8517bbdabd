// One segment of a log: a .log file of batches, and the files that make it quick to search. Files
// are opened when they are first needed, so that a segment that nobody reads costs next to nothing.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "protocol/record_batch.h"
#include "protocol/stored/aborted_transaction.h"
#include "storage/batch_scanner.h"
#include "storage/index.h"
#include "storage/log_config.h"
#include "storage/reservation.h"
#include "storage/segment_files.h"
#include "storage/time_index.h"
#include "storage/transaction_index.h"

namespace storage {

// What all segments of a log share; outlives them.
struct SegmentContext {
    FileSystem& files;
    std::string directory;
    LogConfig config;

    std::string path(std::string_view name) const { return directory + '/' + std::string(name); }
    std::string path(int64_t offset, SegmentFile kind, Leftover leftover = Leftover::none) const {
        return path(segment_file_name(offset, kind, leftover));
    }
};

// The largest timestamp of a segment, and the last offset of the (first) batch that has it.
struct MaxTimestamp {
    int64_t timestamp = protocol::no_timestamp;
    int64_t offset = -1;
};

class Segment {
  public:
    // A segment whose .log is on disk. `created_ms` counts towards rolling when the records have
    // no timestamps.
    Segment(const SegmentContext& context, int64_t base_offset, int64_t created_ms)
        : context_(&context), base_offset_(base_offset), created_ms_(created_ms) {}
    // Makes the .log file; what is there of that name is lost. With a leftover's suffix
    // the files have it as long as they are not part of the log.
    static std::expected<Segment, ErrorCode> create(const SegmentContext& context,
                                                    int64_t base_offset, int64_t created_ms,
                                                    Leftover leftover = Leftover::none);

    int64_t base_offset() const { return base_offset_; }
    // When this process made or first saw it.
    int64_t created_ms() const { return created_ms_; }
    std::expected<uint64_t, ErrorCode> size_bytes();
    bool is_loaded() const { return open_ != nullptr; }

    // Opens the files; an index that is missing or cannot be true is made again from the log.
    // Called by every function below that needs it.
    // Errors: kafka_storage_error, corrupt_message (the log itself is damaged).
    std::expected<void, ErrorCode> load();
    // Closes the files. Requires: finish() or persist() after the last change.
    void unload();

    // Whether it has been written to for as long as it may be.
    bool is_due_to_roll(int64_t now_ms) const {
        return now_ms - created_ms_ > context_->config.roll_ms() - jitter_ms();
    }
    // Whether a batch of this size, last offset and largest timestamp belongs into a new segment.
    std::expected<bool, ErrorCode> should_roll(size_t bytes, int64_t last_offset,
                                               int64_t max_timestamp, int64_t now_ms);

    // Writes whole batches at the end, and notes them in the indexes. After an error the segment
    // is as before, unless is_broken().
    std::expected<void, ErrorCode> append(Bytes batches);
    // The same in two steps: what was deferred is written, in one go, by write_out(). Until then
    // its bytes stay where they are, and nothing is asked of the segment but should_roll().
    // Requires: load() was called.
    void defer(Bytes batches);
    std::expected<void, ErrorCode> write_out();
    bool has_deferred() const { return open_ && !open_->deferred.empty(); }
    // Requires: called in the order of last_offset, after the batch with the marker was appended.
    void add_aborted(const protocol::AbortedTxn& aborted);
    // Bytes of a failed append could not be taken back: the file must not be written again.
    bool is_broken() const { return broken_; }
    // They were taken back, but perhaps not on the disk.
    bool has_lost_sync() const { return lost_sync_; }

    // The first batch whose last offset is at or after `offset`; nullopt: the segment ends before.
    std::expected<std::optional<BatchHeader>, ErrorCode> find(int64_t offset);
    // The offset after the last batch, from the headers after the last index entry.
    std::expected<int64_t, ErrorCode> read_next_offset();
    // Files are opened only if it is not known yet.
    std::expected<MaxTimestamp, ErrorCode> max_timestamp();
    bool knows_max_timestamp() const { return next_offset_ >= 0; }
    // That of the first batch; -1 when there is none.
    std::expected<int64_t, ErrorCode> first_timestamp();
    bool knows_first_timestamp() const { return first_timestamp_.has_value(); }
    // A batch from which on records may be at or after `timestamp`; nullopt: there are no batches.
    std::expected<std::optional<BatchHeader>, ErrorCode> find_timestamp(int64_t timestamp);

    // The offset of an indexed batch at or after `position`; nullopt: there is none.
    // Errors: kafka_storage_error.
    std::expected<std::optional<int64_t>, ErrorCode> offset_bound(uint64_t position);

    // Whether these bytes of the .log were written, or checked, since it was first loaded.
    bool is_checked(uint64_t position, uint64_t size) const {
        return position >= written_from_ || position + size <= checked_to_;
    }
    // Who reads from the begin on has, in the end, checked it all.
    void note_checked(uint64_t position, uint64_t size) {
        if (position > checked_to_) return;
        checked_to_ = std::max(checked_to_, position + size);
        if (checked_to_ >= written_from_) written_from_ = 0;
    }

    // Cuts the batch that holds `offset`, and everything after it.
    std::expected<void, ErrorCode> truncate_to(int64_t offset);

    // Called for each batch found; `bytes` are all of it.
    using Visit = std::function<std::expected<void, ErrorCode>(const BatchHeader&, Bytes bytes)>;
    // Checks every batch, makes the indexes anew, and cuts what follows the last good batch;
    // returns how many bytes that were. What `visit` reports by add_aborted() ends up in the
    // transaction index.
    // Errors: corrupt_message when there is no good batch at an offset below `trusted_to`.
    std::expected<uint64_t, ErrorCode> recover(int64_t trusted_to, const Visit& visit);
    // Walks batches from the one that holds `offset` on, without checking them.
    std::expected<void, ErrorCode> for_each_batch(int64_t offset, const Visit& visit);
    // Makes the offset and time index anew from the batches' headers.
    std::expected<void, ErrorCode> rebuild_indexes();
    // The transaction index on disk was damaged. Only the log, which knows the producers, can make
    // it anew, and nobody does so after a crash: the new one is on the disk, whole, or the old one.
    bool needs_transactions() const { return needs_transactions_; }
    std::expected<void, ErrorCode> replace_transactions(
        std::span<const protocol::AbortedTxn> aborted);

    // Writes the index entries that wait in memory.
    std::expected<void, ErrorCode> persist();
    // As persist(), with the closing entry of the time index: before a roll and when closing.
    std::expected<void, ErrorCode> finish();
    // All files, for syncing them. Requires: finish() was called after the last change.
    std::expected<std::vector<std::shared_ptr<File>>, ErrorCode> files();
    // Deletes the files; the log's first, so that what a crash leaves behind is known as orphaned.
    std::expected<void, ErrorCode> remove();
    // Renames the files, the log's first, and closes them; gives their new paths. After an error
    // they have the old names again, if the disk still does anything. Requires: as unload().
    std::expected<std::vector<std::string>, ErrorCode> rename(Leftover leftover);

    // Requires: load() was called.
    const std::shared_ptr<File>& log_file() const { return open_->log; }
    TransactionIndex& transactions() { return open_->transactions; }

  private:
    // The batches that were appended last: who reads the log's end asks for them.
    class RecentBatches {
      public:
        void add(const BatchHeader& batch) { batches_[count_++ % batches_.size()] = batch; }
        void clear() { count_ = 0; }
        const BatchHeader* find(int64_t offset) const {
            const auto end = batches_.begin() + std::min(count_, batches_.size());
            const auto found = std::find_if(batches_.begin(), end, [&](const BatchHeader& batch) {
                return batch.base_offset <= offset && offset <= batch.last_offset;
            });
            return found == end ? nullptr : &*found;
        }

      private:
        std::array<BatchHeader, 8> batches_;
        size_t count_ = 0;  // since it was cleared
    };

    struct OpenFiles {
        std::shared_ptr<File> log;
        OffsetIndex index;
        TimeIndex time_index;
        TransactionIndex transactions;
        RecentBatches recent = {};
        std::vector<Bytes> deferred = {};
        size_t deferred_bytes = 0;
    };
    std::expected<void, ErrorCode> write_deferred();
    // Enters a batch that is in the log into the indexes.
    void note(const BatchHeader& batch);
    std::expected<void, ErrorCode> reset_transactions();
    std::expected<void, ErrorCode> scan_tail();
    std::expected<std::optional<BatchHeader>, ErrorCode> find_from(const IndexEntry& entry,
                                                                   int64_t offset);
    // Whether an index entry says the truth about the batch at its position.
    bool is_true(const IndexEntry& entry, const BatchHeader& batch) const {
        return entry.position == 0 || base_offset_ + entry.relative_offset == batch.last_offset;
    }
    std::expected<std::unique_ptr<OpenFiles>, ErrorCode> open_files(FileSystem::Open mode);
    int64_t jitter_ms() const;
    std::string path(SegmentFile kind) const {
        return context_->path(base_offset_, kind, leftover_);
    }
    int32_t relative(int64_t offset) const { return static_cast<int32_t>(offset - base_offset_); }

    static constexpr uint64_t unknown_size = ~uint64_t{0};

    const SegmentContext* context_;
    int64_t base_offset_;
    int64_t created_ms_;
    Leftover leftover_ = Leftover::none;
    uint64_t size_bytes_ = unknown_size;
    uint64_t written_from_ = unknown_size;  // since it was first loaded
    uint64_t checked_to_ = 0;               // from the begin on
    uint64_t bytes_since_index_entry_ = 0;
    MaxTimestamp max_timestamp_;
    int64_t next_offset_ = -1;  // -1: not read yet; then max_timestamp_ is not known either.
    Reservation reservation_;   // Of the .log.
    std::optional<int64_t> first_timestamp_;  // Of the first batch.
    bool broken_ = false;
    bool lost_sync_ = false;
    bool needs_transactions_ = false;
    std::unique_ptr<OpenFiles> open_;
};

}  // namespace storage
