#include <doctest/doctest.h>

#include "tests/storage/log_fixture.h"
#include "tests/support/simulated_file_system.h"

using namespace log_fixture;
using storage::Write;
using support::Operation;

namespace {

constexpr Producer alice{.id = 1};
const std::string log_file = "t-0/00000000000000000000.log";

Blob joined(std::initializer_list<Blob> parts) {
    Blob all;
    for (const Blob& part : parts) all.insert(all.end(), part.begin(), part.end());
    return all;
}

}  // namespace

TEST_CASE("appends that are written later have offsets at once and reach the file in one write") {
    support::SimulatedFileSystem files;
    const auto log = open(files, "t-0");
    const Blob first = append(*log, batch());
    Blob second = idempotent_batch(alice, 0, 2);
    Blob third = idempotent_batch(alice, 2);
    CHECK(log->append(second, 0, now, Write::later)->base_offset == 1);
    CHECK(log->append(third, 0, now, Write::later)->base_offset == 3);
    CHECK(log->log_end_offset() == 4);
    CHECK(log->producers().find(alice.id)->last_sequence() == 2);
    CHECK(files.contents(log_file) == first);
    REQUIRE(log->write_out());
    CHECK(files.contents(log_file) == joined({first, second, third}));
    CHECK(read_log(*log) == joined({first, second, third}));
    CHECK_MESSAGE(log->write_out(), "with nothing to write");
}

TEST_CASE("appends that cannot be written are taken back together") {
    support::SimulatedFileSystem files;
    const auto log = open(files, "t-0");
    const Blob stored = append(*log, transactional_batch(alice, 0));
    const auto before = log->producers();
    Blob second = transactional_batch(alice, 1);
    Blob third = transactional_batch(alice, 2);
    REQUIRE(log->append(second, /*leader_epoch=*/1, now, Write::later));
    REQUIRE(log->append(third, 1, now, Write::later));
    SUBCASE("disk full in the first") { files.limit_space(10); }
    SUBCASE("disk full in the second") { files.limit_space(second.size() + 10); }
    SUBCASE("I/O error") { files.fail_every(Operation::write); }
    CHECK(log->write_out().error() == ErrorCode::kafka_storage_error);
    CHECK(log->log_end_offset() == 1);
    CHECK(log->producers() == before);
    CHECK(files.contents(log_file) == stored);
    CHECK(log->leader_epochs().latest() == 0);
    CHECK_FALSE(log->refuses_writes());

    files.heal();
    CHECK_MESSAGE(log->write_out(), "the failure was told");
    const Blob again = append(*log, transactional_batch(alice, 1));
    CHECK(read_log(*log) == joined({stored, again}));
}

TEST_CASE("after a failed write nothing is put off until one has succeeded") {
    support::SimulatedFileSystem files;
    const auto log = open(files, "t-0");
    append(*log, batch());
    files.fail_every(Operation::write);
    Blob lost = batch();
    REQUIRE(log->append(lost, 0, now, Write::later));
    CHECK_FALSE(log->write_out());
    CHECK(log->append(lost, 0, now, Write::later).error() == ErrorCode::kafka_storage_error);
    files.heal();
    Blob second = batch();
    REQUIRE(log->append(second, 0, now, Write::later));
    CHECK(base_offsets(read_log(*log)) == std::vector<int64_t>{0, 1});
    Blob third = batch();
    REQUIRE(log->append(third, 0, now, Write::later));
    REQUIRE(log->write_out());
    CHECK(base_offsets(read_log(*log)) == std::vector<int64_t>{0, 1, 2});
}

TEST_CASE("behind appends that are lost nothing is taken in before that was told") {
    support::SimulatedFileSystem files;
    const auto log = open(files, "t-0", {.config = small_segments(200)});
    append(*log, batch());
    Blob lost = batch();
    REQUIRE(log->append(lost, 0, now, Write::later));
    files.fail_every(Operation::write);
    Blob rolls = batch(1, now, 60);
    CHECK(log->append(rolls, 0, now, Write::later).error() == ErrorCode::kafka_storage_error);
    CHECK(log->segment_count() == 1);
    files.heal();
    // Its producer may be unknown again, and any sequence of it in order.
    Blob behind = batch();
    for (const Write when : {Write::later, Write::now})
        CHECK(log->append(behind, 0, now, when).error() == ErrorCode::kafka_storage_error);
    CHECK(log->write_out().error() == ErrorCode::kafka_storage_error);
    append(*log, behind);
    CHECK(base_offsets(read_log(*log)) == std::vector<int64_t>{0, 1});
}

TEST_CASE("a segment that is full with what is not yet written is rolled") {
    support::SimulatedFileSystem files;
    const auto log = open(files, "t-0", {.config = small_segments(200)});
    std::vector<Blob> batches(5, batch());
    for (Blob& one : batches) REQUIRE(log->append(one, 0, now, Write::later));
    REQUIRE(log->write_out());
    CHECK(log->segment_count() == 3);
    CHECK(base_offsets(read_log(*log)) == std::vector<int64_t>{0, 1, 2, 3, 4});
}

TEST_CASE("a segment whose first batch is not yet written is rolled by its time") {
    support::SimulatedFileSystem files;
    const auto log = open(files, "t-0", {.config = {.segment_ms = 1000}});
    Blob first = batch(1, now - 5000);
    Blob second = batch(1, now);
    REQUIRE(log->append(first, 0, now, Write::later));
    REQUIRE(log->append(second, 0, now, Write::later));
    REQUIRE(log->write_out());
    CHECK(log->segment_count() == 2);
}

TEST_CASE("a marker is written at once, with what was to be written before it") {
    support::SimulatedFileSystem files;
    const auto log = open(files, "t-0");
    Blob data = transactional_batch(alice, 0);
    Blob abort = marker(alice, protocol::ControlType::abort);
    REQUIRE(log->append(data, 0, now, Write::later));
    REQUIRE(log->append(abort, 0, now, Write::later));
    CHECK(files.contents(log_file) == joined({data, abort}));
    CHECK(log->aborted_transactions(0, 2)->size() == 1);
}

TEST_CASE("with flush.messages nothing is put off past the flush that is due") {
    support::SimulatedFileSystem files;
    const auto log = open(files, "t-0", {.config = {.flush_messages = 2}});
    Blob first = batch();
    Blob second = batch();
    REQUIRE(log->append(first, 0, now, Write::later));
    REQUIRE(log->append(second, 0, now, Write::later));
    CHECK(log->recovery_point() == 2);
    CHECK(files.contents(log_file) == joined({first, second}));
}

TEST_CASE("the first append of a log is taken back, too") {
    support::SimulatedFileSystem files;
    const auto log = open(files, "t-0");
    Blob lost = idempotent_batch(alice, 0);
    REQUIRE(log->append(lost, 0, now, Write::later));
    files.limit_space(10);
    CHECK_FALSE(log->write_out());
    CHECK(log->log_end_offset() == 0);
    CHECK_FALSE(log->is_offline());
    CHECK_FALSE(log->producers().find(alice.id));
    files.heal();
    append(*log, idempotent_batch(alice, 0));
    CHECK(base_offsets(read_log(*log)) == std::vector<int64_t>{0});
}
