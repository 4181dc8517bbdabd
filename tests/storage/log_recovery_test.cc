#include <doctest/doctest.h>

#include <algorithm>
#include <map>

#include "storage/segment_files.h"
#include "tests/storage/log_fixture.h"
#include "tests/support/simulated_file_system.h"

using namespace log_fixture;
using protocol::ControlType;

namespace {

constexpr Producer alice{.id = 1};
constexpr Producer bob{.id = 2};
const std::string first_log = "t-0/00000000000000000000.log";

std::string file(int64_t offset, storage::SegmentFile kind) {
    return "t-0/" + storage::segment_file_name(offset, kind);
}

// Without a clean stop: the log is left as it is, and opened again.
std::unique_ptr<Log> reopen(support::SimulatedFileSystem& files, std::unique_ptr<Log> log,
                            const Log::OpenOptions& options = {}) {
    log.reset();
    return open(files, "t-0", options);
}

void append_to_file(support::SimulatedFileSystem& files, const std::string& path, Bytes bytes) {
    Blob contents = files.contents(path);
    contents.insert(contents.end(), bytes.begin(), bytes.end());
    files.overwrite(path, contents);
}

// Some of everything, over several segments; gives the bytes of the whole log.
Blob fill(Log& log) {
    for (int i = 0; i < 3; ++i) append(log, batch(2, now + i), 0);
    append(log, transactional_batch(alice, 0, 2), 1);
    append(log, transactional_batch(bob, 0), 1);
    append(log, idempotent_batch({.id = 3}, 0, 2), 2);
    append(log, marker(alice, ControlType::abort), 2);
    append(log, batch(1, now + 50), 2);
    append(log, transactional_batch(alice, 2), 3);
    append(log, marker(alice, ControlType::commit), 3);
    for (int i = 0; i < 3; ++i) append(log, batch(2, now + 60 + i), 3);
    return read_log(log);
}

// What a log knows besides its bytes.
struct Known {
    int64_t start, end, stable;
    std::vector<storage::LeaderEpochStart> epochs;
    std::vector<int64_t> aborted;
    storage::ProducerState producers;
    bool operator==(const Known&) const = default;
};

Known known_of(const Log& log) {
    // Of the batches that a producer may repeat a snapshot keeps only the last.
    const Blob snapshot = log.producers().encode_snapshot();
    Known known{log.log_start_offset(),
                log.log_end_offset(),
                log.last_stable_offset(),
                log.leader_epochs().entries(),
                {},
                *storage::ProducerState::decode_snapshot(snapshot)};
    for (const auto& entry : log.aborted_transactions(0, log.log_end_offset()).value())
        known.aborted.insert(known.aborted.end(), {entry.producer_id, entry.first_offset,
                                                   entry.last_offset, entry.last_stable_offset});
    return known;
}

}  // namespace

TEST_CASE("after a process was killed the log is as it was") {
    support::SimulatedFileSystem files;
    const LogConfig config = small_segments(350);
    auto log = open(files, "t-0", {.config = config});
    const Blob bytes = fill(*log);
    const Known before = known_of(*log);
    REQUIRE(log->segment_count() > 3);
    CHECK(before.aborted.size() == 4);
    CHECK(before.stable < before.end);

    log = reopen(files, std::move(log), {.config = config});
    CHECK(read_log(*log) == bytes);
    CHECK(known_of(*log) == before);
    CHECK(log->recovery().segments_scanned == log->segment_count());
    CHECK(log->recovery().bytes_cut == 0);
    append(*log, marker(bob, ControlType::abort), 3);
    CHECK(log->last_stable_offset() == log->log_end_offset());
}

TEST_CASE("after a crash only what is past the recovery point is scanned") {
    support::SimulatedFileSystem files;
    const LogConfig config = small_segments(350);
    auto log = open(files, "t-0", {.config = config});
    const Blob bytes = fill(*log);
    REQUIRE(log->flush().has_value());
    const int64_t recovery_point = log->recovery_point();
    CHECK(recovery_point == log->log_end_offset());
    append(*log, batch());
    const Known before = known_of(*log);
    log = reopen(files, std::move(log), {.config = config, .recovery_point = recovery_point});
    CHECK(log->recovery().segments_scanned == 1);
    CHECK(known_of(*log) == before);
    CHECK(log->recovery_point() == recovery_point);
}

TEST_CASE("a torn tail is cut at the last whole batch") {
    support::SimulatedFileSystem files;
    auto log = open(files, "t-0");
    const Blob stored = append(*log, batch(2));
    const Blob torn = append(*log, batch(3));
    log.reset();
    Blob contents = stored;
    contents.insert(contents.end(), torn.begin(), torn.end());
    size_t kept = 0;
    SUBCASE("in the middle of a header") { kept = stored.size() + 20; }
    SUBCASE("in the middle of the records") { kept = contents.size() - 1; }
    SUBCASE("before the size is known") { kept = stored.size() + 9; }
    files.overwrite(first_log, Bytes(contents).first(kept));

    log = open(files, "t-0");
    CHECK(log->log_end_offset() == 2);
    CHECK(log->recovery().bytes_cut == kept - stored.size());
    CHECK(read_log(*log) == stored);
    CHECK(files.contents(first_log) == stored);
    CHECK(base_offsets(append(*log, batch())) == std::vector<int64_t>{2});
}

TEST_CASE("zeros, noise and damaged batches behind the last good batch are cut") {
    support::SimulatedFileSystem files;
    auto log = open(files, "t-0");
    const Blob stored = append(*log, batch(2));
    append(*log, batch(3));
    log.reset();
    SUBCASE("zeros") {
        files.overwrite(first_log, stored);
        append_to_file(files, first_log, Blob(5000));
    }
    SUBCASE("noise") {
        files.overwrite(first_log, stored);
        append_to_file(files, first_log, Blob(500, std::byte{0x5a}));
    }
    SUBCASE("a record with a flipped bit") {
        files.flip_bits(first_log, stored.size() + 70, std::byte{1});
    }
    SUBCASE("an offset that does not rise") {
        files.overwrite(first_log, stored);
        append_to_file(files, first_log, stored);
    }
    SUBCASE("a size beyond the end of the file") {
        files.flip_bits(first_log, stored.size() + 9, std::byte{1});
    }
    log = open(files, "t-0");
    CHECK(log->log_end_offset() == 2);
    CHECK(read_log(*log) == stored);
}

TEST_CASE("segments behind a torn one are dropped") {
    support::SimulatedFileSystem files;
    const LogConfig config = small_segments(100);
    auto log = open(files, "t-0", {.config = config});
    for (int i = 0; i < 5; ++i) append(*log, batch());
    REQUIRE(log->segment_count() == 5);
    log.reset();
    files.flip_bits(file(2, storage::SegmentFile::log), 65);
    log = open(files, "t-0", {.config = config});
    CHECK(log->log_end_offset() == 2);
    CHECK(log->recovery().segments_dropped == 2);
    CHECK_FALSE(files.exists(file(3, storage::SegmentFile::log)));
    CHECK_FALSE(files.exists(file(4, storage::SegmentFile::index)));
    CHECK_FALSE(files.exists(file(4, storage::SegmentFile::snapshot)));
    CHECK(base_offsets(append(*log, batch())) == std::vector<int64_t>{2});
}

TEST_CASE("damage before the recovery point is reported, not cut") {
    support::SimulatedFileSystem files;
    auto log = open(files, "t-0");
    for (int i = 0; i < 3; ++i) append(*log, batch(2));
    REQUIRE(log->flush().has_value());
    const Blob contents = files.contents(first_log);
    log.reset();
    files.flip_bits(first_log, contents.size() / 2);
    const auto refused = Log::open(files, "t-0", {.recovery_point = 6});
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error() == ErrorCode::corrupt_message);
    CHECK(files.contents(first_log).size() == contents.size());
}

TEST_CASE("a damaged batch in an old segment is reported to those who read it") {
    support::SimulatedFileSystem files;
    const LogConfig config = small_segments(250);
    auto log = open(files, "t-0", {.config = config});
    for (int i = 0; i < 6; ++i) append(*log, batch(1, now));
    REQUIRE(log->close().has_value());
    const size_t batch_bytes = files.contents(first_log).size() / 3;
    files.flip_bits(first_log, batch_bytes + 16);  // The magic of the second batch.
    log = open_cleanly(files, "t-0", 6, config);
    CHECK(log->read(0, 1, 6, true).has_value());
    CHECK(log->read(1, 1, 6, true).error() == ErrorCode::corrupt_message);
    CHECK(log->read(2, 1, 6, true).has_value());
}

TEST_CASE("opening after a clean stop reads nothing of the log") {
    support::SimulatedFileSystem files;
    const LogConfig config = small_segments(350);
    auto log = open(files, "t-0", {.config = config});
    fill(*log);
    const Known before = known_of(*log);
    REQUIRE(log->close().has_value());
    log.reset();
    // Unreadable logs would be noticed by anyone who looked.
    for (const std::string& name : names_in(files, "t-0")) {
        const auto parsed = storage::parse_segment_file_name(name);
        if (parsed && parsed->kind == storage::SegmentFile::log)
            files.overwrite("t-0/" + name, Blob(10));
    }
    log = open_cleanly(files, "t-0", before.end, config);
    CHECK(log->log_end_offset() == before.end);
    CHECK(log->last_stable_offset() == before.stable);
    CHECK(log->leader_epochs().entries() == before.epochs);

    // Whoever writes does look.
    Blob more = batch();
    CHECK(log->append(more, 3, now).error() == ErrorCode::corrupt_message);
}

TEST_CASE("what a log with flush.messages=1 found at its start is not lost in a power cut") {
    for (uint64_t seed = 1; seed <= 20; ++seed) {
        CAPTURE(seed);
        support::SimulatedFileSystem files(seed);
        LogConfig config = small_segments(100);
        auto log = open(files, "t-0", {.config = config});
        for (int32_t sequence = 0; sequence < 2; ++sequence)
            append(*log, idempotent_batch({}, sequence));
        REQUIRE(log->segment_count() == 2);
        config.flush_messages = 1;
        log = reopen(files, std::move(log), {.config = config});
        // Sent again, the second batch would be answered as one that is there.
        REQUIRE(log->log_end_offset() == 2);
        CHECK(log->recovery_point() == 2);
        files.crash(support::Crash::power_cut);
        log = reopen(files, std::move(log), {.config = config, .recovery_point = 2});
        CHECK(log->log_end_offset() == 2);
        CHECK(log->producers().producers().size() == 1);
    }
}

TEST_CASE("a power cut after a clean stop leaves what the stop wrote, side files too") {
    support::SimulatedFileSystem files;
    LogConfig config = small_segments(10'000);
    // Each append is synced, so that there is nothing left to flush at the end.
    config.flush_messages = 1;
    auto log = open(files, "t-0", {.config = config});
    append(*log, transactional_batch({}, 0));
    append(*log, marker({}, protocol::ControlType::abort));
    REQUIRE(log->close().has_value());
    log.reset();
    files.crash(support::Crash::power_cut);
    log = open_cleanly(files, "t-0", 2, config);
    CHECK(log->producers().producers().size() == 1);
    const auto aborted = log->aborted_transactions(0, 2);
    REQUIRE(aborted.has_value());
    CHECK(aborted->size() == 1);
}

TEST_CASE("a power cut leaves the snapshot that a recovery made before the recovery point") {
    for (uint64_t seed = 1; seed <= 20; ++seed) {
        CAPTURE(seed);
        support::SimulatedFileSystem files(seed);
        const LogConfig config = small_segments(100);
        auto log = open(files, "t-0", {.config = config});
        for (int32_t sequence = 0; sequence < 2; ++sequence)
            append(*log, idempotent_batch({}, sequence));
        REQUIRE(log->segment_count() == 2);
        REQUIRE(log->flush().has_value());
        log = reopen(files, std::move(log), {.config = config, .recovery_point = 2});
        const std::string snapshot = file(1, storage::SegmentFile::snapshot);
        REQUIRE(files.exists(snapshot));
        REQUIRE(files.sync_directory("t-0").has_value());
        files.crash(support::Crash::power_cut);
        CHECK(storage::ProducerState::decode_snapshot(files.contents(snapshot)));
    }
}

TEST_CASE("a log that was changed since its clean stop is not appended to") {
    support::SimulatedFileSystem files;
    auto log = open(files, "t-0");
    const Blob stored = append(*log, batch());
    append(*log, batch());
    REQUIRE(log->close().has_value());
    files.overwrite(first_log, stored);
    log = open_cleanly(files, "t-0", 2);
    Blob more = batch();
    CHECK(log->append(more, 0, now).error() == ErrorCode::kafka_storage_error);
    CHECK(log->refuses_writes());
    CHECK(log->read(0, 1000, 2, true).has_value());
}

TEST_CASE("a clean stop without a usable snapshot or recovery point still finds the log's end") {
    support::SimulatedFileSystem files;
    const LogConfig config = small_segments(350);
    auto log = open(files, "t-0", {.config = config});
    const Blob bytes = fill(*log);
    const Known before = known_of(*log);
    REQUIRE(log->close().has_value());
    const std::string newest = file(before.end, storage::SegmentFile::snapshot);
    int64_t recovery_point = before.end;
    SUBCASE("the snapshot is missing") { REQUIRE(files.remove(newest).has_value()); }
    SUBCASE("the snapshot is damaged") { files.flip_bits(newest, 12); }
    SUBCASE("the checkpoint is missing") { recovery_point = 0; }
    log = open_cleanly(files, "t-0", recovery_point, config);
    CHECK(log->log_end_offset() == before.end);
    CHECK(log->last_stable_offset() == before.stable);
    CHECK(log->producers().producers().size() == before.producers.producers().size());
    CHECK(read_log(*log) == bytes);
}

TEST_CASE("a damaged snapshot is dropped and an older one used") {
    support::SimulatedFileSystem files;
    const LogConfig config = small_segments(350);
    auto log = open(files, "t-0", {.config = config});
    fill(*log);
    REQUIRE(log->flush().has_value());
    const Known before = known_of(*log);
    const int64_t active = log->segments()->back().base_offset;
    log.reset();
    files.flip_bits(file(active, storage::SegmentFile::snapshot), 15);
    log = open(files, "t-0", {.config = config, .recovery_point = before.end});
    CHECK(log->recovery().segments_scanned == 1);
    CHECK(log->producers().find(alice.id)->last_sequence() == 2);
    CHECK(known_of(*log).stable == before.stable);
    CHECK(known_of(*log).aborted == before.aborted);
}

TEST_CASE("leader epochs come from the log when their file is missing or damaged") {
    support::SimulatedFileSystem files;
    const LogConfig config = small_segments(350);
    auto log = open(files, "t-0", {.config = config});
    fill(*log);
    const Known before = known_of(*log);
    REQUIRE(log->close().has_value());
    const std::string path = "t-0/leader-epoch-checkpoint";
    SUBCASE("missing") { REQUIRE(files.remove(path).has_value()); }
    SUBCASE("damaged") { files.overwrite(path, Blob(7, std::byte{'x'})); }
    SUBCASE("emptied") { files.overwrite(path, {}); }
    log = open_cleanly(files, "t-0", before.end, config);
    CHECK(log->leader_epochs().entries() == before.epochs);
    log = open_cleanly(files, "t-0", before.end, config);
    CHECK(log->leader_epochs().entries() == before.epochs);
}

TEST_CASE("missing and damaged side files of old segments are made again from the log") {
    support::SimulatedFileSystem files;
    LogConfig config = small_segments(900);
    auto log = open(files, "t-0", {.config = config});
    const Blob bytes = fill(*log);
    append(*log, marker(bob, ControlType::abort), 3);
    const Known before = known_of(*log);
    REQUIRE(log->segment_count() > 1);
    REQUIRE(log->close().has_value());
    const auto index = file(0, storage::SegmentFile::index);
    const auto times = file(0, storage::SegmentFile::time_index);
    const auto aborted = file(0, storage::SegmentFile::transaction_index);
    const std::map<std::string, Blob> original{{index, files.contents(index)},
                                               {times, files.contents(times)},
                                               {aborted, files.contents(aborted)}};
    SUBCASE("missing") {
        REQUIRE(files.remove(index).has_value());
        REQUIRE(files.remove(times).has_value());
    }
    SUBCASE("torn") {
        for (const auto& [path, contents] : original)
            files.overwrite(path, Bytes(contents).first(contents.size() - 3));
    }
    SUBCASE("with zeros at the end") {
        for (const auto& [path, contents] : original) {
            Blob longer = contents;
            longer.resize(contents.size() + 34 * 12);
            files.overwrite(path, longer);
        }
    }
    SUBCASE("an index that points between batches") { files.flip_bits(index, 7, std::byte{3}); }
    log = open_cleanly(files, "t-0", before.end, config);
    for (int64_t offset = 0; offset < before.end; ++offset) {
        const auto offsets = base_offsets(read_all(*log, offset));
        CAPTURE(offset);
        REQUIRE_FALSE(offsets.empty());
        CHECK(offsets.front() <= offset);
    }
    CHECK(read_log(*log).size() >= bytes.size());
    CHECK((*log->find_timestamp(now + 2))->offset == 4);
    CHECK(known_of(*log).aborted == before.aborted);
    for (const auto& [path, contents] : original)
        CHECK_MESSAGE(files.contents(path) == contents, path);
}

TEST_CASE("a transaction index that was made again outlasts a power cut") {
    for (uint64_t seed = 1; seed <= 20; ++seed) {
        support::SimulatedFileSystem files(seed);
        const LogConfig config = small_segments(900);
        auto log = open(files, "t-0", {.config = config});
        fill(*log);
        const Known before = known_of(*log);
        REQUIRE(log->segment_count() > 1);
        REQUIRE_FALSE(before.aborted.empty());
        REQUIRE(log->close());
        // In the version of its first entry.
        files.flip_bits(file(0, storage::SegmentFile::transaction_index), 0);
        for (int i = 0; i < 2; ++i) {
            log = open_cleanly(files, "t-0", before.end, config);
            CHECK(known_of(*log).aborted == before.aborted);
            log.reset();
            files.crash(support::Crash::power_cut);
        }
    }
}

TEST_CASE("a recovery point in the middle of a segment keeps what is before it") {
    support::SimulatedFileSystem files;
    auto log = open(files, "t-0");
    append(*log, batch(2));
    append(*log, batch(2));
    log = reopen(files, std::move(log), {.recovery_point = 2});
    CHECK(log->log_end_offset() == 4);
    CHECK(log->recovery_point() == 2);
}

TEST_CASE("a log that ends before its recovery point has lost records, and is refused") {
    support::SimulatedFileSystem files;
    auto log = open(files, "t-0");
    append(*log, batch(4));
    log.reset();
    const auto try_open = [&](Log::OpenOptions options) {
        const auto opened = Log::open(files, "t-0", options);
        return opened ? ErrorCode::none : opened.error();
    };
    CHECK(try_open({.recovery_point = 5}) == ErrorCode::corrupt_message);
    // Those were deleted before.
    CHECK(try_open({.log_start_offset = 5, .recovery_point = 5}) == ErrorCode::none);
    REQUIRE(files.remove(file(5, storage::SegmentFile::log)));
    CHECK(try_open({.recovery_point = 5}) == ErrorCode::corrupt_message);
    CHECK(try_open({.recovery_point = 5, .clean_shutdown = true}) == ErrorCode::corrupt_message);
    CHECK(try_open({.log_start_offset = 5, .recovery_point = 5}) == ErrorCode::none);
}

TEST_CASE("a segment that vanished from the middle is missed") {
    support::SimulatedFileSystem files;
    const LogConfig config = small_segments(100);
    auto log = open(files, "t-0", {.config = config});
    for (int i = 0; i < 4; ++i) append(*log, batch());
    REQUIRE(log->close());
    log.reset();
    REQUIRE(files.remove(file(2, storage::SegmentFile::log)));
    for (const bool clean : {true, false}) {
        const auto opened = Log::open(
            files, "t-0",
            {.config = config, .recovery_point = 4, .clean_shutdown = clean, .compacted_to = 0});
        REQUIRE_FALSE(opened);
        CHECK(opened.error() == ErrorCode::corrupt_message);
    }
    // Compaction may have taken all of it.
    CHECK(Log::open(files, "t-0", {.config = config, .recovery_point = 4}));
}

TEST_CASE("a start offset past the log's end begins the log anew there") {
    support::SimulatedFileSystem files;
    auto log = open(files, "t-0");
    append(*log, idempotent_batch(alice, 0, 2));
    log = reopen(files, std::move(log), {.log_start_offset = 10});
    CHECK(log->log_start_offset() == 10);
    CHECK(log->log_end_offset() == 10);
    CHECK_FALSE(files.exists(first_log));
    CHECK(base_offsets(append(*log, batch())) == std::vector<int64_t>{10});
}

TEST_CASE("a log that begins anew forgets who wrote what was deleted, and takes it again") {
    const Log::OpenOptions options{.log_start_offset = 10, .recovery_point = 3};
    for (uint64_t nth = 1; nth < 60; ++nth) {
        CAPTURE(nth);
        support::SimulatedFileSystem files(nth);
        auto log = open(files, "t-0");
        append(*log, idempotent_batch(alice, 0, 2));
        append(*log, transactional_batch(bob, 0));
        REQUIRE(log->flush());
        log.reset();
        // A crash meanwhile, and after it.
        files.die_at(nth);
        (void)Log::open(files, "t-0", options);
        files.crash(support::Crash::power_cut);
        log = open(files, "t-0", options);
        REQUIRE(log->log_end_offset() == 10);
        REQUIRE(log->producers().find(alice.id));
        CHECK(log->producers().find(alice.id)->last_sequence() == 1);
        CHECK(log->producers().find(bob.id));
        // Its marker may be among what is lost.
        CHECK(log->last_stable_offset() == 10);
    }
}

TEST_CASE("what interrupted deletions and unfinished compactions left is removed") {
    support::SimulatedFileSystem files;
    auto log = open(files, "t-0");
    const Blob stored = append(*log, batch(2));
    REQUIRE(log->close().has_value());
    for (const char* name :
         {"00000000000000000009.log.deleted", "00000000000000000009.index.deleted",
          "00000000000000000000.log.cleaned", "00000000000000000000.timeindex.cleaned",
          "00000000000000000000.index.swap", "00000000000000000007.index",
          "00000000000000000007.txnindex"}) {
        auto leftover = files.open("t-0/" + std::string(name), storage::FileSystem::Open::create);
        REQUIRE(leftover.has_value());
    }
    log = open_cleanly(files, "t-0", 2);
    CHECK(read_log(*log) == stored);
    for (const std::string& name : names_in(files, "t-0")) {
        CHECK_FALSE(name.ends_with(".deleted"));
        CHECK_FALSE(name.ends_with(".cleaned"));
        CHECK_FALSE(name.ends_with(".swap"));
        CHECK_FALSE(name.starts_with("00000000000000000007"));
    }
}

TEST_CASE("a compaction that had come to its swap is completed") {
    support::SimulatedFileSystem files;
    const LogConfig config = small_segments(100);
    auto log = open(files, "t-0", {.config = config});
    std::vector<Blob> stored;
    for (int i = 0; i < 4; ++i) stored.push_back(append(*log, batch()));
    REQUIRE(log->close().has_value());
    // Segments 0 to 2 become one, which has lost the record at offset 1.
    Blob merged = stored[0];
    merged.insert(merged.end(), stored[2].begin(), stored[2].end());
    REQUIRE(files.open(first_log + ".swap", storage::FileSystem::Open::create).has_value());
    files.overwrite(first_log + ".swap", merged);
    log = open_cleanly(files, "t-0", 4, config);
    CHECK(log->segment_count() == 2);
    CHECK(files.contents(first_log) == merged);
    CHECK_FALSE(files.exists(file(1, storage::SegmentFile::log)));
    CHECK(base_offsets(read_all(*log, 1)) == std::vector<int64_t>{2});
    CHECK(base_offsets(read_all(*log, 3)) == std::vector<int64_t>{3});
}

TEST_CASE("segments behind a gap are dropped, unless compaction may have made it") {
    support::SimulatedFileSystem files;
    const LogConfig config = small_segments(200);
    auto log = open(files, "t-0", {.config = config});
    for (int i = 0; i < 6; ++i) append(*log, batch());
    REQUIRE(log->segment_count() == 3);
    log.reset();
    // A power cut took the last batch of the first segment, at the very end of a batch.
    const Blob contents = files.contents(first_log);
    files.overwrite(first_log, Bytes(contents).first(contents.size() / 2));
    SUBCASE("no compaction") {
        log = open(files, "t-0", {.config = config, .compacted_to = 0});
        CHECK(log->log_end_offset() == 1);
        CHECK(log->recovery().segments_dropped == 2);
    }
    SUBCASE("compaction") {
        log = open(files, "t-0", {.config = config});
        CHECK(log->log_end_offset() == 6);
        CHECK(base_offsets(read_all(*log, 1)).front() == 2);
    }
}
