// What a broker does to its logs by itself: retention, deletion, compaction.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

#include "protocol/messages/delete_records.h"
#include "protocol/messages/list_offsets.h"
#include "tests/broker/broker_fixture.h"
#include "tests/broker/conversation.h"

using namespace broker_fixture;
using protocol::ErrorCode;

namespace {

namespace fs = std::filesystem;

const Partition orders{"orders"};
using Configs = std::map<std::string, std::string>;

struct Cleaning {
    explicit Cleaning(Values settings = {}) : broker(with_haste(std::move(settings))) {
        client.emplace(broker.port());
    }

    static Values with_haste(Values settings) {
        settings.merge(Values{{"log.retention.check.interval.ms", "5"},
                              {"log.cleaner.backoff.ms", "5"},
                              {"log.segment.delete.delay.ms", "0"}});
        return settings;
    }
    void restart() {
        client.reset();
        broker.restart();
        client.emplace(broker.port());
    }
    // Names in the directory of a partition, none when it is not there.
    std::set<std::string> files(const std::string& partition) const {
        std::set<std::string> names;
        std::error_code error;
        for (const auto& entry :
             fs::directory_iterator(broker.directory() + "/" + partition, error))
            names.insert(entry.path().filename().string());
        return names;
    }
    std::vector<std::string> directories_of(const std::string& topic) const {
        std::vector<std::string> names;
        for (const auto& entry : fs::directory_iterator(broker.directory()))
            if (entry.path().filename().string().starts_with(topic + "-"))
                names.push_back(entry.path().filename().string());
        return names;
    }
    int64_t log_start(const Partition& partition) {
        const protocol::ListOffsetsRequest request{
            .topics = {{.name = partition.topic,
                        .partitions = {{.partition_index = partition.index, .timestamp = -2}}}}};
        const auto answer = client->call<protocol::ListOffsetsResponse>(request, 7);
        return answer->topics.at(0).partitions.at(0).offset;
    }
    int64_t end(const Partition& partition) {
        return fetch(*client, partition, log_start(partition)).high_watermark;
    }
    std::vector<int64_t> offsets(const Partition& partition) {
        std::vector<int64_t> all;
        int64_t next = log_start(partition);
        for (;;) {
            const auto fetched = fetch(*client, partition, next);
            if (fetched.base_offsets.empty()) return all;
            all.insert(all.end(), fetched.base_offsets.begin(), fetched.base_offsets.end());
            next = fetched.base_offsets.back() + 1;
        }
    }
    // As checkpointed.
    int64_t compacted_to(const Partition& partition) const {
        std::ifstream lines(broker.directory() + "/cleaner-offset-checkpoint");
        std::string topic;
        int32_t index = 0;
        int64_t offset = 0;
        lines >> offset >> offset;
        while (lines >> topic >> index >> offset)
            if (topic == partition.topic && index == partition.index) return offset;
        return -1;
    }
    void delete_records(const Partition& partition, int64_t offset) {
        protocol::DeleteRecordsRequest request;
        request.timeout_ms = 1000;
        request.topics = {{.name = partition.topic,
                           .partitions = {{.partition_index = partition.index, .offset = offset}}}};
        const auto answer = client->call<protocol::DeleteRecordsResponse>(request, 2);
        REQUIRE(answer->topics.at(0).partitions.at(0).error_code == ErrorCode::none);
    }

    TestBroker broker;
    std::optional<Client> client;
};

const Configs one_batch_segments = {{"internal.segment.bytes", "100"}};
Configs with(Configs configs, const Configs& more) {
    configs.merge(Configs(more));
    return configs;
}

}  // namespace

TEST_CASE("retention.ms deletes records by the clock, and readers are told where the log begins") {
    Cleaning test(on_one_and_three_threads());
    create_topic(*test.client, "orders", 1, with(one_batch_segments, {{"retention.ms", "50"}}));
    for (int i = 0; i < 3; ++i)
        REQUIRE(produce(*test.client, orders, plain_batch()) == stored_at(i));
    wait_until([&] { return test.log_start(orders) == 3; });
    CHECK(fetch(*test.client, orders, 0).error == ErrorCode::offset_out_of_range);
    CHECK(produce(*test.client, orders, plain_batch()) == stored_at(3));
    test.restart();
    CHECK(test.log_start(orders) >= 3);
}

TEST_CASE("retention.bytes keeps the newest segments, and the files of the others go") {
    Cleaning test;
    create_topic(*test.client, "orders", 1, with(one_batch_segments, {{"retention.bytes", "300"}}));
    for (int i = 0; i < 10; ++i)
        REQUIRE(produce(*test.client, orders, plain_batch()) == stored_at(i));
    wait_until([&] { return test.log_start(orders) >= 6; });
    CHECK(test.offsets(orders).back() == 9);
    CHECK(test.log_start(orders) < 9);
    wait_until([&] {
        return std::ranges::none_of(test.files("orders-0"), [](const std::string& name) {
            return name.ends_with(".deleted") || name.starts_with("00000000000000000000.");
        });
    });
}

TEST_CASE("DeleteRecords removes whole segments below the new start, with their files") {
    Cleaning test;
    create_topic(*test.client, "orders", 1, one_batch_segments);
    for (int i = 0; i < 5; ++i)
        REQUIRE(produce(*test.client, orders, plain_batch()) == stored_at(i));
    test.delete_records(orders, 3);
    CHECK(test.offsets(orders) == std::vector<int64_t>{3, 4});
    wait_until([&] {
        const auto names = test.files("orders-0");
        return std::ranges::none_of(names, [](const std::string& name) {
            return name.ends_with(".deleted") || name.starts_with("00000000000000000002.log");
        });
    });
    test.restart();
    CHECK(test.log_start(orders) == 3);
}

TEST_CASE("a log that nobody asked for since a clean stop grows old, too") {
    Cleaning test;
    create_topic(*test.client, "orders", 1, with(one_batch_segments, {{"retention.ms", "600"}}));
    REQUIRE(produce(*test.client, orders, plain_batch()) == stored_at(0));
    test.restart();
    wait_until([&] { return !test.files("orders-0").contains("00000000000000000000.log"); });
    CHECK(test.log_start(orders) == 1);
}

TEST_CASE("a deleted topic leaves nothing on disk, also while a fetch waits for it") {
    Cleaning test(on_one_and_three_threads());
    create_topic(*test.client, "orders", 3);
    for (int32_t i = 0; i < 3; ++i)
        REQUIRE(produce(*test.client, {"orders", i}, plain_batch()) == stored_at(0));
    Client reader(test.broker.port());
    send_fetch(reader, orders, 1, {.max_wait_ms = 60'000});
    delete_topic(*test.client, "orders");
    CHECK(receive_fetched(reader).records.empty());
    wait_until([&] {
        return std::ranges::all_of(test.directories_of("orders"), [&](const std::string& name) {
            return name.ends_with("-delete") && test.files(name).empty();
        });
    });
    // A new one of the name is not touched.
    create_topic(*test.client, "orders", 1);
    CHECK(produce(*test.client, orders, plain_batch()) == stored_at(0));
    test.restart();
    CHECK(test.offsets(orders) == std::vector<int64_t>{0});
    CHECK(test.directories_of("orders") == std::vector<std::string>{"orders-0"});
}

TEST_CASE("the files of a deleted topic stay for file.delete.delay.ms, or until the next start") {
    Cleaning test;
    create_topic(*test.client, "orders", 1, {{"file.delete.delay.ms", "3600000"}});
    REQUIRE(produce(*test.client, orders, plain_batch()) == stored_at(0));
    delete_topic(*test.client, "orders");
    REQUIRE(test.directories_of("orders").size() == 1);
    const std::string set_aside = test.directories_of("orders").front();
    CHECK(set_aside.starts_with("orders-0."));
    CHECK(set_aside.ends_with("-delete"));
    CHECK(test.files(set_aside).contains("00000000000000000000.log"));
    test.restart();
    CHECK(test.directories_of("orders").empty());
}

TEST_CASE("a compacted topic keeps the last record of each key, over restarts") {
    Cleaning test(on_one_and_three_threads());
    create_topic(*test.client, "orders", 1,
                 with(one_batch_segments,
                      {{"cleanup.policy", "compact"}, {"min.cleanable.dirty.ratio", "0.1"}}));
    // All of one key.
    for (int i = 0; i < 10; ++i)
        REQUIRE(produce(*test.client, orders, plain_batch()) == stored_at(i));
    const std::vector<int64_t> last_two = {8, 9};  // The last one is in the segment written to.
    wait_until([&] { return test.offsets(orders) == last_two; });
    CHECK(test.log_start(orders) == 0);
    CHECK(test.end(orders) == 10);
    wait_until([&] { return test.compacted_to(orders) == 9; });
    test.restart();
    CHECK(test.offsets(orders) == last_two);
    const auto crashed = test.broker.crash();
    Client other(crashed->port());
    CHECK(fetch(other, orders, 0).base_offsets.front() == 8);
}

TEST_CASE("a record without a key is refused by a compacted topic, by its number (KIP-467)") {
    Cleaning test;
    create_topic(*test.client, "orders", 1, {{"cleanup.policy", "compact"}});
    protocol::BatchBuilder builder({});
    builder.add(now_ms(), std::nullopt, Bytes{});
    CHECK(produce(*test.client, orders, builder.build()) == refused(ErrorCode::invalid_record));
    CHECK(produce(*test.client, orders, plain_batch()) == stored_at(0));
}

TEST_CASE("nothing is compacted with log.cleaner.enable=false") {
    Cleaning test({{"log.cleaner.enable", "false"}});
    create_topic(*test.client, "orders", 1,
                 with(one_batch_segments,
                      {{"cleanup.policy", "compact,delete"}, {"retention.bytes", "250"}}));
    for (int i = 0; i < 10; ++i)
        REQUIRE(produce(*test.client, orders, plain_batch()) == stored_at(i));
    wait_until([&] { return test.log_start(orders) > 0; });
    CHECK(test.offsets(orders).size() > 1);
    for (size_t i = 1; i < test.offsets(orders).size(); ++i)
        CHECK(test.offsets(orders)[i] == test.offsets(orders)[i - 1] + 1);
}

TEST_CASE("committed offsets and transactions are all there after their topics were compacted") {
    Cleaning test({{"log.roll.ms", "20"},
                   {"offsets.topic.num.partitions", "1"},
                   {"transaction.state.log.num.partitions", "1"},
                   {"log.cleaner.delete.retention.ms", "1"},
                   {"log.cleaner.min.cleanable.ratio", "0.01"}});
    const std::string id = "a-shop", group = "a-group";
    create_topic(*test.client, "orders");
    find_coordinators(*test.client, group, id);
    Producer producer = start_producer(*test.client, id);
    int64_t committed = -1;
    for (int i = 0; i < 60; ++i) {
        const Outcome outcome = i % 3 == 0 ? Outcome::abort : Outcome::commit;
        REQUIRE(commit_offset_in_transaction(*test.client, id, producer, group, orders, i) ==
                ErrorCode::none);
        const auto ended = end_transaction(*test.client, id, producer, outcome);
        REQUIRE(ended.error == ErrorCode::none);
        producer = ended.next;
        if (outcome == Outcome::commit) committed = i;
        REQUIRE(commit_offset(*test.client, "other", orders, i) == ErrorCode::none);
    }
    wait_until([&] { return test.compacted_to({"__consumer_offsets"}) > 150; });
    wait_until([&] { return test.compacted_to({"__transaction_state"}) > 150; });
    CHECK(test.offsets({"__consumer_offsets"}).size() < 120);  // of 180
    CHECK(test.offsets({"__transaction_state"}).size() < 50);  // of 240
    const auto check = [&](Client& client) {
        CHECK(committed_offset(client, group, orders, true) ==
              Committed{ErrorCode::none, committed});
        CHECK(committed_offset(client, "other", orders) == Committed{ErrorCode::none, 59});
        // The same transactional id goes on: its producer id and epoch are known.
        const auto next = start_producer(client, id);
        CHECK(next.id == producer.id);
        CHECK(next.epoch == producer.epoch + 1);
        producer = next;
    };
    const auto crashed = test.broker.crash();
    Client other(crashed->port());
    const Producer before = producer;
    check(other);
    producer = before;
    test.restart();
    check(*test.client);
}
