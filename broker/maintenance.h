// What a shard does by the clock: syncing and checkpoints, expiry of producers, timed flushes, idle
// connections.
#pragma once

#include <asio/awaitable.hpp>
#include <cstdint>

namespace broker {

struct Services;
struct Shard;

class Maintenance {
  public:
    Maintenance(Shard& shard, const Services& services) : shard_(shard), services_(services) {}

    // Sets the timers. Requires: on the shard's thread.
    void start();

  private:
    template <class Task>
    void every(int64_t interval_ms, Task task);
    // On the first shard, for all of them.
    asio::awaitable<void> sync_and_checkpoint();
    asio::awaitable<void> sync();
    asio::awaitable<void> write_checkpoints();
    void expire_producers();
    void flush_due_logs();

    Shard& shard_;
    const Services& services_;
    bool is_syncing_ = false;
};

}  // namespace broker
