// Who is told when a replica changes: a fetch that waits for more data (Kafka's delayed fetch), and
// a fetch session between its fetches (KIP-227), which so looks only at what has changed.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "broker/event.h"
#include "broker/executor.h"

namespace broker::partition {

class FetchWaiter : public std::enable_shared_from_this<FetchWaiter> {
  public:
    // By which a waiter knows what it waits for; no_number: it does not ask what has changed.
    using Number = uint64_t;
    static constexpr Number no_number = 0;

    FetchWaiter(Executor& home, TimerQueue& timers) : home_(home), event_(home.io(), timers) {}

    // On the waiter's own shard: set at each change.
    Event& event() { return event_; }
    // The numbers of what has changed since the last call, perhaps some twice. On its own shard.
    void take_changed(auto visit) {
        for (const Number number : changed_) visit(number);
        changed_.clear();
    }

    // From the shard of any replica that it waits for.
    void wake(Number number = no_number) {
        if (home_.is_current()) return note(number);
        home_.post([self = shared_from_this(), number] { self->note(number); });
    }

  private:
    void note(Number number) {
        if (number != no_number) changed_.push_back(number);
        event_.set();
    }

    Executor& home_;
    Event event_;
    std::vector<Number> changed_;
};

// Those who wait for the next change of one replica, in the order in which they came. Whoever is
// woken is not among them any more. Requires: on the replica's shard.
class FetchWaiters {
  public:
    using Number = FetchWaiter::Number;

    void add(std::shared_ptr<FetchWaiter> waiter, Number number = FetchWaiter::no_number) {
        remove(waiter.get(), number);
        waiters_.push_back({std::move(waiter), number});
    }
    void remove(const FetchWaiter* waiter, Number number = FetchWaiter::no_number) {
        std::erase_if(waiters_, [&](const Place& other) {
            return other.waiter.get() == waiter && other.number == number;
        });
    }
    void wake_all() {
        for (const Place& place : waiters_) place.waiter->wake(place.number);
        waiters_.clear();
    }
    size_t count() const { return waiters_.size(); }

  private:
    struct Place {
        std::shared_ptr<FetchWaiter> waiter;
        Number number;
    };
    std::vector<Place> waiters_;
};

// A place among the waiters of a replica, perhaps of another shard; given back when this goes. The
// replica may go before. Requires: on the waiter's shard.
class Watch {
  public:
    Watch() = default;
    // Requires: the waiter has the place. `owner` is the replica's shard.
    Watch(Executor& owner, std::weak_ptr<FetchWaiters> waiters, std::shared_ptr<FetchWaiter> waiter,
          FetchWaiter::Number number)
        : owner_(&owner),
          waiters_(std::move(waiters)),
          waiter_(std::move(waiter)),
          number_(number) {}
    Watch(Watch&& other) = default;
    Watch& operator=(Watch&& other) {
        std::swap(owner_, other.owner_);
        std::swap(waiters_, other.waiters_);
        std::swap(waiter_, other.waiter_);
        std::swap(number_, other.number_);
        return *this;
    }
    ~Watch() { leave(); }

    explicit operator bool() const { return waiter_ != nullptr; }
    // The waiter was woken, and the place with it is gone.
    void forget() { waiter_.reset(); }

  private:
    void leave() {
        if (!waiter_) return;
        // Keeps the waiter, so that no other one has its address until this is done.
        auto give_back = [waiters = std::move(waiters_), waiter = std::move(waiter_),
                          number = number_] {
            if (const auto there = waiters.lock()) there->remove(waiter.get(), number);
        };
        if (owner_->is_current()) return give_back();
        owner_->post(std::move(give_back));
    }

    Executor* owner_ = nullptr;
    std::weak_ptr<FetchWaiters> waiters_;
    std::shared_ptr<FetchWaiter> waiter_;
    FetchWaiter::Number number_ = FetchWaiter::no_number;
};

}  // namespace broker::partition
