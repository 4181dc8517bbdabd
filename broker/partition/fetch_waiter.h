// A fetch that waits for more data (Kafka's delayed fetch): replicas that it reads wake it.
#pragma once

#include <memory>

#include "broker/event.h"
#include "broker/executor.h"

namespace broker::partition {

class FetchWaiter : public std::enable_shared_from_this<FetchWaiter> {
  public:
    FetchWaiter(Executor& home, TimerQueue& timers) : home_(home), event_(home.io(), timers) {}

    // On the waiting fetch's own shard.
    Event& event() { return event_; }

    // From the shard of any replica that it waits for.
    void wake() {
        if (home_.is_current()) return event_.set();
        home_.post([self = shared_from_this()] { self->event_.set(); });
    }

  private:
    Executor& home_;
    Event event_;
};

}  // namespace broker::partition
