// The memory for requests by itself, without a connection.
#include "broker/net/memory_budget.h"

#include <doctest/doctest.h>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <vector>

using broker::net::MemoryBudget;

namespace {

struct Budget {
    explicit Budget(int64_t bytes_max) : timers(io, clock), budget(io, timers, bytes_max) {}

    // Asks for so many bytes; `granted` tells who got them.
    void ask(int64_t bytes) {
        asio::co_spawn(
            io,
            [](Budget& self, int64_t wanted) -> asio::awaitable<void> {
                co_await self.budget.take(wanted);
                self.granted.push_back(wanted);
            }(*this, bytes),
            asio::detached);
        io.poll();
        io.restart();
    }
    void give_back(int64_t bytes) {
        budget.give_back(bytes);
        io.poll();
        io.restart();
    }

    asio::io_context io;
    broker::Clock clock;
    broker::TimerQueue timers;
    MemoryBudget budget;
    std::vector<int64_t> granted;
};
using Granted = std::vector<int64_t>;

}  // namespace

TEST_CASE("requests that fit go at once, the others when there is room") {
    Budget test(100);
    test.ask(60);
    test.ask(40);
    test.ask(1);
    CHECK(test.granted == Granted{60, 40});
    CHECK(test.budget.used_bytes() == 100);
    test.give_back(40);
    CHECK(test.granted == Granted{60, 40, 1});
    CHECK(test.budget.used_bytes() == 61);
}

TEST_CASE("a request larger than the whole budget goes alone") {
    Budget test(100);
    test.ask(10);
    test.ask(500);
    CHECK(test.granted == Granted{10});
    test.give_back(10);
    CHECK(test.granted == Granted{10, 500});
    test.ask(1);
    CHECK(test.granted == Granted{10, 500});
    test.give_back(500);
    CHECK(test.granted == Granted{10, 500, 1});
}

TEST_CASE("without a limit nobody waits") {
    Budget test(-1);
    for (int i = 0; i < 5; ++i) test.ask(1'000'000'000'000);
    CHECK(test.granted.size() == 5);
}
