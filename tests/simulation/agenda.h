// What is going to happen in a simulation of groups, in the order of time.
#pragma once

#include <cstdint>
#include <functional>
#include <queue>
#include <tuple>

#include "tests/broker/coordinator/group/group_shell.h"

namespace simulation {

class Agenda {
  public:
    void add(int64_t at_ms, std::function<void()> act) {
        events_.push({at_ms, ++count_, std::move(act)});
    }
    // Lets the time pass until then. Each event is for itself: what the one before it has led to is
    // seen to first, by `settle`.
    void run_until(int64_t at_ms, tests::GroupShell& shell, const std::function<void()>& settle) {
        while (!events_.empty() && events_.top().at_ms <= at_ms) {
            const Event event = events_.top();
            events_.pop();
            shell.wait(event.at_ms - shell.now_ms());
            settle();
            event.act();
            settle();
        }
        shell.wait(at_ms - shell.now_ms());
        settle();
    }
    // How many there ever were.
    size_t count() const { return count_; }

  private:
    struct Event {
        int64_t at_ms;
        size_t number;
        std::function<void()> act;
        bool operator<(const Event& other) const {
            return std::tie(at_ms, number) > std::tie(other.at_ms, other.number);
        }
    };
    std::priority_queue<Event> events_;
    size_t count_ = 0;
};

}  // namespace simulation
