// A disk that is full or fails: what is refused, what goes on, and that nothing acknowledged is
// lost.
#include <doctest/doctest.h>

#include "tests/broker/broker_fixture.h"
#include "tests/broker/conversation.h"

using namespace broker_fixture;
using protocol::ErrorCode;
using support::Operation;
using support::SimulatedFileSystem;

namespace {

const Partition orders{"orders"};
const std::string id = "a-shop";
const std::string group = "a-group";
constexpr Producer alice{.id = 5, .epoch = 0};
const ProduceOptions in_transaction{.transactional_id = id};

// A broker on a disk that can be damaged, with a topic of three records.
struct OnDisk {
    OnDisk() : broker(disk), client(broker.port()) {
        create_topic(client, orders.topic);
        for (int i = 0; i < 3; ++i) REQUIRE(produce(client, orders, plain_batch()) == stored_at(i));
    }
    void fill_up() {
        broker.run([this] { disk.limit_space(0); });
    }
    void heal() {
        broker.run([this] { disk.heal(); });
    }

    SimulatedFileSystem disk;
    TestBroker broker;
    Client client;
};

}  // namespace

TEST_CASE("on a full disk writes are refused, reads go on, and room makes writes work again") {
    OnDisk test;
    test.fill_up();
    CHECK(produce(test.client, orders, plain_batch()) == refused(ErrorCode::kafka_storage_error));
    CHECK(produce(test.client, orders, plain_batch()) == refused(ErrorCode::kafka_storage_error));
    CHECK(fetch(test.client, orders, 0).record_count == 3);
    test.heal();
    CHECK(produce(test.client, orders, plain_batch()) == stored_at(3));
    CHECK(fetch(test.client, orders, 0).record_count == 4);
}

TEST_CASE("batches that came together and cannot be written are not answered, and come again") {
    OnDisk test;
    const Partition others{"others"};
    create_topic(test.client, others.topic);
    const auto send_all = [&](Client& client) {
        client.send_together([&] {
            for (int i = 0; i < 3; ++i) send_produce(client, orders, idempotent_batch(alice, i));
            send_produce(client, others, plain_batch());
        });
    };
    test.broker.run([&] { test.disk.limit_space(100); });
    send_all(test.client);
    CHECK(test.client.is_closed_by_broker());
    Client next(test.broker.port());
    CHECK(fetch(next, orders, 0).high_watermark == 3);
    // While nothing can be written each that comes alone is told of it.
    for (int i = 0; i < 2; ++i)
        CHECK(produce(next, orders, idempotent_batch(alice, 0)) ==
              refused(ErrorCode::kafka_storage_error));

    test.heal();
    CHECK(produce(next, orders, idempotent_batch(alice, 0)) == stored_at(3));
    send_all(next);
    CHECK(receive_produced(next) == stored_at(3));  // known
    CHECK(receive_produced(next) == stored_at(4));
    CHECK(receive_produced(next) == stored_at(5));
    CHECK(receive_produced(next) == stored_at(0));
    const std::vector<int64_t> all{0, 1, 2, 3, 4, 5};
    CHECK(fetch(next, orders, 0).base_offsets == all);
    test.broker.crash_on_simulated_disk();
    Client last(test.broker.port());
    CHECK(fetch(last, orders, 0).base_offsets == all);
}

TEST_CASE("a batch that was written in part is not there, and does not disturb the next") {
    OnDisk test;
    test.broker.run([&] { test.disk.limit_space(50); });
    CHECK(produce(test.client, orders, plain_batch(1, 500)) ==
          refused(ErrorCode::kafka_storage_error));
    CHECK(fetch(test.client, orders, 0).high_watermark == 3);
    test.heal();
    CHECK(produce(test.client, orders, plain_batch()) == stored_at(3));
    CHECK(fetch(test.client, orders, 0).base_offsets == std::vector<int64_t>{0, 1, 2, 3});
    test.broker.crash_on_simulated_disk();
    Client next(test.broker.port());
    CHECK(fetch(next, orders, 0).base_offsets == std::vector<int64_t>{0, 1, 2, 3});
}

TEST_CASE(
    "a producer sends again what a full disk refused, without a gap or a repetition "
    "(librdkafka#4953)") {
    OnDisk test;
    const Producer producer = start_idempotent_producer(test.client);
    REQUIRE(produce(test.client, orders, idempotent_batch(producer, 0)) == stored_at(3));
    test.fill_up();
    REQUIRE(produce(test.client, orders, idempotent_batch(producer, 1)) ==
            refused(ErrorCode::kafka_storage_error));
    // A repetition of what is stored needs no room.
    CHECK(produce(test.client, orders, idempotent_batch(producer, 0)) == stored_at(3));
    test.heal();
    CHECK(produce(test.client, orders, idempotent_batch(producer, 2)) ==
          refused(ErrorCode::out_of_order_sequence_number));
    CHECK(produce(test.client, orders, idempotent_batch(producer, 1)) == stored_at(4));
    CHECK(produce(test.client, orders, idempotent_batch(producer, 1)) == stored_at(4));
}

TEST_CASE("everything acknowledged before a crash on a full disk is there after it") {
    OnDisk test;
    test.broker.run([&] { test.disk.limit_space(2000); });
    int64_t acknowledged = 3;
    while (produce(test.client, orders, plain_batch(1, 100)) == stored_at(acknowledged))
        ++acknowledged;
    REQUIRE(acknowledged > 5);
    test.broker.crash_on_simulated_disk();
    Client next(test.broker.port());
    CHECK(fetch(next, orders, 0).record_count == acknowledged);
}

TEST_CASE("a read error is answered as such, and is over when the disk is well again") {
    OnDisk test;
    test.broker.run([&] { test.disk.fail_every(Operation::read); });
    CHECK(fetch(test.client, orders, 0).error == ErrorCode::kafka_storage_error);
    test.heal();
    CHECK(fetch(test.client, orders, 0).record_count == 3);
}

TEST_CASE("coordinators on a full disk are not available until there is room") {
    OnDisk test;
    const Producer producer = start_producer(test.client, id);
    REQUIRE(commit_offset(test.client, group, orders, 1) == ErrorCode::none);
    test.fill_up();
    CHECK(init_producer_id(test.client, id).error == ErrorCode::coordinator_not_available);
    CHECK(commit_offset(test.client, group, orders, 2) == ErrorCode::coordinator_not_available);
    CHECK(commit_offset_in_transaction(test.client, id, producer, group, orders, 2) ==
          ErrorCode::coordinator_not_available);
    CHECK(committed_offset(test.client, group, orders) == Committed{ErrorCode::none, 1});
    test.heal();
    CHECK(commit_offset(test.client, group, orders, 2) == ErrorCode::none);
    CHECK(committed_offset(test.client, group, orders) == Committed{ErrorCode::none, 2});
    const auto started = init_producer_id(test.client, id);
    CHECK(started.error == ErrorCode::none);
    CHECK(started.producer == Producer{producer.id, 1});
}

TEST_CASE("a transaction whose end a full disk refused is ended when there is room") {
    OnDisk test;
    const Producer producer = start_producer(test.client, id);
    REQUIRE(produce(test.client, orders, transactional_batch(producer, 0), in_transaction) ==
            stored_at(3));
    test.fill_up();
    CHECK(end_transaction(test.client, id, producer, Outcome::commit).error ==
          ErrorCode::coordinator_not_available);
    CHECK(transaction_state(test.client, id) == "Ongoing");
    test.heal();
    CHECK(end_transaction(test.client, id, producer, Outcome::commit).error == ErrorCode::none);
    CHECK(fetch(test.client, orders, 0, {.isolation = read_committed}).record_count == 4);
}

TEST_CASE("markers for which there was no room are written when there is (KAFKA-16352)") {
    // Room for the decision, or for that and some of what follows from it.
    for (uint64_t room = 150; room <= 600; room += 30) {
        CAPTURE(room);
        OnDisk test;
        const Producer producer = start_producer(test.client, id);
        REQUIRE(produce(test.client, orders, transactional_batch(producer, 0), in_transaction) ==
                stored_at(3));
        REQUIRE(commit_offset_in_transaction(test.client, id, producer, group, orders, 3) ==
                ErrorCode::none);
        test.broker.run([&] { test.disk.limit_space(room); });
        const auto ended = end_transaction(test.client, id, producer, Outcome::commit);
        test.heal();
        if (ended.error != ErrorCode::none) {
            CHECK(ended.error == ErrorCode::coordinator_not_available);
            REQUIRE(end_transaction(test.client, id, producer, Outcome::commit).error ==
                    ErrorCode::none);
        }
        // Answered with success, the end may still wait for the disk: the reader waits for it.
        const auto committed =
            fetch(test.client, orders, 3, {.isolation = read_committed, .max_wait_ms = 10'000});
        CHECK(committed.record_count == 1);
        CHECK(committed.last_stable_offset == 5);
    }
}

TEST_CASE("what waits for a marker in vain is told of the concurrent transaction") {
    OnDisk test;
    const Producer producer = start_producer(test.client, id);
    REQUIRE(add_partitions(test.client, id, producer, {orders}) == std::vector{ErrorCode::none});
    Producer next;
    // Room for the decision, and for no marker.
    for (uint64_t room = 100; next == Producer{}; room += 20) {
        test.broker.run([&] { test.disk.limit_space(room); });
        next = end_transaction(test.client, id, producer, Outcome::commit).next;
    }
    REQUIRE(transaction_state(test.client, id) == "PrepareCommit");
    // An old client does not retry a write for that code.
    CHECK(produce(test.client, orders, transactional_batch(next, 0),
                  {.transactional_id = id, .version = 11}) ==
          refused(ErrorCode::not_enough_replicas));
    CHECK(commit_offset_in_transaction(test.client, id, next, group, orders, 4, 4) ==
          ErrorCode::concurrent_transactions);
    // The others wait; here until the broker stops.
    Client waiting(test.broker.port());
    send_produce(waiting, orders, transactional_batch(next, 0), in_transaction);
    CHECK(waiting.is_silent(20));
    test.broker.stop();
    CHECK(receive_produced(waiting) == refused(ErrorCode::concurrent_transactions));
}

TEST_CASE("a topic cannot be created on a full disk, and can when there is room") {
    OnDisk test;
    test.fill_up();
    CHECK(fetch(test.client, {"payments"}, 0).error == ErrorCode::unknown_topic_or_partition);
    CHECK(try_to_create_topic(test.client, "payments") == ErrorCode::kafka_storage_error);
    CHECK(fetch(test.client, {"payments"}, 0).error == ErrorCode::unknown_topic_or_partition);
    test.heal();
    create_topic(test.client, "payments");
    CHECK(produce(test.client, {"payments"}, plain_batch()) == stored_at(0));
}

TEST_CASE("a log that cannot be opened is refused, and tried again") {
    OnDisk test;
    test.broker.restart();
    Client client(test.broker.port());
    test.broker.run([&] { test.disk.fail_every(Operation::open); });
    CHECK(fetch(client, orders, 0).error == ErrorCode::kafka_storage_error);
    CHECK(produce(client, orders, plain_batch()) == refused(ErrorCode::kafka_storage_error));
    test.heal();
    CHECK(produce(client, orders, plain_batch()) == stored_at(3));
    CHECK(fetch(client, orders, 0).record_count == 4);
}

TEST_CASE("a transaction begins, whichever operation fails while its log is opened") {
    for (uint64_t nth = 1; nth <= 20; ++nth) {
        CAPTURE(nth);
        OnDisk test;
        test.broker.restart();
        Client client(test.broker.port());
        const Producer producer = start_producer(client, id);
        test.broker.run([&] { test.disk.fail_at(nth); });
        const auto batch = transactional_batch(producer, 0);
        auto produced = produce(client, orders, batch, in_transaction);
        // Of this log or of the coordinator's: clients come again.
        if (produced == refused(ErrorCode::kafka_storage_error) ||
            produced == refused(ErrorCode::not_enough_replicas))
            produced = produce(client, orders, batch, in_transaction);
        CHECK(produced == stored_at(3));
    }
}

TEST_CASE("an epoch that a full disk did not take is not used up (KAFKA-9666)") {
    OnDisk test;
    const Producer producer = start_producer(test.client, id, {.timeout_ms = 50});
    test.fill_up();
    for (int attempt = 0; attempt < 3; ++attempt)
        CHECK(init_producer_id(test.client, id).error == ErrorCode::coordinator_not_available);
    test.heal();
    // The request had no effect: its epoch is still the next one, and the old one still good.
    REQUIRE(produce(test.client, orders, transactional_batch(producer, 0), in_transaction) ==
            stored_at(3));
    test.fill_up();
    const auto open =
        fetch(test.client, orders, 3, {.isolation = read_committed, .max_wait_ms = 300});
    CHECK(open.last_stable_offset == 3);  // The abort in time finds no room, however often.
    test.heal();
    const auto aborted =
        fetch(test.client, orders, 3, {.isolation = read_committed, .max_wait_ms = 10'000});
    CHECK(aborted.last_stable_offset == 5);
    const auto told = end_transaction(test.client, id, producer, Outcome::abort);
    CHECK(told.error == ErrorCode::none);
    CHECK(told.next == Producer{producer.id, static_cast<int16_t>(producer.epoch + 1)});
}

TEST_CASE("of two data directories one may be gone: its partitions are offline, and no others") {
    constexpr int32_t partition_count = 4;
    SimulatedFileSystem disk;
    TestBroker broker(disk, {{"log.dirs", "data,more"}});
    {
        Client client(broker.port());
        create_topic(client, orders.topic, partition_count);
        for (int32_t index = 0; index < partition_count; ++index)
            REQUIRE(produce(client, {orders.topic, index}, plain_batch()) == stored_at(0));
    }
    broker.run([&] {
        REQUIRE(disk.rename("more", "gone"));
        disk.overwrite("more", {});
    });
    broker.crash_on_simulated_disk();
    const auto count = [&] {
        Client client(broker.port());
        int served = 0;
        for (int32_t index = 0; index < partition_count; ++index) {
            const auto seen = fetch(client, {orders.topic, index}, 0);
            if (seen.error != ErrorCode::none) {
                CHECK(seen.error == ErrorCode::kafka_storage_error);
                CHECK(produce(client, {orders.topic, index}, plain_batch()) ==
                      refused(ErrorCode::kafka_storage_error));
                continue;
            }
            CHECK(seen.record_count == 1);
            ++served;
        }
        return served;
    };
    CHECK(count() == partition_count / 2);
    {
        Client client(broker.port());
        create_topic(client, "new-ones", 2);
        for (int32_t index = 0; index < 2; ++index)
            CHECK(produce(client, {"new-ones", index}, plain_batch()) == stored_at(0));
    }
    broker.run([&] {
        REQUIRE(disk.remove("more"));
        REQUIRE(disk.rename("gone", "more"));
    });
    broker.crash_on_simulated_disk();
    CHECK(count() == partition_count);
}
