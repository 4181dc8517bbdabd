// One partition's log: segments on disk in Apache Kafka's own files. Knows batches, not requests.
//
// Requires: one thread at a time. A Log does no background work of its own.
#pragma once

#include <expected>
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
};

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

class Log {
  public:
    struct OpenOptions {
        LogConfig config;
        protocol::Uuid topic_id;       // zero: none is known; written to partition.metadata
        int64_t log_start_offset = 0;  // from log-start-offset-checkpoint
        int64_t recovery_point = 0;    // from recovery-point-offset-checkpoint
        bool clean_shutdown = false;   // .kafka_cleanshutdown was there: no log bytes are read
        int64_t now_ms = 0;
    };
    // Opens the log in `directory`, or makes an empty one. After a crash everything from the
    // recovery point on is checked: a torn tail is cut, side files are rebuilt.
    // Errors: kafka_storage_error (I/O), corrupt_message (damage before the recovery point).
    static std::expected<std::unique_ptr<Log>, ErrorCode> open(FileSystem& files,
                                                               std::string directory,
                                                               const OpenOptions& options);
    ~Log();

    // Gives the batches in `batches` (one or more whole ones) the next offsets and this leader
    // epoch, in place, writes them in one go and updates producer state. Already validated.
    // Rolls first when the segment is full or too old.
    // Errors: kafka_storage_error; the log then ends where it ended before.
    std::expected<Appended, ErrorCode> append(protocol::MutableBytes batches, int32_t leader_epoch,
                                              int64_t now_ms);

    // The bytes from the batch that holds `offset` on: at most `bytes_max` (perhaps ending inside
    // a batch), nothing at or after `end_offset`. With `at_least_one` the first batch is whole,
    // however large. Empty when offset == end_offset.
    // Errors: offset_out_of_range (below the start or past the end), kafka_storage_error.
    std::expected<FileSlice, ErrorCode> read(int64_t offset, size_t bytes_max, int64_t end_offset,
                                             bool at_least_one) const;

    int64_t log_start_offset() const;
    int64_t log_end_offset() const;
    // min(first offset of the earliest open transaction, log end offset).
    int64_t last_stable_offset() const;
    // Everything below it is on disk, not only in the page cache.
    int64_t recovery_point() const;
    uint64_t size_bytes() const;
    size_t segment_count() const;
    const std::string& directory() const;
    const LogConfig& config() const;
    const ProducerState& producers() const;
    const LeaderEpochs& leader_epochs() const;

    // Aborted transactions that overlap [from, to).
    std::vector<protocol::AbortedTxn> aborted_transactions(int64_t from, int64_t to) const;

    // The first record at or after `timestamp`; nullopt when there is none.
    std::expected<std::optional<TimestampOffset>, ErrorCode> find_timestamp(int64_t timestamp) const;
    // The record with the largest timestamp (KIP-734); nullopt when the log is empty.
    std::expected<std::optional<TimestampOffset>, ErrorCode> find_max_timestamp() const;

    void configure(const LogConfig& config);
    // DeleteRecords: nothing below `offset` is visible any more. Never lowers the start.
    // Errors: offset_out_of_range (past the end).
    std::expected<void, ErrorCode> raise_log_start_offset(int64_t offset);
    // Cuts everything from `offset` on, and producer state and epochs with it.
    std::expected<void, ErrorCode> truncate_to(int64_t offset);
    // Drops producers that have been idle for `expiration_ms` and have no open transaction.
    void expire_producers(int64_t expiration_ms, int64_t now_ms);
    std::expected<void, ErrorCode> roll(int64_t now_ms);
    // fdatasync of everything not yet synced; moves the recovery point to the log's end.
    std::expected<void, ErrorCode> flush();
    // Writes the producer snapshot, trims side files, flushes. Nothing else may be called after.
    std::expected<void, ErrorCode> close();

  private:
    struct State;
    explicit Log(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace storage
