// The metadata log, __cluster_metadata-0: where the controller's records are kept (KIP-631), with
// the snapshots that let it begin anew (KIP-630), and the epoch in which this node writes it.
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/config/broker_config.h"
#include "broker/metadata/metadata_record.h"
#include "broker/metadata/metadata_topic.h"
#include "broker/metadata/snapshot_file.h"
#include "storage/log.h"

namespace broker::metadata {

using SnapshotPolicy = config::MetadataSnapshotSettings;

class MetadataLog {
  public:
    struct OpenOptions {
        int32_t node_id = 1;
        protocol::Uuid directory_id;  // of the data directory, as a voter is named by it
        SnapshotPolicy snapshots;
        bool has_partitions = false;  // some data directory has logs, which the metadata must know
        int64_t now_ms = 0;
    };
    // Opens the log inside `data_directory`, and visits each record that is in force: those of the
    // newest snapshot, then those behind it. In a directory without a log it makes what
    // `kafka-storage format --standalone` does, and visits nothing.
    // Errors: in words, for the one who starts the broker; also for damage that is not the torn
    // last batch of a crash. Then nothing was changed.
    static std::expected<MetadataLog, std::string> open(
        storage::FileSystem& files, const std::string& data_directory, const OpenOptions& options,
        const std::function<void(const MetadataRecord&)>& visit);

    // Begins the next leader epoch, in which all is written from now on. Each start has one. Ends
    // a metadata transaction that a controller before this one left.
    // Requires: once, before the first append().
    std::expected<void, protocol::ErrorCode> begin_epoch(int64_t now_ms);
    int32_t epoch() const { return epoch_; }
    // Who votes on the log, which is this node alone, as the log says it.
    const VoterSet& voter_set() const { return voter_set_; }

    // What a new cluster begins with, as the one who formatted the directory wrote it down.
    // Errors: in words.
    std::expected<std::vector<MetadataRecord>, std::string> bootstrap_records() const;

    // One batch: after a crash all of the records are there, or none. They are on the disk when it
    // returns. Their layout is that of the metadata.version. No records are nothing to write.
    std::expected<void, protocol::ErrorCode> append(std::span<const MetadataRecord> records,
                                                    int16_t metadata_version, int64_t now_ms);
    // Where the next record will be.
    int64_t end_offset() const { return log_->log_end_offset(); }
    int64_t start_offset() const { return log_->log_start_offset(); }

    // Whether so much, or for so long, was written since the last snapshot that another is due.
    bool is_snapshot_due(int64_t now_ms) const;
    // A snapshot of everything up to now, in three steps: the second may be taken on another
    // thread, while more is appended. What the image is now has to be in the file that write()
    // makes. Errors: kafka_storage_error; then the next one is due as if this had been made.
    struct SnapshotJob {
        SnapshotId id;
        std::string path;
        Snapshot snapshot;  // its records are to be filled in
        int64_t now_ms = 0;

        bool write(storage::FileSystem& files) const;
    };
    std::expected<SnapshotJob, protocol::ErrorCode> begin_snapshot(int64_t now_ms);
    // Removes what the snapshot stands for: older segments and older snapshots.
    void end_snapshot(const SnapshotJob& job);

    std::expected<void, protocol::ErrorCode> close() { return log_->close(); }

  private:
    MetadataLog(storage::FileSystem& files, std::string directory, const OpenOptions& options)
        : files_(&files), directory_(std::move(directory)), options_(options) {}

    std::expected<void, std::string> load(const std::function<void(const MetadataRecord&)>& visit);
    std::expected<void, std::string> load_log(
        int64_t from, const std::function<void(const MetadataRecord&)>& visit);
    // The newest that can be read. Nullopt: there is none.
    std::expected<std::optional<std::pair<SnapshotId, Snapshot>>, std::string> find_snapshot();
    std::expected<std::vector<SnapshotId>, std::error_code> list_snapshots() const;
    std::expected<void, std::string> format();
    std::expected<void, std::string> check_voters() const;
    std::expected<void, std::string> load_quorum_state();
    std::string path_of(std::string_view name) const;
    std::string bootstrap_path() const;
    void note_appended(size_t bytes, int64_t now_ms);

    storage::FileSystem* files_;
    std::string directory_;
    OpenOptions options_;
    std::unique_ptr<storage::Log> log_;
    VoterSet voter_set_;
    // Of the snapshot that formatting made: in force when the log has them (KIP-1170).
    std::vector<MetadataRecord> bootstrap_;
    bool is_in_transaction_ = false;
    int32_t epoch_ = 0;  // before begin_epoch(): the last one that there was
    int64_t bytes_since_snapshot_ = 0;
    int64_t first_since_snapshot_ms_ = 0;  // when the oldest of them was written
    int64_t last_timestamp_ms_ = 0;
};

}  // namespace broker::metadata
