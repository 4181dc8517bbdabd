// Coordinators whose log cannot be read: their clients are told so, all others are served.
#include <doctest/doctest.h>

#include <fmt/format.h>

#include "broker/coordinator/coordinator_partition.h"
#include "tests/broker/broker_fixture.h"
#include "tests/broker/conversation.h"

using namespace broker_fixture;

namespace {

constexpr int32_t partition_count = 2;
const Partition orders{"orders"};

// An id of the wanted kind that is coordinated by this partition.
std::string id_in(int32_t partition) {
    for (int number = 0;; ++number) {
        std::string id = fmt::format("id-{}", number);
        if (broker::coordinator::coordinator_partition(id, partition_count) == partition) return id;
    }
}

// A broker that was stopped once, so that its logs are known to be whole, on a disk to damage.
struct Stopped {
    Stopped()
        : broker(disk, {{"offsets.topic.num.partitions", "2"},
                        {"transaction.state.log.num.partitions", "2"}}) {
        Client client(broker.port());
        create_topic(client, orders.topic);
        for (const int32_t partition : {0, 1}) {
            start_producer(client, id_in(partition));
            REQUIRE(commit_offset(client, id_in(partition), orders, 7) == ErrorCode::none);
        }
        client.close();
        broker.restart();
    }
    void damage(const std::string& partition) {
        constexpr uint64_t in_the_first_record = 70;
        broker.run([&] {
            disk.flip_bits(
                fmt::format("{}/{}/00000000000000000000.log", broker.directory(), partition),
                in_the_first_record);
        });
        broker.crash_on_simulated_disk();
    }

    support::SimulatedFileSystem disk;
    TestBroker broker;
};

}  // namespace

TEST_CASE("a group whose coordinator's log is damaged is refused, the others are served") {
    Stopped test;
    test.damage("__consumer_offsets-0");
    Client client(test.broker.port());
    CHECK(committed_offset(client, id_in(0), orders).error == ErrorCode::coordinator_not_available);
    CHECK(commit_offset(client, id_in(0), orders, 8) == ErrorCode::coordinator_not_available);
    CHECK(committed_offset(client, id_in(1), orders) == Committed{ErrorCode::none, 7});
}

TEST_CASE("a producer whose coordinator's log is damaged is refused, the others are served") {
    Stopped test;
    test.damage("__transaction_state-0");
    Client client(test.broker.port());
    CHECK(init_producer_id(client, id_in(0)).error == ErrorCode::coordinator_not_available);
    CHECK(init_producer_id(client, id_in(1)).error == ErrorCode::none);
}
