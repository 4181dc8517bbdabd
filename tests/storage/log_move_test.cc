// A log that moves to another directory of the broker while it is written to (KIP-113).
#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "protocol/uuid.h"
#include "storage/compaction.h"
#include "storage/log_copy.h"
#include "storage/log_directories.h"
#include "tests/storage/log_fixture.h"
#include "tests/support/simulated_file_system.h"

using namespace log_fixture;
using namespace storage;
using protocol::ControlType;
using protocol::Uuid;
using support::Crash;
using support::SimulatedFileSystem;

namespace {

const PartitionName orders{"orders", 0};
const Uuid topic_id{{std::byte{9}}}, copy_id{{std::byte{7}}};
constexpr log_fixture::Producer alice{.id = 1}, bob{.id = 2};

// A broker with two directories, each on a disk of its own.
struct Broker {
    SimulatedFileSystem files;
    LogConfig config = small_segments(400);
    uint8_t uuids_given = 0;
    std::unique_ptr<LogDirectories> directories;
    std::unique_ptr<Log> log;

    Broker() {
        files.mount("a");
        files.mount("b");
    }
    std::expected<void, std::string> try_start() {
        log.reset();
        directories.reset();
        const std::vector<std::string> paths{"a", "b"};
        auto opened = LogDirectories::open(
            files, paths, {.random_uuid = [this] { return Uuid{{std::byte{++uuids_given}}}; }});
        if (!opened) return std::unexpected(opened.error());
        directories = std::move(*opened);
        auto expected = directories->expect_topics({.ids = {{"orders", topic_id}}, .deleted = {}});
        if (expected && !directories->begin_work()) return std::unexpected("it cannot begin work");
        return expected;
    }
    void start() {
        const auto started = try_start();
        REQUIRE_MESSAGE(started, started.error());
        auto opened = directories->open_log(orders, topic_id, config, now);
        REQUIRE_MESSAGE(opened, protocol::name(opened.error()));
        log = std::move(*opened);
    }
    void crash(Crash how = Crash::process_kill) {
        files.crash(how);
        log.reset();
        directories.reset();
    }
    std::vector<PartitionCheckpoint> checkpoints() const {
        return {{.name = orders,
                 .topic_id = topic_id,
                 .recovery_point = log->recovery_point(),
                 .log_start_offset = log->log_start_offset(),
                 .high_watermark = log->log_end_offset()}};
    }
    std::string home() const { return parent_directory(log->directory()); }
    LogDirectories::Move to(const std::string& path) const {
        return {.partition = {orders, topic_id}, .from = home(), .to = path};
    }
    std::expected<std::unique_ptr<LogCopy>, ErrorCode> begin(const std::string& path) {
        log->set_moving(true);
        return directories->begin_copy(to(path), copy_id);
    }
    // Until all of it is there.
    std::expected<void, ErrorCode> advance(LogCopy& copy) const {
        for (;;) {
            const auto contents = log->contents();
            if (!contents) return std::unexpected(contents.error());
            const auto bytes = copy.advance(*contents, 100);
            if (!bytes) return std::unexpected(bytes.error());
            if (*bytes == 0) return copy.sync();
        }
    }
    std::expected<void, ErrorCode> finish(LogCopy& copy, const std::string& path) {
        const auto move = to(path);
        if (auto expected = directories->expect_arrival(move, checkpoints()); !expected)
            return expected;
        if (auto signed_copy = directories->sign_copy(move, copy); !signed_copy) return signed_copy;
        if (auto completed = log->complete(copy); !completed) return completed;
        const auto moved = directories->finish_move(move, copy);
        directories->end_arrival(move);
        log->set_moving(false);
        if (!moved && moved.error().is_undecided) log->take_offline();
        if (!moved) return std::unexpected(ErrorCode::kafka_storage_error);
        log->relocate(moved->directory);
        if (!moved->set_aside.empty()) (void)directories->remove_set_aside(moved->set_aside);
        return {};
    }
    std::expected<void, ErrorCode> move(const std::string& path) {
        const auto copy = begin(path);
        if (!copy) return std::unexpected(copy.error());
        if (auto advanced = advance(**copy); !advanced) return advanced;
        return finish(**copy, path);
    }
    void fill() {
        append(*log, batch(3));
        append(*log, idempotent_batch(alice, 0, 2));
        append(*log, transactional_batch(bob, 0, 2));
        append(*log, marker(bob, ControlType::abort));
        append(*log, batch(4), /*leader_epoch=*/3);
        append(*log, transactional_batch(bob, 2, 1), /*leader_epoch=*/3);
        append(*log, batch(2), /*leader_epoch=*/3);
    }
    std::vector<std::string> names(const std::string& path) const {
        std::vector<std::string> all;
        for (const std::string& name : files.list(path).value())
            if (name.starts_with("orders-")) all.push_back(name);
        return all;
    }
};

// All that a reader or a producer can see of it.
struct Seen {
    Blob bytes;
    int64_t start = 0, end = 0, stable = 0;
    std::vector<LeaderEpochStart> epochs;
    std::vector<int64_t> aborted;
    std::set<int64_t> producers;
    bool operator==(const Seen&) const = default;
};

Seen look_at(const Log& log) {
    Seen seen{.bytes = read_log(log),
              .start = log.log_start_offset(),
              .end = log.log_end_offset(),
              .stable = log.last_stable_offset(),
              .epochs = log.leader_epochs().entries()};
    for (const auto& entry : log.aborted_transactions(seen.start, seen.end).value())
        seen.aborted.push_back(entry.first_offset);
    for (const auto& [id, producer] : log.producers().producers()) seen.producers.insert(id);
    return seen;
}

}  // namespace

TEST_CASE("a log that moved has its records, producers, transactions and epochs") {
    Broker broker;
    broker.start();
    broker.fill();
    REQUIRE(broker.home() == "a");
    REQUIRE(broker.log->raise_log_start_offset(4));
    const Seen before = look_at(*broker.log);
    REQUIRE(before.aborted.size() == 1);
    REQUIRE(broker.move("b"));
    CHECK(broker.home() == "b");
    CHECK(look_at(*broker.log) == before);
    CHECK(broker.names("b") == std::vector<std::string>{"orders-0"});
    CHECK(broker.log->recovery_point() == before.end);
    CHECK_FALSE(broker.files.exists("b/orders-0/copy-generation"));

    // It goes on: a retry is known, the open transaction ends, segments roll.
    const Blob again = idempotent_batch(alice, 0, 2);
    CHECK(broker.log->producers().check(*protocol::BatchView::first_in(again), false)->has_value());
    append(*broker.log, marker(bob, ControlType::commit), 3);
    for (int i = 0; i < 10; ++i) append(*broker.log, batch(3), 4);
    const Seen after = look_at(*broker.log);
    CHECK(after.stable == after.end);
    SUBCASE("over a clean stop") {
        REQUIRE(broker.log->close());
        REQUIRE(broker.directories->close(broker.checkpoints(), 1));
    }
    SUBCASE("over a crash") { broker.crash(); }
    SUBCASE("over a power cut") {
        REQUIRE(broker.log->flush());
        broker.crash(Crash::power_cut);
    }
    broker.start();
    CHECK(broker.home() == "b");
    CHECK(look_at(*broker.log) == after);
    CHECK(broker.names("a").size() <= 1);  // what is left to be removed of it
}

TEST_CASE("a log is written to, and loses segments, while it is copied") {
    Broker broker;
    broker.start();
    broker.fill();
    const auto copy = broker.begin("b").value();
    for (int i = 0; i < 20; ++i) {
        const auto contents = broker.log->contents().value();
        append(*broker.log, batch(2), 3);
        if (i % 5 == 4) REQUIRE(broker.log->raise_log_start_offset(2 * i));
        for (const std::string& path : broker.log->take_deleted_files(now + 60'000 * i))
            REQUIRE(broker.files.remove(path));
        // A segment that goes meanwhile is no failure: the next time it is not asked for.
        (void)copy->advance(contents, 150);
    }
    REQUIRE(broker.advance(*copy));
    CHECK(copy->end_offset() == broker.log->log_end_offset());
    CHECK(copy->size_bytes() == broker.log->size_bytes());
    append(*broker.log, batch(2), 3);
    const Seen before = look_at(*broker.log);
    REQUIRE(broker.finish(*copy, "b"));
    CHECK(look_at(*broker.log) == before);
    const auto bases = broker.log->contents().value().segments;
    for (const std::string& name : names_in(broker.files, "b/orders-0")) {
        if (!name.ends_with(".log")) continue;
        const auto is_it = [&](const auto& part) {
            return segment_file_name(part.base_offset, SegmentFile::log) == name;
        };
        CHECK(std::ranges::count_if(bases, is_it) == 1);
    }
    broker.crash();
    broker.start();
    CHECK(look_at(*broker.log) == before);
}

TEST_CASE("producers of records that are gone are known after a move") {
    Broker broker;
    broker.start();
    append(*broker.log, idempotent_batch(alice, 0, 2));
    for (int i = 0; i < 10; ++i) append(*broker.log, batch(3));
    REQUIRE(broker.log->raise_log_start_offset(20));
    REQUIRE(broker.log->flush());
    REQUIRE(broker.move("b"));
    broker.crash();
    broker.start();
    CHECK(broker.log->log_start_offset() == 20);
    const Blob again = idempotent_batch(alice, 0, 2);
    CHECK(broker.log->producers().check(*protocol::BatchView::first_in(again), false)->has_value());
}

TEST_CASE("of an earlier copy is kept what is the same") {
    Broker broker;
    broker.start();
    broker.fill();
    const auto first = broker.begin("b").value();
    REQUIRE(broker.advance(*first));
    const std::string log = segment_file_name(0, SegmentFile::log);
    SUBCASE("it was whole") {}
    SUBCASE("bits differ") { broker.files.flip_bits(first->directory() + "/" + log, 100); }
    SUBCASE("another broker wrote longer segments") {
        Blob longer = broker.files.contents(first->directory() + "/" + log);
        longer.insert(longer.end(), longer.begin(), longer.end());
        broker.files.overwrite(first->directory() + "/" + log, longer);
    }
    SUBCASE("another broker began segments elsewhere") {
        REQUIRE(
            broker.files.rename(first->directory() + "/" + log,
                                first->directory() + "/" + segment_file_name(1, SegmentFile::log)));
    }
    SUBCASE("there is a producer snapshot that is not the log's") {
        broker.files.overwrite(first->directory() + "/00000000000000000001.snapshot", {});
    }
    append(*broker.log, batch(2), 3);
    const Seen before = look_at(*broker.log);
    broker.crash();
    broker.start();
    REQUIRE(broker.directories->futures().size() == 1);
    CHECK(broker.directories->futures().front().partition.topic_id == topic_id);
    const auto second = broker.begin("b").value();
    CHECK(second->directory() == first->directory());
    REQUIRE(broker.advance(*second));
    REQUIRE(broker.finish(*second, "b"));
    CHECK(look_at(*broker.log) == before);
    broker.crash();
    broker.start();
    CHECK(look_at(*broker.log) == before);
}

TEST_CASE("a damaged log does not move") {
    Broker broker;
    broker.start();
    broker.fill();
    broker.files.flip_bits("a/orders-0/" + segment_file_name(0, SegmentFile::log), 90);
    CHECK(broker.move("b").error() == ErrorCode::corrupt_message);
    CHECK(broker.home() == "a");
}

TEST_CASE("compaction that began before a move does not touch the log") {
    Broker broker;
    broker.config.compacts = true;
    broker.start();
    broker.fill();
    REQUIRE(broker.log->roll(now));
    const auto cleanable = broker.log->cleanable(-1, now).value();
    const auto round = broker.log->begin_compaction(cleanable, {.now_ms = now}).value();
    REQUIRE(round->read_keys());
    REQUIRE(round->clean_next().value());
    const Seen before = look_at(*broker.log);
    const auto copy = broker.begin("b").value();
    SUBCASE("while it is copied") {
        CHECK(broker.log->swap_in(*round) == false);
        REQUIRE(broker.advance(*copy));
        REQUIRE(broker.finish(*copy, "b"));
    }
    SUBCASE("when it is elsewhere") {
        REQUIRE(broker.advance(*copy));
        REQUIRE(broker.finish(*copy, "b"));
        CHECK(broker.log->swap_in(*round) == false);
    }
    CHECK(look_at(*broker.log) == before);
}

TEST_CASE("what was begun to be synced before a move says nothing of the log after it") {
    Broker broker;
    broker.start();
    broker.fill();
    const auto job = broker.log->begin_sync().value();
    REQUIRE(broker.move("b"));
    const int64_t end = broker.log->log_end_offset();
    broker.log->end_sync(job, job.run(broker.files));
    CHECK_FALSE(broker.log->is_offline());
    CHECK(broker.log->recovery_point() == end);
    append(*broker.log, batch(1), 3);
    CHECK(broker.log->flush());
}

TEST_CASE("a move that is taken back leaves nothing") {
    Broker broker;
    broker.start();
    broker.fill();
    const auto copy = broker.begin("b").value();
    REQUIRE(broker.advance(*copy));
    REQUIRE(broker.directories->remove_copy({{orders, topic_id}, copy->directory()}));
    CHECK(broker.names("b").empty());
    CHECK(broker.home() == "a");
}

TEST_CASE("a log moves there and back, and keeps what its checkpoints say") {
    Broker broker;
    broker.start();
    broker.fill();
    REQUIRE(broker.log->raise_log_start_offset(2));
    for (const char* path : {"b", "a", "b", "a"}) {
        REQUIRE(broker.move(path));
        const Seen before = look_at(*broker.log);
        broker.crash();
        broker.start();
        CHECK(broker.home() == path);
        CHECK(look_at(*broker.log) == before);
    }
}

TEST_CASE("a log without records moves at once, and stays there") {
    Broker broker;
    broker.start();
    const auto moved = broker.directories->move_empty(broker.to("b"));
    REQUIRE(moved);
    broker.log->relocate(*moved);
    broker.crash();
    broker.start();
    CHECK(broker.home() == "b");
    append(*broker.log, batch(1));
    CHECK(broker.log->log_end_offset() == 1);
}

TEST_CASE("a log is made where somebody wants it") {
    Broker broker;
    REQUIRE(broker.try_start());
    broker.directories->prefer(orders, "b");
    broker.log = broker.directories->open_log(orders, topic_id, broker.config, now).value();
    CHECK(broker.home() == "b");
    CHECK(broker.directories->check_online("c").error() == ErrorCode::log_dir_not_found);
    broker.files.take_away("b", support::Outage::missing);
    CHECK(broker.directories->check_online("b").error() == ErrorCode::kafka_storage_error);
}

TEST_CASE("a crash in any step of a move leaves exactly one whole log") {
    for (const Crash how : {Crash::process_kill, Crash::power_cut}) {
        bool has_died = true;
        for (uint64_t nth = 1; has_died; ++nth) {
            CAPTURE(nth);
            CAPTURE(how);
            Broker broker;
            broker.start();
            broker.fill();
            REQUIRE(broker.log->raise_log_start_offset(4));
            REQUIRE(broker.log->flush());
            REQUIRE(broker.directories->write_checkpoints(broker.checkpoints()));
            const Seen before = look_at(*broker.log);
            broker.files.die_at(nth);
            (void)broker.move("b");
            has_died = broker.files.has_died();
            broker.crash(how);
            broker.start();
            REQUIRE(look_at(*broker.log) == before);
            append(*broker.log, batch(2), 4);
            // Another one succeeds, whatever was left.
            REQUIRE(broker.move(broker.home() == "a" ? "b" : "a"));
            const Seen after = look_at(*broker.log);
            broker.crash();
            broker.start();
            REQUIRE(look_at(*broker.log) == after);
            REQUIRE(nth < 400);
        }
    }
}

TEST_CASE("a disk that fails in any step of a move does not take what was written since") {
    for (const char* failing : {"a", "b"}) {
        bool has_failed = true;
        for (uint64_t nth = 1; has_failed; ++nth) {
            CAPTURE(failing);
            CAPTURE(nth);
            Broker broker;
            broker.start();
            broker.fill();
            REQUIRE(broker.log->flush());
            broker.files.take_away(failing, support::Outage::errors, nth);
            (void)broker.move("b");
            has_failed = broker.files.is_away(failing);
            auto more = batch(2);
            const bool is_written = broker.log->append(more, 4, now).has_value();
            // Who has its log elsewhere goes on.
            if (has_failed && broker.home() != failing) REQUIRE(is_written);
            const int64_t end = broker.log->log_end_offset();
            broker.crash();
            broker.files.bring_back(failing);
            broker.start();
            REQUIRE(broker.log->log_end_offset() == end);
            REQUIRE(broker.names("a").size() + broker.names("b").size() <= 2);
            REQUIRE(nth < 400);
        }
    }
}

TEST_CASE("a log that moved away from a failed disk is the one that counts when it is back") {
    Broker broker;
    broker.start();
    broker.fill();
    const auto copy = broker.begin("b").value();
    REQUIRE(broker.advance(*copy));
    const auto move = broker.to("b");
    REQUIRE(broker.directories->expect_arrival(move, broker.checkpoints()));
    REQUIRE(broker.directories->sign_copy(move, *copy));
    REQUIRE(broker.log->complete(*copy));
    // Nothing of it can be renamed any more.
    broker.files.take_away("a", support::Outage::errors, 2);  // after the generation was read
    const auto moved = broker.directories->finish_move(move, *copy);
    REQUIRE(moved);
    CHECK(moved->set_aside.empty());
    broker.log->relocate(moved->directory);
    append(*broker.log, batch(5), 4);
    const Seen after = look_at(*broker.log);
    SUBCASE("at once") { broker.crash(); }
    SUBCASE("after it was back, and the log has moved there and away again") {
        broker.crash();
        broker.files.bring_back("a");
        broker.start();
        REQUIRE(broker.move("a"));
        REQUIRE(broker.move("b"));
        broker.crash();
    }
    broker.files.bring_back("a");
    broker.start();
    CHECK(broker.home() == "b");
    CHECK(look_at(*broker.log) == after);
    CHECK_FALSE(broker.files.exists("b/orders-0/copy-generation"));
    CHECK(broker.names("a").size() <= 1);
}
