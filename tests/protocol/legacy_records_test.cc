#include "protocol/legacy_records.h"

#include <doctest/doctest.h>
#include <zlib.h>

#include <string>
#include <vector>

#include "protocol/wire.h"
#include "tests/protocol/golden_bytes.h"

using namespace protocol;

namespace {

struct Fields {
    int64_t offset = 0;
    int8_t magic = 1;
    int8_t attributes = 0;
    int64_t timestamp = 0;
    std::optional<Blob> key;
    std::optional<Blob> value;
};

// einmal only reads these, so the tests write them.
Blob message(const Fields& fields) {
    Blob bytes(4096);
    BufferSink sink(bytes.data());
    sink.integer(fields.offset);
    sink.integer(int32_t{0});
    sink.integer(uint32_t{0});
    sink.integer(fields.magic);
    sink.integer(fields.attributes);
    if (fields.magic == 1) sink.integer(fields.timestamp);
    for (const auto& field : {fields.key, fields.value}) {
        sink.integer(field ? static_cast<int32_t>(field->size()) : int32_t{-1});
        if (field) sink.bytes(*field);
    }
    bytes.resize(static_cast<size_t>(sink.next() - bytes.data()));
    const auto crc =
        crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data() + 16), bytes.size() - 16);
    BufferSink late(bytes.data() + 8);
    late.integer(static_cast<int32_t>(bytes.size() - 12));
    late.integer(static_cast<uint32_t>(crc));
    return bytes;
}

Blob joined(std::initializer_list<Blob> parts) {
    Blob all;
    for (const auto& part : parts) all.insert(all.end(), part.begin(), part.end());
    return all;
}

Blob packed(Compression codec, const Blob& plain) {
    Blob target;
    compress(codec, plain, default_compression_level, target);
    return target;
}

std::expected<std::vector<std::pair<int64_t, int64_t>>, ErrorCode> times_by_offset(
    const Blob& bytes) {
    std::vector<std::pair<int64_t, int64_t>> records;
    const auto first = LegacyMessage::first_in(bytes);
    REQUIRE(first);
    const auto walked = for_each_legacy_record(*first, [&](const Record& record) {
        records.emplace_back(record.offset, record.timestamp);
        return true;
    });
    if (!walked) return std::unexpected(walked.error());
    return records;
}

using Times = std::vector<std::pair<int64_t, int64_t>>;

}  // namespace

TEST_CASE("a plain message of either magic is its own record") {
    CHECK(times_by_offset(message({.offset = 9, .timestamp = 50, .value = hex("aa")})) ==
          Times{{9, 50}});
    CHECK(times_by_offset(message({.offset = 9, .magic = 0, .value = hex("aa")})) ==
          Times{{9, no_timestamp}});
}

TEST_CASE("offsets inside a wrapper are relative in magic 1 and absolute in magic 0") {
    for (const auto codec : {Compression::gzip, Compression::snappy, Compression::lz4}) {
        const auto bits = static_cast<int8_t>(codec);
        const Blob relative = joined(
            {message({.offset = 0, .timestamp = 5}), message({.offset = 2, .timestamp = 6})});
        CHECK(times_by_offset(message({.offset = 42,
                                       .attributes = bits,
                                       .timestamp = 6,
                                       .value = packed(codec, relative)})) ==
              Times{{40, 5}, {42, 6}});
        const Blob absolute =
            joined({message({.offset = 40, .magic = 0}), message({.offset = 42, .magic = 0})});
        CHECK(times_by_offset(message({.offset = 42,
                                       .magic = 0,
                                       .attributes = bits,
                                       .value = packed(codec, absolute)})) ==
              Times{{40, no_timestamp}, {42, no_timestamp}});
    }
}

TEST_CASE("with LogAppendTime the records inside have the wrapper's time") {
    const Blob inner =
        joined({message({.offset = 0, .timestamp = 5}), message({.offset = 1, .timestamp = 6})});
    CHECK(times_by_offset(message({.offset = 1,
                                   .attributes = 0x08 | 1,
                                   .timestamp = 99,
                                   .value = packed(Compression::gzip, inner)})) ==
          Times{{0, 99}, {1, 99}});
}

TEST_CASE("a wrong CRC is found, in a message and inside a wrapper") {
    Blob plain = message({.value = hex("aabb")});
    plain.back() ^= std::byte{1};
    CHECK(!LegacyMessage::first_in(plain)->has_valid_crc());
    CHECK(times_by_offset(plain) == std::unexpected(ErrorCode::corrupt_message));
    CHECK(times_by_offset(message({.attributes = 1, .value = packed(Compression::gzip, plain)})) ==
          std::unexpected(ErrorCode::corrupt_message));
}

TEST_CASE("wrappers that hold nothing, another wrapper or another magic are invalid") {
    const auto wrapper = [](const Blob& inner) {
        return times_by_offset(
            message({.attributes = 1, .value = packed(Compression::gzip, inner)}));
    };
    const auto invalid = std::unexpected(ErrorCode::invalid_record);
    CHECK(wrapper({}) == invalid);
    CHECK(wrapper(message({.magic = 0})) == invalid);
    CHECK(wrapper(message({.attributes = 1, .value = packed(Compression::gzip, {})})) == invalid);
    CHECK(times_by_offset(message({.attributes = 1})) == invalid);
    CHECK(times_by_offset(message({.attributes = 4, .value = hex("00")})) ==
          std::unexpected(ErrorCode::corrupt_message));
}

TEST_CASE("key and value must fill a message exactly") {
    Blob bytes = message({.key = hex("aa"), .value = hex("bb")});
    CHECK(LegacyMessage::first_in(bytes)->content());
    bytes[29] = std::byte{2};  // the key's length
    CHECK(LegacyMessage::first_in(bytes)->content().error() == ErrorCode::invalid_record);
}

TEST_CASE("a message that is cut short, of magic 2, or without room for its fields is none") {
    const Blob bytes = message({.value = hex("bb")});
    for (size_t size = 0; size < bytes.size(); ++size)
        CHECK(!LegacyMessage::first_in(Bytes(bytes).first(size)));
    Blob other = bytes;
    other[16] = std::byte{2};
    CHECK(!LegacyMessage::first_in(other));
    Blob tight = bytes;
    tight[11] = std::byte{21};  // enough for magic 0, one byte short for magic 1
    CHECK(!LegacyMessage::first_in(tight));
}

TEST_CASE("a visitor that has seen enough ends the walk inside a wrapper") {
    const Blob inner = joined({message({.offset = 0}), message({.offset = 1})});
    const Blob wrapper =
        message({.offset = 1, .attributes = 1, .value = packed(Compression::gzip, inner)});
    int seen = 0;
    CHECK(for_each_legacy_record(*LegacyMessage::first_in(wrapper), [&](const Record&) {
        ++seen;
        return false;
    }));
    CHECK(seen == 1);
}
