// The metadata log of a broker whose topics come and go, and whose starts are many.
#include <doctest/doctest.h>

#include <fmt/format.h>

#include <set>

#include "protocol/messages/create_topics.h"
#include "protocol/messages/delete_topics.h"
#include "protocol/uuid.h"
#include "tests/broker/broker_fixture.h"
#include "tests/broker/conversation.h"

using namespace broker_fixture;
using namespace protocol;

namespace {

uint64_t log_bytes(const support::SimulatedFileSystem& disk) {
    const std::string directory = "data/__cluster_metadata-0";
    uint64_t bytes = 0;
    for (const std::string& name : disk.list(directory).value())
        bytes += disk.contents(directory + "/" + name).size();
    return bytes;
}

void create_topics(Client& client, int count) {
    CreateTopicsRequest request;
    std::vector<std::string> names;
    for (int i = 0; i < count; ++i) names.push_back(fmt::format("topic-{}", i));
    for (const std::string& name : names)
        request.topics.push_back({.name = name, .num_partitions = 1, .replication_factor = 1});
    const auto answer = client.call<CreateTopicsResponse>(request, 7);
    for (const auto& topic : answer->topics) REQUIRE(topic.error_code == ErrorCode::none);
}

void delete_topics(Client& client, int count) {
    DeleteTopicsRequest request;
    std::vector<std::string> names;
    for (int i = 0; i < count; ++i) names.push_back(fmt::format("topic-{}", i));
    for (const std::string& name : names) request.topics.push_back({.name = name});
    const auto answer = client.call<DeleteTopicsResponse>(request, 6);
    for (const auto& topic : answer->responses) REQUIRE(topic.error_code == ErrorCode::none);
}

}  // namespace

TEST_CASE("ten thousand topics that come and go leave a small metadata log") {
    constexpr int64_t snapshot_bytes = 50'000;
    constexpr int rounds = 100, topics_at_once = 100;
    support::SimulatedFileSystem disk;
    TestBroker broker(disk, {{"metadata.log.max.record.bytes.between.snapshots",
                              std::to_string(snapshot_bytes)}});
    uint64_t most = 0;
    {
        Client client(broker.port());
        create_topic(client, "stays");
        for (int round = 0; round < rounds; ++round) {
            create_topics(client, topics_at_once);
            delete_topics(client, topics_at_once);
            broker.run([&] { most = std::max(most, log_bytes(disk)); });
        }
    }
    // A log of up to that size, one being replaced, and snapshots of a hundred topics.
    CHECK(most < 4 * snapshot_bytes);
    broker.crash_on_simulated_disk();
    Client client(broker.port());
    CHECK(try_to_create_topic(client, "stays") == ErrorCode::topic_already_exists);
    CHECK(try_to_create_topic(client, "topic-7") == ErrorCode::none);
}

TEST_CASE("one seed gives other topic ids at each start") {
    TestBroker broker({{"einmal.seed", "42"}});
    std::set<Uuid> ids;
    constexpr int starts = 4;
    for (int start = 0; start < starts; ++start) {
        Client client(broker.port());
        ids.insert(create_topic(client, fmt::format("topic-{}", start)));
        client.close();
        broker.restart();
    }
    CHECK(ids.size() == starts);
}

TEST_CASE("one seed gives the same ids on one new directory as on another") {
    const Values seed{{"einmal.seed", "42"}};
    TestBroker one(seed), other(seed);
    Client to_one(one.port()), to_other(other.port());
    CHECK(create_topic(to_one, "topic") == create_topic(to_other, "topic"));
}
