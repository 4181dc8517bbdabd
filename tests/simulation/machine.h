// The machine that a simulated broker runs on: one thread that plays all of the broker's, a clock
// moved by hand, a disk that fails, and the power switch.
#pragma once

#include <fmt/format.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
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
        // log.dirs; where there are several, each is a disk of its own.
        std::vector<std::string> directories{"data"};
        broker::config::Values settings;
    };
    explicit Machine(const Options& options);
    Machine(const Machine&) = delete;
    // Drops whatever is under way.
    ~Machine();

    // Null: it is down.
    broker::Broker* broker() { return broker_.get(); }
    // Must succeed, unless the process was told to die meanwhile, or the first directory goes away
    // at that. Without the first one nothing starts: somebody brings it back before.
    void start();
    // False: it died at that, and another one starts after a while.
    bool stop();
    // The process ends here and now. Another one starts after a while.
    void crash() { crash(crash_); }
    void crash(support::Crash how);
    uint64_t crash_count() const { return crash_count_; }
    // Rises with each start and with each end.
    uint64_t life() const { return life_; }
    // Whether this directory was away at any time since that life began.
    bool was_hurt_in(const std::string& directory, uint64_t life) const;
    bool is_hurt(const std::string& directory) const { return was_hurt_in(directory, life_); }
    // Whether what is found in a directory after a clean stop, a line, is as it should be.
    std::function<bool(const std::string& violation)> tolerates = [](const auto&) { return false; };
    // Told of each end of the broker, before anything else is: whether it was a clean one.
    std::function<void(bool is_clean)> at_end = [](bool) {};

    // Everything that happens up to this time happens. A disk that has died crashes the broker.
    void run_for(int64_t ms);
    asio::awaitable<void> pause(int64_t ms);
    // Until it is done, which must not take for ever.
    void wait_for(asio::awaitable<void> work);

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
    bool has_mounts() const { return config_.log.directories.size() > 1; }
    void begin_life();
    void check_left_behind(const std::string& directory);
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
    uint64_t life_ = 0;
    // Of each directory: how often it had been away when a life began.
    std::map<std::string, std::map<uint64_t, uint64_t>> outage_counts_;
};

}  // namespace simulation
