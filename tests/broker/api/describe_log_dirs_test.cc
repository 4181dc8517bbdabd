// Where the logs are and how large they are: DescribeLogDirs.
#include <doctest/doctest.h>

#include "protocol/messages/describe_log_dirs.h"
#include "tests/broker/broker_fixture.h"
#include "tests/broker/conversation.h"

using namespace broker_fixture;
using namespace protocol;

namespace {

const Partition orders{"orders"};

struct Running {
    explicit Running(Values settings = {}) : broker(std::move(settings)), client(broker.port()) {}

    Received<DescribeLogDirsResponse> directories() {
        return client.call<DescribeLogDirsResponse>(DescribeLogDirsRequest{.topics = std::nullopt},
                                                    5);
    }

    TestBroker broker;
    Client client;
};

}  // namespace

TEST_CASE("directories tell what is in them and how large it is") {
    Running test(on_one_and_three_threads());
    create_topic(test.client, "orders", 2);
    REQUIRE(produce(test.client, orders, plain_batch()) == stored_at(0));
    const auto answer = test.directories();
    REQUIRE(answer->results.size() == 1);
    const auto& directory = answer->results.at(0);
    CHECK(directory.error_code == ErrorCode::none);
    CHECK(directory.log_dir == test.broker.directory());
    CHECK(directory.total_bytes > directory.usable_bytes);
    REQUIRE(directory.topics.size() == 1);
    REQUIRE(directory.topics.at(0).partitions.size() == 2);
    CHECK(directory.topics.at(0).partitions.at(0).partition_size > 60);
    CHECK(directory.topics.at(0).partitions.at(1).partition_size == 0);
    const auto some = test.client.call<DescribeLogDirsResponse>(
        DescribeLogDirsRequest{.topics = {{{.topic = "orders", .partitions = {1, 1, 7}},
                                           {.topic = "payments", .partitions = {0}}}}},
        5);
    REQUIRE(some->results.at(0).topics.size() == 1);
    CHECK(some->results.at(0).topics.at(0).partitions.size() == 1);
}
