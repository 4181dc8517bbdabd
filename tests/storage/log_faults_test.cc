#include <doctest/doctest.h>

#include <algorithm>

#include "tests/storage/log_fixture.h"
#include "tests/support/simulated_file_system.h"

using namespace log_fixture;
using support::Operation;

namespace {

constexpr Producer alice{.id = 1};

// What was acknowledged, in order.
struct Acknowledged {
    Blob bytes;
    int64_t end = 0;
};

void try_append(Log& log, Blob batches, Acknowledged& acknowledged) {
    const auto appended = log.append(batches, static_cast<int32_t>(acknowledged.end / 5), now);
    if (!appended) return;
    CHECK(appended->base_offset == acknowledged.end);
    acknowledged.bytes.insert(acknowledged.bytes.end(), batches.begin(), batches.end());
    acknowledged.end = appended->last_offset + 1;
}

// Appends, rolls, flushes and aborted transactions; failures are the caller's doing.
void work(Log& log, Acknowledged& acknowledged) {
    for (int i = 0; i < 4; ++i) {
        try_append(log, batch(2), acknowledged);
        try_append(log, transactional_batch(alice, i), acknowledged);
        try_append(log, marker(alice, protocol::ControlType::abort), acknowledged);
        if (i == 2) (void)log.flush();
    }
}

}  // namespace

TEST_CASE("an append that fails changes nothing, and the next one may work") {
    support::SimulatedFileSystem files;
    const auto log = open(files, "t-0");
    Blob stored = append(*log, transactional_batch(alice, 0));
    const auto before = log->producers();
    SUBCASE("disk full") { files.limit_space(30); }
    SUBCASE("I/O error") { files.fail_every(Operation::write); }
    Blob refused = transactional_batch(alice, 1);
    CHECK(log->append(refused, 0, now).error() == ErrorCode::kafka_storage_error);
    CHECK(log->log_end_offset() == 1);
    CHECK(log->producers() == before);
    CHECK(read_log(*log) == stored);
    CHECK(files.contents("t-0/00000000000000000000.log") == stored);
    CHECK_FALSE(log->refuses_writes());

    files.heal();
    const Blob next = append(*log, transactional_batch(alice, 1));
    stored.insert(stored.end(), next.begin(), next.end());
    CHECK(read_log(*log) == stored);
}

TEST_CASE("when a failed append cannot be taken back, the log is read only from then on") {
    support::SimulatedFileSystem files;
    auto log = open(files, "t-0");
    const Blob stored = append(*log, batch(2));
    files.limit_space(30);
    files.fail_every(Operation::truncate);
    Blob refused = batch();
    CHECK(log->append(refused, 0, now).error() == ErrorCode::kafka_storage_error);
    files.heal();
    CHECK(log->refuses_writes());
    CHECK(log->append(refused, 0, now).error() == ErrorCode::kafka_storage_error);
    CHECK_FALSE(log->close().has_value());
    CHECK(read_log(*log) == stored);

    log.reset();
    log = open(files, "t-0");
    CHECK(read_log(*log) == stored);
    append(*log, batch());
}

TEST_CASE("after a failed sync the log is offline, and its recovery point stays") {
    support::SimulatedFileSystem files;
    auto log = open(files, "t-0");
    const Blob stored = append(*log, batch(2));
    files.fail_every(Operation::sync);
    CHECK(log->flush().error() == ErrorCode::kafka_storage_error);
    files.heal();
    CHECK(log->recovery_point() == 0);
    CHECK(log->is_offline());
    CHECK(log->read(0, 1000, 2, true).error() == ErrorCode::kafka_storage_error);
    Blob more = batch();
    CHECK(log->append(more, 0, now).error() == ErrorCode::kafka_storage_error);
    CHECK(log->find_timestamp(0).error() == ErrorCode::kafka_storage_error);
    CHECK(log->find_max_timestamp().error() == ErrorCode::kafka_storage_error);
    CHECK(log->raise_log_start_offset(1).error() == ErrorCode::kafka_storage_error);
    CHECK_FALSE(log->needs_sync());
    log = open(files, "t-0");
    CHECK(read_log(*log) == stored);
}

TEST_CASE(
    "the log tells once when it goes offline, and whenever its start rises or its end falls") {
    support::SimulatedFileSystem files;
    auto log = open(files, "t-0");
    append(*log, batch(2));
    append(*log, batch(2));
    int count = 0;
    log->tell_changes([&] { ++count; });
    append(*log, batch(2));
    CHECK(count == 0);
    REQUIRE(log->raise_log_start_offset(1));
    REQUIRE(log->raise_log_start_offset(1));
    CHECK(count == 1);
    REQUIRE(log->truncate_to(4));
    CHECK(count == 2);
    append(*log, batch(2));
    files.fail_every(Operation::sync);
    CHECK(!log->flush());
    CHECK(!log->raise_log_start_offset(2));
    CHECK(count == 3);
}

TEST_CASE("when what takes an append back cannot be synced, the log is offline") {
    support::SimulatedFileSystem files;
    const auto log = open(files, "t-0");
    append(*log, batch(2));
    files.limit_space(30);
    files.fail_every(Operation::sync);
    Blob refused = batch();
    CHECK(log->append(refused, 0, now).error() == ErrorCode::kafka_storage_error);
    files.heal();
    CHECK(log->is_offline());
}

TEST_CASE("a failed index write costs nothing, as the entries wait") {
    support::SimulatedFileSystem files;
    const LogConfig config = small_segments(1 << 20);
    auto log = open(files, "t-0", {.config = config});
    for (int i = 0; i < 700; ++i) {
        // Batch 512 fills the first block of index entries.
        if (i == 510) files.limit_space(2 * 400);
        if (i == 513) files.heal();
        append(*log, batch(1, now + i));
    }
    REQUIRE(log->close().has_value());
    CHECK(files.contents("t-0/00000000000000000000.index").size() == 699 * 8);
    log = open_cleanly(files, "t-0", 700, config);
    for (int64_t offset = 0; offset < 700; offset += 13)
        CHECK(base_offsets(read_all(*log, offset)).front() == offset);
}

TEST_CASE("aborted transactions that cannot be read are an error, and not none") {
    support::SimulatedFileSystem files;
    auto log = open(files, "t-0");
    append(*log, transactional_batch(alice, 0));
    append(*log, marker(alice, protocol::ControlType::abort));
    REQUIRE(log->close().has_value());
    log = open_cleanly(files, "t-0", 2);
    files.fail_every(Operation::read);
    CHECK(log->aborted_transactions(0, 2).error() == ErrorCode::kafka_storage_error);
    files.heal();
    CHECK(log->aborted_transactions(0, 2)->size() == 1);
}

TEST_CASE("whichever operation fails, what was acknowledged is there and nothing else") {
    const LogConfig config = small_segments(400);
    for (uint64_t nth = 1;; ++nth) {
        CAPTURE(nth);
        support::SimulatedFileSystem files(nth);
        auto log = open(files, "t-0", {.config = config});
        Acknowledged acknowledged;
        files.fail_at(nth);
        const uint64_t operations_before = files.operation_count();
        work(*log, acknowledged);
        const bool was_reached = files.operation_count() - operations_before >= nth;
        files.heal();
        if (!log->is_offline()) CHECK(read_log(*log) == acknowledged.bytes);
        CHECK(log->log_end_offset() == acknowledged.end);
        log.reset();
        log = open(files, "t-0", {.config = config});
        CHECK(read_log(*log) == acknowledged.bytes);
        CHECK(log->last_stable_offset() <= acknowledged.end);
        if (!was_reached) break;
        REQUIRE(nth < 1000);
    }
}

TEST_CASE("whichever operation the process dies in, what was acknowledged is there") {
    const LogConfig config = small_segments(400);
    for (uint64_t nth = 1;; ++nth) {
        CAPTURE(nth);
        support::SimulatedFileSystem files(nth);
        auto log = open(files, "t-0", {.config = config});
        Acknowledged acknowledged;
        files.die_at(nth);
        const uint64_t operations_before = files.operation_count();
        work(*log, acknowledged);
        const bool was_reached = files.operation_count() - operations_before >= nth;
        log.reset();
        files.crash(support::Crash::process_kill);
        log = open(files, "t-0", {.config = config});
        const Blob found = read_log(*log);
        REQUIRE(found.size() >= acknowledged.bytes.size());
        CHECK(std::equal(acknowledged.bytes.begin(), acknowledged.bytes.end(), found.begin()));
        append(*log, batch());
        if (!was_reached) break;
        REQUIRE(nth < 1000);
    }
}

TEST_CASE("flush.messages flushes as soon as so many records wait") {
    support::SimulatedFileSystem files;
    LogConfig config;
    config.flush_messages = 3;
    const auto log = open(files, "t-0", {.config = config});
    append(*log, batch(2));
    CHECK(log->recovery_point() == 0);
    append(*log, batch(1));
    CHECK(log->recovery_point() == 3);
    files.fail_every(Operation::sync);
    Blob more = batch(3);
    CHECK(log->append(more, 0, now).error() == ErrorCode::kafka_storage_error);
    CHECK(log->refuses_writes());
}

TEST_CASE("flush.ms flushes what has waited that long") {
    support::SimulatedFileSystem files;
    LogConfig config;
    config.flush_ms = 100;
    const auto log = open(files, "t-0", {.config = config, .now_ms = now});
    append(*log, batch(2));
    REQUIRE(log->flush_if_due(now + 99).has_value());
    CHECK(log->recovery_point() == 0);
    REQUIRE(log->flush_if_due(now + 100).has_value());
    CHECK(log->recovery_point() == 2);
    append(*log, batch(2));
    REQUIRE(log->flush_if_due(now + 199).has_value());
    CHECK(log->recovery_point() == 2);
}

TEST_CASE("a flush in two steps moves the recovery point to where it began") {
    support::SimulatedFileSystem files;
    const auto log = open(files, "t-0", {.config = small_segments(150)});
    for (int i = 0; i < 3; ++i) append(*log, batch());
    const auto job = log->begin_sync();
    REQUIRE(job.has_value());
    append(*log, batch());
    REQUIRE(job->run(files));
    log->end_sync(*job, true);
    CHECK(log->recovery_point() == 3);

    // What was cut meanwhile and written anew was not synced.
    const auto late = log->begin_sync();
    REQUIRE(late.has_value());
    REQUIRE(log->truncate_to(2).has_value());
    append(*log, batch(3));
    log->end_sync(*late, true);
    CHECK(log->recovery_point() == 2);
}
