#include <doctest/doctest.h>

#include "tests/storage/log_fixture.h"
#include "tests/support/temporary_directory.h"

using namespace log_fixture;
using protocol::ControlType;

namespace {

storage::FileSystem& disk = storage::posix_file_system();

constexpr Producer alice{.id = 1};
constexpr Producer bob{.id = 2};

struct Range {
    int64_t producer_id, first_offset, last_offset, last_stable_offset;
    bool operator==(const Range&) const = default;
};

std::vector<Range> aborted(const Log& log, int64_t from, int64_t to) {
    std::vector<Range> ranges;
    for (const auto& entry : log.aborted_transactions(from, to).value())
        ranges.push_back(
            {entry.producer_id, entry.first_offset, entry.last_offset, entry.last_stable_offset});
    return ranges;
}

}  // namespace

TEST_CASE("the last stable offset waits at the first open transaction (redpanda#10671)") {
    support::TemporaryDirectory directory;
    const auto log = open(disk, directory / "t-0");
    append(*log, batch(2));
    CHECK(log->last_stable_offset() == 2);
    append(*log, transactional_batch(alice, 0, 3));
    append(*log, transactional_batch(bob, 0));
    CHECK(log->last_stable_offset() == 2);
    append(*log, marker(alice, ControlType::commit));
    CHECK(log->last_stable_offset() == 5);
    append(*log, marker(bob, ControlType::abort));
    CHECK(log->last_stable_offset() == 8);
}

TEST_CASE("a read that ends at the last stable offset shows nothing of an open transaction") {
    support::TemporaryDirectory directory;
    const auto log = open(disk, directory / "t-0");
    const Blob stable = append(*log, batch(2));
    append(*log, transactional_batch(alice, 0));
    append(*log, batch());
    CHECK(bytes_of(*log->read(0, 1 << 20, log->last_stable_offset(), true)) == stable);
    CHECK(log->read(2, 1 << 20, log->last_stable_offset(), true)->size == 0);
    CHECK(log->read(3, 1 << 20, log->last_stable_offset(), true)->size == 0);
}

TEST_CASE("an aborted transaction is listed for every range that it overlaps (redpanda#5090)") {
    support::TemporaryDirectory directory;
    const auto log = open(disk, directory / "t-0");
    append(*log, batch(2));
    append(*log, transactional_batch(alice, 0, 3));    // 2..4
    append(*log, transactional_batch(bob, 0));         // 5
    append(*log, marker(alice, ControlType::abort));   // 6
    append(*log, marker(bob, ControlType::abort));     // 7
    append(*log, transactional_batch(alice, 3));       // 8
    append(*log, marker(alice, ControlType::commit));  // 9

    const Range first{1, 2, 6, 5};
    const Range second{2, 5, 7, 8};
    CHECK(aborted(*log, 0, 10) == std::vector{first, second});
    CHECK(aborted(*log, 0, 2).empty());
    CHECK(aborted(*log, 0, 3) == std::vector{first});
    CHECK(aborted(*log, 4, 5) == std::vector{first});
    CHECK(aborted(*log, 6, 7) == std::vector{first, second});
    CHECK(aborted(*log, 7, 10) == std::vector{second});
    CHECK(aborted(*log, 8, 10).empty());
}

TEST_CASE("aborted transactions are found in later segments than their records") {
    support::TemporaryDirectory directory;
    const LogConfig config = small_segments(200);
    auto log = open(disk, directory / "t-0", {.config = config});
    append(*log, transactional_batch(alice, 0));
    for (int i = 0; i < 10; ++i) append(*log, batch());
    append(*log, marker(alice, ControlType::abort));
    append(*log, batch());
    REQUIRE(log->segment_count() > 3);
    const std::vector<Range> expected{{1, 0, 11, 12}};
    CHECK(aborted(*log, 0, 1) == expected);
    CHECK(aborted(*log, 5, 6) == expected);

    REQUIRE(log->close().has_value());
    log = open_cleanly(disk, directory / "t-0", 13, config);
    CHECK(aborted(*log, 0, 1) == expected);
    CHECK(log->last_stable_offset() == 13);
}

TEST_CASE("a transaction index file is made only when something was aborted") {
    support::TemporaryDirectory directory;
    auto log = open(disk, directory / "t-0");
    append(*log, transactional_batch(alice, 0));
    append(*log, marker(alice, ControlType::commit));
    REQUIRE(log->close().has_value());
    CHECK_FALSE(disk.exists(directory / "t-0/00000000000000000000.txnindex"));

    log = open_cleanly(disk, directory / "t-0", 2);
    append(*log, transactional_batch(alice, 1));
    append(*log, marker(alice, ControlType::abort));
    REQUIRE(log->close().has_value());
    const auto index = storage::read_whole(disk, directory / "t-0/00000000000000000000.txnindex");
    REQUIRE(index.has_value());
    CHECK(index->size() == 34);
}

TEST_CASE("an open transaction survives closing, by the snapshot alone (redpanda#30003)") {
    support::TemporaryDirectory directory;
    auto log = open(disk, directory / "t-0");
    append(*log, batch(3));
    append(*log, transactional_batch(alice, 0));
    REQUIRE(log->close().has_value());
    log = open_cleanly(disk, directory / "t-0", 4);
    CHECK(log->last_stable_offset() == 3);
    append(*log, marker(alice, ControlType::abort));
    CHECK(aborted(*log, 0, 5) == std::vector<Range>{{1, 3, 4, 5}});
}

TEST_CASE("idle producers are forgotten when they expire") {
    support::TemporaryDirectory directory;
    const auto log = open(disk, directory / "t-0");
    append(*log, idempotent_batch(alice, 0, 1, now));
    append(*log, idempotent_batch(bob, 0, 1, now + 500));
    log->expire_producers(1000, now + 1200);
    CHECK(log->producers().find(alice.id) == nullptr);
    CHECK(log->producers().find(bob.id) != nullptr);
}
