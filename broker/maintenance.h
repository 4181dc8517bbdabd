// What a shard does by the clock: syncing and checkpoints, retention, removal of deleted files,
// expiry of producers, timed flushes, idle connections.
#pragma once

#include <asio/awaitable.hpp>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "broker/metadata/cluster_image.h"

namespace storage {
class Log;
struct PartitionCheckpoint;
}  // namespace storage

namespace broker {

struct Services;
struct Shard;

class Maintenance {
  public:
    Maintenance(Shard& shard, const Services& services) : shard_(shard), services_(services) {}

    // Sets the timers. Requires: on the shard's thread.
    void start();

    // The partitions of this shard that had a log when the broker started, and still have a topic.
    std::vector<std::pair<metadata::TopicRef, int32_t>> found_partitions() const;
    // What the checkpoints are to say of all open logs. Requires: on the first shard.
    asio::awaitable<std::vector<storage::PartitionCheckpoint>> collect_checkpoints();
    // Empties the directory that LogDirectories::set_aside_log() gave. Should the broker stop
    // before, the next start does it.
    void remove_later(std::string set_aside, int64_t delay_ms);

  private:
    template <class Task>
    void every(int64_t interval_ms, Task task);
    // On the first shard, for all of them.
    asio::awaitable<void> sync_and_checkpoint();
    asio::awaitable<void> sync();
    asio::awaitable<void> write_checkpoints();
    void expire_producers();
    void flush_due_logs();
    asio::awaitable<void> retain();
    static void retain_log(storage::Log& log, int64_t now_ms);
    asio::awaitable<void> remove_set_aside(std::string directory);
    asio::awaitable<void> remove_deleted_files();

    Shard& shard_;
    const Services& services_;
    bool is_syncing_ = false;
    bool is_retaining_ = false;
    bool has_opened_found_ = false;
    bool is_removing_ = false;
};

}  // namespace broker
