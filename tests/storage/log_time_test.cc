#include <doctest/doctest.h>

#include <functional>
#include <random>

#include "tests/storage/log_fixture.h"
#include "tests/support/temporary_directory.h"

using namespace log_fixture;
using storage::TimestampOffset;

namespace {

storage::FileSystem& disk = storage::posix_file_system();

int64_t offset_at(const Log& log, int64_t timestamp) {
    const auto found = log.find_timestamp(timestamp);
    REQUIRE(found.has_value());
    return *found ? (*found)->offset : -1;
}

}  // namespace

TEST_CASE("a search by time gives the first record at or after it, by its own offset and time") {
    support::TemporaryDirectory directory;
    const auto log = open(disk, directory / "t-0");
    append(*log, batch_of_times({100, 110, 120}), 2);
    append(*log, batch_of_times({130, 140}, protocol::Compression::gzip), 3);
    CHECK(offset_at(*log, 0) == 0);
    CHECK(offset_at(*log, 101) == 1);
    CHECK(offset_at(*log, 140) == 4);
    CHECK(offset_at(*log, 141) == -1);
    const auto found = log->find_timestamp(125);
    CHECK((*found)->timestamp == 130);
    CHECK((*found)->offset == 3);
    CHECK((*found)->leader_epoch == 3);
}

TEST_CASE("a search by time finds nothing in an empty log") {
    support::TemporaryDirectory directory;
    const auto log = open(disk, directory / "t-0");
    CHECK_FALSE(log->find_timestamp(0)->has_value());
    CHECK_FALSE(log->find_max_timestamp()->has_value());
}

TEST_CASE("the largest timestamp belongs to the first record that has it") {
    support::TemporaryDirectory directory;
    const auto log = open(disk, directory / "t-0", {.config = small_segments(200)});
    append(*log, batch_of_times({100, 300, 200}), 1);
    append(*log, batch_of_times({300}), 2);
    append(*log, batch_of_times({50}), 2);
    const auto max = log->find_max_timestamp();
    REQUIRE(max.has_value());
    REQUIRE(max->has_value());
    CHECK((*max)->timestamp == 300);
    CHECK((*max)->offset == 1);
    CHECK((*max)->leader_epoch == 1);
}

TEST_CASE("records below the log's start are not found by time") {
    support::TemporaryDirectory directory;
    const auto log = open(disk, directory / "t-0");
    append(*log, batch_of_times({100, 900, 200}));
    append(*log, batch_of_times({300, 400}));
    REQUIRE(log->raise_log_start_offset(2).has_value());
    CHECK(offset_at(*log, 0) == 2);
    CHECK(offset_at(*log, 500) == -1);
    const auto max = log->find_max_timestamp();
    REQUIRE(max->has_value());
    CHECK((*max)->timestamp == 400);
    CHECK((*max)->offset == 4);
}

TEST_CASE("records in segments after a raised start are found although the first segment fits") {
    support::TemporaryDirectory directory;
    const auto log = open(disk, directory / "t-0", {.config = small_segments(200)});
    append(*log, batch_of_times({900, 100}));
    append(*log, batch_of_times({500, 100}));
    append(*log, batch_of_times({600}));
    REQUIRE(log->segment_count() >= 2);
    REQUIRE(log->raise_log_start_offset(1).has_value());
    CHECK(offset_at(*log, 550) == 4);
}

TEST_CASE("a search by time agrees with a walk over all records, however times are ordered") {
    support::TemporaryDirectory directory;
    std::mt19937 random(11);
    LogConfig config = small_segments(2000);
    config.index_interval_bytes = 200;
    auto log = open(disk, directory / "t-0", {.config = config});
    std::vector<int64_t> times;
    for (int i = 0; i < 120; ++i) {
        std::vector<int64_t> in_batch;
        for (size_t n = 1 + random() % 4; n > 0; --n)
            in_batch.push_back(static_cast<int64_t>(i * 10 + random() % 400));
        append(*log, batch_of_times(in_batch));
        times.insert(times.end(), in_batch.begin(), in_batch.end());
    }
    REQUIRE(log->segment_count() > 4);
    const auto check = [&] {
        for (int64_t wanted = 0; wanted < 1650; wanted += 7) {
            int64_t expected = -1;
            for (size_t i = 0; i < times.size() && expected < 0; ++i)
                if (times[i] >= wanted) expected = static_cast<int64_t>(i);
            CHECK(offset_at(*log, wanted) == expected);
        }
    };
    check();
    REQUIRE(log->close().has_value());
    log = open_cleanly(disk, directory / "t-0", static_cast<int64_t>(times.size()), config);
    check();
    log = open(disk, directory / "t-0", {.config = config});
    check();
}
