#include <doctest/doctest.h>

#include "protocol/stored/aborted_transaction.h"
#include "protocol/stored/consumer_protocol.h"
#include "protocol/stored/framing.h"
#include "protocol/stored/group_metadata.h"
#include "protocol/stored/legacy_offset_commit.h"
#include "protocol/stored/offset_commit.h"
#include "protocol/stored/topic_records.h"
#include "tests/protocol/golden_bytes.h"

using namespace protocol;

TEST_CASE("a coordinator key is its record type and then its body") {
    const OffsetCommitKey key{.group = "g", .topic = "t", .partition = 3};
    const Blob bytes = encode_key(key);
    CHECK(bytes == hex("0001" "0001" "67" "0001" "74" "00000003"));
    CHECK(peek_record_type(bytes) == 1);
    REQUIRE(decode_key<OffsetCommitKey>(bytes));
    CHECK(decode_key<OffsetCommitKey>(bytes)->topic == "t");
    CHECK_FALSE(decode_key<LegacyOffsetCommitKey>(bytes));
    CHECK_FALSE(decode_key<OffsetCommitKey>(hex("0001" "0001")));
    CHECK_FALSE(peek_record_type(hex("00")));
}

TEST_CASE("the key of an empty input is none of any type") {
    CHECK_FALSE(decode_key<LegacyOffsetCommitKey>(Bytes()));
}

TEST_CASE("a coordinator value is its version and then its body") {
    const OffsetCommitValue value{.offset = 5, .leader_epoch = 2, .metadata = "m"};
    const Blob bytes = encode_value(value, 3);
    CHECK(bytes == hex("0003" "0000000000000005" "00000002" "0001" "6d" "0000000000000000"));
    CHECK(peek_value_version(bytes) == 3);
    const auto read = decode_value<OffsetCommitValue>(bytes);
    REQUIRE(read);
    CHECK(read->leader_epoch == 2);
    CHECK(read->metadata == "m");
}

TEST_CASE("a value of a version that is not known is refused") {
    Blob bytes = encode_value(OffsetCommitValue{}, 4);
    CHECK(decode_value<OffsetCommitValue>(bytes));
    bytes[1] = std::byte{5};
    CHECK_FALSE(decode_value<OffsetCommitValue>(bytes));
    bytes[0] = std::byte{0xff};
    CHECK_FALSE(decode_value<OffsetCommitValue>(bytes));
}

TEST_CASE("a consumer's subscription from the future is read by the newest known layout") {
    const ConsumerProtocolSubscription subscription{.topics = {"a"}, .generation_id = 7};
    Blob bytes = encode_value(subscription, 3);
    bytes[1] = std::byte{9};
    bytes.push_back(std::byte{1});  // what is new in it
    const auto read = decode_lenient_value<ConsumerProtocolSubscription>(bytes);
    REQUIRE(read);
    CHECK(read->topics == std::vector<std::string>{"a"});
    CHECK(read->generation_id == 7);
    CHECK_FALSE(decode_value<ConsumerProtocolSubscription>(bytes));
    CHECK_FALSE(decode_lenient_value<ConsumerProtocolSubscription>(hex("ffff" "00000000")));
}

TEST_CASE("an entry of the transaction index takes 34 bytes") {
    const AbortedTxn entry{
        .producer_id = 1, .first_offset = 2, .last_offset = 3, .last_stable_offset = 4};
    CHECK(encode_value(entry, 0) ==
          hex("0000" "0000000000000001" "0000000000000002" "0000000000000003" "0000000000000004"));
}

TEST_CASE("a metadata record is three varints and then its body") {
    const RemoveTopicRecord record{.topic_id = Uuid{{std::byte{0xab}}}};
    const Blob bytes = encode_metadata_record(record, 0);
    CHECK(bytes == hex("01" "09" "00" "ab000000000000000000000000000000" "00"));
    Reader reader(bytes);
    const auto head = read_metadata_record_head(reader);
    REQUIRE(head);
    CHECK(head->record_type == 9);
    CHECK(head->version == 0);
    REQUIRE(decode_metadata_record<RemoveTopicRecord>(bytes));
    CHECK(decode_metadata_record<RemoveTopicRecord>(bytes)->topic_id == record.topic_id);
    CHECK_FALSE(decode_metadata_record<TopicRecord>(bytes));
}

TEST_CASE("a metadata record of another frame version, or of an unknown version, is refused") {
    const std::string body = "ab000000000000000000000000000000" "00";
    CHECK_FALSE(decode_metadata_record<RemoveTopicRecord>(hex("02" "09" "00" + body)));
    CHECK_FALSE(decode_metadata_record<RemoveTopicRecord>(hex("01" "09" "01" + body)));
    CHECK_FALSE(decode_metadata_record<RemoveTopicRecord>(hex("01" "89808004" "00" + body)));
    CHECK_FALSE(decode_metadata_record<RemoveTopicRecord>(hex("01" "09")));
}
