// A clean stop, whatever the clients are at.
#include <doctest/doctest.h>

#include <chrono>

#include "protocol/messages/join_group.h"
#include "tests/broker/broker_fixture.h"
#include "tests/broker/conversation.h"

using namespace broker_fixture;
using namespace protocol;

namespace {

const Partition orders{"orders"};

// A stop waits for requests at hand for 50 ms; the rest is for a busy machine.
constexpr auto patience = std::chrono::seconds(5);

struct Stopping {
    Stopping() : broker(on_one_and_three_threads()), client(broker.port()) {
        create_topic(client, orders.topic);
    }
    // Stops it, and starts it again.
    void stop_in_time() {
        const auto begin = std::chrono::steady_clock::now();
        broker.restart();
        CHECK(std::chrono::steady_clock::now() - begin < patience);
    }

    TestBroker broker;
    Client client;
};

}  // namespace

TEST_CASE("a stop closes connections that are idle or in the middle of a frame") {
    Stopping test;
    Client idle(test.broker.port());
    Client busy(test.broker.port());
    busy.send_bytes(Blob{std::byte{0}, std::byte{0}, std::byte{1}});
    test.stop_in_time();
    CHECK(idle.is_closed_by_broker());
    CHECK(busy.is_closed_by_broker());
}

TEST_CASE("a stop answers fetches that wait for data") {
    Stopping test;
    Client reader(test.broker.port());
    send_fetch(reader, orders, 0, {.max_wait_ms = 60'000});
    CHECK(reader.is_silent(20));
    test.stop_in_time();
    CHECK(receive_fetched(reader).error == ErrorCode::none);
    CHECK(reader.is_closed_by_broker());
}

TEST_CASE("a stop answers members that wait for their group") {
    Stopping test;
    Client first(test.broker.port());
    find_coordinators(first, "a-group", "an-id");
    const auto join = [](Client& client, std::string_view instance) {
        client.send(JoinGroupRequest{.group_id = "a-group",
                                     .session_timeout_ms = 60'000,
                                     .rebalance_timeout_ms = 60'000,
                                     .group_instance_id = instance,
                                     .protocol_type = "consumer",
                                     .protocols = {{.name = "range"}}},
                    9);
    };
    join(first, "one");
    REQUIRE(first.receive<JoinGroupResponse>(9)->error_code == ErrorCode::none);
    Client second(test.broker.port());
    join(second, "two");  // waits for the first to join again
    CHECK(second.is_silent(20));
    test.stop_in_time();
    CHECK(second.receive<JoinGroupResponse>(9)->error_code == ErrorCode::not_coordinator);
}

TEST_CASE("a client that does not read its answer does not keep the broker from stopping") {
    Stopping test;
    for (int i = 0; i < 16; ++i)
        REQUIRE(produce(test.client, orders, plain_batch(1, 1'000'000)).error == ErrorCode::none);
    Client deaf(test.broker.port());
    send_fetch(deaf, orders, 0, {.max_bytes = 50 << 20, .partition_max_bytes = 50 << 20});
    CHECK(fetch(test.client, orders, 0).record_count == 1);
    test.stop_in_time();
    Client next(test.broker.port());
    CHECK(fetch(next, orders, 0).high_watermark == 16);
}

TEST_CASE("a stop while clients write loses nothing that was acknowledged") {
    Stopping test;
    std::vector<std::unique_ptr<Client>> writers;
    for (int i = 0; i < 4; ++i) writers.push_back(std::make_unique<Client>(test.broker.port()));
    int64_t acknowledged = 0;
    for (int round = 0; round < 20; ++round) {
        for (auto& writer : writers) send_produce(*writer, orders, plain_batch());
        for (auto& writer : writers) acknowledged += receive_produced(*writer).base_offset >= 0;
    }
    for (auto& writer : writers) send_produce(*writer, orders, plain_batch());
    test.stop_in_time();
    Client next(test.broker.port());
    const auto end = fetch(next, orders, 0).high_watermark;
    CHECK(end >= acknowledged);
    CHECK(end <= acknowledged + 4);
}
