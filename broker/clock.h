// The broker's one source of time: wall-clock milliseconds since 1970, and the timers that follow
// it.
#pragma once

#include <asio/steady_timer.hpp>
#include <chrono>
#include <compare>
#include <cstdint>
#include <functional>
#include <map>

namespace broker {

class Clock {
  public:
    int64_t now_ms() const {
        using namespace std::chrono;
        return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
    }
};

// Callbacks at points of the broker's clock. One underlying timer, set to the earliest of them.
// Requires: used on the thread of its io_context only.
class TimerQueue {
  public:
    // Names a callback that waits; those of one deadline run in the order in which they came.
    struct Id {
        int64_t deadline_ms = 0;
        uint64_t number = 0;
        auto operator<=>(const Id&) const = default;
    };

    TimerQueue(asio::io_context& io, const Clock& clock) : timer_(io), clock_(clock) {}

    Id at(int64_t deadline_ms, std::function<void()> callback);
    Id after(int64_t delay_ms, std::function<void()> callback) {
        return at(clock_.now_ms() + delay_ms, std::move(callback));
    }
    // Nothing happens when it has run already.
    void cancel(Id id);

  private:
    void arm();
    void fire();

    std::map<Id, std::function<void()>> entries_;
    asio::steady_timer timer_;
    const Clock& clock_;
    uint64_t last_number_ = 0;
};

}  // namespace broker
