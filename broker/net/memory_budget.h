// How many bytes of requests one shard may hold at once: a connection whose frame does not fit
// waits, unread, until others are done.
#pragma once

#include <asio/awaitable.hpp>
#include <cstdint>
#include <deque>
#include <memory>

#include "broker/event.h"

namespace broker::net {

// Requires: used on the shard's thread.
class MemoryBudget {
  public:
    // bytes_max: queued.max.request.bytes of this shard; 0 or less is no limit.
    MemoryBudget(asio::io_context& io, TimerQueue& timers, int64_t bytes_max)
        : io_(io), timers_(timers), bytes_max_(bytes_max) {}

    // Waits until `bytes` fit. A request larger than the whole budget goes alone.
    asio::awaitable<void> take(int64_t bytes);
    void give_back(int64_t bytes);
    int64_t used_bytes() const { return used_bytes_; }

  private:
    bool fits(int64_t bytes) const {
        return bytes_max_ <= 0 || used_bytes_ == 0 || used_bytes_ + bytes <= bytes_max_;
    }

    asio::io_context& io_;
    TimerQueue& timers_;
    int64_t bytes_max_;
    int64_t used_bytes_ = 0;
    std::deque<std::shared_ptr<Event>> waiting_;
};

}  // namespace broker::net
