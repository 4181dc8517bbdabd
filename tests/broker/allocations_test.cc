// How often a request makes the broker ask for memory: never for a record of its own, and a small
// constant number of times for the request.
#include <doctest/doctest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "tests/broker/broker_fixture.h"
#include "tests/broker/conversation.h"

namespace {

std::atomic<int64_t> allocation_count = 0;
// The test's own thread plays the client.
thread_local bool is_client = false;

void* allocate(size_t size) {
    if (!is_client) allocation_count.fetch_add(1, std::memory_order_relaxed);
    if (void* memory = std::malloc(size > 0 ? size : 1)) return memory;
    throw std::bad_alloc();
}

}  // namespace

void* operator new(size_t size) { return allocate(size); }
void* operator new[](size_t size) { return allocate(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, size_t) noexcept { std::free(memory); }

using namespace broker_fixture;

namespace {

constexpr int request_count = 100;
// Above what is measured: the timers of the broker's upkeep may come in between.
constexpr int64_t slack = 20;

struct Counted {
    Counted() : broker(), client((is_client = true, broker.port())) {
        create_topic(client, orders.topic);
    }

    // Of the broker's threads, for `request_count` times what `request` does.
    template <class Request>
    int64_t count(Request request) {
        for (int i = 0; i < 20; ++i) request();  // what is kept for the next ones is there then
        const int64_t before = allocation_count;
        for (int i = 0; i < request_count; ++i) request();
        return allocation_count - before;
    }

    const Partition orders{"orders"};
    TestBroker broker;
    Client client;
};

}  // namespace

TEST_CASE("a produce request takes memory a few times, however many records it has") {
    Counted test;
    const auto produce_all = [&](int32_t record_count) {
        const Blob batch = plain_batch(record_count);
        return test.count(
            [&] { REQUIRE(produce(test.client, test.orders, batch).error == ErrorCode::none); });
    };
    const int64_t of_one = produce_all(1);
    const int64_t of_thousand = produce_all(1000);
    MESSAGE("allocations of a produce request: ", static_cast<double>(of_one) / request_count);
    CHECK(of_one <= 12 * request_count);
    // The index gets an entry every 4 KiB, and its memory grows with it.
    CHECK(of_thousand <= of_one + request_count / 10 + slack);
}

TEST_CASE("a fetch takes memory a few times, however much it answers") {
    Counted test;
    for (int i = 0; i < 4; ++i)
        REQUIRE(produce(test.client, test.orders, plain_batch(1000, 100)).error == ErrorCode::none);
    const auto fetch_all = [&](int32_t bytes_max) {
        return test.count([&] {
            REQUIRE(fetch(test.client, test.orders, 0, {.partition_max_bytes = bytes_max})
                        .record_count >= 1000);
        });
    };
    const int64_t of_one_batch = fetch_all(1);
    const int64_t of_all = fetch_all(1 << 20);
    MESSAGE("allocations of a fetch: ", static_cast<double>(of_one_batch) / request_count);
    CHECK(of_one_batch <= 40 * request_count);
    CHECK(of_all <= of_one_batch + slack);
}
