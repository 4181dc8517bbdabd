// What is still there after a clean stop, and after a crash.
#include <doctest/doctest.h>

#include <filesystem>
#include <optional>

#include "broker/broker.h"
#include "protocol/messages/describe_configs.h"
#include "protocol/messages/heartbeat.h"
#include "protocol/messages/join_group.h"
#include "protocol/messages/list_groups.h"
#include "protocol/messages/metadata.h"
#include "protocol/messages/sync_group.h"
#include "storage/log.h"
#include "tests/broker/broker_fixture.h"
#include "tests/broker/conversation.h"

using namespace broker_fixture;
using namespace protocol;

namespace {

const Partition orders{"orders"};
const Partition payments{"payments"};
const std::string id = "a-shop";
const std::string group = "a-group";
const ProduceOptions in_transaction{.transactional_id = id};
using Aborted = std::vector<std::pair<int64_t, int64_t>>;

struct Ending {
    std::string threads;
    bool crashes = false;
};

// Runs the test case for each of these.
Ending each_ending() {
    Ending ending{.threads = "1"};
    SUBCASE("after a clean stop, on one thread") {}
    SUBCASE("after a clean stop, on three threads") { ending.threads = "3"; }
    SUBCASE("after a crash, on one thread") { ending.crashes = true; }
    SUBCASE("after a crash, on three threads") { ending = {.threads = "3", .crashes = true}; }
    return ending;
}

// A broker, and the one that goes on with its data.
struct TwoLives {
    TwoLives() : ending(each_ending()), before({{"einmal.threads", ending.threads}}) {}

    void end_the_first() {
        if (ending.crashes)
            crashed = before.crash();
        else
            before.restart();
    }
    uint16_t port() const { return crashed ? crashed->port() : before.port(); }

    Ending ending;
    TestBroker before;
    std::unique_ptr<TestBroker> crashed;
};

std::string topic_config(Client& client, const std::string& topic, const std::string& key) {
    DescribeConfigsRequest request;
    request.resources = {
        {.resource_type = 2, .resource_name = topic, .configuration_keys = {{key}}}};
    const auto answer = client.call<DescribeConfigsResponse>(request, 4);
    return answer->results.at(0).configs.at(0).value.value_or("");
}

}  // namespace

TEST_CASE("topics keep their ids, partitions and configs") {
    TwoLives broker;
    Client first(broker.port());
    const Uuid topic_id = create_topic(first, orders.topic, 3, {{"retention.ms", "12345"}});
    create_topic(first, "deleted");
    delete_topic(first, "deleted");

    broker.end_the_first();
    Client client(broker.port());
    MetadataRequest everything;
    everything.topics.reset();
    const auto metadata = client.call<MetadataResponse>(everything, 12);
    REQUIRE(metadata->topics.size() == 1);
    CHECK(metadata->topics.at(0).name == orders.topic);
    CHECK(metadata->topics.at(0).topic_id == topic_id);
    CHECK(metadata->topics.at(0).partitions.size() == 3);
    CHECK(topic_config(client, orders.topic, "retention.ms") == "12345");
}

TEST_CASE("every record that was acknowledged is still there (redpanda#3036)") {
    TwoLives broker;
    Client first(broker.port());
    create_topic(first, orders.topic, 1, {{"segment.bytes", "1048576"}});
    for (int i = 0; i < 20; ++i)
        REQUIRE(produce(first, orders, plain_batch(2, 50'000)).error == ErrorCode::none);
    const Blob stored =
        fetch(first, orders, 0, {.max_bytes = 10 << 20, .partition_max_bytes = 10 << 20}).records;

    broker.end_the_first();
    Client client(broker.port());
    const auto found =
        fetch(client, orders, 0, {.max_bytes = 10 << 20, .partition_max_bytes = 10 << 20});
    CHECK(found.high_watermark == 40);
    CHECK(found.records == stored);
    CHECK(produce(client, orders, plain_batch()) == stored_at(40));
}

TEST_CASE("a producer's sequences are still known (redpanda#3038)") {
    TwoLives broker;
    Client first(broker.port());
    create_topic(first, orders.topic);
    const Producer producer = start_idempotent_producer(first);
    REQUIRE(produce(first, orders, idempotent_batch(producer, 0, 3)) == stored_at(0));
    REQUIRE(produce(first, orders, idempotent_batch(producer, 3, 2)) == stored_at(3));

    broker.end_the_first();
    Client client(broker.port());
    CHECK(produce(client, orders, idempotent_batch(producer, 3, 2)) == stored_at(3));
    CHECK(produce(client, orders, idempotent_batch(producer, 9)) ==
          refused(ErrorCode::out_of_order_sequence_number));
    CHECK(produce(client, orders, idempotent_batch(producer, 5)) == stored_at(5));
    CHECK(start_idempotent_producer(client).id != producer.id);
}

TEST_CASE("committed offsets are still there, those of an aborted transaction are not") {
    TwoLives broker;
    Client first(broker.port());
    create_topic(first, orders.topic);
    create_topic(first, payments.topic);
    Producer producer = start_producer(first, id);
    REQUIRE(commit_offset(first, group, orders, 7) == ErrorCode::none);
    for (const Outcome outcome : {Outcome::commit, Outcome::abort}) {
        REQUIRE(commit_offset_in_transaction(first, id, producer, group, payments,
                                             outcome == Outcome::commit ? 8 : 9) ==
                ErrorCode::none);
        const auto ended = end_transaction(first, id, producer, outcome);
        REQUIRE(ended.error == ErrorCode::none);
        producer = ended.next;
    }

    broker.end_the_first();
    Client client(broker.port());
    CHECK(committed_offset(client, group, orders, true) == Committed{ErrorCode::none, 7});
    CHECK(committed_offset(client, group, payments, true) == Committed{ErrorCode::none, 8});
}

TEST_CASE("a consumer group with its members is still there") {
    TwoLives broker;
    Client first(broker.port());
    find_coordinators(first, group, id);
    JoinGroupRequest join{.group_id = group,
                          .session_timeout_ms = 60'000,
                          .rebalance_timeout_ms = 60'000,
                          .group_instance_id = "a-static-member",
                          .protocol_type = "consumer",
                          .protocols = {{.name = "range"}}};
    const auto joined = first.call<JoinGroupResponse>(join, 9);
    REQUIRE(joined->error_code == ErrorCode::none);
    REQUIRE(commit_offset(first, "another", orders, 1) == ErrorCode::unknown_topic_or_partition);
    SyncGroupRequest sync{.group_id = group,
                          .generation_id = joined->generation_id,
                          .member_id = joined->member_id,
                          .group_instance_id = "a-static-member"};
    REQUIRE(first.call<SyncGroupResponse>(sync, 5)->error_code == ErrorCode::none);

    broker.end_the_first();
    Client client(broker.port());
    const auto groups = client.call<ListGroupsResponse>(ListGroupsRequest{}, 4);
    REQUIRE(groups->groups.size() == 1);
    CHECK(groups->groups.at(0).group_id == group);
    CHECK(groups->groups.at(0).group_state == "Stable");
    HeartbeatRequest beat{.group_id = group,
                          .generation_id = joined->generation_id,
                          .member_id = joined->member_id,
                          .group_instance_id = "a-static-member"};
    CHECK(client.call<HeartbeatResponse>(beat, 4)->error_code == ErrorCode::none);
}

TEST_CASE(
    "an open transaction is still open, and any process commits it (redpanda#6018, flink#16941)") {
    TwoLives broker;
    Client first(broker.port());
    create_topic(first, orders.topic);
    const Producer producer = start_producer(first, id);
    REQUIRE(produce(first, orders, transactional_batch(producer, 0), in_transaction) ==
            stored_at(0));
    REQUIRE(commit_offset_in_transaction(first, id, producer, group, orders, 5) == ErrorCode::none);

    broker.end_the_first();
    Client client(broker.port());
    CHECK(fetch(client, orders, 0, {.isolation = read_committed}).last_stable_offset == 0);
    CHECK(committed_offset(client, group, orders, true).error == ErrorCode::unstable_offset_commit);
    CHECK(transaction_state(client, id) == "Ongoing");
    CHECK(produce(client, orders, transactional_batch(producer, 0), in_transaction) ==
          stored_at(0));
    CHECK(produce(client, orders, transactional_batch(producer, 1), in_transaction) ==
          stored_at(1));
    CHECK(end_transaction(client, id, producer, Outcome::commit).error == ErrorCode::none);
    const auto committed = fetch(client, orders, 0, {.isolation = read_committed});
    CHECK(committed.record_count == 2);
    CHECK(committed.last_stable_offset == 3);
    CHECK(committed_offset(client, group, orders, true) == Committed{ErrorCode::none, 5});
}

TEST_CASE(
    "an open transaction whose producer does not come back is aborted in time (redpanda#30003)") {
    TwoLives broker;
    Client first(broker.port());
    create_topic(first, orders.topic);
    const Producer producer = start_producer(first, id, {.timeout_ms = 300});
    REQUIRE(produce(first, orders, transactional_batch(producer, 0), in_transaction) ==
            stored_at(0));

    broker.end_the_first();
    Client client(broker.port());
    const auto aborted =
        fetch(client, orders, 0, {.isolation = read_committed, .max_wait_ms = 10'000});
    CHECK(aborted.last_stable_offset == 2);
    CHECK(aborted.aborted == Aborted{{producer.id, 0}});
}

TEST_CASE("ended transactions stay ended, and a retried EndTxn gets its answer (KIP-890)") {
    TwoLives broker;
    Client first(broker.port());
    create_topic(first, orders.topic);
    const Producer producer = start_producer(first, id);
    REQUIRE(produce(first, orders, transactional_batch(producer, 0), in_transaction) ==
            stored_at(0));
    const auto ended = end_transaction(first, id, producer, Outcome::abort);
    REQUIRE(ended.error == ErrorCode::none);

    broker.end_the_first();
    Client client(broker.port());
    const auto found = fetch(client, orders, 0, {.isolation = read_committed});
    CHECK(found.last_stable_offset == 2);
    CHECK(found.aborted == Aborted{{producer.id, 0}});
    CHECK(end_transaction(client, id, producer, Outcome::abort).next == ended.next);
    CHECK(produce(client, orders, transactional_batch(producer, 1), in_transaction) ==
          refused(ErrorCode::invalid_producer_epoch));
    CHECK(produce(client, orders, transactional_batch(ended.next, 0), in_transaction) ==
          stored_at(2));
}

TEST_CASE("records below the log start offset stay deleted over a clean stop") {
    TestBroker broker;
    Client first(broker.port());
    create_topic(first, orders.topic);
    for (int i = 0; i < 4; ++i) REQUIRE(produce(first, orders, plain_batch()) == stored_at(i));
    REQUIRE(delete_records(first, orders, 3) == Committed{ErrorCode::none, 3});
    broker.restart();
    Client client(broker.port());
    CHECK(fetch(client, orders, 3).log_start_offset == 3);
    CHECK(fetch(client, orders, 2).error == ErrorCode::offset_out_of_range);
}

TEST_CASE("only a clean stop leaves its marker") {
    TestBroker broker;
    const std::string marker = broker.directory() + "/.kafka_cleanshutdown";
    CHECK(!std::filesystem::exists(marker));
    broker.restart();
    CHECK(!std::filesystem::exists(marker));  // taken away at the start
}

TEST_CASE("a second broker on the same directory does not start") {
    TestBroker broker;
    const auto refused = broker.start_another();
    REQUIRE(!refused.empty());
    CHECK(refused.find(broker.directory()) != std::string::npos);
}

TEST_CASE("a directory with partitions and without a metadata log is refused") {
    support::SimulatedFileSystem disk;
    REQUIRE(disk.create_directories("data/orders-0"));
    auto config = broker::config::resolve_broker_config({});
    REQUIRE(config);
    config->log.directories = {"data"};
    broker::Broker broker(*config, disk, broker::system_clock(), broker::Threads::callers);
    const auto started = broker.start();
    REQUIRE(!started);
    CHECK_MESSAGE(started.error().starts_with("data/__cluster_metadata-0: "), started.error());
    CHECK(!disk.exists("data/__cluster_metadata-0"));
    CHECK(disk.exists("data/orders-0"));
}

TEST_CASE("records of a topic that the metadata does not know are kept when its name is used") {
    support::SimulatedFileSystem disk;
    TestBroker broker(disk);
    constexpr Uuid unknown_id{{std::byte{9}}};
    broker.run([&] {
        auto log = storage::Log::open(disk, "data/orders-0", {.topic_id = unknown_id}).value();
        Blob batch = plain_batch(3);
        REQUIRE(log->append(batch, 0, now_ms()));
        REQUIRE(log->close());
    });
    // Found by a start, or only when the name is used.
    SUBCASE("after a start") { broker.restart(); }
    SUBCASE("in the same run") {}
    Client first(broker.port());
    create_topic(first, orders.topic);
    CHECK(produce(first, orders, plain_batch()) == stored_at(0));
    first.close();

    const std::string stray = "data/orders-0.09000000000000000000000000000000-stray";
    for (const auto how : {support::Crash::process_kill, support::Crash::power_cut}) {
        broker.crash_on_simulated_disk(how);
        Client client(broker.port());
        if (how == support::Crash::process_kill) CHECK(fetch(client, orders, 0).record_count == 1);
        broker.run(
            [&] { CHECK(storage::Log::open(disk, stray, {}).value()->log_end_offset() == 3); });
    }
}

TEST_CASE(
    "a transaction whose end was decided before a crash is finished at the next start (kop#1412)") {
    // Dies at each write that EndTxn makes, in turn: the decision, the markers of two partitions
    // and of the group, and the completion.
    bool has_been_decided = false, has_been_lost = false;
    for (uint64_t operation = 1; operation <= 12; ++operation) {
        CAPTURE(operation);
        support::SimulatedFileSystem disk;
        TestBroker broker(disk);
        Client client(broker.port());
        create_topic(client, orders.topic);
        create_topic(client, payments.topic);
        const Producer producer = start_producer(client, id);
        REQUIRE(produce(client, orders, transactional_batch(producer, 0), in_transaction) ==
                stored_at(0));
        REQUIRE(produce(client, payments, transactional_batch(producer, 0), in_transaction) ==
                stored_at(0));
        REQUIRE(commit_offset_in_transaction(client, id, producer, group, orders, 5) ==
                ErrorCode::none);
        broker.run([&] { disk.die_at(operation); });
        const auto answer = end_transaction(client, id, producer, Outcome::commit);
        client.close();
        broker.crash_on_simulated_disk();

        Client next(broker.port());
        const std::string state = transaction_state(next, id);
        const auto of_orders = fetch(next, orders, 0, {.isolation = read_committed});
        const auto of_payments = fetch(next, payments, 0, {.isolation = read_committed});
        const auto offset = committed_offset(next, group, orders);
        if (state == "Ongoing") {
            has_been_lost = true;
            CHECK(answer.error != ErrorCode::none);
            CHECK(of_orders.last_stable_offset == 0);
            CHECK(of_payments.last_stable_offset == 0);
            CHECK(offset == Committed{ErrorCode::none, -1});
        } else {
            has_been_decided = true;
            CHECK(state == "CompleteCommit");
            CHECK(of_orders.record_count == 1);
            CHECK(of_orders.last_stable_offset == of_orders.high_watermark);
            CHECK(of_payments.record_count == 1);
            CHECK(of_payments.last_stable_offset == of_payments.high_watermark);
            CHECK(offset == Committed{ErrorCode::none, 5});
        }
        // Either way the producer ends it now, once.
        CHECK(end_transaction(next, id, producer, Outcome::commit).error == ErrorCode::none);
        CHECK(committed_offset(next, group, orders, true) == Committed{ErrorCode::none, 5});
    }
    CHECK(has_been_lost);
    CHECK(has_been_decided);
}

TEST_CASE(
    "with log.flush.interval.messages=1 a power cut takes nothing that was answered "
    "(redpanda#6018)") {
    for (uint64_t seed = 1; seed <= 10; ++seed) {
        CAPTURE(seed);
        support::SimulatedFileSystem disk(seed);
        TestBroker broker(disk, {{"log.flush.interval.messages", "1"}});
        Client client(broker.port());
        create_topic(client, orders.topic);
        create_topic(client, payments.topic);
        Producer producer = start_producer(client, id);
        REQUIRE(produce(client, orders, plain_batch()) == stored_at(0));
        REQUIRE(produce(client, orders, transactional_batch(producer, 0), in_transaction) ==
                stored_at(1));
        REQUIRE(produce(client, payments, transactional_batch(producer, 0), in_transaction) ==
                stored_at(0));
        REQUIRE(commit_offset_in_transaction(client, id, producer, group, orders, 5) ==
                ErrorCode::none);
        const auto ended = end_transaction(client, id, producer, Outcome::commit);
        REQUIRE(ended.error == ErrorCode::none);
        producer = ended.next;
        REQUIRE(produce(client, payments, transactional_batch(producer, 0), in_transaction) ==
                stored_at(2));
        client.close();
        broker.crash_on_simulated_disk(support::Crash::power_cut);

        Client next(broker.port());
        CHECK(fetch(next, orders, 0, {.isolation = read_committed}).record_count == 2);
        CHECK(fetch(next, payments, 0, {.isolation = read_committed}).last_stable_offset == 2);
        CHECK(committed_offset(next, group, orders, true) == Committed{ErrorCode::none, 5});
        CHECK(transaction_state(next, id) == "Ongoing");
        CHECK(end_transaction(next, id, producer, Outcome::commit).error == ErrorCode::none);
        CHECK(fetch(next, payments, 0, {.isolation = read_committed}).record_count == 2);
    }
}
