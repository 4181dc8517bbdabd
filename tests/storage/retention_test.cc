// What time, size and deletion take from a log, and what they must leave.
#include <doctest/doctest.h>

#include <set>

#include "storage/segment_files.h"
#include "tests/storage/log_fixture.h"
#include "tests/support/simulated_file_system.h"

using namespace log_fixture;
using protocol::ControlType;
using storage::SegmentFile;

namespace {

constexpr int64_t hour = 3'600'000;

LogConfig one_batch_segments() {
    LogConfig config = small_segments(100);
    config.retention_ms = -1;
    return config;
}

// Batches of one record each, an hour apart, each in a segment of its own.
struct Hourly {
    explicit Hourly(const LogConfig& config) {
        log = open(files, "t-0", {.config = config});
        for (int i = 0; i < 5; ++i) append(*log, batch(1, now + i * hour));
    }
    bool has(int64_t offset, std::string_view suffix) const {
        return files.exists("t-0/" + storage::segment_file_name(offset, SegmentFile::log) +
                            std::string(suffix));
    }

    support::SimulatedFileSystem files;
    std::unique_ptr<Log> log;
};

}  // namespace

TEST_CASE("segments go when their newest record is older than retention.ms") {
    LogConfig config = one_batch_segments();
    config.retention_ms = 2 * hour;
    Hourly test(config);
    CHECK(test.log->apply_retention(now + 2 * hour) == 0);
    CHECK(test.log->apply_retention(now + 2 * hour + 1) == 1);
    CHECK(test.log->log_start_offset() == 1);
    CHECK(test.log->apply_retention(now + 4 * hour + 1) == 2);
    CHECK(test.log->log_start_offset() == 3);
    CHECK(base_offsets(read_log(*test.log)) == std::vector<int64_t>{3, 4});
    CHECK(test.log->read(2, 100, 5, true).error() == ErrorCode::offset_out_of_range);
}

TEST_CASE("retention takes the segment that is written to as well, and the log goes on") {
    LogConfig config = one_batch_segments();
    config.retention_ms = hour;
    Hourly test(config);
    CHECK(test.log->apply_retention(now + 100 * hour) == 5);
    CHECK(test.log->log_start_offset() == 5);
    CHECK(test.log->segment_count() == 1);
    CHECK(test.log->apply_retention(now + 200 * hour) == 0);
    CHECK(base_offsets(append(*test.log, batch(1, now + 200 * hour))) == std::vector<int64_t>{5});
    REQUIRE(test.log->flush().has_value());
    test.log.reset();
    test.files.crash(support::Crash::power_cut);
    const auto log = open(test.files, "t-0", {.config = config, .recovery_point = 6});
    CHECK(log->log_start_offset() == 5);
}

TEST_CASE("a segment all of whose records were deleted, and which was the last, stays too long") {
    LogConfig config = one_batch_segments();
    config.segment_bytes = 10'000;
    config.retention_ms = hour;
    Hourly test(config);
    REQUIRE(test.log->segment_count() == 1);
    REQUIRE(test.log->raise_log_start_offset(5));
    CHECK(test.log->apply_retention(now + 100 * hour) == 1);
    CHECK(test.log->segment_count() == 1);
    CHECK_FALSE(test.has(0, ""));
    CHECK(test.has(5, ""));
}

TEST_CASE("the oldest segments go while the others still have retention.bytes") {
    LogConfig config = one_batch_segments();
    Hourly test(config);
    const auto size = static_cast<int64_t>(test.log->segments()->front().size_bytes);
    config.retention_bytes = 3 * size + 1;
    test.log->configure(config);
    CHECK(test.log->apply_retention(now) == 1);
    CHECK(test.log->apply_retention(now) == 0);
    config.retention_bytes = 0;
    test.log->configure(config);
    CHECK(test.log->apply_retention(now) == 4);
    CHECK(test.log->log_start_offset() == 5);
}

TEST_CASE("a log that is only compacted, or of no policy, keeps its old segments") {
    LogConfig config = one_batch_segments();
    config.retention_ms = 1;
    config.retention_bytes = 0;
    config.deletes = false;
    SUBCASE("compact") { config.compacts = true; }
    SUBCASE("none") {}
    Hourly test(config);
    CHECK(test.log->apply_retention(now + 100 * hour) == 0);
    CHECK(test.log->segment_count() == 5);
}

TEST_CASE("retention stops at the last stable offset: an open transaction keeps its data") {
    support::SimulatedFileSystem files;
    LogConfig config = small_segments(150);
    config.retention_ms = 1;
    config.retention_bytes = 0;
    auto log = open(files, "t-0", {.config = config});
    append(*log, batch());
    append(*log, transactional_batch({.id = 1}, 0));
    append(*log, batch());
    REQUIRE(log->segment_count() == 3);
    CHECK(log->apply_retention(now + hour) == 1);
    CHECK(log->log_start_offset() == 1);
    CHECK(log->last_stable_offset() == 1);
    append(*log, marker({.id = 1}, ControlType::commit));
    CHECK(log->apply_retention(now + hour) == 3);
    CHECK(log->log_start_offset() == 4);
}

TEST_CASE("DeleteRecords inside an open transaction leaves the last stable offset at the start") {
    support::SimulatedFileSystem files;
    auto log = open(files, "t-0");
    append(*log, transactional_batch({.id = 1}, 0, 3));
    REQUIRE(log->raise_log_start_offset(2).has_value());
    CHECK(log->last_stable_offset() == 2);
}

TEST_CASE("files of deleted segments wait for file.delete.delay.ms under another name") {
    LogConfig config = one_batch_segments();
    config.retention_ms = 1;
    config.file_delete_delay_ms = 1000;
    Hourly test(config);
    CHECK(test.log->take_deleted_files(now).empty());
    REQUIRE(test.log->apply_retention(now + hour) == 1);
    CHECK_FALSE(test.has(0, ""));
    CHECK(test.has(0, ".deleted"));
    CHECK(test.log->take_deleted_files(now).empty());
    CHECK(test.log->take_deleted_files(now + 999).empty());
    const auto due = test.log->take_deleted_files(now + 1000);
    CHECK(due == std::vector<std::string>{"t-0/00000000000000000000.log.deleted",
                                          "t-0/00000000000000000000.index.deleted",
                                          "t-0/00000000000000000000.timeindex.deleted"});
    CHECK(test.log->take_deleted_files(now + hour).empty());
}

TEST_CASE("what a crash leaves of deleted segments goes at the next start") {
    LogConfig config = one_batch_segments();
    config.retention_ms = hour;
    Hourly test(config);
    REQUIRE(test.log->apply_retention(now + 3 * hour) == 2);
    REQUIRE(test.has(1, ".deleted"));
    test.log.reset();
    test.files.crash(support::Crash::process_kill);
    const auto log = open(test.files, "t-0", {.config = config});
    CHECK_FALSE(test.has(1, ".deleted"));
    CHECK(log->log_start_offset() == 2);
}

TEST_CASE("a segment that could not be deleted is never tried again") {
    LogConfig config = one_batch_segments();
    Hourly test(config);
    test.files.fail_every(support::Operation::rename);
    REQUIRE(test.log->raise_log_start_offset(2).error() == ErrorCode::kafka_storage_error);
    test.files.heal();
    REQUIRE(test.log->log_start_offset() == 2);
    REQUIRE(test.has(1, ""));
    CHECK(test.log->apply_retention(now) == 0);
    CHECK_FALSE(test.has(0, ""));
    CHECK_FALSE(test.has(1, ""));
    CHECK(test.log->segment_count() == 3);
}

TEST_CASE("a deletion that fails halfway leaves files that nobody removes") {
    LogConfig config = one_batch_segments();
    config.retention_ms = hour;
    config.file_delete_delay_ms = 0;
    bool has_failed = false;
    for (uint64_t nth = 1; nth < 30; ++nth) {
        CAPTURE(nth);
        Hourly test(config);
        test.files.fail_at(nth);
        has_failed |= !test.log->apply_retention(now + 3 * hour).has_value();
        test.files.heal();
        if (test.log->is_offline()) continue;
        REQUIRE(test.log->apply_retention(now + 3 * hour).has_value());
        CHECK(test.log->log_start_offset() == 2);
        CHECK(test.log->segment_count() == 3);
        for (const std::string& path : test.log->take_deleted_files(now))
            CHECK(test.files.remove(path).has_value());
        for (const std::string& name : names_in(test.files, "t-0"))
            CHECK_FALSE(name.ends_with(".deleted"));
        CHECK(base_offsets(read_log(*test.log)) == std::vector<int64_t>{2, 3, 4});
    }
    CHECK(has_failed);
}

TEST_CASE("segments that cannot be seen, as their disk is away, are taken for deleted") {
    support::SimulatedFileSystem files;
    files.mount("t-0");
    auto log = open(files, "t-0", {.config = one_batch_segments()});
    for (int i = 0; i < 3; ++i) append(*log, batch());
    REQUIRE(log->flush());
    files.take_away("t-0", support::Outage::errors);
    CHECK_FALSE(log->raise_log_start_offset(2));
    CHECK_FALSE(log->apply_retention(now));
    CHECK(log->segment_count() == 3);
    files.bring_back("t-0");
    CHECK(log->apply_retention(now) == 0);
    CHECK(log->segment_count() == 1);
    CHECK(base_offsets(read_log(*log)) == std::vector<int64_t>{2});
    CHECK_FALSE(files.exists("t-0/" + storage::segment_file_name(0, SegmentFile::log)));
}

TEST_CASE("a read that began before its segment was deleted ends after it") {
    LogConfig config = one_batch_segments();
    config.retention_ms = 1;
    Hourly test(config);
    const Blob before = read_all(*test.log, 1);
    const auto slice = test.log->read(1, 1000, 5, true);
    REQUIRE(test.log->apply_retention(now + 2 * hour) == 2);
    for (const std::string& path : test.log->take_deleted_files(now + 100 * hour))
        CHECK(path == "");
    for (const std::string& path : test.log->take_deleted_files(now + 200 * hour))
        REQUIRE(test.files.remove(path).has_value());
    CHECK_FALSE(test.has(1, ".deleted"));
    CHECK(bytes_of(*slice) == before);
}

TEST_CASE("producers outlive their records, until they expire (KAFKA-7298)") {
    LogConfig config = one_batch_segments();
    config.retention_ms = 1;
    support::SimulatedFileSystem files;
    auto log = open(files, "t-0", {.config = config});
    append(*log, idempotent_batch({.id = 7}, 0));
    append(*log, idempotent_batch({.id = 7}, 1));
    REQUIRE(log->apply_retention(now + hour) == 2);
    const auto known = [&] { return log->producers().find(7); };
    REQUIRE(known());
    CHECK(known()->last_sequence() == 1);
    SUBCASE("over a kill") {
        log.reset();
        files.crash(support::Crash::process_kill);
        log = open(files, "t-0", {.config = config});
    }
    SUBCASE("over a power cut") {
        log.reset();
        files.crash(support::Crash::power_cut);
        log = open(files, "t-0", {.config = config});
    }
    SUBCASE("over a clean stop") {
        REQUIRE(log->close().has_value());
        log = open_cleanly(files, "t-0", 2, config);
    }
    REQUIRE(known());
    CHECK(known()->last_sequence() == 1);
    log->expire_producers(hour, now + hour - 1);
    CHECK(known());
    log->expire_producers(hour, now + hour);
    CHECK_FALSE(known());
}

TEST_CASE("a segment is rolled at its age although nothing is written any more") {
    support::SimulatedFileSystem files;
    LogConfig config;
    config.segment_ms = 1000;
    auto log = open(files, "t-0", {.config = config, .now_ms = now});
    REQUIRE(log->roll_if_due(now + hour).has_value());
    CHECK(log->segment_count() == 0);
    append(*log, batch());
    REQUIRE(log->roll_if_due(now + 1000).has_value());
    CHECK(log->segment_count() == 1);
    REQUIRE(log->roll_if_due(now + 1001).has_value());
    CHECK(log->segment_count() == 2);
    REQUIRE(log->roll_if_due(now + hour).has_value());
    CHECK(log->segment_count() == 2);
    CHECK(base_offsets(append(*log, batch())) == std::vector<int64_t>{1});
}

TEST_CASE("segment.jitter.ms brings the roll forward, for each log by something else") {
    LogConfig config;
    config.segment_ms = 1000;
    config.segment_jitter_ms = 900;
    std::set<int64_t> ages;
    for (int i = 0; i < 10; ++i) {
        support::SimulatedFileSystem files;
        auto log = open(files, "t-" + std::to_string(i), {.config = config, .now_ms = now});
        append(*log, batch());
        int64_t age = 0;
        while (log->segment_count() == 1) REQUIRE(log->roll_if_due(now + ++age).has_value());
        CHECK(age > 100);
        CHECK(age <= 1001);
        ages.insert(age);
    }
    CHECK(ages.size() > 5);
}

TEST_CASE("a compacted log rolls early enough for max.compaction.lag.ms") {
    support::SimulatedFileSystem files;
    LogConfig config;
    config.compacts = true;
    config.max_compaction_lag_ms = 500;
    auto log = open(files, "t-0", {.config = config, .now_ms = now});
    append(*log, batch(1, now));
    append(*log, batch(1, now + 500), 0, now + 500);
    CHECK(log->segment_count() == 1);
    append(*log, batch(1, now + 501), 0, now + 501);
    CHECK(log->segment_count() == 2);
}

TEST_CASE("an idle roll after a clean start finds out that the log was changed meanwhile") {
    support::SimulatedFileSystem files;
    auto log = open(files, "t-0");
    append(*log, batch(2));
    REQUIRE(log->close().has_value());
    const std::string path = "t-0/" + storage::segment_file_name(0, SegmentFile::log);
    log = open(files, "t-0", {.recovery_point = 2, .clean_shutdown = true, .now_ms = now});
    files.overwrite(path, {});
    CHECK_FALSE(log->roll_if_due(now + 1000 * hour).has_value());
    CHECK(log->refuses_writes());
}

TEST_CASE("retention that dies at any operation leaves a log that goes on where it ended") {
    LogConfig config = one_batch_segments();
    config.retention_ms = 2 * hour;
    for (const auto how : {support::Crash::process_kill, support::Crash::power_cut}) {
        for (uint64_t nth = 1;; ++nth) {
            CAPTURE(nth);
            Hourly test(config);
            REQUIRE(test.log->flush().has_value());
            test.files.die_at(nth);
            (void)test.log->apply_retention(now + 4 * hour + 1);
            const bool has_died = test.files.has_died();
            test.log.reset();
            test.files.crash(how);
            const auto log = open(test.files, "t-0", {.config = config, .recovery_point = 5});
            CHECK(log->log_start_offset() <= 3);
            CHECK(log->log_end_offset() == 5);
            CHECK(base_offsets(read_log(*log)).back() == 4);
            if (!has_died) break;
        }
    }
}
