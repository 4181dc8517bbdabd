// einmal.fsync: when what was appended reaches the disk. `always` is a group commit: one sync of
// each changed log per round, shared by all requests that wait, and nobody is told of anything
// before it is on the disk.
#pragma once

#include <asio/awaitable.hpp>
#include <cstdint>
#include <memory>

#include "broker/config/broker_config.h"
#include "broker/executor.h"
#include "storage/file_system.h"

namespace broker {

class Shards;

class Durability {
  public:
    Durability(Shards& shards, Executor& background, storage::FileSystem& files,
               config::FsyncMode mode)
        : shards_(shards), background_(background), files_(files), mode_(mode) {}

    // Whether answers wait for the disk.
    bool precedes_answers() const { return mode_ == config::FsyncMode::always; }

    // Under `always` returns once all that any shard appended before is on the disk; at once in
    // the other modes. False: some of it may not be, and nothing may be told that follows from it.
    // From any shard.
    asio::awaitable<bool> settle();
    // The same in every mode.
    asio::awaitable<bool> sync();

  private:
    struct Round;
    asio::awaitable<bool> join_round();
    asio::awaitable<void> run_rounds();
    asio::awaitable<bool> sync_all();

    Shards& shards_;
    Executor& background_;
    storage::FileSystem& files_;
    const config::FsyncMode mode_;
    // On the first shard's thread.
    std::shared_ptr<Round> next_;  // whoever came after the present round had begun
    bool is_running_ = false;
};

}  // namespace broker
