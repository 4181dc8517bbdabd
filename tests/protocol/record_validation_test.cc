#include "protocol/record_validation.h"

#include <doctest/doctest.h>

#include <limits>
#include <string_view>

#include "protocol/crc32c.h"
#include "protocol/wire.h"
#include "tests/protocol/golden_bytes.h"

using namespace protocol;

namespace {

constexpr int64_t now = 1'700'000'000'000;
constexpr int64_t hour = 3'600'000;
constexpr auto codecs = {Compression::none, Compression::gzip, Compression::snappy,
                         Compression::lz4, Compression::zstd};

ProduceRules rules() { return {.batch_bytes_max = 1 << 20, .now_ms = now}; }

Bytes bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

Blob three_records(BatchBuilder::Options options = {}) {
    BatchBuilder builder(options);
    for (int i = 0; i < 3; ++i) builder.add(now + i, bytes_of("key"), bytes_of("value"));
    return builder.build();
}

BatchBuilder::Options idempotent() {
    return {.producer_id = 5, .producer_epoch = 0, .base_sequence = 0};
}

// The header's field at `at` changed, and the CRC made to match.
template <class T>
Blob with(Blob batch, size_t at, T value) {
    BufferSink(batch.data() + at).integer(value);
    BufferSink(batch.data() + 17).integer(crc32c(Bytes(batch).subspan(21)));
    return batch;
}

ErrorCode answer_to(const Blob& records, const ProduceRules& given = rules()) {
    const auto valid = validate_produced(records, given);
    if (!valid) {
        CHECK(!valid.error().message.empty());
        return valid.error().error;
    }
    return ErrorCode::none;
}

ProduceRefusal refusal_of(const Blob& records, const ProduceRules& given) {
    const auto valid = validate_produced(records, given);
    REQUIRE(!valid);
    return valid.error();
}

}  // namespace

TEST_CASE("a sound batch passes under each codec, with the latest time of its records") {
    for (const auto codec : codecs) {
        const Blob batch = three_records({.compression = codec});
        const auto valid = validate_produced(batch, rules());
        REQUIRE(valid);
        CHECK(valid->size_bytes() == batch.size());
        CHECK(valid->max_record_timestamp == now + 2);
    }
}

TEST_CASE("no batch, a torn one, two or one of a legacy magic are invalid") {
    const Blob batch = three_records();
    for (size_t size = 0; size < batch.size(); ++size)
        CHECK(answer_to(Blob(batch.begin(), batch.begin() + static_cast<ptrdiff_t>(size))) ==
              ErrorCode::invalid_record);
    Blob two = batch;
    two.insert(two.end(), batch.begin(), batch.end());
    CHECK(answer_to(two) == ErrorCode::invalid_record);
    CHECK(answer_to(with(batch, 16, int8_t{1})) == ErrorCode::invalid_record);
}

TEST_CASE("an impossible magic or length, and a wrong CRC are corrupt") {
    Blob batch = three_records();
    CHECK(answer_to(with(batch, 16, int8_t{3})) == ErrorCode::corrupt_message);
    CHECK(answer_to(with(batch, 16, int8_t{-1})) == ErrorCode::corrupt_message);
    for (const int32_t length : {-1, 0, 13, 14, 48, std::numeric_limits<int32_t>::max()})
        CHECK(answer_to(with(batch, 8, length)) == ErrorCode::corrupt_message);
    batch.back() ^= std::byte{1};
    CHECK(answer_to(batch) == ErrorCode::corrupt_message);
}

TEST_CASE("bytes behind the batch that are not another one are not part of it") {
    Blob batch = three_records();
    const size_t size = batch.size();
    batch.push_back(std::byte{0});
    const auto valid = validate_produced(batch, rules());
    REQUIRE(valid);
    CHECK(valid->size_bytes() == size);
}

TEST_CASE("a batch of just max.message.bytes passes, and one byte more is too large") {
    const Blob batch = three_records();
    auto given = rules();
    given.batch_bytes_max = static_cast<int32_t>(batch.size());
    CHECK(answer_to(batch, given) == ErrorCode::none);
    --given.batch_bytes_max;
    CHECK(answer_to(batch, given) == ErrorCode::message_too_large);
}

TEST_CASE("header fields that contradict each other or the sender's role are invalid") {
    const Blob batch = three_records(idempotent());
    const auto invalid = ErrorCode::invalid_record;
    CHECK(answer_to(with(batch, 0, int64_t{5})) == invalid);
    CHECK(answer_to(with(batch, 23, int32_t{-1})) == invalid);
    CHECK(answer_to(with(batch, 23, int32_t{1})) == invalid);
    CHECK(answer_to(with(batch, 23, std::numeric_limits<int32_t>::max())) == invalid);
    CHECK(answer_to(with(batch, 57, int32_t{0})) == invalid);
    CHECK(answer_to(with(batch, 57, int32_t{-1})) == invalid);
    CHECK(answer_to(with(batch, 57, int32_t{4})) == invalid);
    CHECK(answer_to(with(batch, 53, int32_t{-1})) == invalid);
    CHECK(answer_to(with(batch, 21, int16_t{0x20})) == invalid);
    CHECK(answer_to(build_end_transaction_marker(5, 0, ControlType::commit, 0, now)) == invalid);
}

TEST_CASE("a transactional batch needs a producer id, and a producer id an epoch from -1") {
    CHECK(answer_to(three_records({.transactional = true})) ==
          ErrorCode::transactional_id_authorization_failed);
    const Blob batch = three_records(idempotent());
    CHECK(answer_to(with(batch, 51, int16_t{-2})) == ErrorCode::invalid_producer_epoch);
    CHECK(answer_to(with(batch, 51, int16_t{-1})) == ErrorCode::none);
}

TEST_CASE("odd but harmless headers are taken, as in Kafka") {
    const Blob batch = three_records();
    CHECK(answer_to(with(batch, 21, int16_t{0x40})) == ErrorCode::none);
    CHECK(answer_to(with(batch, 21, int16_t{0x7f80})) == ErrorCode::none);
    CHECK(answer_to(with(batch, 43, int64_t{-2})) == ErrorCode::none);
    CHECK(answer_to(with(batch, 51, int16_t{4})) == ErrorCode::none);
    CHECK(answer_to(with(batch, 35, int64_t{0})) == ErrorCode::none);
}

TEST_CASE("the client's maximum timestamp is not believed") {
    const Blob batch = with(three_records(), 35, now + 99 * hour);
    CHECK(validate_produced(batch, rules())->max_record_timestamp == now + 2);
}

TEST_CASE("codecs that do not exist and data that does not decompress are corrupt") {
    for (const int16_t codec : std::initializer_list<int16_t>{1, 2, 3, 4, 5, 6, 7})
        CHECK(answer_to(with(three_records(), 21, codec)) == ErrorCode::corrupt_message);
}

TEST_CASE("records that are fewer or more than the count are invalid under each codec") {
    for (const auto codec : codecs)
        for (const int32_t count : {2, 4}) {
            const Blob batch = with(three_records({.compression = codec}), 57, count);
            CHECK(answer_to(with(batch, 23, count - 1)) == ErrorCode::invalid_record);
        }
}

TEST_CASE("a record that does not have its own place as offset delta is named") {
    for (const auto codec : codecs) {
        BatchBuilder builder({.compression = codec, .last_offset = 2});
        builder.add_at(0, now, bytes_of("a"), bytes_of("1"));
        builder.add_at(2, now, bytes_of("b"), bytes_of("2"));
        builder.add_at(3, now, bytes_of("c"), bytes_of("3"));
        const auto refusal = refusal_of(builder.build(), rules());
        CHECK(refusal.error == ErrorCode::invalid_record);
        REQUIRE(refusal.record_errors.size() == 2);
        CHECK(refusal.record_errors[0].index == 1);
        CHECK(refusal.record_errors[0].message == "offset delta 2 where 1 is due");
        CHECK(refusal.record_errors[1].index == 2);
    }
}

TEST_CASE("a compacted topic names the records without a key") {
    BatchBuilder builder({});
    builder.add(now, std::nullopt, bytes_of("1"));
    builder.add(now, bytes_of(""), bytes_of("2"));
    builder.add(now, std::nullopt, bytes_of("3"));
    const Blob batch = builder.build();
    CHECK(answer_to(batch) == ErrorCode::none);
    auto given = rules();
    given.compacted = true;
    const auto refusal = refusal_of(batch, given);
    CHECK(refusal.error == ErrorCode::invalid_record);
    REQUIRE(refusal.record_errors.size() == 2);
    CHECK(refusal.record_errors[0].index == 0);
    CHECK(refusal.record_errors[1].index == 2);
    CHECK(refusal.message.find("2 records are refused") == 0);
}

TEST_CASE("times too far before or after now are named, their bounds pass") {
    auto given = rules();
    given.timestamp_before_max_ms = 2 * hour;
    given.timestamp_after_max_ms = hour;
    const auto one = [&](int64_t timestamp) {
        BatchBuilder builder({});
        builder.add(timestamp, bytes_of("k"), bytes_of("v"));
        return answer_to(builder.build(), given);
    };
    CHECK(one(now - 2 * hour) == ErrorCode::none);
    CHECK(one(now + hour) == ErrorCode::none);
    CHECK(one(no_timestamp) == ErrorCode::none);
    CHECK(one(now - 2 * hour - 1) == ErrorCode::invalid_timestamp);
    CHECK(one(now + hour + 1) == ErrorCode::invalid_timestamp);
    CHECK(one(std::numeric_limits<int64_t>::max()) == ErrorCode::invalid_timestamp);
}

TEST_CASE("one time out of range makes the whole refusal one about timestamps, with all records") {
    auto given = rules();
    given.compacted = true;
    given.timestamp_after_max_ms = hour;
    BatchBuilder builder({});
    builder.add(now, std::nullopt, bytes_of("1"));
    builder.add(now + 2 * hour, bytes_of("k"), bytes_of("2"));
    const auto refusal = refusal_of(builder.build(), given);
    CHECK(refusal.error == ErrorCode::invalid_timestamp);
    REQUIRE(refusal.record_errors.size() == 2);
    CHECK(refusal.record_errors[1].index == 1);
}

TEST_CASE("a topic with LogAppendTime asks nothing of the client's times") {
    auto given = rules();
    given.timestamp_after_max_ms = hour;
    const Blob batch = with(three_records(), 27, std::numeric_limits<int64_t>::max());
    CHECK(answer_to(batch, given) == ErrorCode::invalid_timestamp);
    given.timestamp_type = TimestampType::log_append_time;
    CHECK(answer_to(batch, given) == ErrorCode::none);
}

TEST_CASE("a record out of a compressed batch is held to max.decompressed.message.bytes") {
    constexpr int32_t record_bytes = 14;  // of "key" and "value", as Kafka counts
    ProduceRules given = rules();
    for (const Compression codec : codecs) {
        const Blob batch = three_records({.compression = codec});
        given.decompressed_record_bytes_max = record_bytes;
        CHECK(answer_to(batch, given) == ErrorCode::none);
        given.decompressed_record_bytes_max = record_bytes - 1;
        CHECK(answer_to(batch, given) ==
              (codec == Compression::none ? ErrorCode::none : ErrorCode::invalid_record));
    }
}

TEST_CASE("a compressed batch that expands beyond measure is too large") {
    // A zstd frame for each mebibyte.
    const Blob mebibyte(1 << 20);
    Blob bomb = three_records({.compression = Compression::zstd});
    for (size_t plain_bytes = 0; plain_bytes <= decompressed_bytes_max;
         plain_bytes += mebibyte.size())
        compress(Compression::zstd, mebibyte, default_compression_level, bomb);
    bomb = with(bomb, 8, static_cast<int32_t>(bomb.size() - batch_prefix_bytes));
    CHECK(bomb.size() < 100'000);
    CHECK(answer_to(bomb) == ErrorCode::message_too_large);
}
