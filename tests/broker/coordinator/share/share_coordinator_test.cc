#include "broker/coordinator/share/share_coordinator.h"

#include <doctest/doctest.h>

using namespace broker::coordinator;
using namespace broker::coordinator::share;
using enum DeliveryState;
using protocol::ErrorCode;

namespace {

protocol::Uuid topic_id(uint8_t number) {
    protocol::Uuid id;
    id.bytes[15] = std::byte{number};
    return id;
}

std::optional<protocol::Bytes> view(const std::optional<protocol::Blob>& blob) {
    return blob ? std::optional<protocol::Bytes>(*blob) : std::nullopt;
}

// A coordinator with its log.
struct Host {
    explicit Host(Config config = {}) : config(config), machine(config) {}

    void append(const std::vector<Record>& records) {
        for (const Record& record : records) {
            REQUIRE(
                machine.replay(record.key, view(record.value), static_cast<int64_t>(log.size())));
            log.push_back(record);
        }
    }
    ErrorCode settle(const ShareCoordinator::Decision& decision) {
        if (!decision) return decision.error().error;
        append(*decision);
        return ErrorCode::none;
    }
    ErrorCode initialize(int32_t state_epoch, int64_t start_offset) {
        return settle(machine.initialize(key, state_epoch, start_offset, caller));
    }
    ErrorCode write(const ShareCoordinator::Write& change) {
        return settle(machine.write(key, change, caller));
    }
    ErrorCode read(int32_t leader_epoch) {
        const auto answer = machine.read(key, leader_epoch, caller);
        if (!answer) return answer.error().error;
        state = *answer->state;
        append(answer->records);
        return ErrorCode::none;
    }
    ShareState summary() { return **machine.read_summary(key, caller); }
    // Another coordinator that has read the log from the start.
    void restart() {
        machine = ShareCoordinator(config);
        for (size_t offset = 0; offset < log.size(); ++offset)
            REQUIRE(machine.replay(log[offset].key, view(log[offset].value),
                                   static_cast<int64_t>(offset)));
    }

    Config config;
    ShareCoordinator machine;
    std::vector<Record> log;
    SharePartitionKey key{"group", topic_id(1), 0};
    ShareCoordinator::Caller caller{.now_ms = 1'000};
    ShareState state;  // as it was read last
};

}  // namespace

TEST_CASE("a share-partition that nobody has initialized is neither read nor written") {
    Host host;
    CHECK(host.read(0) == ErrorCode::invalid_request);
    CHECK(host.write({.start_offset = 0}) == ErrorCode::invalid_request);
    CHECK(*host.machine.read_summary(host.key, host.caller) == nullptr);
    CHECK(host.log.empty());
}

TEST_CASE("what is written is there after the log has been read again") {
    Host host;
    CHECK(host.initialize(3, -1) == ErrorCode::none);
    CHECK(host.summary().start_offset == -1);
    CHECK(host.summary().delivery_complete_count == -1);
    CHECK(host.write({.state_epoch = 3,
                      .start_offset = 5,
                      .delivery_complete_count = 2,
                      .batches = {{5, 6, acknowledged, 1}, {7, 9, available, 1}}}) ==
          ErrorCode::none);
    CHECK(host.write({.state_epoch = 3,
                      .start_offset = 7,
                      .delivery_complete_count = 1,
                      .batches = {{8, 8, archived, 2}}}) == ErrorCode::none);
    const ShareState before = host.summary();
    CHECK(before.start_offset == 7);
    CHECK(before.batches ==
          std::vector<StateBatch>{{7, 7, available, 1}, {8, 8, archived, 2}, {9, 9, available, 1}});
    CHECK(before.delivery_complete_count == 1);
    host.restart();
    CHECK(host.summary() == before);
}

TEST_CASE("a leader and a group of an earlier epoch write nothing") {
    Host host;
    REQUIRE(host.initialize(3, 0) == ErrorCode::none);
    CHECK(host.read(7) == ErrorCode::none);
    CHECK(host.read(6) == ErrorCode::fenced_leader_epoch);
    CHECK(host.write({.state_epoch = 3, .leader_epoch = 6, .start_offset = 0}) ==
          ErrorCode::fenced_leader_epoch);
    CHECK(host.write({.state_epoch = 2, .leader_epoch = 7, .start_offset = 0}) ==
          ErrorCode::fenced_state_epoch);
    CHECK(host.initialize(2, 0) == ErrorCode::fenced_state_epoch);
    CHECK(host.initialize(4, 10) == ErrorCode::none);
    CHECK(host.write({.state_epoch = 3, .leader_epoch = 7, .start_offset = 0}) ==
          ErrorCode::fenced_state_epoch);
    host.restart();
    CHECK(host.read(6) == ErrorCode::fenced_leader_epoch);
}

TEST_CASE("a start offset never goes back, and takes the count along") {
    Host host;
    REQUIRE(host.initialize(0, 0) == ErrorCode::none);
    REQUIRE(host.write({.start_offset = 10, .delivery_complete_count = 4}) == ErrorCode::none);
    REQUIRE(host.write({.start_offset = 8, .delivery_complete_count = 6}) == ErrorCode::none);
    CHECK(host.summary().start_offset == 10);
    CHECK(host.summary().delivery_complete_count == 4);
    REQUIRE(host.write({.start_offset = 10, .delivery_complete_count = 3}) == ErrorCode::none);
    CHECK(host.summary().delivery_complete_count == 4);
}

TEST_CASE("after so many updates comes a snapshot, and what is before it is redundant") {
    Host host({.updates_per_snapshot = 2});
    REQUIRE(host.initialize(0, 0) == ErrorCode::none);
    CHECK(host.machine.redundant_before() == 0);
    for (int64_t offset = 0; offset < 3; ++offset)
        REQUIRE(host.write({.batches = {{offset, offset, acknowledged, 1}}}) == ErrorCode::none);
    CHECK(host.machine.redundant_before() == 3);  // after the first snapshot and two updates
    CHECK(host.summary().snapshot_epoch == 1);
    const ShareState before = host.summary();
    CHECK(before.batches == std::vector<StateBatch>{{0, 2, acknowledged, 1}});
    host.machine = ShareCoordinator(host.config);
    REQUIRE(host.machine.replay(host.log[3].key, view(host.log[3].value), 3));
    CHECK(host.summary() == before);
}

TEST_CASE("one that is not written to any more does not hold up the log for ever") {
    Host host({.cold_snapshot_interval_ms = 500});
    REQUIRE(host.initialize(0, 0) == ErrorCode::none);
    CHECK(host.machine.snapshot_cold(1'400).empty());
    host.append(host.machine.snapshot_cold(1'500));
    CHECK(host.machine.redundant_before() == 1);
    CHECK(host.machine.snapshot_cold(9'000).empty());  // nothing has changed since
}

TEST_CASE("a deleted state is gone, and nothing of it is needed in the log") {
    Host host;
    REQUIRE(host.initialize(5, 0) == ErrorCode::none);
    CHECK(host.settle(host.machine.remove(host.key, host.caller)) == ErrorCode::none);
    CHECK(host.read(0) == ErrorCode::invalid_request);
    CHECK(host.machine.redundant_before() == 2);
    CHECK(host.settle(host.machine.remove(host.key, host.caller)) == ErrorCode::none);
    CHECK(host.log.size() == 2);
    host.restart();
    CHECK(host.initialize(0, 0) == ErrorCode::none);
}

TEST_CASE("with a topic go its share-partitions, and nobody else's") {
    Host host;
    REQUIRE(host.initialize(0, 0) == ErrorCode::none);
    host.key.topic_id = topic_id(2);
    REQUIRE(host.initialize(0, 0) == ErrorCode::none);
    host.append(host.machine.topic_deleted(topic_id(1)));
    CHECK(host.read(0) == ErrorCode::none);
    host.key.topic_id = topic_id(1);
    CHECK(host.read(0) == ErrorCode::invalid_request);
}

TEST_CASE("numbers that cannot be are refused") {
    Host host;
    REQUIRE(host.initialize(0, 0) == ErrorCode::none);
    CHECK(host.initialize(-1, 0) == ErrorCode::invalid_request);
    CHECK(host.read(-1) == ErrorCode::invalid_request);
    CHECK(host.write({.state_epoch = -1}) == ErrorCode::invalid_request);
    CHECK(host.write({.batches = {{5, 4, acknowledged, 1}}}) == ErrorCode::invalid_request);
    CHECK(host.write({.batches = {{0, INT64_MAX, acknowledged, 1}}}) == ErrorCode::invalid_request);
    CHECK(host.write({.batches = {{0, 1, static_cast<DeliveryState>(5), 1}}}) ==
          ErrorCode::invalid_request);
    host.caller.partition_exists = false;
    CHECK(host.initialize(0, 0) == ErrorCode::unknown_topic_or_partition);
    host.key.partition = -1;
    CHECK(host.initialize(0, 0) == ErrorCode::invalid_request);
}

TEST_CASE("no more state batches are kept than a record can have") {
    Host host;
    REQUIRE(host.initialize(0, 0) == ErrorCode::none);
    const auto batches = [](int64_t from, int64_t count) {
        std::vector<StateBatch> all;
        for (int64_t i = from; i < from + count; ++i)
            all.push_back({2 * i, 2 * i, acknowledged, 1});
        return all;
    };
    CHECK(host.write({.batches = batches(0, 50'001)}) == ErrorCode::invalid_request);
    CHECK(host.write({.batches = batches(1, 30'000)}) == ErrorCode::none);
    CHECK(host.write({.batches = batches(30'001, 20'001)}) == ErrorCode::invalid_request);
    CHECK(host.write({.batches = batches(30'001, 20'000)}) == ErrorCode::none);
}

TEST_CASE("a record that cannot be read is told, and changes nothing") {
    Host host;
    REQUIRE(host.initialize(0, 4) == ErrorCode::none);
    const protocol::Blob garbage(3, std::byte{0xff});
    CHECK_FALSE(host.machine.replay(garbage, garbage, 1));
    CHECK_FALSE(host.machine.replay(host.log[0].key, garbage, 2));
    CHECK(host.summary().start_offset == 4);
}
