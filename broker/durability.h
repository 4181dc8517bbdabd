// einmal.fsync: when what was appended reaches the disk. `always` is a group commit: one sync of
// each changed log per round, shared by all requests that wait, and nobody is told of anything
// before it is on the disk.
#pragma once

#include <asio/awaitable.hpp>
#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "broker/config/broker_config.h"
#include "broker/event.h"
#include "broker/executor.h"
#include "storage/file_system.h"

namespace broker {

struct Shard;
class Shards;

namespace partition {
class Replica;
}

class Durability {
  public:
    Durability(Shards& shards, Executor& background, storage::FileSystem& files,
               config::FsyncMode mode)
        : shards_(shards), background_(background), files_(files), mode_(mode) {}

    // Whether answers wait for the disk.
    bool precedes_answers() const { return mode_ == config::FsyncMode::always; }

    // How many logs have gone offline so far. What a request may have seen of a log that is not on
    // the disk, it saw after its mark() was taken: of a log that was offline then it sees nothing.
    using Mark = uint64_t;
    Mark mark() const { return failure_count_; }

    // Under `always` returns once all that any shard appended before is on the disk; at once in
    // the other modes. False: some log has failed since `since`, and nothing may be told that
    // followed from it. From any shard.
    asio::awaitable<bool> settle(Mark since);
    // The same in every mode, for who tells nobody.
    asio::awaitable<void> sync();

  private:
    struct Pending;
    asio::awaitable<void> join_round();
    asio::awaitable<void> run_rounds();
    asio::awaitable<void> sync_all();
    std::vector<Pending> collect(Shard& shard);
    void report(Shard& shard, const std::vector<Pending>& synced,
                const std::vector<bool>& succeeded);
    void note_failure(partition::Replica& replica);

    Shards& shards_;
    Executor& background_;
    storage::FileSystem& files_;
    const config::FsyncMode mode_;
    std::atomic<Mark> failure_count_ = 0;
    // On the first shard's thread.
    std::vector<std::shared_ptr<Event>> waiting_;  // for the next round
    bool is_running_ = false;
};

}  // namespace broker
