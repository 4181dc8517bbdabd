#include <doctest/doctest.h>

#include "protocol/messages/metadata.h"
#include "protocol/messages/produce.h"
#include "tests/protocol/golden_bytes.h"
#include "tests/protocol/one_field.h"

using namespace protocol;

namespace {

using Text = std::string_view;
using NullableText = std::optional<std::string_view>;
using Numbers = std::vector<int32_t>;
using NullableNumbers = std::optional<Numbers>;
using NullableRecords = std::optional<Records>;

struct Nothing {
    static void fields(auto&, auto&) {}
};

}  // namespace

TEST_CASE("integers are big endian, of every width, and floats are IEEE") {
    CHECK(write_one<int8_t>(-2, 0) == hex("fe"));
    CHECK(write_one<int16_t>(0x0102, 0) == hex("0102"));
    CHECK(write_one<uint16_t>(0xfffe, 0) == hex("fffe"));
    CHECK(write_one<int32_t>(-2, 0) == hex("fffffffe"));
    CHECK(write_one<uint32_t>(0xfedcba98, 0) == hex("fedcba98"));
    CHECK(write_one<int64_t>(0x0102030405060708, 0) == hex("0102030405060708"));
    CHECK(write_one<double>(-2.5, 0) == hex("c004000000000000"));
    CHECK(read_one<uint16_t>(hex("fffe"), 0) == 65534);
    CHECK(read_one<uint32_t>(hex("fedcba98"), 0) == 0xfedcba98);
    CHECK(read_one<double>(hex("c004000000000000"), 0) == -2.5);
}

TEST_CASE("any byte but zero reads as true, and true is written as one") {
    CHECK(read_one<bool>(hex("00"), 0) == false);
    CHECK(read_one<bool>(hex("02"), 0) == true);
    CHECK(read_one<bool>(hex("ff"), 0) == true);
    CHECK(write_one<bool>(true, 0) == hex("01"));
}

TEST_CASE("an error code that nobody knows keeps its number") {
    const auto code = read_one<ErrorCode>(hex("7abc"), 0);
    REQUIRE(code);
    CHECK(write_one(*code, 0) == hex("7abc"));
}

TEST_CASE("a uuid is sixteen bytes without a length, in compact versions too") {
    const auto bytes = hex("000102030405060708090a0b0c0d0e0f");
    const auto id = read_one<Uuid>(bytes, 0);
    REQUIRE(id);
    CHECK(id->bytes[15] == std::byte{15});
    CHECK(write_one(*id, 1) == hex("000102030405060708090a0b0c0d0e0f" "00"));
    CHECK_FALSE(read_one<Uuid>(hex("000102030405060708090a0b0c0d0e"), 0));
}

TEST_CASE("lengths are an int16 of strings, an int32 of all else, or a varint of one more") {
    const Blob two = hex("abcd");
    CHECK(write_one<Text>("ab", 0) == hex("0002" "6162"));
    CHECK(write_one<Text>("ab", 1) == hex("03" "6162" "00"));
    CHECK(write_one<Bytes>(two, 0) == hex("00000002" "abcd"));
    CHECK(write_one<Bytes>(two, 1) == hex("03" "abcd" "00"));
    CHECK(write_one<Blob>(two, 1) == hex("03" "abcd" "00"));
    CHECK(write_one<Numbers>({7}, 0) == hex("00000001" "00000007"));
    CHECK(write_one<Numbers>({7}, 1) == hex("02" "00000007" "00"));
    CHECK(write_one<NullableText>(std::nullopt, 0) == hex("ffff"));
    CHECK(write_one<NullableText>(std::nullopt, 1) == hex("00" "00"));
    CHECK(write_one<NullableNumbers>(std::nullopt, 0) == hex("ffffffff"));
    CHECK(write_one<NullableNumbers>(Numbers{}, 1) == hex("01" "00"));
}

TEST_CASE("every length below zero is null, not minus one alone") {
    const std::optional<NullableText> null_text(std::in_place);
    const std::optional<NullableNumbers> null_numbers(std::in_place);
    for (const auto* length : {"ffff", "fffe", "8000"})
        CHECK(read_one<NullableText>(hex(length), 0) == null_text);
    for (const auto* length : {"ffffffff", "fffffffe", "80000000"})
        CHECK(read_one<NullableNumbers>(hex(length), 0) == null_numbers);
    // As a varint: 2^32 - 1 is -1 to Java, so that the length is -2.
    CHECK(read_one<NullableNumbers>(hex("ffffffff0f" "00"), 1) == null_numbers);
    // And the smallest int less one is the greatest, which is longer than the input.
    CHECK_FALSE(read_one<NullableNumbers>(hex("8080808008" "00"), 1));
}

TEST_CASE("a null is refused where there is none") {
    CHECK_FALSE(read_one<Text>(hex("ffff"), 0));
    CHECK_FALSE(read_one<Text>(hex("fffe"), 0));
    CHECK_FALSE(read_one<Text>(hex("00" "00"), 1));
    CHECK_FALSE(read_one<Bytes>(hex("ffffffff"), 0));
    CHECK_FALSE(read_one<Blob>(hex("ffffffff"), 0));
    CHECK_FALSE(read_one<Records>(hex("ffffffff"), 0));
    CHECK_FALSE(read_one<Numbers>(hex("ffffffff"), 0));
    CHECK_FALSE(read_one<Numbers>(hex("00" "00"), 1));
}

TEST_CASE("an unsigned varint has five bytes at most, drops the bits above 32, may be too long") {
    const auto read = [](std::string_view digits) {
        const Blob bytes = hex(digits);
        Reader reader(bytes);
        const uint32_t value = reader.unsigned_varint();
        return reader.ok() ? std::optional(value) : std::nullopt;
    };
    CHECK(read("7f") == 127);
    CHECK(read("8001") == 128);
    CHECK(read("8000") == 0);
    CHECK(read("8180808000") == 1);
    CHECK(read("ffffffff0f") == 0xffffffff);
    CHECK(read("ffffffff7f") == 0xffffffff);
    CHECK_FALSE(read("ffffffffff"));
    CHECK_FALSE(read("808080808001"));
    CHECK_FALSE(read("ffff"));
    CHECK_FALSE(read(""));
}

TEST_CASE("an unsigned varint is written in its shortest form, as large as was measured") {
    for (const uint32_t value : {0U, 127U, 128U, 16383U, 16384U, 0x0fffffffU, 0xffffffffU}) {
        CAPTURE(value);
        Blob bytes(unsigned_varint_size(value));
        BufferSink sink(bytes.data());
        sink.unsigned_varint(value);
        CHECK(sink.next() == bytes.data() + bytes.size());
        Reader reader(bytes);
        CHECK(reader.unsigned_varint() == value);
        CHECK(reader.ok());
        CHECK(reader.remaining() == 0);
    }
}

TEST_CASE("a string has 32767 bytes at most, in compact form too") {
    const auto compact = [](size_t size) {
        Blob bytes(unsigned_varint_size(static_cast<uint32_t>(size) + 1));
        BufferSink(bytes.data()).unsigned_varint(static_cast<uint32_t>(size) + 1);
        bytes.resize(bytes.size() + size, std::byte{'a'});
        bytes.push_back(std::byte{0});
        return bytes;
    };
    const auto longest = compact(32767);
    REQUIRE(read_one<Text>(longest, 1));
    CHECK(read_one<Text>(longest, 1)->size() == 32767);
    CHECK_FALSE(read_one<Text>(compact(32768), 1));
    CHECK_FALSE(read_one<Text>(hex("7fff"), 0));
}

TEST_CASE("a text that is too long for a string is cut between two characters") {
    const std::string text = std::string(32766, 'a') + "\xC3\xBC" + "bcd";
    for (const int16_t version : {int16_t{0}, int16_t{1}}) {
        const Blob bytes = write_one<std::string>(text, version);
        CHECK(read_one<Text>(bytes, version) == std::string(32766, 'a'));
    }
}

TEST_CASE("the bytes of a string pass through as they are, a NUL and no UTF-8 too") {
    CHECK(read_one<Text>(hex("0003" "6100ff"), 0) == std::string_view("a\0\xff", 3));
    CHECK(write_one<Text>({"a\0\xff", 3}, 0) == hex("0003" "6100ff"));
}

TEST_CASE("an array that claims more elements than there are bytes is refused") {
    CHECK_FALSE(read_one<Numbers>(hex("7fffffff"), 0));
    CHECK_FALSE(read_one<Numbers>(hex("00000003" "0000"), 0));
    CHECK_FALSE(read_one<Numbers>(hex("ffffffff07" "00000000"), 1));
}

TEST_CASE("an array has a million elements at most unless told, even when the bytes are there") {
    const auto of = [](int32_t count) {
        Blob bytes(4 + static_cast<size_t>(count));
        BufferSink(bytes.data()).integer(count);
        return bytes;
    };
    const auto most = read_one<std::vector<int8_t>>(of(1'000'000), 0);
    REQUIRE(most);
    CHECK(most->size() == 1'000'000);
    CHECK_FALSE(read_one<std::vector<int8_t>>(of(1'000'001), 0));
}

TEST_CASE("an element may take no bytes at all") {
    const auto elements = read_one<std::vector<Nothing>>(hex("00000002" "0000"), 0);
    REQUIRE(elements);
    CHECK(elements->size() == 2);
    CHECK_FALSE(read_one<std::vector<Nothing>>(hex("00000003" "0000"), 0));
}

TEST_CASE("records are not looked into, and empty ones are not null") {
    const Blob frame = hex("00000003" "010203");
    const auto records = read_one<NullableRecords>(frame, 0);
    REQUIRE(records);
    REQUIRE(*records);
    CHECK((*records)->bytes.data() == frame.data() + 4);
    CHECK((*records)->bytes.size() == 3);
    CHECK(write_one<NullableRecords>(Records{}, 0) == hex("00000000"));
    CHECK(write_one<NullableRecords>(std::nullopt, 0) == hex("ffffffff"));
    REQUIRE(read_one<NullableRecords>(hex("00000000"), 0));
    CHECK(read_one<NullableRecords>(hex("00000000"), 0)->has_value());
    CHECK_FALSE(read_one<NullableRecords>(hex("ffffffff"), 0)->has_value());
}

TEST_CASE("bytes after the body are accepted and can be counted") {
    const Blob body = hex("00000000" "0102030405");
    CHECK(decode<MetadataRequest>(Bytes(body), 1));
    Reader reader(body);
    CHECK(decode<MetadataRequest>(reader, 1));
    CHECK(reader.remaining() == 5);
}

TEST_CASE("a Produce request with a byte missing anywhere is refused") {
    ProduceRequest request{.acks = 1};
    request.topic_data.push_back(
        {.name = "orders", .partition_data = {{.index = 0, .records = Records{}}}});
    for (const int16_t version : {int16_t{3}, int16_t{9}, int16_t{13}}) {
        const Blob body = encode(request, version);
        CHECK(decode<ProduceRequest>(body, version));
        for (size_t size = 0; size < body.size(); ++size)
            CHECK_FALSE(decode<ProduceRequest>(Bytes(body).first(size), version));
    }
}
