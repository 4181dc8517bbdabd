// A broker's data directory (log.dirs): which broker's it is, the partitions in it, and the
// checkpoints that let the next start skip what is known to be whole.
//
// One LogDirectory serves all shards. After open() it has no state that changes: what each
// function needs is in it since then, or on disk.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <optional>
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

class LogDirectory {
  public:
    struct OpenOptions {
        // Nullopt: the cluster that the directory belongs to; a new one in a new directory.
        std::optional<std::string> cluster_id;
        int32_t node_id = 1;
        std::function<protocol::Uuid()> random_uuid;  // for the ids of a new directory
    };
    // Makes the directory where it is absent, locks it and reads what the last broker left.
    // Directories of deleted logs are removed, and the clean-shutdown marker is: from now on a
    // crash is a crash.
    struct OpenError {
        std::string message;     // for the one who starts the broker
        bool is_of_disk = true;  // it is not that the directory belongs to another
    };
    static std::expected<std::unique_ptr<LogDirectory>, OpenError> open(FileSystem& files,
                                                                        const std::string& path,
                                                                        const OpenOptions& options);

    const std::string& path() const { return path_; }
    const MetaProperties& properties() const { return properties_; }
    bool was_clean_shutdown() const { return was_clean_shutdown_; }
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

    // From any thread, for different partitions at a time.
    //
    // Opens a partition's log, or makes it. A directory of this name with another topic id is
    // left of a topic that was deleted: it goes. Checkpoints and the clean-shutdown marker are
    // used for a log that open() found, not for one that was made since.
    // Requires: a partition is opened again only after remove_log() or set_aside_log().
    // Errors: those of Log::open.
    std::expected<std::unique_ptr<Log>, ErrorCode> open_log(const PartitionName& name,
                                                            const protocol::Uuid& topic_id,
                                                            const LogConfig& config,
                                                            int64_t now_ms) const;

    // From any thread, for different partitions at a time. Requires: the log is not used any more.
    //
    // Frees the partition's name at once, by a rename; gives the path that remove_set_aside() may
    // take its time to empty, on any thread. What a crash leaves of it goes at the next start.
    // The empty directory stays until the next write_checkpoints(): it tells a start after a crash
    // that the checkpoints of this name are not those of a new log that has the name now.
    // Errors: unknown_topic_or_partition (no such directory), kafka_storage_error.
    std::expected<std::string, ErrorCode> set_aside_log(const PartitionName& name) const;
    std::expected<void, ErrorCode> remove_set_aside(const std::string& set_aside) const;
    // Both at once.
    std::expected<void, ErrorCode> remove_log(const PartitionName& name) const;

    // From one thread at a time. Partitions that are there but not in `open` keep what was read
    // of them; what is not there any more, or by now is another topic's, is dropped.
    std::expected<void, ErrorCode> write_checkpoints(
        std::span<const PartitionCheckpoint> open) const;

    // The offsets below which the log cleaner is done, from one thread at a time.
    std::expected<void, ErrorCode> write_cleaner_checkpoint(const Checkpoint& checkpoint) const;
    const Checkpoint& cleaner_checkpoint() const { return cleaner_; }

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
    };

    LogDirectory(FileSystem& files, std::string path) : files_(files), path_(std::move(path)) {}

    std::expected<void, OpenError> load(const OpenOptions& options);
    std::expected<void, std::error_code> make_directory();
    std::expected<void, OpenError> load_properties(const OpenOptions& options);
    std::expected<void, std::string> take_clean_shutdown_marker();
    std::expected<void, std::string> load_partitions(const std::vector<std::string>& names);
    std::expected<void, std::string> load_checkpoints(const std::vector<std::string>& names);
    Checkpoint load_checkpoint(std::string_view file);
    std::string path_of(std::string_view name) const;
    bool is_there(const PartitionName& name, const protocol::Uuid& topic_id) const;
    // Null unless the partition's directory is still the one that open() found.
    const Found* find(const PartitionName& name) const;
    bool is_all_recovered(std::span<const PartitionCheckpoint> open) const;
    std::expected<void, ErrorCode> replace_checkpoints(
        const std::map<PartitionName, Offsets>& offsets) const;
    std::expected<void, ErrorCode> remove_when_of_another_topic(
        const PartitionName& name, const protocol::Uuid& topic_id) const;

    FileSystem& files_;
    std::string path_;
    std::unique_ptr<FileLock> lock_;
    MetaProperties properties_;
    bool was_clean_shutdown_ = false;
    std::vector<std::string> problems_;
    std::vector<Partition> partitions_;
    std::map<PartitionName, Found> found_;
    Checkpoint cleaner_;
};

}  // namespace storage
