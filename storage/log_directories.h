// All data directories of a broker (log.dirs), as if they were one: where each partition's log is,
// where a new one goes, and what a directory that fails takes with it.
//
// One LogDirectories serves all shards.
#pragma once

#include <atomic>
#include <cstdint>
#include <expected>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "storage/log_directory.h"

namespace storage {

class LogDirectories {
  public:
    // Opens each. One that the disk refuses is offline until the next start, and with it the
    // partitions in it; the first, which has the metadata log, must be there.
    // Errors: in words, for the one who starts the broker. Apart from the disk's: directories of
    // different brokers or clusters, one that another broker runs on, the same one twice, or a
    // partition in two of them.
    static std::expected<std::unique_ptr<LogDirectories>, std::string> open(
        FileSystem& files, std::span<const std::string> paths,
        const LogDirectory::OpenOptions& options);

    // Of the first one.
    const std::string& path() const { return places_.front().directory->path(); }
    const MetaProperties& properties() const { return places_.front().directory->properties(); }
    // Where new logs may go: the ids of those that are online (KIP-858).
    std::vector<protocol::Uuid> directory_ids() const;
    // Whether all that are online were.
    bool was_clean_shutdown() const;
    // What was found damaged, offline, or does not belong there; for the log.
    const std::vector<std::string>& problems() const { return problems_; }
    // The partitions as open() found them.
    const std::vector<LogDirectory::Partition>& partitions() const { return partitions_; }

    // While a directory is offline: the topics that there are by the metadata. A log of theirs
    // that is nowhere online may be in it, and is not made anew elsewhere.
    void expect_topics(std::set<protocol::Uuid> topic_ids) { expected_ = std::move(topic_ids); }

    // As in LogDirectory, which see. A new log goes where there are the fewest. Errors besides:
    // kafka_storage_error where the log is in a directory that is offline.
    std::expected<std::unique_ptr<Log>, ErrorCode> open_log(const PartitionName& name,
                                                            const protocol::Uuid& topic_id,
                                                            const LogConfig& config,
                                                            int64_t now_ms) const;
    std::expected<std::string, ErrorCode> set_aside_log(const PartitionName& name) const;
    std::expected<void, ErrorCode> remove_set_aside(const std::string& set_aside) const;
    // Of all of them; the first error, after each was tried.
    std::expected<void, ErrorCode> write_checkpoints(
        std::span<const PartitionCheckpoint> open) const;
    // The offsets below which the log cleaner is done, from one thread at a time.
    std::expected<void, ErrorCode> write_cleaner_checkpoint(const Checkpoint& checkpoint) const;
    Checkpoint cleaner_checkpoint() const;
    std::expected<void, ErrorCode> close(std::span<const PartitionCheckpoint> open,
                                         int64_t broker_epoch);

  private:
    struct Place {
        std::unique_ptr<LogDirectory> directory;
        std::unique_ptr<std::atomic<int64_t>> log_count;
    };

    explicit LogDirectories(FileSystem& files) : files_(files) {}
    std::expected<void, std::string> add(const std::string& path,
                                         LogDirectory::OpenOptions options);
    std::expected<void, std::string> check_partitions();
    // Where the partition's directory is; null: nowhere.
    const Place* find(const PartitionName& name) const;
    const Place& emptiest() const;

    FileSystem& files_;
    std::vector<Place> places_;
    std::vector<std::string> problems_;
    std::vector<LogDirectory::Partition> partitions_;
    std::set<protocol::Uuid> expected_;
    bool is_one_offline_ = false;
};

}  // namespace storage
