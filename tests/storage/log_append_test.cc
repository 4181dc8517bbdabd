#include <doctest/doctest.h>

#include <algorithm>
#include <limits>

#include "tests/storage/log_fixture.h"
#include "tests/support/temporary_directory.h"

using namespace log_fixture;
using protocol::BatchView;

namespace {

storage::FileSystem& disk = storage::posix_file_system();

Blob joined(const std::vector<Blob>& parts) {
    Blob all;
    for (const Blob& part : parts) all.insert(all.end(), part.begin(), part.end());
    return all;
}

}  // namespace

TEST_CASE("opening an absent directory gives an empty log and makes no file") {
    support::TemporaryDirectory directory;
    const auto log = open(disk, directory / "t-0", {.log_start_offset = 5});
    CHECK(log->log_start_offset() == 5);
    CHECK(log->log_end_offset() == 5);
    CHECK(log->last_stable_offset() == 5);
    CHECK(log->size_bytes() == 0);
    CHECK_FALSE(disk.exists(directory / "t-0"));
    CHECK(log->close().has_value());
    CHECK_FALSE(disk.exists(directory / "t-0"));
}

TEST_CASE("the first append makes the directory and partition.metadata") {
    support::TemporaryDirectory directory;
    protocol::Uuid topic_id;
    topic_id.bytes[15] = std::byte{9};
    const auto log = open(disk, directory / "t-0", {.topic_id = topic_id});
    append(*log, batch());
    CHECK(disk.exists(directory / "t-0/00000000000000000000.log"));
    CHECK(disk.exists(directory / "t-0/partition.metadata"));
    REQUIRE(log->close().has_value());

    protocol::Uuid other = topic_id;
    other.bytes[0] = std::byte{1};
    const auto refused = Log::open(disk, directory / "t-0", {.topic_id = other});
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error() == ErrorCode::inconsistent_topic_id);
}

TEST_CASE("an append stamps offsets and leader epoch and keeps every other byte") {
    support::TemporaryDirectory directory;
    const auto log = open(disk, directory / "t-0");
    append(*log, batch(3));
    const Blob original = batch(2);
    Blob stamped = original;
    const auto appended = log->append(stamped, 4, now);
    REQUIRE(appended.has_value());
    CHECK(appended->base_offset == 3);
    CHECK(appended->last_offset == 4);
    CHECK(appended->log_append_time_ms == -1);

    const auto view = BatchView::first_in(stamped);
    REQUIRE(view.has_value());
    CHECK(view->base_offset() == 3);
    CHECK(view->partition_leader_epoch() == 4);
    CHECK(view->has_valid_crc());
    CHECK(std::equal(stamped.begin() + 16, stamped.end(), original.begin() + 16));
    CHECK(read_all(*log, 3) == stamped);
    CHECK(log->log_end_offset() == 5);
}

TEST_CASE("several batches are appended in one go and follow each other") {
    support::TemporaryDirectory directory;
    const auto log = open(disk, directory / "t-0");
    append(*log, batch());
    const Blob stored = append(*log, joined({batch(2), batch(1), batch(4)}));
    CHECK(base_offsets(stored) == std::vector<int64_t>{1, 3, 4});
    CHECK(read_all(*log, 1) == stored);
    CHECK(log->log_end_offset() == 8);
}

TEST_CASE("under LogAppendTime the batch gets the time of the append and a new checksum") {
    support::TemporaryDirectory directory;
    LogConfig config;
    config.timestamp_type = protocol::TimestampType::log_append_time;
    const auto log = open(disk, directory / "t-0", {.config = config});
    Blob stamped = batch(2, 5);
    const auto appended = log->append(stamped, 0, 777);
    REQUIRE(appended.has_value());
    CHECK(appended->log_append_time_ms == 777);
    const auto view = BatchView::first_in(stamped);
    CHECK(view->max_timestamp() == 777);
    CHECK(view->timestamp_type() == protocol::TimestampType::log_append_time);
    CHECK(view->has_valid_crc());
}

TEST_CASE("a read begins with the batch that holds the offset") {
    support::TemporaryDirectory directory;
    const auto log = open(disk, directory / "t-0", {.config = small_segments(1 << 20)});
    std::vector<Blob> stored;
    for (int i = 0; i < 20; ++i) stored.push_back(append(*log, batch(3)));
    for (int64_t offset = 0; offset < 60; ++offset)
        CHECK(base_offsets(read_all(*log, offset)).front() == offset - offset % 3);
    CHECK(read_all(*log, 57) == stored.back());
}

TEST_CASE("a read gives at most the bytes asked for, unless the first batch is to be whole") {
    support::TemporaryDirectory directory;
    const auto log = open(disk, directory / "t-0");
    const size_t size = append(*log, batch(2)).size();
    append(*log, batch(2));
    CHECK(log->read(0, size + 5, 4, false)->size == size + 5);
    CHECK(log->read(0, 10, 4, false)->size == 10);
    CHECK(log->read(1, 10, 4, true)->size == size);
    CHECK(log->read(2, 1 << 20, 4, true)->position == size);
}

TEST_CASE("a read gives nothing at or after its end offset") {
    support::TemporaryDirectory directory;
    const auto log = open(disk, directory / "t-0", {.config = small_segments(400)});
    for (int i = 0; i < 12; ++i) append(*log, batch(2));
    REQUIRE(log->segment_count() > 2);
    for (int64_t end = 0; end <= 24; end += 2) {
        std::vector<int64_t> seen;
        for (int64_t offset = 0; offset < end;) {
            const auto slice = log->read(offset, 1 << 20, end, true);
            REQUIRE(slice.has_value());
            for (const int64_t base : base_offsets(bytes_of(*slice))) seen.push_back(base);
            REQUIRE_FALSE(seen.empty());
            offset = seen.back() + 2;
        }
        CHECK(seen.size() == static_cast<size_t>(end) / 2);
    }
    const auto nothing = log->read(4, 1 << 20, 4, true);
    REQUIRE(nothing.has_value());
    CHECK(nothing->size == 0);
}

TEST_CASE("a read below the start or past the end is out of range") {
    support::TemporaryDirectory directory;
    const auto log = open(disk, directory / "t-0", {.log_start_offset = 3});
    append(*log, batch(2));
    CHECK(log->read(2, 100, 5, true).error() == ErrorCode::offset_out_of_range);
    CHECK(log->read(6, 100, 6, true).error() == ErrorCode::offset_out_of_range);
    CHECK(log->read(5, 100, 5, true)->size == 0);
    CHECK(log->read(3, 100, 5, true)->size > 0);
}

TEST_CASE("a full segment is rolled and its files have what Kafka expects in them") {
    support::TemporaryDirectory directory;
    const auto log = open(disk, directory / "t-0", {.config = small_segments(300)});
    for (int i = 0; i < 8; ++i) append(*log, batch(2, now + i));
    CHECK(log->segment_count() == 3);
    for (const char* name : {"00000000000000000000.log", "00000000000000000000.index",
                             "00000000000000000000.timeindex", "00000000000000000006.log",
                             "00000000000000000006.snapshot", "00000000000000000012.log",
                             "00000000000000000012.snapshot", "leader-epoch-checkpoint"})
        CHECK_MESSAGE(disk.exists(directory / "t-0/" + name), name);
    CHECK_FALSE(disk.exists(directory / "t-0/00000000000000000000.txnindex"));

    // The first batch of a segment has no entry in its index, each other one of these has.
    const auto index = storage::read_whole(disk, directory / "t-0/00000000000000000000.index");
    CHECK(index->size() == 2 * 8);
    const auto times = storage::read_whole(disk, directory / "t-0/00000000000000000000.timeindex");
    CHECK(times->size() == 2 * 12);
}

TEST_CASE("a segment is rolled by the age of its records, less the jitter") {
    support::TemporaryDirectory directory;
    LogConfig config;
    config.segment_ms = 1000;
    const auto log = open(disk, directory / "t-0", {.config = config});
    append(*log, batch(1, now));
    append(*log, batch(1, now + 1000));
    CHECK(log->segment_count() == 1);
    append(*log, batch(1, now + 1001));
    CHECK(log->segment_count() == 2);

    config.segment_jitter_ms = 1000;
    bool rolled_earlier = false;
    for (int i = 0; i < 10 && !rolled_earlier; ++i) {
        const auto other = open(disk, directory / ("j-" + std::to_string(i)), {.config = config});
        append(*other, batch(1, now));
        append(*other, batch(1, now + 900));
        rolled_earlier = other->segment_count() == 2;
    }
    CHECK(rolled_earlier);
}

TEST_CASE("records without timestamps age by the clock") {
    support::TemporaryDirectory directory;
    LogConfig config;
    config.segment_ms = 1000;
    const auto log = open(disk, directory / "t-0", {.config = config, .now_ms = now});
    append(*log, batch_of_times({-1}), 0, now);
    append(*log, batch_of_times({-1}), 0, now + 1000);
    CHECK(log->segment_count() == 1);
    append(*log, batch_of_times({-1}), 0, now + 1001);
    CHECK(log->segment_count() == 2);
}

TEST_CASE("a segment is rolled when its index is full") {
    support::TemporaryDirectory directory;
    LogConfig config = small_segments(1 << 20);
    config.segment_index_bytes = 3 * 12;
    const auto log = open(disk, directory / "t-0", {.config = config});
    for (int i = 0; i < 4; ++i) append(*log, batch(1, now + i));
    CHECK(log->segment_count() == 2);
}

TEST_CASE("a segment is rolled before its offsets outgrow the index") {
    support::TemporaryDirectory directory;
    const auto log = open(disk, directory / "t-0");
    append(*log, batch());
    // A batch that claims almost all offsets that 31 bits have.
    protocol::BatchBuilder builder({.last_offset = std::numeric_limits<int32_t>::max() - 1});
    builder.add(now, std::nullopt, std::nullopt);
    append(*log, builder.build());
    CHECK(log->segment_count() == 1);
    append(*log, batch());
    CHECK(log->segment_count() == 2);
    CHECK(base_offsets(read_all(*log, int64_t{1} << 31)) == std::vector<int64_t>{int64_t{1} << 31});
}

TEST_CASE("what is larger than a segment is refused") {
    support::TemporaryDirectory directory;
    const auto log = open(disk, directory / "t-0", {.config = small_segments(200)});
    Blob large = batch(1, now, 200);
    CHECK(log->append(large, 0, now).error() == ErrorCode::record_list_too_large);
    CHECK(log->log_end_offset() == 0);
    append(*log, batch());
}

TEST_CASE("changed settings hold for the next append") {
    support::TemporaryDirectory directory;
    const auto log = open(disk, directory / "t-0");
    append(*log, batch());
    log->configure(small_segments(100));
    append(*log, batch());
    CHECK(log->segment_count() == 2);
}

TEST_CASE("leader epochs are kept with the offsets where they start") {
    support::TemporaryDirectory directory;
    auto log = open(disk, directory / "t-0");
    append(*log, batch(2), 0);
    append(*log, batch(2), 3);
    append(*log, batch(2), 3);
    append(*log, batch(2), 5);
    const std::vector<storage::LeaderEpochStart> expected{{0, 0}, {3, 2}, {5, 6}};
    CHECK(log->leader_epochs().entries() == expected);
    REQUIRE(log->close().has_value());
    log = open_cleanly(disk, directory / "t-0", 8);
    CHECK(log->leader_epochs().entries() == expected);
}

TEST_CASE("a log that was closed goes on where it ended") {
    support::TemporaryDirectory directory;
    const LogConfig config = small_segments(300);
    auto log = open(disk, directory / "t-0", {.config = config});
    std::vector<Blob> stored;
    for (int i = 0; i < 5; ++i) stored.push_back(append(*log, batch(2)));
    REQUIRE(log->close().has_value());
    CHECK(log->recovery_point() == 10);
    log = open_cleanly(disk, directory / "t-0", 10, config);
    CHECK(log->log_end_offset() == 10);
    CHECK(log->read(0, 1, 10, true)->size == stored[0].size());
    for (int i = 0; i < 5; ++i) stored.push_back(append(*log, batch(2)));
    CHECK(read_log(*log) == joined(stored));
    CHECK(log->size_bytes() == joined(stored).size());
}

TEST_CASE("an open slice stays readable after its segment was deleted") {
    support::TemporaryDirectory directory;
    const auto log = open(disk, directory / "t-0", {.config = small_segments(300)});
    const Blob first = append(*log, batch(2));
    for (int i = 0; i < 8; ++i) append(*log, batch(2));
    const auto slice = log->read(0, 1, 2, true);
    REQUIRE(slice.has_value());
    REQUIRE(log->raise_log_start_offset(18).has_value());
    CHECK_FALSE(disk.exists(directory / "t-0/00000000000000000000.log"));
    CHECK(bytes_of(*slice) == first);
}

TEST_CASE("reading many segments keeps few files open") {
    support::TemporaryDirectory directory;
    const auto log = open(disk, directory / "t-0", {.config = small_segments(100)});
    for (int i = 0; i < 50; ++i) append(*log, batch());
    const auto open_files = [] {
        return storage::posix_file_system().list("/proc/self/fd")->size();
    };
    const size_t before = open_files();
    CHECK(base_offsets(read_log(*log)).size() == 50);
    CHECK(open_files() <= before + 4 * 4);
}
