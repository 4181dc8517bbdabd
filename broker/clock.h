// The broker's one source of time: milliseconds since 1970, from the system or moved by hand, and
// the timers that follow it.
#pragma once

#include <asio/steady_timer.hpp>
#include <chrono>
#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>

namespace broker {

// The system's clock, unless another one is derived from it.
class Clock {
  public:
    virtual ~Clock() = default;
    virtual int64_t now_ms() const {
        using namespace std::chrono;
        return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
    }
    // How long to sleep until it shows `deadline_ms`. Nullopt: it does not go on by itself, and
    // whoever moves it fires the timers.
    virtual std::optional<int64_t> ms_until(int64_t deadline_ms) const {
        return deadline_ms - now_ms();
    }
};

const Clock& system_clock();

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

    std::optional<int64_t> next_deadline_ms() const;
    // Runs the callbacks that are due.
    void fire();

  private:
    void arm();

    std::map<Id, std::function<void()>> entries_;
    asio::steady_timer timer_;
    const Clock& clock_;
    uint64_t last_number_ = 0;
};

}  // namespace broker
