// What is damaged while nobody looks: it is found, takes nothing else with it, and a start that is
// refused because of it changes nothing.
#include <doctest/doctest.h>

#include "broker/metadata/metadata_log.h"
#include "storage/meta_properties.h"
#include "tests/broker/broker_fixture.h"
#include "tests/broker/conversation.h"

using namespace broker_fixture;
using protocol::ErrorCode;
using support::Operation;
using support::SimulatedFileSystem;

namespace {

const Partition orders{"orders"};
const Partition others{"others"};
const std::string first_segment = "/00000000000000000000.log";

// Two topics of three batches each, on a disk to damage.
struct OnDisk {
    OnDisk() : broker(disk) {
        Client client(broker.port());
        for (const Partition& partition : {orders, others}) {
            create_topic(client, partition.topic);
            for (int i = 0; i < 3; ++i)
                REQUIRE(produce(client, partition, plain_batch()) == stored_at(i));
        }
    }
    std::string log_of_orders() const { return broker.directory() + "/orders-0" + first_segment; }
    bool is_clean() const { return disk.exists(broker.directory() + "/.kafka_cleanshutdown"); }

    SimulatedFileSystem disk;
    TestBroker broker;
};

}  // namespace

TEST_CASE("bits that flipped at rest are found by the fetch that reads them, and by no other") {
    OnDisk test;
    bool is_open = true;
    SUBCASE("in a log that is open") {}
    SUBCASE("in one that is opened later") { is_open = false; }
    if (!is_open) test.broker.stop();
    const uint64_t batch_bytes = test.disk.contents(test.log_of_orders()).size() / 3;
    // In the last byte of the second batch.
    test.disk.flip_bits(test.log_of_orders(), 2 * batch_bytes - 1);
    if (!is_open) REQUIRE(test.broker.try_start().empty());

    Client client(test.broker.port());
    CHECK(fetch(client, orders, 0).base_offsets == std::vector<int64_t>{0});
    CHECK(fetch(client, orders, 1).error == ErrorCode::corrupt_message);
    CHECK(fetch(client, orders, 1, {.isolation = read_committed}).error ==
          ErrorCode::corrupt_message);
    CHECK(fetch(client, orders, 2).base_offsets == std::vector<int64_t>{2});
    CHECK(fetch(client, others, 0).record_count == 3);
    CHECK(produce(client, orders, plain_batch()) == stored_at(3));
}

TEST_CASE("a log file that has vanished takes its partition away, and no other") {
    OnDisk test;
    test.broker.stop();
    REQUIRE(test.disk.remove(test.log_of_orders()));
    REQUIRE(test.broker.try_start().empty());
    Client client(test.broker.port());
    CHECK(fetch(client, orders, 0).error == ErrorCode::corrupt_message);
    CHECK(produce(client, orders, plain_batch()) == refused(ErrorCode::corrupt_message));
    CHECK(fetch(client, others, 0).record_count == 3);
    CHECK(produce(client, others, plain_batch()) == stored_at(3));
}

TEST_CASE("a disk that can only be read is refused in words, and is as it was") {
    OnDisk test;
    test.broker.stop();
    REQUIRE(test.is_clean());
    for (const Operation operation :
         {Operation::lock, Operation::write, Operation::rename, Operation::remove})
        test.disk.fail_every(operation, std::errc::read_only_file_system);
    const std::string problem = test.broker.try_start();
    CAPTURE(problem);
    CHECK(problem.contains(test.broker.directory()));
    CHECK(problem.contains("Read-only file system"));
    CHECK(test.is_clean());
    test.disk.heal();
    REQUIRE(test.broker.try_start().empty());
    Client client(test.broker.port());
    CHECK(fetch(client, orders, 0).record_count == 3);
}

TEST_CASE("a directory at a newer metadata.version is refused, and stays as it is") {
    OnDisk test;
    test.broker.stop();
    constexpr int16_t too_new = 999;
    {
        const auto text = test.disk.contents(test.broker.directory() + "/meta.properties");
        const auto properties = storage::decode_meta_properties(storage::as_text(text));
        REQUIRE(properties);
        auto log = broker::metadata::MetadataLog::open(test.disk, test.broker.directory(),
                                                       {.directory_id = properties->directory_id},
                                                       [](const auto&) {});
        REQUIRE_MESSAGE(log, log.error());
        REQUIRE(log->begin_epoch(0));
        const broker::metadata::MetadataRecord level =
            protocol::FeatureLevelRecord{.name = "metadata.version", .feature_level = too_new};
        REQUIRE(log->append({&level, 1}, /*metadata_version=*/30, 0));
    }
    const std::string problem = test.broker.try_start();
    CAPTURE(problem);
    CHECK(problem.contains("metadata.version"));
    CHECK(problem.contains("999"));
    // What can open it finds that it was stopped cleanly.
    CHECK(test.is_clean());
}
