// The machine that a simulated broker runs on: one thread that plays all of the broker's, a clock
// moved by hand, a disk that fails, and the power switch.
#pragma once

#include <fmt/format.h>

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "broker/broker.h"
#include "broker/event.h"
#include "tests/simulation/dice.h"
#include "tests/support/simulated_file_system.h"

namespace simulation {

class HandClock final : public broker::Clock {
  public:
    int64_t now_ms() const override { return now_ms_; }
    std::optional<int64_t> ms_until(int64_t) const override { return std::nullopt; }
    void move_to(int64_t now_ms) { now_ms_ = now_ms; }

  private:
    int64_t now_ms_ = 1'700'000'000'000;
};

class Machine {
  public:
    struct Options {
        uint64_t seed = 1;
        bool narrates = false;  // prints what happens
        support::Crash crash = support::Crash::process_kill;
        broker::config::Values settings;
    };
    explicit Machine(const Options& options);
    Machine(const Machine&) = delete;
    // Drops whatever is under way.
    ~Machine();

    // Null: it is down.
    broker::Broker* broker() { return broker_.get(); }
    // Must succeed, unless the process was told to die meanwhile.
    void start();
    // False: it died at that, and another one starts after a while.
    bool stop();
    // The process ends here and now. Another one starts after a while.
    void crash() { crash(crash_); }
    void crash(support::Crash how);
    uint64_t crash_count() const { return crash_count_; }

    // Everything that happens up to this time happens. A disk that has died crashes the broker.
    void run_for(int64_t ms);
    asio::awaitable<void> pause(int64_t ms);

    template <class... Parts>
    void tell(fmt::format_string<Parts...> format, Parts&&... parts) {
        if (narrates_)
            fmt::print("{:>7} {}\n", clock.now_ms() - begin_ms_,
                       fmt::format(format, std::forward<Parts>(parts)...));
    }

    Dice dice;
    HandClock clock;
    support::SimulatedFileSystem disk;
    // All who talk to the broker live here.
    broker::Executor clients;
    broker::TimerQueue timers{clients.io(), clock};

  private:
    bool work();
    std::optional<int64_t> next_deadline_ms();
    void fire_timers();
    asio::awaitable<void> start_later();

    const bool narrates_;
    const support::Crash crash_;
    const int64_t begin_ms_;
    broker::config::BrokerConfig config_;
    std::unique_ptr<broker::Broker> broker_;
    std::vector<broker::Executor*> threads_;
    uint64_t crash_count_ = 0;
};

}  // namespace simulation
