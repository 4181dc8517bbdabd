// The memory for requests by itself, without a connection.
#include "broker/net/memory_budget.h"

#include <doctest/doctest.h>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <deque>
#include <vector>

using broker::net::MemoryBudget;
using broker::net::MemoryShare;

namespace {

struct ClockByHand : broker::Clock {
    int64_t now_ms() const override { return now; }
    std::optional<int64_t> ms_until(int64_t) const override { return std::nullopt; }
    int64_t now = 0;
};

using Names = std::vector<char>;

struct Budget {
    explicit Budget(int64_t bytes_max) : timers(io, clock), budget(io, timers, bytes_max) {}

    // A connection's share grows to so many bytes; `granted` tells whose did.
    void grow(char name, int64_t bytes) {
        asio::co_spawn(
            io,
            [](Budget& self, char who, int64_t wanted) -> asio::awaitable<void> {
                co_await self.share(who).grow_to(wanted);
                self.granted.push_back(who);
            }(*this, name, bytes),
            asio::detached);
        run();
    }
    void give_back(char name) {
        share(name).give_back();
        run();
    }
    void pass_time() {
        clock.now += MemoryBudget::patience_ms;
        timers.fire();
        run();
    }
    MemoryShare& share(char name) {
        for (auto& [known, share] : shares)
            if (known == name) return *share;
        auto stalls = [this, name] { stalled.push_back(name); };
        shares.emplace_back(name, std::make_unique<MemoryShare>(budget, std::move(stalls)));
        return *shares.back().second;
    }
    void run() {
        io.poll();
        io.restart();
    }

    asio::io_context io;
    ClockByHand clock;
    broker::TimerQueue timers;
    MemoryBudget budget;
    std::deque<std::pair<char, std::unique_ptr<MemoryShare>>> shares;
    Names granted;
    Names stalled;
};

}  // namespace

TEST_CASE("requests that fit go at once, the others when there is room") {
    Budget test(100);
    test.grow('a', 60);
    test.grow('b', 40);
    test.grow('c', 1);
    CHECK(test.granted == Names{'a', 'b'});
    CHECK(test.budget.used_bytes() == 100);
    test.give_back('b');
    CHECK(test.granted == Names{'a', 'b', 'c'});
    CHECK(test.budget.used_bytes() == 61);
}

TEST_CASE("a request larger than the whole budget begins alone") {
    Budget test(100);
    test.grow('a', 10);
    test.grow('b', 500);
    CHECK(test.granted == Names{'a'});
    test.give_back('a');
    CHECK(test.granted == Names{'a', 'b'});
    test.grow('c', 1);
    CHECK(test.granted == Names{'a', 'b'});
    test.give_back('b');
    CHECK(test.granted == Names{'a', 'b', 'c'});
}

TEST_CASE("without a limit nobody waits") {
    Budget test(-1);
    for (const char name : {'a', 'b', 'c', 'd', 'e'}) test.grow(name, 1'000'000'000'000);
    CHECK(test.granted.size() == 5);
}

TEST_CASE("requests that have begun do not wait for each other: one at a time may go over") {
    Budget test(100);
    for (const char name : {'a', 'b', 'c'}) test.grow(name, 33);
    test.granted.clear();
    for (const char name : {'a', 'b', 'c'}) test.grow(name, 150);
    CHECK(test.granted == Names{'a'});
    test.grow('a', 200);  // to its end
    CHECK(test.granted == Names{'a', 'a'});
    CHECK(test.budget.used_bytes() == 266);
    test.give_back('a');
    CHECK(test.granted == Names{'a', 'a', 'b'});
    test.give_back('b');
    CHECK(test.granted == Names{'a', 'a', 'b', 'c'});
    test.give_back('c');
    CHECK(test.budget.used_bytes() == 0);
}

TEST_CASE("a connection that goes gives back what it has, and lets another go over the budget") {
    Budget test(100);
    for (const char name : {'a', 'b'}) test.grow(name, 50);
    for (const char name : {'a', 'b'}) test.grow(name, 150);
    test.granted.clear();
    test.shares.pop_front();
    test.run();
    CHECK(test.granted == Names{'b'});
    CHECK(test.budget.used_bytes() == 150);
}

TEST_CASE("who does not fill the memory that others wait for is stalled, and nobody else") {
    Budget test(100);
    test.grow('a', 30);
    test.grow('b', 30);
    test.share('b').filled();  // its request is being answered
    test.grow('c', 30);
    test.pass_time();
    test.pass_time();
    CHECK(test.stalled == Names{});  // nobody waits
    test.grow('d', 50);
    test.pass_time();
    CHECK(test.stalled == Names{});
    test.grow('c', 35);  // its peer goes on
    test.pass_time();
    CHECK(test.stalled == Names{'a'});
    test.give_back('a');
    CHECK(test.granted == Names{'a', 'b', 'c', 'c'});
    test.give_back('b');
    CHECK(test.granted == Names{'a', 'b', 'c', 'c', 'd'});
}
