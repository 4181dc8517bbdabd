#include <doctest/doctest.h>

#include "storage/index.h"
#include "storage/segment_files.h"
#include "storage/time_index.h"
#include "storage/transaction_index.h"
#include "tests/support/simulated_file_system.h"

using namespace storage;

namespace {

// More than fits into a block in memory, with gaps between offsets.
OffsetIndex filled(support::SimulatedFileSystem& files, int count) {
    OffsetIndex index(files, "i");
    for (int i = 1; i <= count; ++i) index.append({i * 3, i * 100});
    return index;
}

void check_lookups(const OffsetIndex& index, int count) {
    for (int offset = 0; offset < count * 3 + 10; ++offset) {
        const int expected = std::min(offset / 3, count);
        const auto entry = index.lookup(offset);
        REQUIRE(entry.has_value());
        REQUIRE(entry->relative_offset == expected * 3);
        REQUIRE(entry->position == expected * 100);
    }
}

}  // namespace

TEST_CASE("an index is searched alike in memory, on disk and across both") {
    for (const int count : {0, 1, 511, 512, 513, 2000}) {
        support::SimulatedFileSystem files;
        OffsetIndex index = filled(files, count);
        check_lookups(index, count);
        REQUIRE(index.persist().has_value());
        CHECK(files.contents("i").size() == static_cast<size_t>(count) * 8);
        check_lookups(index, count);
        OffsetIndex loaded(files, "i");
        REQUIRE(loaded.load().has_value());
        check_lookups(loaded, count);
        // Backwards, so that no block in memory is the right one.
        for (int i = count; i > 0; --i) CHECK(loaded.lookup(i * 3)->position == i * 100);
    }
}

TEST_CASE("entries have Kafka's bytes") {
    support::SimulatedFileSystem files;
    OffsetIndex index(files, "i");
    index.append({.relative_offset = 0x0102, .position = 0x030405});
    REQUIRE(index.persist().has_value());
    CHECK(files.contents("i") == protocol::Blob{std::byte{0}, std::byte{0}, std::byte{1},
                                                std::byte{2}, std::byte{0}, std::byte{3},
                                                std::byte{4}, std::byte{5}});
    TimeIndex times(files, "t");
    REQUIRE(times.maybe_append({.timestamp = 0x0102, .relative_offset = 7}).has_value());
    REQUIRE(times.persist().has_value());
    CHECK(files.contents("t") == protocol::Blob{std::byte{0}, std::byte{0}, std::byte{0},
                                                std::byte{0}, std::byte{0}, std::byte{0},
                                                std::byte{1}, std::byte{2}, std::byte{0},
                                                std::byte{0}, std::byte{0}, std::byte{7}});
}

TEST_CASE("a truncated index forgets entries in memory and on disk") {
    support::SimulatedFileSystem files;
    OffsetIndex index = filled(files, 700);
    REQUIRE(index.truncate_to_position(60'001).has_value());
    CHECK(index.count() == 600);
    REQUIRE(index.truncate_to_position(10'000).has_value());
    CHECK(index.count() == 99);
    CHECK(files.contents("i").size() == 99 * 8);
    index.append({1000, 20'000});
    CHECK(index.lookup(1000)->position == 20'000);
    CHECK(index.lookup(999)->position == 9'900);
}

TEST_CASE("a time index takes only rising timestamps") {
    support::SimulatedFileSystem files;
    TimeIndex times(files, "t");
    for (const int64_t timestamp : {100, 90, 100, 110})
        REQUIRE(times.maybe_append({timestamp, static_cast<int32_t>(timestamp)}).has_value());
    CHECK(times.count() == 2);
    CHECK(times.lookup(100) == 0);
    CHECK(times.lookup(101) == 100);
    CHECK(times.lookup(500) == 110);
}

TEST_CASE("a failed write of entries is made good by the next one") {
    support::SimulatedFileSystem files(3);
    OffsetIndex index = filled(files, 10);
    files.fail_every(support::Operation::write);
    files.fail_every(support::Operation::truncate);
    CHECK_FALSE(index.persist().has_value());
    check_lookups(index, 10);
    files.heal();
    REQUIRE(index.persist().has_value());
    CHECK(files.contents("i").size() == 80);
}

TEST_CASE("names of segment files are read as they are written, and no other names") {
    CHECK(segment_file_name(42, SegmentFile::time_index) == "00000000000000000042.timeindex");
    const auto parsed = parse_segment_file_name("00000000000000000042.log.swap");
    REQUIRE(parsed.has_value());
    CHECK(parsed->offset == 42);
    CHECK(parsed->kind == SegmentFile::log);
    CHECK(parsed->leftover == Leftover::swap);
    for (const char* name :
         {"", "42.log", "0000000000000000004x.log", "-0000000000000000042.log",
          "00000000000000000042", "00000000000000000042.logs", "99999999999999999999.log",
          "00000000000000000042.log.gone", "leader-epoch-checkpoint", "partition.metadata"})
        CHECK_MESSAGE(!parse_segment_file_name(name).has_value(), name);
}
