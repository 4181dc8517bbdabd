// einmal.fsync: what a power cut leaves in each mode, who shares a sync, and what a sync that
// fails takes away.
#include <doctest/doctest.h>

#include <chrono>
#include <thread>

#include "protocol/messages/fetch.h"
#include "tests/broker/broker_fixture.h"
#include "tests/broker/conversation.h"

using namespace broker_fixture;
using protocol::ErrorCode;
using support::Crash;
using support::Operation;
using support::SimulatedFileSystem;

namespace {

const Partition orders{"orders"};
const Partition others{"others"};
const std::string id = "a-shop";

Values always() { return {{"einmal.fsync", "always"}}; }

}  // namespace

TEST_CASE("einmal.fsync=always: what was answered outlasts a power cut") {
    SimulatedFileSystem disk;
    TestBroker broker(disk, always());
    Client client(broker.port());
    create_topic(client, orders.topic);
    for (int i = 0; i < 3; ++i) REQUIRE(produce(client, orders, plain_batch()) == stored_at(i));
    broker.crash_on_simulated_disk(Crash::power_cut);
    Client next(broker.port());
    CHECK(fetch(next, orders, 0).record_count == 3);
}

TEST_CASE("einmal.fsync=always: an answered transaction outlasts a power cut") {
    SimulatedFileSystem disk;
    TestBroker broker(disk, always());
    Client client(broker.port());
    create_topic(client, orders.topic);
    create_topic(client, others.topic);
    const Producer producer = start_producer(client, id);
    for (const Partition& partition : {orders, others})
        REQUIRE(produce(client, partition, transactional_batch(producer, 0),
                        {.transactional_id = id}) == stored_at(0));
    REQUIRE(end_transaction(client, id, producer, Outcome::commit).error == ErrorCode::none);
    broker.crash_on_simulated_disk(Crash::power_cut);
    Client next(broker.port());
    for (const Partition& partition : {orders, others}) {
        const Fetched seen = fetch(next, partition, 0, {.isolation = read_committed});
        CHECK(seen.record_count == 1);
        CHECK(seen.last_stable_offset == 2);
    }
}

TEST_CASE("einmal.fsync=always: those who wait share a sync") {
    constexpr int client_count = 16;
    SimulatedFileSystem disk;
    TestBroker broker(disk, always());
    std::vector<Client> clients;
    for (int i = 0; i < client_count; ++i) clients.emplace_back(broker.port());
    create_topic(clients.front(), orders.topic);
    for (Client& client : clients) (void)fetch(client, orders, 0);  // each is accepted
    const uint64_t syncs_before = disk.operation_count(Operation::sync);
    // The broker's thread is held until all requests have come in.
    broker.run([&] {
        for (Client& client : clients) send_produce(client, orders, plain_batch());
    });
    for (Client& client : clients) CHECK(receive_produced(client).error == ErrorCode::none);
    CHECK(disk.operation_count(Operation::sync) - syncs_before < client_count / 2);
}

TEST_CASE("einmal.fsync=interval: what was appended is synced soon") {
    SimulatedFileSystem disk;
    TestBroker broker(disk, {{"einmal.fsync", "interval"}, {"einmal.fsync.interval.ms", "5"}});
    Client client(broker.port());
    create_topic(client, orders.topic);
    REQUIRE(produce(client, orders, plain_batch()) == stored_at(0));
    const uint64_t bytes_before = disk.synced_bytes();
    REQUIRE(produce(client, orders, plain_batch(1, 1000)) == stored_at(1));
    for (int i = 0; i < 1000 && disk.synced_bytes() < bytes_before + 1000; ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    broker.crash_on_simulated_disk(Crash::power_cut);
    Client next(broker.port());
    CHECK(fetch(next, orders, 0).record_count == 2);
}

TEST_CASE("after a sync that failed nobody is answered, and the partition is offline") {
    SimulatedFileSystem disk;
    TestBroker broker(disk, always());
    Client client(broker.port());
    create_topic(client, orders.topic);
    create_topic(client, others.topic);
    REQUIRE(produce(client, orders, plain_batch()) == stored_at(0));
    disk.fail_every(Operation::sync, std::errc::io_error);
    send_produce(client, orders, plain_batch());
    CHECK(client.is_closed_by_broker());
    disk.heal();

    Client next(broker.port());
    CHECK(produce(next, orders, plain_batch()) == refused(ErrorCode::kafka_storage_error));
    CHECK(fetch(next, orders, 0).error == ErrorCode::kafka_storage_error);
    CHECK(produce(next, others, plain_batch()) == stored_at(0));
    // What the disk has is there after a start.
    broker.crash_on_simulated_disk(Crash::power_cut);
    Client last(broker.port());
    const Fetched seen = fetch(last, orders, 0);
    CHECK(seen.error == ErrorCode::none);
    CHECK(seen.record_count >= 1);
}

TEST_CASE("a fetch session that had nothing to read is told that its partition went offline") {
    SimulatedFileSystem disk;
    TestBroker broker(disk, always());
    Client client(broker.port());
    create_topic(client, orders.topic);
    create_topic(client, others.topic);
    REQUIRE(produce(client, orders, plain_batch()) == stored_at(0));
    Client reader(broker.port());
    protocol::FetchRequest request{.session_epoch = 0};
    request.topics = {
        {.topic = orders.topic, .partitions = {{.partition = 0, .fetch_offset = 1}}},
        {.topic = others.topic, .partitions = {{.partition = 0}}},
    };
    const auto begun = reader.call<protocol::FetchResponse>(request, 12);
    REQUIRE(begun->responses.size() == 2);
    disk.fail_every(Operation::sync, std::errc::io_error);
    send_produce(client, orders, plain_batch());
    CHECK(client.is_closed_by_broker());
    request = {.session_id = begun->session_id, .session_epoch = 1};
    const auto news = reader.call<protocol::FetchResponse>(request, 12);
    REQUIRE(news->responses.size() == 1);
    CHECK(news->responses[0].topic == orders.topic);
    CHECK(news->responses[0].partitions[0].error_code == ErrorCode::kafka_storage_error);
}

TEST_CASE("a repetition of what a failed sync may have lost is not acknowledged") {
    SimulatedFileSystem disk;
    TestBroker broker(disk, always());
    Client client(broker.port());
    create_topic(client, orders.topic);
    const Producer producer = start_idempotent_producer(client);
    REQUIRE(produce(client, orders, idempotent_batch(producer, 0)) == stored_at(0));
    disk.fail_every(Operation::sync);
    send_produce(client, orders, idempotent_batch(producer, 1));
    CHECK(client.is_closed_by_broker());
    disk.heal();
    Client next(broker.port());
    CHECK(produce(next, orders, idempotent_batch(producer, 1)) ==
          refused(ErrorCode::kafka_storage_error));
    broker.crash_on_simulated_disk(Crash::power_cut);
    Client last(broker.port());
    CHECK(produce(last, orders, idempotent_batch(producer, 1)) == stored_at(1));
}

TEST_CASE("a coordinator tells nothing of what a failed sync may have lost") {
    SimulatedFileSystem disk;
    TestBroker broker(disk, always());
    Client client(broker.port());
    create_topic(client, orders.topic);
    find_coordinators(client, "a-group", id);
    REQUIRE(commit_offset(client, "a-group", orders, 1) == ErrorCode::none);
    disk.fail_every(Operation::sync);
    // The broker closes the connection rather than answer.
    Client unlucky(broker.port());
    send_commit_offset(unlucky, "a-group", orders, 2);
    CHECK(unlucky.is_closed_by_broker());
    disk.heal();
    Client next(broker.port());
    CHECK(committed_offset(next, "a-group", orders).error == ErrorCode::coordinator_not_available);
    broker.crash_on_simulated_disk(Crash::power_cut);
    Client last(broker.port());
    CHECK(committed_offset(last, "a-group", orders).error == ErrorCode::none);
}
