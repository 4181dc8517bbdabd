// A broker's data directory (log.dirs): which broker's it is, the partitions in it, and the
// checkpoints that let the next start skip what is known to be whole.
//
// One LogDirectory serves all shards. Once the first log is opened it has no state that changes,
// but for the cleaner's offsets and the logs that are to come from another directory: what each
// function needs is in it since then, or on disk.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "storage/checkpoints.h"
#include "storage/file_system.h"
#include "storage/log.h"
#include "storage/meta_properties.h"

namespace storage {

// What the checkpoints say of one open partition.
struct PartitionCheckpoint {
    PartitionName name;
    protocol::Uuid topic_id;
    int64_t recovery_point = 0;
    int64_t log_start_offset = 0;
    int64_t high_watermark = 0;
};

// All below `offset` of a partition's log went through the log cleaner.
struct CleanerOffset {
    PartitionName name;
    protocol::Uuid topic_id;
    int64_t offset = 0;
    bool operator==(const CleanerOffset&) const = default;
};

class LogDirectory {
  public:
    struct OpenOptions {
        // Nullopt: the cluster that the directory belongs to; a new one in a new directory.
        std::optional<std::string> cluster_id;
        int32_t node_id = 1;
        // Whether it may be a new one. Else nothing is made where it is absent, or empty: then its
        // disk is not mounted.
        bool may_be_new = true;
        std::function<protocol::Uuid()> random_uuid;  // for the ids of a new directory
        // Is told what make_way() sets aside, for the log; from any thread.
        std::function<void(const std::string&)> warn = [](const std::string&) {};
    };
    // Makes the directory where it is absent and may be, locks it and reads what the last broker
    // left. Directories of deleted logs are removed.
    struct OpenError {
        std::string message;     // for the one who starts the broker
        bool is_of_disk = true;  // it is not that the directory belongs to another
    };
    static std::expected<std::unique_ptr<LogDirectory>, OpenError> open(FileSystem& files,
                                                                        const std::string& path,
                                                                        const OpenOptions& options);

    // Removes the clean-shutdown marker: from now on a crash is a crash. Requires: no log was
    // opened yet. Errors: kafka_storage_error.
    std::expected<void, ErrorCode> begin_work();

    const std::string& path() const { return path_; }
    const MetaProperties& properties() const { return properties_; }
    bool was_clean_shutdown() const { return was_clean_shutdown_; }
    // Whether open() has found one: then the cluster is not a new one.
    bool has_metadata_log() const { return has_metadata_log_; }
    // What was found damaged, or does not belong here; for the log.
    const std::vector<std::string>& problems() const { return problems_; }

    struct Partition {
        PartitionName name;
        protocol::Uuid topic_id;  // zero: none is known
        bool operator==(const Partition&) const = default;
    };
    // The partitions as open() found them, by name. As in Kafka the metadata log is not among them:
    // it has no checkpoints, and is read as a whole at each start.
    const std::vector<Partition>& partitions() const { return partitions_; }

    // Copies that were on their way here when the last broker stopped, as open() found them. Their
    // topics' ids are zero where none is known.
    struct Future {
        Partition partition;
        std::string directory;
    };
    const std::vector<Future>& futures() const { return futures_; }

    // The topics whose deletion the metadata log tells of: what is left of them may go.
    // Requires: nothing of what follows was called yet.
    void expect_leftovers_of(std::set<protocol::Uuid> deleted) { deleted_ = std::move(deleted); }

    // Whether the partition's directory has neither a topic id nor a segment.
    bool is_unborn(const PartitionName& name) const;

    // From any thread, for different partitions at a time.
    //
    // Frees the name for a log of this topic. A directory of another topic is removed if that one
    // is known to have been deleted; else the metadata may have lost it, and it is renamed as Kafka
    // does, to `<topic>-<partition>.<topic id>-stray`, which nothing here touches again.
    // Errors: kafka_storage_error.
    std::expected<void, ErrorCode> make_way(const PartitionName& name,
                                            const protocol::Uuid& topic_id) const;

    // From any thread, for different partitions at a time.
    //
    // Opens a partition's log, or makes it, after make_way(). Checkpoints and the clean-shutdown
    // marker are used for a log that open() found, not for one that was made since.
    // Requires: a partition is opened again only after remove_log() or set_aside_log().
    // Errors: those of Log::open.
    std::expected<std::unique_ptr<Log>, ErrorCode> open_log(const PartitionName& name,
                                                            const protocol::Uuid& topic_id,
                                                            const LogConfig& config,
                                                            int64_t now_ms) const;

    // From any thread, for different partitions at a time. Requires: the log is not used any more.
    //
    // Frees the name of this topic's partition at once, by a rename; gives the path that
    // remove_set_aside() may take its time to empty, on any thread. What a crash leaves of it goes
    // at the next start. A directory that has the name and another topic's id is left alone.
    // Until the next write_checkpoints() the directory, be it empty, tells a start after a crash
    // that the checkpoints of this name are not those of a new log that has the name now.
    // Errors: unknown_topic_or_partition (no directory of it), kafka_storage_error.
    std::expected<std::string, ErrorCode> set_aside_log(const PartitionName& name,
                                                        const protocol::Uuid& topic_id) const;
    std::expected<void, ErrorCode> remove_set_aside(const std::string& set_aside) const;
    // Both at once.
    std::expected<void, ErrorCode> remove_log(const PartitionName& name,
                                              const protocol::Uuid& topic_id) const;

    // A log is about to get this name here, from another directory: checkpoints that are written
    // from now on have it, if it is given to them, and where the log cleaner is done with it. To be
    // ended once it is here, or not to come. From any thread.
    // Errors: kafka_storage_error (of the cleaner's checkpoint).
    std::expected<void, ErrorCode> expect_arrival(const Partition& partition,
                                                  std::optional<int64_t> cleaned_to) const;
    void end_arrival(const Partition& partition) const;

    // From one thread at a time. Partitions that are there but not in `open` keep what was read
    // of them; what is not there any more, or by now is another topic's, is dropped, also from the
    // cleaner's checkpoint.
    std::expected<void, ErrorCode> write_checkpoints(
        std::span<const PartitionCheckpoint> open) const;

    // The offsets below which the log cleaner is done, of the partitions that are there; from one
    // thread at a time, which may be another one than that of write_checkpoints().
    std::expected<void, ErrorCode> write_cleaner_checkpoint(
        std::span<const CleanerOffset> offsets) const;
    std::vector<CleanerOffset> cleaner_checkpoint() const;

    // The checkpoints, and the marker that lets the next start read no log at all. Then the lock
    // goes. Requires: every log was closed, without an error; nothing else is called afterwards.
    // Without close() the next open() finds a crash, as it does when a log that needed recovery
    // is not in `open`: nobody has looked at it since.
    std::expected<void, ErrorCode> close(std::span<const PartitionCheckpoint> open,
                                         int64_t broker_epoch);

  private:
    struct Offsets {
        int64_t recovery_point = 0;
        int64_t log_start_offset = 0;
        int64_t high_watermark = 0;
    };
    // What open() knows of a partition.
    struct Found {
        protocol::Uuid topic_id;
        Offsets offsets;
        // Compaction left gaps between its offsets, or nothing says that it did not.
        bool may_be_compacted = true;
    };

    LogDirectory(FileSystem& files, std::string path, const OpenOptions& options)
        : files_(files), path_(std::move(path)), warn_(options.warn) {}

    std::expected<void, OpenError> load(const OpenOptions& options);
    std::expected<void, std::error_code> make_directory();
    std::expected<void, OpenError> load_properties(const OpenOptions& options);
    std::expected<void, std::string> load_partitions(const std::vector<std::string>& names);
    std::expected<void, std::string> load_checkpoints(const std::vector<std::string>& names);
    std::expected<Checkpoint, std::string> load_checkpoint(std::string_view file);
    std::expected<void, std::string> load_cleaner_checkpoint(const std::vector<std::string>& names);
    std::string path_of(std::string_view name) const;
    // Errors: kafka_storage_error (it cannot be known).
    std::expected<bool, ErrorCode> is_there(const PartitionName& name,
                                            const protocol::Uuid& topic_id) const;
    // Null unless the partition's directory is still the one that open() found.
    std::expected<const Found*, ErrorCode> find(const PartitionName& name) const;
    // The same, or it is expected to be.
    bool may_be_there(const PartitionName& name, const protocol::Uuid& topic_id) const;
    void note_future(const std::string& name);
    bool is_all_recovered(std::span<const PartitionCheckpoint> open) const;
    std::expected<void, ErrorCode> replace_checkpoints(
        const std::map<PartitionName, Offsets>& offsets) const;
    std::expected<void, ErrorCode> forget_cleaned_leftovers() const;
    // Those among these names; no checkpoint has anything of them any more.
    std::expected<void, ErrorCode> forget_leftovers(const std::vector<std::string>& names) const;
    // Requires: cleaner_mutex_ is held.
    std::expected<void, std::error_code> replace_cleaner_checkpoint() const;
    std::expected<void, ErrorCode> set_aside_stray(const PartitionName& name,
                                                   const protocol::Uuid& topic_id) const;

    FileSystem& files_;
    std::string path_;
    std::function<void(const std::string&)> warn_;
    std::unique_ptr<FileLock> lock_;
    MetaProperties properties_;
    bool was_clean_shutdown_ = false;
    bool has_metadata_log_ = false;
    std::vector<std::string> problems_;
    std::vector<Partition> partitions_;
    std::vector<Future> futures_;
    std::map<PartitionName, Found> found_;
    std::set<protocol::Uuid> deleted_;
    // The cleaner works on a thread of its own; what it has written is dropped on another.
    mutable std::mutex cleaner_mutex_;
    mutable std::vector<CleanerOffset> cleaner_;
    mutable bool is_cleaner_written_ = true;  // those, and no others, are on disk
    mutable std::mutex arrivals_mutex_;
    mutable std::vector<Partition> arrivals_;
};

}  // namespace storage
