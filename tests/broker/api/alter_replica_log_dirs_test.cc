// Partitions that move between log directories (KIP-113): AlterReplicaLogDirs, and what
// DescribeLogDirs tells of it.
#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <set>

#include "protocol/messages/alter_replica_log_dirs.h"
#include "protocol/messages/describe_log_dirs.h"
#include "tests/broker/broker_fixture.h"
#include "tests/broker/conversation.h"
#include "tests/support/simulated_file_system.h"

using namespace broker_fixture;
using namespace protocol;

namespace {

const Partition orders{"orders"};
const std::string rate = "replica.alter.log.dirs.io.max.bytes.per.second";
const std::string unlimited = "1000000000000";

struct Running {
    explicit Running(Values settings = {}) : broker(disk, with_two(std::move(settings))) {
        connect();
    }

    static Values with_two(Values settings) {
        settings.try_emplace("log.dirs", "a,b");
        return settings;
    }
    void restart(const Values& changed = {}) {
        broker.restart(changed);
        connect();
    }
    void connect() { connection = std::make_unique<Client>(broker.port()); }
    Client& client() { return *connection; }
    ErrorCode move(const std::string& path, const Partition& partition = orders) {
        AlterReplicaLogDirsRequest request;
        request.dirs = {{.path = path, .topics = {{partition.topic, {partition.index}}}}};
        const auto answer = client().call<AlterReplicaLogDirsResponse>(request, 2);
        REQUIRE(answer->results.size() == 1);
        REQUIRE(answer->results.at(0).topic_name == partition.topic);
        REQUIRE(answer->results.at(0).partitions.size() == 1);
        CHECK(answer->results.at(0).partitions.at(0).partition_index == partition.index);
        return answer->results.at(0).partitions.at(0).error_code;
    }
    // Where DescribeLogDirs finds the partition; a copy ends with its lag.
    std::set<std::string> places(const Partition& partition = orders) {
        const auto answer = client().call<DescribeLogDirsResponse>(
            DescribeLogDirsRequest{.topics = {{{partition.topic, {partition.index}}}}}, 5);
        std::set<std::string> found;
        for (const auto& directory : answer->results)
            for (const auto& topic : directory.topics)
                for (const auto& one : topic.partitions)
                    found.insert(one.is_future_key
                                     ? directory.log_dir + " +" + std::to_string(one.offset_lag)
                                     : directory.log_dir);
        return found;
    }
    void wait_until_in(const std::string& path) {
        while (places() != std::set{path}) {}
    }
    std::string home() {
        const auto found = places();
        REQUIRE(found.size() == 1);
        return *found.begin();
    }
    std::string other() { return home() == "a" ? "b" : "a"; }
    std::vector<std::string> names(const std::string& path) {
        std::vector<std::string> all;
        for (const std::string& name : disk.list(path).value())
            if (name.starts_with("orders-")) all.push_back(name);
        return all;
    }
    bool has_copy(const std::string& path) {
        const auto all = names(path);
        return std::ranges::any_of(all, [](const auto& name) { return name.ends_with("-future"); });
    }

    support::SimulatedFileSystem disk;
    TestBroker broker;
    std::unique_ptr<Client> connection;
};

}  // namespace

TEST_CASE("a partition moves to another directory with all that it has") {
    Running test(on_one_and_three_threads());
    create_topic(test.client(), "orders");
    const Producer producer = start_idempotent_producer(test.client());
    REQUIRE(produce(test.client(), orders, idempotent_batch(producer, 0, 3)) == stored_at(0));
    const std::string to = test.other();
    REQUIRE(test.move(to) == ErrorCode::none);
    test.wait_until_in(to);
    CHECK(produce(test.client(), orders, idempotent_batch(producer, 0, 3)) == stored_at(0));
    CHECK(produce(test.client(), orders, idempotent_batch(producer, 3, 2)) == stored_at(3));
    CHECK(fetch(test.client(), orders, 0).record_count == 5);
    SUBCASE("and stays there over a stop") { test.restart(); }
    SUBCASE("and stays there over a crash") {
        test.broker.crash_on_simulated_disk();
        test.connect();
    }
    CHECK(test.home() == to);
    CHECK(produce(test.client(), orders, idempotent_batch(producer, 3, 2)) == stored_at(3));
    CHECK(fetch(test.client(), orders, 0).record_count == 5);
}

TEST_CASE("a partition without records moves, too") {
    Running test;
    create_topic(test.client(), "orders");
    const std::string to = test.other();
    REQUIRE(test.move(to) == ErrorCode::none);
    test.wait_until_in(to);
    test.restart();
    CHECK(test.home() == to);
    CHECK(produce(test.client(), orders, plain_batch()) == stored_at(0));
    CHECK(test.home() == to);
}

TEST_CASE("what cannot move is told so, each with its own error") {
    Running test({{"cordoned.log.dirs", "b"}});
    create_topic(test.client(), "orders");
    const std::string longest(249, 't');
    CHECK(test.move("a", {longest, 0}) == ErrorCode::invalid_topic_exception);
    CHECK(test.move("c", {longest, 0}) == ErrorCode::invalid_topic_exception);
    CHECK(test.move("c") == ErrorCode::log_dir_not_found);
    CHECK(test.move("") == ErrorCode::log_dir_not_found);
    CHECK(test.move("b") == ErrorCode::invalid_replica_assignment);
    CHECK(test.move("a", {"payments", 0}) == ErrorCode::unknown_topic_or_partition);
    CHECK(test.move("a", {"orders", 1}) == ErrorCode::unknown_topic_or_partition);
    CHECK(test.move("a", {"orders", -1}) == ErrorCode::unknown_topic_or_partition);
}

TEST_CASE("a partition that is named twice goes to the last directory") {
    Running test;
    create_topic(test.client(), "orders", 2);
    const std::string to = test.other();
    AlterReplicaLogDirsRequest request;
    request.dirs = {{.path = "nowhere", .topics = {{"orders", {0}}}},
                    {.path = to, .topics = {{"orders", {0, 7}}}}};
    const auto answer = test.client().call<AlterReplicaLogDirsResponse>(request, 1);
    REQUIRE(answer->results.size() == 1);
    REQUIRE(answer->results.at(0).partitions.size() == 2);
    CHECK(answer->results.at(0).partitions.at(0).error_code == ErrorCode::none);
    CHECK(answer->results.at(0).partitions.at(1).error_code ==
          ErrorCode::unknown_topic_or_partition);
    test.wait_until_in(to);
}

TEST_CASE("a partition is made where it was asked for before it was there") {
    for (const std::string path : {"a", "b"}) {
        Running test;
        CHECK(test.move(path) == ErrorCode::unknown_topic_or_partition);
        create_topic(test.client(), "orders");
        REQUIRE(produce(test.client(), orders, plain_batch()) == stored_at(0));
        CHECK(test.home() == path);
    }
}

TEST_CASE("a move that is held back is shown, and can be taken back") {
    Running test({{rate, "1"}});
    create_topic(test.client(), "orders");
    for (int i = 0; i < 5; ++i) (void)produce(test.client(), orders, plain_batch(1, 1'000));
    const std::string home = test.home();
    const std::string to = test.other();
    REQUIRE(test.move(to) == ErrorCode::none);
    REQUIRE(test.move(to) == ErrorCode::none);
    while (test.places() != std::set<std::string>{home, to + " +4"}) {}
    CHECK(test.has_copy(to));
    (void)produce(test.client(), orders, plain_batch());
    CHECK(test.places() == std::set<std::string>{home, to + " +5"});
    SUBCASE("to where it is") { REQUIRE(test.move(home) == ErrorCode::none); }
    SUBCASE("by the topic's deletion") { delete_topic(test.client(), "orders"); }
    while (test.has_copy(to)) {}
    CHECK_FALSE(test.places().contains(to));
    CHECK_FALSE(test.places().contains(to + " +5"));
}

TEST_CASE("a move that was taken back can begin again at once") {
    Running test({{rate, "1"}});
    create_topic(test.client(), "orders");
    for (int i = 0; i < 5; ++i) (void)produce(test.client(), orders, plain_batch(1, 1'000));
    const std::string home = test.home();
    const std::string to = test.other();
    for (int i = 0; i < 5; ++i) {
        REQUIRE(test.move(to) == ErrorCode::none);
        REQUIRE(test.move(home) == ErrorCode::none);
    }
    REQUIRE(test.move(to) == ErrorCode::none);
    test.restart({{rate, unlimited}});
    test.wait_until_in(to);
    CHECK(fetch(test.client(), orders, 0).record_count == 5);
    CHECK(test.names(home).size() <= 1);  // what is on its way out
    CHECK(test.names(to) == std::vector<std::string>{"orders-0"});
}

TEST_CASE("a move goes on after a start") {
    Running test({{rate, "1"}});
    create_topic(test.client(), "orders");
    for (int i = 0; i < 5; ++i) (void)produce(test.client(), orders, plain_batch(1, 1'000));
    const std::string to = test.other();
    REQUIRE(test.move(to) == ErrorCode::none);
    while (!test.has_copy(to)) {}
    SUBCASE("after a clean stop") { test.restart({{rate, unlimited}}); }
    SUBCASE("after a crash") {
        test.broker.crash_on_simulated_disk();
        test.restart({{rate, unlimited}});
    }
    test.wait_until_in(to);
    CHECK(fetch(test.client(), orders, 0).record_count == 5);
}

TEST_CASE("nothing moves while a directory is offline") {
    Running test;
    create_topic(test.client(), "orders");
    REQUIRE(produce(test.client(), orders, plain_batch()) == stored_at(0));
    REQUIRE(test.move("a") == ErrorCode::none);
    test.wait_until_in("a");
    test.broker.stop();
    REQUIRE(test.disk.rename("b", "elsewhere"));
    REQUIRE(test.broker.try_start().empty());
    test.connect();
    CHECK(test.move("b") == ErrorCode::kafka_storage_error);
    CHECK(test.move("a") == ErrorCode::none);
    CHECK(produce(test.client(), orders, plain_batch()) == stored_at(1));
}
