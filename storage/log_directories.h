// All data directories of a broker (log.dirs), as if they were one: where each partition's log is,
// where a new one goes, and what a directory that fails takes with it.
//
// One LogDirectories serves all shards.
#pragma once

#include <atomic>
#include <cstdint>
#include <expected>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "storage/log_copy.h"
#include "storage/log_directory.h"

namespace storage {

class LogDirectories {
  public:
    // Opens each. One that the disk refuses is offline until the next start, and with it the
    // partitions in it; the first, which has the metadata log, must be there. So is one that is
    // new beside a metadata log that is not, as Kafka's is until it is formatted: it may as well be
    // the place of one whose disk is not mounted.
    // Errors: in words, for the one who starts the broker. Apart from the disk's: directories of
    // different brokers or clusters, one that another broker runs on, or the same one twice.
    static std::expected<std::unique_ptr<LogDirectories>, std::string> open(
        FileSystem& files, std::span<const std::string> paths,
        const LogDirectory::OpenOptions& options);

    // As in LogDirectory, in each; the first error.
    std::expected<void, ErrorCode> begin_work();

    // Of the first one.
    const std::string& path() const { return places_.front().directory->path(); }
    const MetaProperties& properties() const { return places_.front().directory->properties(); }
    // Where new logs may go: the ids of those that are online (KIP-858).
    std::vector<protocol::Uuid> directory_ids() const;
    // Each of log.dirs in its order, those that are offline too.
    struct Described {
        std::string path;
        std::expected<FileSystem::Volume, ErrorCode> volume;  // error: kafka_storage_error
    };
    std::vector<Described> describe() const;
    // Whether all that are online were.
    bool was_clean_shutdown() const;
    // What was found damaged, offline, or does not belong there; for the log.
    const std::vector<std::string>& problems() const { return problems_; }
    // The partitions as open() found them, without those that expect_topics() set aside.
    const std::vector<LogDirectory::Partition>& partitions() const { return partitions_; }

    // Which topics there are by the metadata, and of which it tells that they were deleted.
    struct Topics {
        std::map<std::string, protocol::Uuid> ids;
        std::set<protocol::Uuid> deleted;
    };
    // Sets aside what has the name of a topic and the id of another one, as
    // LogDirectory::make_way() does: it may have been deleted while a directory was offline. Where
    // one still is, the logs of these topics that are nowhere online are not made anew elsewhere.
    // Requires: no log was opened yet.
    // Errors: in words; a partition is in two directories, or cannot be set aside.
    std::expected<void, std::string> expect_topics(Topics topics);

    // As in LogDirectory, which see. A new log goes where there are the fewest. Errors besides:
    // kafka_storage_error where the log is in a directory that is offline, or is not there any more
    // where open() found it.
    std::expected<std::unique_ptr<Log>, ErrorCode> open_log(const PartitionName& name,
                                                            const protocol::Uuid& topic_id,
                                                            const LogConfig& config,
                                                            int64_t now_ms) const;
    std::expected<std::string, ErrorCode> set_aside_log(const PartitionName& name,
                                                        const protocol::Uuid& topic_id) const;
    std::expected<void, ErrorCode> remove_set_aside(const std::string& set_aside) const;
    // Of all of them; the first error, after each was tried.
    std::expected<void, ErrorCode> write_checkpoints(
        std::span<const PartitionCheckpoint> open) const;
    std::expected<void, ErrorCode> write_cleaner_checkpoint(
        std::span<const CleanerOffset> offsets) const;
    std::vector<CleanerOffset> cleaner_checkpoint() const;
    std::expected<void, ErrorCode> close(std::span<const PartitionCheckpoint> open,
                                         int64_t broker_epoch);

    // Moves between the directories (KIP-113): directory_moves.cc.
    //
    // Errors: log_dir_not_found (not one of log.dirs), kafka_storage_error (it is offline).
    std::expected<void, ErrorCode> check_online(const std::string& path) const;
    bool is_any_offline() const { return is_one_offline_; }
    // Zero: it is not online.
    protocol::Uuid directory_id(const std::string& path) const;
    // Of that in which open() found the partition; zero: in none.
    protocol::Uuid found_in(const LogDirectory::Partition& partition) const;
    // Copies that the last broker did not finish.
    std::vector<LogDirectory::Future> futures() const;
    // A log of this name that is made from now on goes there. Of so many partitions, then those
    // that were asked for first are forgotten.
    void prefer(const PartitionName& name, const std::string& path) const;

    // The steps of a move. What they are given is a partition's log and its copy, or the directory
    // where it is to be. From any thread, for different partitions at a time.
    struct Move {
        LogDirectory::Partition partition;
        std::string from, to;  // paths of log.dirs
    };
    // A copy to begin with, or to go on with where one was begun. Any other one of this partition
    // is removed. Errors: kafka_storage_error.
    std::expected<std::unique_ptr<LogCopy>, ErrorCode> begin_copy(
        const Move& move, const protocol::Uuid& unique_id) const;
    // Removes it. Errors: kafka_storage_error.
    std::expected<void, ErrorCode> remove_copy(const LogDirectory::Future& copy) const;
    // The copy is about to take the log's place. `checkpoints` are those of all open logs: the
    // partition's counts in both directories, from now until end_arrival(). From the thread of
    // write_checkpoints(). Errors: kafka_storage_error.
    std::expected<void, ErrorCode> expect_arrival(
        const Move& move, std::span<const PartitionCheckpoint> checkpoints) const;
    void end_arrival(const Move& move) const;
    // So that the copy, once it has the log's name, is preferred to what may be left of that one.
    // Errors: kafka_storage_error.
    std::expected<void, ErrorCode> sign_copy(const Move& move, const LogCopy& copy) const;
    struct Moved {
        std::string directory;  // where the log is now
        std::string set_aside;  // what remove_set_aside() is to empty; empty: the old disk failed
    };
    struct MoveFailure {
        // The log may be found in the other directory by the next start: nothing may be written to
        // it any more.
        bool is_undecided = false;
    };
    // Gives the copy the log's name, and sets the log aside. Should a crash or a disk that fails
    // leave both, the next start knows which of them counts. Requires: expect_arrival() and
    // sign_copy() succeeded; the copy is complete, and on the disk.
    std::expected<Moved, MoveFailure> finish_move(const Move& move, const LogCopy& copy) const;
    // Of a log that has nothing: makes its directory. Gives it. Errors: kafka_storage_error.
    std::expected<std::string, ErrorCode> move_empty(const Move& move) const;

  private:
    struct Place {
        std::unique_ptr<LogDirectory> directory;
        std::unique_ptr<std::atomic<int64_t>> log_count;
    };

    explicit LogDirectories(FileSystem& files) : files_(files) {}
    std::expected<void, std::string> add(const std::string& path,
                                         LogDirectory::OpenOptions options);
    void collect_partitions();
    // Where a partition has two directories, and the disk of one failed while it was made: removes
    // that one, and the other one is its home. False: it has two.
    bool drop_unborn(const PartitionName& name, const Place*& home, const Place& other);
    // The same where one is the copy of the other.
    bool drop_copied(const LogDirectory::Partition& partition, const Place*& home,
                     const Place& other);
    void forget_generations(const std::map<PartitionName, const Place*>& homes);
    std::string path_in(const Place& place, const PartitionName& name) const;
    const Place* online(const std::string& path) const;
    // Where a new log is to go, if that was said. Null: nobody did.
    const Place* preferred(const PartitionName& name) const;
    bool holds(const Place& place, const PartitionName& name) const;
    // Where a directory of this name is; null: nowhere.
    const Place* find(const PartitionName& name) const;
    // Where the log is, or is to be made.
    std::expected<const Place*, ErrorCode> place_of(const PartitionName& name,
                                                    const protocol::Uuid& topic_id) const;
    // Of those that are there. Errors: kafka_storage_error (none is).
    std::expected<const Place*, ErrorCode> emptiest() const;

    FileSystem& files_;
    std::vector<std::string> paths_;  // of log.dirs
    std::vector<Place> places_;
    std::vector<std::string> problems_;
    std::vector<LogDirectory::Partition> partitions_;
    // Where open() found them. By topic id, too: a new topic of the name is somewhere else.
    std::map<std::pair<PartitionName, protocol::Uuid>, const Place*> found_;
    std::set<protocol::Uuid> expected_;
    bool is_one_offline_ = false;

    mutable std::mutex moves_mutex_;
    // Of those that moved since the start.
    mutable std::map<std::pair<PartitionName, protocol::Uuid>, const Place*> moved_;
    mutable std::vector<std::pair<PartitionName, std::string>> preferred_;
};

}  // namespace storage
