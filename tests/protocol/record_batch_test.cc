#include "protocol/record_batch.h"

#include <doctest/doctest.h>

#include <limits>
#include <string>
#include <vector>

#include "tests/protocol/golden_bytes.h"

using namespace protocol;

namespace {

constexpr auto codecs = {Compression::none, Compression::gzip, Compression::snappy,
                         Compression::lz4, Compression::zstd};

Bytes bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

std::string text_of(const std::optional<Bytes>& bytes) {
    if (!bytes) return "null";
    return {reinterpret_cast<const char*>(bytes->data()), bytes->size()};
}

// One line a record: "offset@time key=value header:value".
std::vector<std::string> lines_of(const BatchView& batch) {
    std::vector<std::string> lines;
    CHECK(for_each_record(batch, [&](const Record& record) {
        auto line = std::to_string(record.offset) + "@" + std::to_string(record.timestamp) + " " +
                    text_of(record.key) + "=" + text_of(record.value);
        for (const auto& header : record.headers)
            line += " " + std::string(header.key) + ":" + text_of(header.value);
        lines.push_back(line);
        return true;
    }));
    return lines;
}
using Lines = std::vector<std::string>;

Blob three_records(BatchBuilder::Options options) {
    BatchBuilder builder(options);
    builder.add(100, bytes_of("a"), bytes_of("1"));
    builder.add(90, std::nullopt, bytes_of("2"));
    const std::array headers{RecordHeader{"trace", bytes_of("x")}, RecordHeader{"", std::nullopt}};
    builder.add(120, bytes_of(""), std::nullopt, headers);
    return builder.build();
}

BatchView view_of(const Blob& batch) {
    const auto view = BatchView::first_in(batch);
    REQUIRE(view);
    return *view;
}

std::expected<void, ErrorCode> walk(const Blob& batch) {
    return for_each_record(view_of(batch), [](const Record&) { return true; });
}

}  // namespace

TEST_CASE("sequences wrap from 2^31-1 to 0") {
    constexpr int32_t last = std::numeric_limits<int32_t>::max();
    CHECK(sequence_after(5, 3) == 8);
    CHECK(sequence_after(last, 0) == last);
    CHECK(sequence_after(last, 1) == 0);
    CHECK(sequence_after(last - 1, 4) == 2);
    CHECK(sequence_after(last, last) == last - 1);
}

TEST_CASE("a batch is built as Kafka builds it, byte for byte") {
    BatchBuilder builder({});
    builder.add(1000, bytes_of("k"), bytes_of("v"));
    CHECK(builder.record_count() == 1);
    const Blob expected =
        hex("0000000000000000"  // base offset
            "0000003a"          // length of what follows
            "ffffffff"          // leader epoch
            "02"                // magic
            "716a6189"          // CRC
            "0000"              // attributes
            "00000000"          // last offset delta
            "00000000000003e8"  // base timestamp
            "00000000000003e8"  // maximum timestamp
            "ffffffffffffffff"  // producer id
            "ffff"              // its epoch
            "ffffffff"          // base sequence
            "00000001"          // number of records
            "10"                // length of the record
            "000000"            // its attributes, time and offset
            "026b"              // key
            "0276"              // value
            "00");              // number of headers
    CHECK(builder.build() == expected);
    CHECK(builder.record_count() == 0);
    CHECK(builder.size_bytes() == batch_header_bytes);
}

TEST_CASE("what is built under each codec is read back with keys, nulls and headers") {
    for (const auto codec : codecs) {
        CAPTURE(static_cast<int>(codec));
        const Blob batch = three_records({.base_offset = 7, .compression = codec});
        const auto view = view_of(batch);
        CHECK(view.has_valid_crc());
        CHECK(view.compression() == codec);
        CHECK(view.last_offset() == 9);
        CHECK(view.base_timestamp() == 100);
        CHECK(view.max_timestamp() == 120);
        CHECK(lines_of(view) == Lines{"7@100 a=1", "8@90 null=2", "9@120 =null trace:x :null"});
    }
}

TEST_CASE("the estimate of a builder's size is exact for an uncompressed batch") {
    BatchBuilder builder({});
    for (int i = 0; i < 300; ++i) builder.add(i * 1000, bytes_of("key"), bytes_of("value"));
    const size_t estimate = builder.size_bytes();
    CHECK(builder.build().size() == estimate);
}

TEST_CASE("with LogAppendTime all records have the batch's time") {
    const Blob batch = three_records(
        {.timestamp_type = TimestampType::log_append_time, .log_append_time_ms = 555});
    CHECK(lines_of(view_of(batch)) ==
          Lines{"0@555 a=1", "1@555 null=2", "2@555 =null trace:x :null"});
}

TEST_CASE("compaction keeps gaps, the last offset and the delete horizon") {
    BatchBuilder builder({.base_offset = 10, .last_offset = 19, .delete_horizon_ms = 5000});
    builder.add_at(12, 700, bytes_of("a"), bytes_of("1"));
    builder.add_at(17, 800, bytes_of("b"), std::nullopt);
    const Blob batch = builder.build();
    const auto view = view_of(batch);
    CHECK(view.has_delete_horizon());
    CHECK(view.base_timestamp() == 5000);
    CHECK(view.last_offset() == 19);
    CHECK(lines_of(view) == Lines{"12@700 a=1", "17@800 b=null"});
}

TEST_CASE("an emptied batch keeps its offsets, producer and sequences, and has no records") {
    const Blob batch = three_records({.base_offset = 50,
                                      .compression = Compression::zstd,
                                      .producer_id = 77,
                                      .producer_epoch = 3,
                                      .base_sequence = 1000,
                                      .transactional = true});
    const Blob emptied = build_emptied_batch(view_of(batch));
    const auto view = view_of(emptied);
    CHECK(emptied.size() == batch_header_bytes);
    CHECK(view.has_valid_crc());
    CHECK(view.record_count() == 0);
    CHECK(view.compression() == Compression::none);
    CHECK(view.is_transactional());
    CHECK(view.last_offset() == 52);
    CHECK(view.last_sequence() == 1002);
    CHECK(lines_of(view).empty());
}

TEST_CASE("an end marker holds its type, the coordinator's epoch and the producer") {
    const Blob marker = build_end_transaction_marker(4000, 7, ControlType::commit, 12, 1700);
    CHECK(Blob(marker.begin() + 61, marker.end()) ==
          hex("20" "000000" "08" "0000" "0001" "0c" "0000" "0000000c" "00"));
    const auto view = view_of(marker);
    CHECK(view.attributes() == 0x30);
    CHECK(view.producer_id() == 4000);
    CHECK(view.producer_epoch() == 7);
    CHECK(view.base_sequence() == no_sequence);
    CHECK(view.last_sequence() == no_sequence);
    const auto control = control_record(view);
    REQUIRE(control);
    CHECK(control->type == ControlType::commit);
    CHECK(control->coordinator_epoch == 12);
}

TEST_CASE("control records that are none, short or of a negative version are invalid") {
    const auto control_of = [](std::string_view key, std::string_view value) {
        BatchBuilder builder({.transactional = true, .control = true});
        const Blob key_bytes = hex(key), value_bytes = hex(value);
        builder.add(0, Bytes(key_bytes), Bytes(value_bytes));
        return control_record(view_of(builder.build())).has_value();
    };
    CHECK(control_of("00000001", "00000000000c"));
    CHECK(control_of("0001000100", "00010000000c00"));  // newer versions only add fields
    CHECK(control_of("00000063", ""));                  // a type of the future
    CHECK(!control_of("000000", "00000000000c"));
    CHECK(!control_of("ffff0001", "00000000000c"));
    CHECK(!control_of("00000001", "ffff0000000c"));
    CHECK(!control_of("00000000", "0000000000"));
    CHECK(!control_record(view_of(three_records({}))));
    const Blob marker = build_end_transaction_marker(1, 0, ControlType::abort, 0, 0);
    CHECK(!control_record(view_of(build_emptied_batch(view_of(marker)))));
}

TEST_CASE("base offset and leader epoch are stamped without touching the CRC") {
    Blob batch = three_records({});
    const uint32_t crc = view_of(batch).crc();
    set_base_offset(batch, 12345678901);
    set_partition_leader_epoch(batch, 9);
    const auto view = view_of(batch);
    CHECK(view.base_offset() == 12345678901);
    CHECK(view.partition_leader_epoch() == 9);
    CHECK(view.crc() == crc);
    CHECK(view.has_valid_crc());
}

TEST_CASE("stamping the time makes the CRC anew, and nothing when it is there already") {
    Blob batch = three_records({});
    const Blob before = batch;
    set_max_timestamp(batch, TimestampType::create_time, 120);
    CHECK(batch == before);
    set_max_timestamp(batch, TimestampType::log_append_time, 900);
    CHECK(view_of(batch).has_valid_crc());
    CHECK(view_of(batch).timestamp_type() == TimestampType::log_append_time);
    CHECK(lines_of(view_of(batch)).front() == "0@900 a=1");
    set_max_timestamp(batch, TimestampType::create_time, 120);
    CHECK(batch == before);
}

TEST_CASE("a changed bit anywhere behind the magic is found by the CRC") {
    const Blob batch = three_records({});
    for (size_t i = 17; i < batch.size(); ++i) {
        Blob damaged = batch;
        damaged[i] ^= std::byte{0x10};
        CHECK(!view_of(damaged).has_valid_crc());
    }
}

TEST_CASE("a cursor gives batch after batch and stops before a torn, legacy or damaged one") {
    const Blob first = three_records({}), second = three_records({.base_offset = 3});
    Blob log = first;
    log.insert(log.end(), second.begin(), second.end());
    const auto offsets = [](Bytes bytes, Bytes& rest) {
        BatchCursor cursor(bytes);
        std::vector<int64_t> found;
        while (const auto batch = cursor.next()) found.push_back(batch->base_offset());
        rest = cursor.rest();
        return found;
    };
    Bytes rest;
    CHECK(offsets(log, rest) == std::vector<int64_t>{0, 3});
    CHECK(rest.empty());
    for (size_t size = first.size(); size < log.size(); ++size) {
        CHECK(offsets(Bytes(log).first(size), rest) == std::vector<int64_t>{0});
        CHECK(rest.size() == size - first.size());
        REQUIRE(frame_of(rest));
        CHECK(!frame_of(rest)->has_value());
    }
    log[first.size() + 16] = std::byte{1};
    CHECK(offsets(log, rest) == std::vector<int64_t>{0});
    CHECK(frame_of(rest).value()->magic == 1);
    log[first.size() + 16] = std::byte{3};
    CHECK(offsets(log, rest) == std::vector<int64_t>{0});
    CHECK(frame_of(rest).error() == ErrorCode::corrupt_message);
}

TEST_CASE("a walk ends without error when the visitor has seen enough") {
    int seen = 0;
    CHECK(for_each_record(view_of(three_records({})), [&](const Record&) { return ++seen < 2; }));
    CHECK(seen == 2);
}

TEST_CASE("a visitor may walk another compressed batch meanwhile") {
    const Blob outer = three_records({.compression = Compression::lz4});
    const Blob inner = three_records({.base_offset = 5, .compression = Compression::gzip});
    Lines seen;
    CHECK(for_each_record(view_of(outer), [&](const Record& record) {
        CHECK(lines_of(view_of(inner)).size() == 3);
        seen.push_back(text_of(record.value));
        return true;
    }));
    CHECK(seen == Lines{"1", "2", "null"});
}

TEST_CASE("a count that the records do not match, or a record that is broken, is invalid") {
    const auto damaged = [](size_t at, int value) {
        Blob batch = three_records({});
        batch[at] = static_cast<std::byte>(value);
        return walk(batch);
    };
    const auto invalid = std::unexpected(ErrorCode::invalid_record);
    CHECK(damaged(60, 3));
    CHECK(damaged(60, 0));  // as in Kafka, which does not look further
    CHECK(damaged(60, 2) == invalid);
    CHECK(damaged(60, 4) == invalid);
    CHECK(damaged(57, 0x80) == invalid);
    CHECK(damaged(61, 0x0f) == invalid);  // a negative size
    CHECK(damaged(61, 0x12) == invalid);
    CHECK(damaged(65, 0x7e) == invalid);  // a key beyond the record
}

TEST_CASE("records that cannot be decompressed are corrupt") {
    Blob batch = three_records({.compression = Compression::gzip});
    batch[63] ^= std::byte{0xff};
    CHECK(walk(batch) == std::unexpected(ErrorCode::corrupt_message));
}

TEST_CASE("recompressed records are the same under a header that is the same but for the codec") {
    const BatchBuilder::Options options{.base_offset = 33,
                                        .partition_leader_epoch = 4,
                                        .producer_id = 9,
                                        .producer_epoch = 1,
                                        .base_sequence = 70,
                                        .transactional = true};
    const Blob plain = three_records(options);
    for (const auto from : codecs)
        for (const auto to : codecs) {
            auto packed_options = options;
            packed_options.compression = from;
            const Blob packed = three_records(packed_options);
            const auto other = recompress(view_of(packed), to, default_compression_level);
            REQUIRE(other);
            const auto view = view_of(*other);
            CHECK(view.has_valid_crc());
            CHECK(view.compression() == to);
            const auto back = recompress(view, Compression::none, default_compression_level);
            CHECK(*back == plain);
        }
}
