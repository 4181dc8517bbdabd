// One partition's log: segments on disk in Apache Kafka's own files. Knows batches, not requests.
//
// Requires: one thread at a time. A Log does no background work of its own.
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "protocol/error.h"
#include "protocol/record_batch.h"
#include "protocol/stored/aborted_transaction.h"
#include "storage/file_system.h"
#include "storage/leader_epochs.h"
#include "storage/log_config.h"
#include "storage/producer_state.h"

namespace storage {

using protocol::ErrorCode;

// Bytes at rest. Stays readable after its segment was deleted, as it holds the file open.
struct FileSlice {
    std::shared_ptr<const File> file;
    uint64_t position = 0;
    size_t size = 0;
    int64_t segment_base_offset = 0;
    // All of it was written, or found to match its checksums, since the log was opened.
    bool is_checked = false;
};

// What a crash had left, and what opening the log did about it: for the broker's own log.
struct LogRecovery {
    size_t segments_scanned = 0;
    size_t segments_dropped = 0;  // behind a torn tail or a gap
    uint64_t bytes_cut = 0;       // from a torn tail
    bool began_anew = false;      // at the start offset, as all that was left lay below it
};

// For retention and DescribeLogDirs.
struct SegmentInfo {
    int64_t base_offset = 0;
    uint64_t size_bytes = 0;
    int64_t max_timestamp = protocol::no_timestamp;
};

// What has to reach the disk for everything below `end_offset` to last. May be done on another
// thread, as run() does.
struct SyncJob {
    std::vector<std::shared_ptr<File>> files;
    std::vector<std::string> directories;
    int64_t end_offset = 0;
    uint64_t truncation_count = 0;  // when it was made
    uint64_t relocation_count = 0;  // the same

    // Whether all of it could be synced.
    bool run(FileSystem& file_system) const;
};

struct LogState;

// See compaction.h.
struct Cleanable;
struct CompactionOptions;
class CompactionRound;

// See log_copy.h.
struct LogContents;
class LogCopy;

struct Appended {
    int64_t base_offset = -1;
    int64_t last_offset = -1;
    int64_t log_append_time_ms = protocol::no_timestamp;  // -1 under CreateTime
};

// Where a record with a wanted timestamp stands; leader_epoch -1 when unknown.
struct TimestampOffset {
    int64_t timestamp = protocol::no_timestamp;
    int64_t offset = -1;
    int32_t leader_epoch = -1;
};

// When an append's bytes are written to the file.
enum class Write { now, later };

class Log {
  public:
    struct OpenOptions {
        LogConfig config;
        protocol::Uuid topic_id;       // zero: none is known; written to partition.metadata
        int64_t log_start_offset = 0;  // from log-start-offset-checkpoint
        int64_t recovery_point = 0;    // from recovery-point-offset-checkpoint
        bool clean_shutdown = false;   // .kafka_cleanshutdown was there: no log bytes are read
        int64_t now_ms = 0;
        // From cleaner-offset-checkpoint: compaction may have left gaps between offsets below it.
        // After a crash, segments behind a gap above it are dropped, as records before them were
        // lost. By default gaps are taken for compaction's work anywhere, as Kafka does.
        int64_t compacted_to = std::numeric_limits<int64_t>::max();
    };
    // Opens the log in `directory`, which need not be there: it is made by the first append. After
    // a crash everything from the recovery point on is checked: a torn tail is cut, side files are
    // rebuilt.
    // Errors: kafka_storage_error (I/O), corrupt_message (damage before the recovery point),
    // inconsistent_topic_id (partition.metadata is another topic's).
    static std::expected<std::unique_ptr<Log>, ErrorCode> open(FileSystem& files,
                                                               std::string directory,
                                                               const OpenOptions& options);
    ~Log();

    // Gives the batches in `batches` (one or more whole ones) the next offsets and this leader
    // epoch, and under LogAppendTime `now_ms`, in place; writes them in one go and updates producer
    // state. Already validated. Rolls first when the segment is full or too old.
    // Errors: kafka_storage_error; the log then ends where it ended before (only where the flush
    // failed that flush.messages asks for, the records stay). record_list_too_large (more than
    // segment.bytes).
    // Written later, the batches count as appended at once, but stay where they are until
    // write_out(): nothing but append(), producers() and the offsets may be asked for before that.
    std::expected<Appended, ErrorCode> append(protocol::MutableBytes batches, int32_t leader_epoch,
                                              int64_t now_ms, Write when = Write::now);

    // Writes in one go what was to be written later.
    // Errors: kafka_storage_error; none of those that were appended since the last call may be
    // taken for appended: what could not be written was taken back, with the producer state that
    // came of it.
    std::expected<void, ErrorCode> write_out();

    // The bytes from the batch that holds `offset` on: at most `bytes_max` (perhaps ending inside
    // a batch), nothing at or after `end_offset`. With `at_least_one` the first batch is whole,
    // however large. Empty when offset == end_offset.
    // Errors: offset_out_of_range (below the start or past the end), kafka_storage_error.
    std::expected<FileSlice, ErrorCode> read(int64_t offset, size_t bytes_max, int64_t end_offset,
                                             bool at_least_one) const;

    // An offset that all whole batches of what read() gave end below; near to them, as the index
    // is. Errors: kafka_storage_error.
    std::expected<int64_t, ErrorCode> offset_bound(const FileSlice& slice) const;
    // The first `size` bytes of what read() gave match their checksums.
    void note_checked(const FileSlice& slice, size_t size);

    int64_t log_start_offset() const;
    int64_t log_end_offset() const;
    // min(first offset of the earliest open transaction, log end offset), and not below the start.
    int64_t last_stable_offset() const;
    // Everything below it is on disk, not only in the page cache.
    int64_t recovery_point() const;
    uint64_t size_bytes() const;
    size_t segment_count() const;
    // Errors: kafka_storage_error, corrupt_message.
    std::expected<std::vector<SegmentInfo>, ErrorCode> segments() const;
    // An append could not be taken back: from then on the log is read only.
    bool refuses_writes() const;
    // A sync has failed: until it is opened again nothing is read or written.
    bool is_offline() const;
    // Whether a sync would bring anything to the disk. Never of an offline log.
    bool needs_sync() const;
    const LogRecovery& recovery() const;
    const std::string& directory() const;
    const LogConfig& config() const;
    const ProducerState& producers() const;
    const LeaderEpochs& leader_epochs() const;

    // Aborted transactions that overlap [from, to): all of them, or an error.
    // Errors: corrupt_message, kafka_storage_error.
    std::expected<std::vector<protocol::AbortedTxn>, ErrorCode> aborted_transactions(
        int64_t from, int64_t to) const;

    // The first record at or after `timestamp`; nullopt when there is none.
    std::expected<std::optional<TimestampOffset>, ErrorCode> find_timestamp(
        int64_t timestamp) const;
    // The record with the largest timestamp (KIP-734); nullopt when the log is empty.
    std::expected<std::optional<TimestampOffset>, ErrorCode> find_max_timestamp() const;

    void configure(const LogConfig& config);
    // `told` is called when a reader may see something else, but for what append() adds: the start
    // has risen, the end was taken back, the log went offline. Requires: it leaves the log alone.
    void tell_changes(std::function<void()> told);
    // DeleteRecords, retention: nothing below `offset` is visible any more, and segments wholly
    // below it are deleted. Never lowers the start.
    // Errors: offset_out_of_range (past the end).
    std::expected<void, ErrorCode> raise_log_start_offset(int64_t offset);
    // Cuts everything from the batch that holds `offset` on, and producer state and epochs with it.
    // Lowers the recovery point. Requires: its checkpoint was lowered before, lest a start after a
    // crash takes what was cut for lost.
    // Errors: kafka_storage_error; the log is then read only, until it is opened again.
    std::expected<void, ErrorCode> truncate_to(int64_t offset);
    // Retention by time and size: deletes the oldest segments as long as they are above
    // retention.bytes or older than retention.ms, the last one too. Nothing at or above the last
    // stable offset goes. Gives how many went.
    // Errors: kafka_storage_error, corrupt_message.
    std::expected<size_t, ErrorCode> apply_retention(int64_t now_ms);
    // Rolls the segment that is written to when it is older than segment.ms, so that retention and
    // compaction get at it although nothing is appended any more.
    std::expected<void, ErrorCode> roll_if_due(int64_t now_ms);
    // The files of deleted segments that waited for file.delete.delay.ms since this was first
    // asked after their deletion. They are the caller's to remove, on any thread.
    std::vector<std::string> take_deleted_files(int64_t now_ms);

    // What compaction could do for the log, of which all below `compacted_to` went through it
    // before. Errors: kafka_storage_error, corrupt_message.
    std::expected<Cleanable, ErrorCode> cleanable(int64_t compacted_to, int64_t now_ms) const;
    // Requires: cleanable() gave it, and nothing was done to the log since.
    std::expected<std::unique_ptr<CompactionRound>, ErrorCode> begin_compaction(
        const Cleanable& cleanable, const CompactionOptions& options);
    // Puts what clean_next() wrote into the place of the segments it was made from. False: they are
    // not the same any more, and the round is over.
    // Errors: kafka_storage_error; the log may be read only then, until it is opened again.
    std::expected<bool, ErrorCode> swap_in(CompactionRound& round);

    // For who copies the log to another directory: what there is to copy now. While it moves,
    // compaction leaves it as it is.
    // Errors: kafka_storage_error.
    std::expected<LogContents, ErrorCode> contents() const;
    void set_moving(bool is_moving);
    bool is_moving() const;
    // Makes the copy a whole one that is on the disk. Long only where much is missing.
    // Errors: kafka_storage_error, corrupt_message; the log is as it was.
    std::expected<void, ErrorCode> complete(LogCopy& copy);
    // The log goes on in that directory. Requires: its complete copy, to which nothing was appended
    // since, has that name now; or it has no directory, and an empty one is there.
    void relocate(std::string directory);

    // Drops producers that have been idle for `expiration_ms` and have no open transaction.
    void expire_producers(int64_t expiration_ms, int64_t now_ms);
    std::expected<void, ErrorCode> roll(int64_t now_ms);
    // fdatasync of everything not yet synced; moves the recovery point to the log's end.
    std::expected<void, ErrorCode> flush();
    // flush.ms: flushes when something was waiting that long. To be called every now and then.
    std::expected<void, ErrorCode> flush_if_due(int64_t now_ms);
    // flush() in two steps, with the syncing between them anywhere, and appends meanwhile. Each
    // is ended. A sync that fails takes the log offline.
    // Errors: kafka_storage_error (offline, or its files cannot be opened).
    std::expected<SyncJob, ErrorCode> begin_sync();
    void end_sync(const SyncJob& job, bool succeeded);
    // For who cannot go on without the sync that did not begin.
    void take_offline();
    // Writes the producer snapshot, trims side files, flushes. Nothing else may be called after.
    std::expected<void, ErrorCode> close();

  private:
    explicit Log(std::unique_ptr<LogState> state);
    std::expected<void, ErrorCode> delete_segments_below_start();

    std::unique_ptr<LogState> state_;
};

}  // namespace storage
