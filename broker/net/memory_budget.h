// How many bytes of requests one shard may hold at once: a connection whose frame does not fit
// waits, unread, until others are done.
#pragma once

#include <asio/awaitable.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <memory>

#include "broker/event.h"
#include "broker/net/read_buffers.h"

namespace broker::net {

class MemoryShare;

// Requires: used on the shard's thread.
class MemoryBudget {
  public:
    // While some wait for memory, who was given some has between one and two of these to fill it.
    static constexpr int64_t patience_ms = 5'000;

    // bytes_max: queued.max.request.bytes of this shard; 0 or less is no limit.
    MemoryBudget(asio::io_context& io, TimerQueue& timers, int64_t bytes_max)
        : io_(io), timers_(timers), bytes_max_(bytes_max) {}

    int64_t used_bytes() const { return used_bytes_; }
    // Beside the budget: what is read into.
    ReadBuffers& buffers() { return buffers_; }

  private:
    friend class MemoryShare;

    bool fits(int64_t bytes) const {
        return bytes_max_ <= 0 || used_bytes_ == 0 || used_bytes_ + bytes <= bytes_max_;
    }
    void watch();

    asio::io_context& io_;
    TimerQueue& timers_;
    int64_t bytes_max_;
    int64_t used_bytes_ = 0;
    std::deque<std::shared_ptr<Event>> waiting_;
    std::list<MemoryShare*> shares_;
    ReadBuffers buffers_;
    // A frame that has begun must be able to end, or several would wait for each other's memory:
    // one at a time may go over the budget.
    const MemoryShare* overdrawn_by_ = nullptr;
    bool is_watched_ = false;
};

// One connection's part of the budget: what its present frame takes. It grows while the frame is
// read, so that who only announces one takes nothing from the others.
class MemoryShare {
  public:
    // stalled: is called when others wait and the peer does not fill what was taken for it.
    MemoryShare(MemoryBudget& budget, std::function<void()> stalled);
    ~MemoryShare();
    MemoryShare(const MemoryShare&) = delete;

    // Waits until it may have `bytes` in all. One larger than the whole budget begins alone. From
    // then on the peer is expected to fill them, until filled().
    asio::awaitable<void> grow_to(int64_t bytes);
    // The same where it need not wait; else false, and nothing has changed.
    bool try_grow_to(int64_t bytes);
    // The frame is whole.
    void filled() { is_filling_ = false; }
    void give_back();

  private:
    friend class MemoryBudget;

    bool may_grow_by(int64_t bytes) const;

    MemoryBudget& budget_;
    std::function<void()> stalled_;
    std::list<MemoryShare*>::iterator place_;
    int64_t bytes_ = 0;
    bool is_filling_ = false;
    bool was_seen_filling_ = false;  // since it grew last
};

}  // namespace broker::net
