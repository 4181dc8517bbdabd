#include <doctest/doctest.h>

#include "storage/segment_files.h"
#include "tests/storage/log_fixture.h"
#include "tests/support/simulated_file_system.h"

using namespace log_fixture;
using protocol::ControlType;

namespace {

constexpr Producer alice{.id = 1};

}  // namespace

TEST_CASE("truncation cuts the batch that holds the offset and all after it") {
    support::SimulatedFileSystem files;
    const LogConfig config = small_segments(250);
    for (int64_t to = 0; to <= 20; ++to) {
        const std::string directory = "t-" + std::to_string(to);
        auto log = open(files, directory, {.config = config});
        std::vector<Blob> stored;
        for (int i = 0; i < 10; ++i) stored.push_back(append(*log, batch(2, now + i), i / 3));
        REQUIRE(log->truncate_to(to).has_value());
        const int64_t end = to - to % 2;
        CHECK(log->log_end_offset() == end);
        Blob expected;
        for (int64_t i = 0; i < end / 2; ++i)
            expected.insert(expected.end(), stored[i].begin(), stored[i].end());
        CHECK(read_log(*log) == expected);
        CHECK(log->leader_epochs().latest() == (end == 0 ? -1 : (end / 2 - 1) / 3));
        const auto max = log->find_max_timestamp();
        CHECK((*max ? (*max)->timestamp : -1) == (end == 0 ? -1 : now + end / 2 - 1));

        // It goes on from there, and after a crash too.
        const Blob more = append(*log, batch(1, now + 50), 7);
        CHECK(base_offsets(more) == std::vector<int64_t>{end});
        expected.insert(expected.end(), more.begin(), more.end());
        log.reset();
        log = open(files, directory, {.config = config});
        CHECK(read_log(*log) == expected);
        CHECK((*log->find_timestamp(now + 50))->offset == end);
    }
}

TEST_CASE("truncation takes producer state and aborted transactions back") {
    support::SimulatedFileSystem files;
    const auto log = open(files, "t-0", {.config = small_segments(400)});
    append(*log, transactional_batch(alice, 0, 2));   // 0..1
    append(*log, marker(alice, ControlType::abort));  // 2
    append(*log, transactional_batch(alice, 2));      // 3
    append(*log, marker(alice, ControlType::abort));  // 4
    append(*log, batch());
    CHECK(log->aborted_transactions(0, 6)->size() == 2);
    REQUIRE(log->truncate_to(4).has_value());
    CHECK(log->last_stable_offset() == 3);
    CHECK(log->aborted_transactions(0, 4)->size() == 1);
    CHECK(log->producers().find(alice.id)->last_sequence() == 2);
    REQUIRE(log->truncate_to(3).has_value());
    CHECK(log->last_stable_offset() == 3);
    CHECK(log->producers().find(alice.id)->last_sequence() == 1);
    REQUIRE(log->truncate_to(0).has_value());
    CHECK(log->producers().find(alice.id) == nullptr);
    CHECK(log->aborted_transactions(0, 4)->empty());
}

TEST_CASE("truncation below the first segment begins the log anew at that offset") {
    support::SimulatedFileSystem files;
    const LogConfig config = small_segments(100);
    auto log = open(files, "t-0", {.config = config, .log_start_offset = 50});
    for (int i = 0; i < 3; ++i) append(*log, batch());
    REQUIRE(log->truncate_to(40).has_value());
    CHECK(log->log_start_offset() == 40);
    CHECK(log->log_end_offset() == 40);
    CHECK(base_offsets(append(*log, batch())) == std::vector<int64_t>{40});
}

TEST_CASE("what was cut does not come back after a power cut") {
    for (uint64_t seed = 0; seed < 20; ++seed) {
        support::SimulatedFileSystem files(seed);
        const LogConfig config = small_segments(250);
        auto log = open(files, "t-0", {.config = config});
        for (int i = 0; i < 8; ++i) append(*log, idempotent_batch(alice, i));
        REQUIRE(log->flush().has_value());
        REQUIRE(log->truncate_to(3).has_value());
        append(*log, batch());
        const int64_t recovery_point = log->recovery_point();
        CHECK(recovery_point == 3);
        log.reset();
        files.crash(support::Crash::power_cut);
        log = open(files, "t-0", {.config = config, .recovery_point = recovery_point});
        CHECK(log->log_end_offset() >= 3);
        CHECK(log->log_end_offset() <= 4);
        CHECK(log->producers().find(alice.id)->last_sequence() == 2);
    }
}

TEST_CASE("a raised start hides records, and segments wholly below it are deleted") {
    support::SimulatedFileSystem files;
    const LogConfig config = small_segments(250);
    auto log = open(files, "t-0", {.config = config});
    for (int i = 0; i < 10; ++i) append(*log, batch(2), i);
    const size_t segments = log->segment_count();
    REQUIRE(log->raise_log_start_offset(7).has_value());
    CHECK(log->log_start_offset() == 7);
    CHECK(log->segment_count() == segments - 1);
    CHECK_FALSE(files.exists("t-0/00000000000000000000.log"));
    CHECK_FALSE(files.exists("t-0/00000000000000000000.index"));
    CHECK(log->read(6, 10, 20, true).error() == ErrorCode::offset_out_of_range);
    CHECK(base_offsets(read_all(*log, 7)).front() == 6);
    CHECK(log->leader_epochs().entries().front() == storage::LeaderEpochStart{3, 7});

    CHECK(log->raise_log_start_offset(3).has_value());
    CHECK(log->log_start_offset() == 7);
    CHECK(log->raise_log_start_offset(21).error() == ErrorCode::offset_out_of_range);

    log.reset();
    log = open(files, "t-0", {.config = config, .log_start_offset = 7});
    CHECK(log->log_start_offset() == 7);
    CHECK(log->log_end_offset() == 20);
}

TEST_CASE("a start raised to the end of a rolled log leaves an empty log that keeps its offset") {
    support::SimulatedFileSystem files;
    auto log = open(files, "t-0");
    append(*log, idempotent_batch(alice, 0, 5));
    REQUIRE(log->roll(now).has_value());
    REQUIRE(log->raise_log_start_offset(5).has_value());
    CHECK(log->segment_count() == 1);
    CHECK(log->size_bytes() == 0);
    log.reset();
    files.crash(support::Crash::power_cut);
    log = open(files, "t-0");
    CHECK(log->log_start_offset() == 5);
    CHECK(log->log_end_offset() == 5);
    append(*log, batch());
}

TEST_CASE("an empty last segment is not rolled again") {
    support::SimulatedFileSystem files;
    const auto log = open(files, "t-0");
    CHECK(log->roll(now).has_value());
    CHECK(log->segment_count() == 0);
    append(*log, batch());
    REQUIRE(log->roll(now).has_value());
    REQUIRE(log->roll(now).has_value());
    CHECK(log->segment_count() == 2);
}
