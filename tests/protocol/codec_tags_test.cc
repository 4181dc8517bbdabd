#include <doctest/doctest.h>

#include "protocol/messages/describe_topic_partitions.h"
#include "protocol/messages/fetch.h"
#include "protocol/messages/list_groups.h"
#include "protocol/messages/metadata.h"
#include "protocol/stored/consumer_group.h"
#include "protocol/stored/topic_records.h"
#include "protocol/stored/transaction_log.h"
#include "tests/protocol/golden_bytes.h"
#include "tests/protocol/one_field.h"

using namespace protocol;

namespace {

// Metadata v9 without topics, and then a tag section.
bool metadata_accepts(std::string_view tags) {
    return decode<MetadataRequest>(hex("01" "00" "00" "00" + std::string(tags)), 9).has_value();
}

// Fetch v12 without topics, and then a tag section.
Blob fetch_body(std::string_view tags) {
    return hex("ffffffff" "000001f4" "00000001" "7fffffff" "00" "00000000" "ffffffff" "01" "01"
               "01" + std::string(tags));
}

}  // namespace

TEST_CASE("every struct of a flexible message ends with its tags, be it empty") {
    CHECK(encode(ListGroupsRequest{}, 2) == hex(""));
    CHECK(encode(ListGroupsRequest{}, 3) == hex("00"));
    DescribeTopicPartitionsRequest request;
    request.topics.push_back({.name = "a"});
    request.cursor = DescribeTopicPartitionsRequest::Cursor{.topic_name = "b"};
    CHECK(encode(request, 0) == hex("02" "02" "61" "00"        // topics: an element, its tags
                                    "000007d0"                 // response_partition_limit
                                    "01" "02" "62" "00000000"  // cursor
                                    "00" "00"));               // its tags, the message's tags
    CHECK_FALSE(decode<ListGroupsRequest>(Bytes(), 3));
    CHECK(decode<ListGroupsRequest>(Bytes(), 2));
}

TEST_CASE("tags that nobody knows are skipped, and not written again") {
    const auto request =
        decode<MetadataRequest>(hex("01" "00" "00" "00" "02" "0502abcd" "0600"), 9);
    REQUIRE(request);
    CHECK(encode(*request, 9) == hex("01" "00" "00" "00" "00"));
}

TEST_CASE("tags that nobody knows must rise") {
    CHECK(metadata_accepts("02" "0501aa" "0601bb"));
    CHECK_FALSE(metadata_accepts("02" "0501aa" "0501bb"));
    CHECK_FALSE(metadata_accepts("02" "0601aa" "0501bb"));
    // 2^32 - 1 is -1 to Java.
    CHECK_FALSE(metadata_accepts("01" "ffffffff0f" "00"));
}

TEST_CASE("a tag section is bounded by the bytes that are there and by 10 000 tags") {
    CHECK_FALSE(metadata_accepts(""));
    CHECK_FALSE(metadata_accepts("01" "05" "09" "abcd"));
    CHECK_FALSE(metadata_accepts("01" "05" "ffffffff0f"));
    CHECK_FALSE(metadata_accepts("ffffffff0f" "0500"));
    const auto tags = [](uint32_t count) {
        Blob bytes = hex("01" "00" "00" "00");
        Blob section(5 + size_t{count} * 6);
        BufferSink sink(section.data());
        sink.unsigned_varint(count);
        for (uint32_t tag = 0; tag < count; ++tag) {
            sink.unsigned_varint(tag);
            sink.unsigned_varint(0);
        }
        bytes.insert(bytes.end(), section.begin(), section.end());
        return bytes;
    };
    CHECK(decode<MetadataRequest>(tags(10'000), 9));
    CHECK_FALSE(decode<MetadataRequest>(tags(10'001), 9));
}

TEST_CASE("a known tag may come after an unknown one and twice, when the last counts") {
    const Blob unknown_first = fetch_body("02" "0500" "00020261");
    const auto after = decode<FetchRequest>(unknown_first, 12);
    REQUIRE(after);
    CHECK(after->cluster_id == "a");
    const Blob known_twice = fetch_body("02" "00020261" "00020262");
    const auto twice = decode<FetchRequest>(known_twice, 12);
    REQUIRE(twice);
    CHECK(twice->cluster_id == "b");
}

TEST_CASE("a known tag of another version is refused") {
    const Blob body = fetch_body("01" "01" "0d" "00000001" "0000000000000001" "00");
    CHECK_FALSE(decode<FetchRequest>(body, 12));  // ReplicaState is of v15
}

TEST_CASE("a known field says itself where it ends, whatever size its tag has") {
    const Blob small_size = fetch_body("01" "00" "01" "0261");
    const auto too_small = decode<FetchRequest>(small_size, 12);
    REQUIRE(too_small);
    CHECK(too_small->cluster_id == "a");
    const Blob body = fetch_body("01" "00" "05" "0261" "000000");
    Reader reader(body);
    const auto too_big = decode<FetchRequest>(reader, 12);
    REQUIRE(too_big);
    CHECK(too_big->cluster_id == "a");
    CHECK(reader.remaining() == 3);
}

TEST_CASE("a tagged default is not written, and accepted when it is there") {
    const auto request = decode<FetchRequest>(fetch_body("01" "00" "01" "00"), 12);
    REQUIRE(request);
    CHECK_FALSE(request->cluster_id);
    CHECK(encode(*request, 12) == fetch_body("00"));

    using PartitionData = FetchResponse::FetchableTopicResponse::PartitionData;
    FetchResponse response;
    response.responses.push_back({.partitions = {PartitionData{}}});
    const Blob without = encode(response, 12);
    response.responses[0].partitions[0].diverging_epoch = {.epoch = -1, .end_offset = -1};
    CHECK(encode(response, 12) == without);
    response.responses[0].partitions[0].diverging_epoch.epoch = 0;
    CHECK(encode(response, 12).size() == without.size() + 2 + 13);
}

TEST_CASE("tags are written in the order of their numbers") {
    const TransactionLogValue value{.producer_id = 1,
                                    .next_producer_epoch = 3,
                                    .transaction_partitions = std::nullopt,
                                    .client_transaction_version = 2};
    const std::string untagged =
        "0000000000000001" "0000" "00000000" "00" "00" "0000000000000000" "0000000000000000";
    CHECK(encode(value, 1) == hex(untagged + "02" "02" "02" "0002" "03" "02" "0003"));
    PartitionChangeRecord change{.partition_id = 0};
    change.directories.emplace();
    change.last_known_elr.emplace();
    CHECK(encode(change, 2) ==
          hex("00000000" "00000000000000000000000000000000" "02" "07" "01" "01" "08" "01" "01"));
}

TEST_CASE("where the default is an empty array, null is a tag of its own") {
    ConsumerGroupCurrentMemberAssignmentValue::TopicPartitions partitions;
    const auto section = [&] {
        const Blob bytes = encode(One<decltype(partitions)>{partitions}, 1);
        return Blob(bytes.begin() + 17, bytes.end());
    };
    CHECK(section() == hex("00" "00"));
    partitions.assignment_epochs.reset();
    CHECK(section() == hex("01" "00" "01" "00" "00"));
    partitions.assignment_epochs = {7};
    CHECK(section() == hex("01" "00" "05" "02" "00000007" "00"));
}

TEST_CASE("a nullable struct has an int8 before it, of which every sign but minus is present") {
    const auto cursor_after = [](std::string_view marker) {
        const auto request = decode<DescribeTopicPartitionsRequest>(
            hex("01" "000007d0" + std::string(marker) + "02" "62" "00000007" "00" "00"), 0);
        REQUIRE(request);
        return request->cursor;
    };
    for (const auto* marker : {"00", "01", "02", "7f"}) {
        REQUIRE(cursor_after(marker));
        CHECK(cursor_after(marker)->partition_index == 7);
    }
    for (const auto* marker : {"ff", "80"}) {
        const auto request = decode<DescribeTopicPartitionsRequest>(
            hex("01" "000007d0" + std::string(marker) + "00"), 0);
        REQUIRE(request);
        CHECK_FALSE(request->cursor);
        CHECK(encode(*request, 0) == hex("01" "000007d0" "ff" "00"));
    }
}

TEST_CASE("inside a tag the marker of a nullable struct is an unsigned varint") {
    ConsumerGroupMemberMetadataValue value;
    const std::string untagged = "01" "01" "01" "01" "01" "01" "ffffffff" "01";
    CHECK(encode(value, 0) == hex(untagged + "00"));
    value.classic_member_metadata.reset();
    CHECK(encode(value, 0) == hex(untagged + "01" "00" "01" "00"));
    value.classic_member_metadata = {.session_timeout_ms = 5};
    const Blob present = encode(value, 0);
    CHECK(present == hex(untagged + "01" "00" "07" "01" "00000005" "01" "00"));
    const auto read = decode<ConsumerGroupMemberMetadataValue>(present, 0);
    REQUIRE(read);
    CHECK(read->classic_member_metadata == value.classic_member_metadata);
}
