// Snapshots of the metadata log, byte by byte as Apache Kafka writes them.
#include "broker/metadata/snapshot_file.h"

#include <doctest/doctest.h>

#include "protocol/uuid.h"
#include "tests/support/simulated_file_system.h"
#include "tools/inspect/hex.h"

using namespace broker::metadata;
using namespace protocol;

namespace {

// 00000000000000000000-0000000000.checkpoint of `kafka-storage format --standalone` (4.3.1): the
// batch of header, KRaft version and voters, and what the footer's batch has before its times.
const std::string kafkas_head =
    "0000000000000000" "0000009a" "00000000" "02" "ee06bb2c" "0020" "00000002"
    "000001a1fe248556" "000001a1fe248556" "ffffffffffffffff" "ffff" "ffffffff" "00000003"
    "2a" "00" "00" "00" "08" "00000003" "16" "0000" "000001a1fe248547" "00" "00"
    "1e" "00" "00" "02" "08" "00000005" "0a" "0000" "0001" "00" "00"
    "8201" "00" "00" "04" "08" "00000006" "6e" "0000" "02" "00000001"
    "d4b0f9ae01df46c88dcfe0c44e1ad17b" "02" "0b" "434f4e54524f4c4c4552"
    "0a" "3132372e302e302e31" "91e9" "00" "0000" "0001" "00" "00" "00" "00";
constexpr int64_t written_ms = 0x000001a1fe248556;
constexpr int64_t last_contained_ms = 0x000001a1fe248547;
constexpr size_t kafkas_head_bytes = 166;

VoterSet kafkas_voters() {
    VotersRecord::Voter voter{.voter_id = 1,
                              .voter_directory_id = *parse_uuid("1LD5rgHfRsiNz-DEThrRew"),
                              .kraft_version_feature = {.max_supported_version = 1}};
    voter.endpoints.push_back({.name = "CONTROLLER", .host = "127.0.0.1", .port = 37353});
    return {.kraft_version = 1, .voters = VotersRecord{.voters = {voter}}};
}

Snapshot some_snapshot() {
    Snapshot snapshot{.voter_set = kafkas_voters(), .last_contained_log_timestamp_ms = 5};
    snapshot.records.emplace_back(
        FeatureLevelRecord{.name = "metadata.version", .feature_level = 30});
    for (int i = 0; i < 20; ++i)
        snapshot.records.emplace_back(TopicRecord{.name = "topic-" + std::to_string(i)});
    return snapshot;
}

}  // namespace

TEST_CASE("a snapshot begins with the very bytes that Apache Kafka writes") {
    const Blob bytes = encode_snapshot(
        {.voter_set = kafkas_voters(), .last_contained_log_timestamp_ms = last_contained_ms},
        /*epoch=*/0, written_ms);
    CHECK(inspect::to_hex(Bytes(bytes).first(kafkas_head_bytes)) == kafkas_head);
}

TEST_CASE("a snapshot is read as it was written, in batches of limited size") {
    Snapshot snapshot = some_snapshot();
    const std::string long_text(1000, 'x');
    for (int i = 0; i < 3000; ++i)
        snapshot.records.emplace_back(TopicRecord{.name = long_text + std::to_string(i)});
    const Blob bytes = encode_snapshot(snapshot, 3, 7);
    const auto read = decode_snapshot(bytes);
    REQUIRE_MESSAGE(read, read.error());
    REQUIRE(read->records.size() == snapshot.records.size());
    for (size_t i = 0; i < snapshot.records.size(); ++i)
        CHECK(encode(read->records[i], 30) == encode(snapshot.records[i], 30));
    REQUIRE(read->voter_set.voters);
    CHECK(read->voter_set.voters->voters.at(0).voter_id == 1);

    BatchCursor batches(bytes);
    int64_t next_offset = 0;
    while (const auto batch = batches.next()) {
        CHECK(batch->base_offset() == next_offset);
        CHECK(batch->size_bytes() < 2 << 20);
        CHECK(batch->partition_leader_epoch() == 3);
        next_offset = batch->next_offset();
    }
}

TEST_CASE("a snapshot that ends anywhere before its end is refused") {
    const Blob bytes = encode_snapshot(some_snapshot(), 3, 7);
    for (size_t size = 0; size < bytes.size(); ++size)
        CHECK(!decode_snapshot(Bytes(bytes).first(size)));
    Blob longer = bytes;
    longer.push_back(std::byte{0});
    CHECK(!decode_snapshot(longer));
}

TEST_CASE("a snapshot with a flipped bit behind a batch's epoch is refused") {
    const Blob bytes = encode_snapshot(some_snapshot(), 3, 7);
    constexpr size_t epoch_end = 16;  // what is before is outside of the checksum
    for (size_t position = epoch_end; position < kafkas_head_bytes; ++position) {
        Blob damaged = bytes;
        damaged[position] ^= std::byte{1};
        CHECK(!decode_snapshot(damaged));
    }
}

TEST_CASE("what is no snapshot is refused") {
    BatchBuilder records({});
    records.add(1, std::nullopt, encode(MetadataRecord(TopicRecord{.name = "orders"}), 30));
    CHECK(decode_snapshot(records.build()).error().message == "it does not begin as a snapshot");
}

TEST_CASE("a snapshot with a record of the future is whole, and not understood") {
    Blob bytes = encode_snapshot(some_snapshot(), 3, 7);
    BatchBuilder records({});
    // Frame version 1, record type 300, version 0 (KIP-631), as unsigned varints.
    records.add(1, std::nullopt, Blob{std::byte{1}, std::byte{0xac}, std::byte{2}, std::byte{0}});
    const Blob future = records.build();
    protocol::BatchCursor batches(bytes);
    const size_t head = batches.next()->size_bytes();
    bytes.insert(bytes.begin() + static_cast<ptrdiff_t>(head), future.begin(), future.end());
    const auto read = decode_snapshot(bytes);
    REQUIRE(!read);
    CHECK_FALSE(read.error().is_damage);
}

TEST_CASE("a snapshot's name says where it ends, and in which epoch") {
    CHECK(snapshot_file_name({.end_offset = 4711, .epoch = 12}) ==
          "00000000000000004711-0000000012.checkpoint");
    CHECK(parse_snapshot_file_name("00000000000000004711-0000000012.checkpoint") ==
          SnapshotId{.end_offset = 4711, .epoch = 12});
    for (const char* name :
         {"00000000000000004711-0000000012.checkpoint.part", "bootstrap.checkpoint",
          "00000000000000004711-000000001.checkpoint", "0000000000000000471x-0000000012.checkpoint",
          "-0000000000000000471-0000000012.checkpoint", "00000000000000004711.snapshot"})
        CHECK(!parse_snapshot_file_name(name));
    CHECK(is_leftover_of_snapshot("00000000000000004711-0000000012.checkpoint.part"));
    CHECK(is_leftover_of_snapshot("00000000000000004711-0000000012.checkpoint.deleted"));
    CHECK(!is_leftover_of_snapshot("00000000000000004711-0000000012.checkpoint"));
}
