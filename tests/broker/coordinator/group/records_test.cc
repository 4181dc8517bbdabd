// The records of __consumer_offsets: the bytes that Kafka 4.4 writes, and what is done with others.
#include <doctest/doctest.h>

#include <string_view>

#include "broker/coordinator/group/group_records.h"
#include "broker/coordinator/group/share/share_records.h"
#include "protocol/wire.h"
#include "tests/broker/coordinator/group/group_shell.h"

using namespace broker::coordinator;
using namespace broker::coordinator::group;
using protocol::Blob;
using protocol::Bytes;

namespace {

const tests::TestCluster no_topics;

Blob hex(std::string_view digits) {
    auto value = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
    Blob bytes;
    for (size_t i = 0; i + 1 < digits.size(); i += 2) {
        while (digits[i] == ' ') ++i;
        bytes.push_back(static_cast<std::byte>(value(digits[i]) * 16 + value(digits[i + 1])));
    }
    return bytes;
}

}  // namespace

TEST_CASE("an offset is written as version 4, with its topic id as a tag") {
    protocol::Uuid topic_id;
    topic_id.bytes[15] = std::byte{9};
    const Record record = offset_record("g", {"t", 2},
                                        {.offset = 5,
                                         .leader_epoch = 1,
                                         .metadata = "m",
                                         .commit_timestamp = 7,
                                         .topic_id = topic_id});
    CHECK(record.key == hex("0001" "000167" "000174" "00000002"));
    const std::string fields = "0004 0000000000000005 00000001 026d 0000000000000007";
    const std::string tag = "01 00 10 00000000000000000000000000000009";
    CHECK(record.value == hex(fields + tag));
}

TEST_CASE("an offset with an expire time is written as version 1, which alone has one") {
    const Record record =
        offset_record("g", {"t", 2}, {.offset = 5, .commit_timestamp = 7, .expire_timestamp = 8});
    CHECK(record.value ==
          hex("0001" "0000000000000005" "0000" "0000000000000007" "0000000000000008"));
}

TEST_CASE("a group is written as version 3") {
    const Record record = group_record("g", {.protocol_type = "consumer",
                                             .generation = 4,
                                             .protocol = std::nullopt,
                                             .leader = std::nullopt,
                                             .current_state_timestamp = 6});
    CHECK(record.key == hex("0002" "000167"));
    CHECK(
        record.value ==
        hex("0003" "0008636f6e73756d6572" "00000004" "ffff" "ffff" "0000000000000006" "00000000"));
}

TEST_CASE("tombstones have the keys of what they delete") {
    CHECK(offset_tombstone("g", {"t", 2}) ==
          Record{offset_record("g", {"t", 2}, {}).key, std::nullopt});
    CHECK(group_tombstone("g") == Record{group_record("g", {}).key, std::nullopt});
}

TEST_CASE("offsets that brokers before 0.9 wrote are read") {
    GroupCoordinator coordinator({}, no_topics);
    const Blob key = hex("0000" "000167" "000174" "00000002");
    const Blob value = hex("0000" "0000000000000005" "0000" "0000000000000007");
    REQUIRE(coordinator.replay(key, Bytes(value), -1, 0));
    coordinator.loaded(0);
    const auto response =
        coordinator.offset_fetch({.group_id = "g", .topics = std::nullopt}, false);
    REQUIRE(response.topics.size() == 1);
    CHECK(response.topics[0].partitions[0].committed_offset == 5);
}

TEST_CASE("records of other kinds of groups are passed over") {
    GroupCoordinator coordinator({}, no_topics);
    CHECK(coordinator.replay(hex("0003" "000167"), std::nullopt, -1, 0));
    coordinator.loaded(0);
    CHECK(coordinator.list({}, {}).empty());
}

TEST_CASE("a record that cannot be read is reported and changes nothing") {
    GroupCoordinator coordinator({}, no_topics);
    const Blob offset_key = hex("0001" "000167" "000174" "00000002");
    const Blob group_key = hex("0002" "000167");
    const Blob later_version = hex("0005" "0000000000000005");
    const Blob cut_short = hex("0003" "0008636f6e");
    const auto corrupt = std::unexpected(protocol::ErrorCode::corrupt_message);
    CHECK(coordinator.replay({}, std::nullopt, -1, 0) == corrupt);
    CHECK(coordinator.replay(hex("00"), std::nullopt, -1, 0) == corrupt);
    CHECK(coordinator.replay(hex("0001" "0005"), std::nullopt, -1, 0) == corrupt);
    CHECK(coordinator.replay(offset_key, Bytes(later_version), -1, 0) == corrupt);
    CHECK(coordinator.replay(group_key, Bytes(cut_short), -1, 0) == corrupt);
    CHECK(coordinator.list({}, {}).empty());
}

TEST_CASE("an offset of another topic of the same name is not answered by topic id") {
    tests::GroupShell shell;
    protocol::Uuid old_id;
    old_id.bytes[0] = std::byte{1};
    protocol::Uuid new_id;
    new_id.bytes[0] = std::byte{2};
    shell.apply({.records = {offset_record("g", {"t", 0}, {.offset = 5, .topic_id = old_id}),
                             offset_record("g", {"t", 1}, {.offset = 6})}});
    auto offset_of = [&](int32_t partition, const protocol::Uuid& topic_id) {
        protocol::OffsetFetchRequest::OffsetFetchRequestGroup request{.group_id = "g"};
        request.topics->push_back(
            {.name = "t", .topic_id = topic_id, .partition_indexes = {partition}});
        return shell.coordinator()
            .offset_fetch(request, false)
            .topics[0]
            .partitions[0]
            .committed_offset;
    };
    CHECK(offset_of(0, old_id) == 5);
    CHECK(offset_of(0, new_id) == -1);
    CHECK(offset_of(0, {}) == 5);
    CHECK(offset_of(1, new_id) == 6);

    // Deleting one of them leaves the other's offsets alone.
    shell.apply(shell.coordinator().topic_deleted("t", new_id));
    CHECK(offset_of(0, old_id) == 5);
    CHECK(offset_of(1, new_id) == -1);
}

TEST_CASE("a group with more members than allowed after a restart rebalances") {
    GroupCoordinator coordinator({.group_max_size = 1}, no_topics);
    protocol::GroupMetadataValue value{
        .protocol_type = "consumer", .generation = 1, .protocol = "range", .leader = "a"};
    for (const char* id : {"a", "b"}) {
        value.members.push_back(
            {.member_id = id, .rebalance_timeout = 1000, .session_timeout = 10'000});
    }
    const Record record = group_record("g", value);
    REQUIRE(coordinator.replay(record.key, Bytes(*record.value), -1, 0));
    coordinator.loaded(0);
    CHECK(coordinator.describe("g", 5).group_state == "PreparingRebalance");
}

TEST_CASE("a record is read again that has more elements than Kafka takes in a request") {
    std::set<int32_t> partitions;
    for (int32_t i = 0; i <= protocol::kafka_array_elements_max; ++i)
        partitions.insert(partitions.end(), i);
    const Record record = share_target_record("g", "a", {{protocol::Uuid{}, partitions}});
    GroupCoordinator coordinator({}, no_topics);
    CHECK(coordinator.replay(record.key, Bytes(*record.value), -1, 0));
}
