// One coroutine's wait for an event or a deadline, whichever comes first.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/steady_timer.hpp>

#include "broker/clock.h"

namespace broker {

// Requires: used on the thread of `io` only.
class Event {
  public:
    Event(asio::io_context& io, TimerQueue& timers) : sleep_(io), timers_(timers) {}
    Event(const Event&) = delete;

    void set() {
        is_set_ = true;
        sleep_.cancel();
    }
    bool is_set() const { return is_set_; }
    void reset() { is_set_ = false; }

    // Returns once set, or when the clock reaches the deadline.
    asio::awaitable<void> wait_until(int64_t deadline_ms);

  private:
    asio::steady_timer sleep_;
    TimerQueue& timers_;
    bool is_set_ = false;
};

}  // namespace broker
