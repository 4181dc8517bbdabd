// Who is told when a replica changes, on its own thread or from another one.
#include "broker/partition/fetch_waiter.h"

#include <doctest/doctest.h>

#include "broker/clock.h"

using namespace broker;
using namespace broker::partition;

namespace {

using Numbers = std::vector<FetchWaiter::Number>;

// A waiter's shard, and a replica's waiters on another one. The test plays both threads.
struct TwoShards {
    std::shared_ptr<FetchWaiter> make_waiter() {
        return std::make_shared<FetchWaiter>(home, timers);
    }
    static Numbers changed(FetchWaiter& waiter) {
        Numbers numbers;
        waiter.take_changed([&](FetchWaiter::Number number) { numbers.push_back(number); });
        return numbers;
    }
    static void work(Executor& executor) { while (executor.work_once()); }

    Clock clock;
    Executor home, owner;
    TimerQueue timers{home.io(), clock};
    std::shared_ptr<FetchWaiters> waiters = std::make_shared<FetchWaiters>();
};

}  // namespace

TEST_CASE("a waiter is told once of each change, and of which") {
    TwoShards shards;
    const auto waiter = shards.make_waiter();
    FetchWaiters others;
    shards.waiters->add(waiter, 7);
    others.add(waiter, 8);
    shards.waiters->wake_all();
    shards.waiters->wake_all();
    CHECK(!waiter->event().is_set());  // that is for its own thread
    TwoShards::work(shards.home);
    CHECK(waiter->event().is_set());
    CHECK(TwoShards::changed(*waiter) == Numbers{7});
    CHECK(TwoShards::changed(*waiter).empty());
    others.wake_all();
    TwoShards::work(shards.home);
    CHECK(TwoShards::changed(*waiter) == Numbers{8});
}

TEST_CASE("a waiter that comes again has one place, and one without a number gets none") {
    TwoShards shards;
    const auto waiter = shards.make_waiter();
    for (int i = 0; i < 3; ++i) shards.waiters->add(waiter);
    CHECK(shards.waiters->count() == 1);
    shards.waiters->wake_all();
    TwoShards::work(shards.home);
    CHECK(waiter->event().is_set());
    CHECK(TwoShards::changed(*waiter).empty());
    CHECK(shards.waiters->count() == 0);
}

TEST_CASE("a watch that goes gives its place back, on the replica's own thread") {
    TwoShards shards;
    const auto waiter = shards.make_waiter();
    shards.waiters->add(waiter, 1);
    shards.waiters->add(waiter, 2);
    { const Watch watch(shards.owner, shards.waiters, waiter, 1); }
    CHECK(shards.waiters->count() == 2);
    TwoShards::work(shards.owner);
    CHECK(shards.waiters->count() == 1);
    shards.waiters->wake_all();
    TwoShards::work(shards.home);
    CHECK(TwoShards::changed(*waiter) == Numbers{2});
}

TEST_CASE("a watch gives nothing back when its waiter was told") {
    TwoShards shards;
    const auto waiter = shards.make_waiter();
    shards.waiters->add(waiter, 1);
    Watch watch(shards.owner, shards.waiters, waiter, 1);
    shards.waiters->wake_all();
    watch.forget();
    CHECK(!watch);
    shards.waiters->add(waiter, 1);  // of another watch
    watch = {};
    TwoShards::work(shards.owner);
    CHECK(shards.waiters->count() == 1);
}

TEST_CASE("a watch may outlive its replica, and a replica its waiter's session") {
    TwoShards shards;
    auto waiter = shards.make_waiter();
    const std::weak_ptr<FetchWaiter> seen = waiter;
    shards.waiters->add(waiter, 1);
    {
        const Watch watch(shards.owner, shards.waiters, waiter, 1);
        shards.waiters->wake_all();
        shards.waiters.reset();
    }
    TwoShards::work(shards.owner);
    waiter.reset();
    TwoShards::work(shards.home);
    CHECK(seen.expired());
}
