// Segments that an old Apache Kafka wrote, with messages of magic 0 and 1.
#include <doctest/doctest.h>
#include <zlib.h>

#include "protocol/wire.h"
#include "storage/segment_files.h"
#include "tests/storage/log_fixture.h"
#include "tests/support/simulated_file_system.h"

using namespace log_fixture;

namespace {

const std::string first_log = "t-0/00000000000000000000.log";

// One message without a key, uncompressed.
Blob legacy_message(int8_t magic, int64_t offset, int64_t timestamp, size_t value_bytes = 12) {
    constexpr size_t prefix_bytes = 16;  // offset, size, crc
    const size_t body_bytes = 2u + (magic == 1 ? 8u : 0u) + 8u + value_bytes;
    Blob message(prefix_bytes + body_bytes, std::byte{'v'});
    protocol::BufferSink body(message.data() + prefix_bytes);
    body.integer(magic);
    body.integer(int8_t{0});
    if (magic == 1) body.integer(timestamp);
    body.integer(int32_t{-1});
    body.integer(static_cast<int32_t>(value_bytes));
    protocol::BufferSink prefix(message.data());
    prefix.integer(offset);
    prefix.integer(static_cast<int32_t>(body_bytes + 4));
    prefix.integer(static_cast<uint32_t>(
        crc32_z(0, reinterpret_cast<const Bytef*>(message.data() + prefix_bytes), body_bytes)));
    return message;
}

void write_first_log(support::SimulatedFileSystem& files, const std::vector<Blob>& messages) {
    Blob contents;
    for (const Blob& message : messages)
        contents.insert(contents.end(), message.begin(), message.end());
    REQUIRE(files.create_directories("t-0").has_value());
    REQUIRE(files.open(first_log, storage::FileSystem::Open::create).has_value());
    files.overwrite(first_log, contents);
}

}  // namespace

TEST_CASE("messages of magic 0 and 1 are found by offset and followed by new batches") {
    support::SimulatedFileSystem files;
    const std::vector<Blob> messages{legacy_message(0, 0, 0), legacy_message(1, 1, 100),
                                     legacy_message(1, 4, 200)};
    write_first_log(files, messages);
    const auto log = open(files, "t-0", {.config = small_segments(10'000)});
    CHECK(log->log_end_offset() == 5);
    CHECK(bytes_of(*log->read(1, 1, 5, true)) == messages[1]);
    // Offsets 2 and 3 went in a compaction.
    CHECK(bytes_of(*log->read(2, 1, 5, true)) == messages[2]);

    const Blob appended = append(*log, batch(1, 300));
    CHECK(base_offsets(appended) == std::vector<int64_t>{5});
    CHECK(read_all(*log, 5) == appended);
}

TEST_CASE("messages of magic 1 are found by their time") {
    support::SimulatedFileSystem files;
    write_first_log(
        files, {legacy_message(1, 0, 100), legacy_message(1, 1, 200), legacy_message(1, 2, 150)});
    const auto log = open(files, "t-0");
    CHECK((*log->find_timestamp(101))->offset == 1);
    CHECK((*log->find_timestamp(101))->timestamp == 200);
    CHECK((*log->find_max_timestamp())->offset == 1);
    CHECK_FALSE(log->find_timestamp(201)->has_value());
}

TEST_CASE("a damaged message of an old magic is cut like any torn tail") {
    support::SimulatedFileSystem files;
    const Blob good = legacy_message(1, 0, 100);
    write_first_log(files, {good, legacy_message(0, 1, 0)});
    files.flip_bits(first_log, good.size() + 30);
    const auto log = open(files, "t-0");
    CHECK(log->log_end_offset() == 1);
    CHECK(files.contents(first_log) == good);
}
