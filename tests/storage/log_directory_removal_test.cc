// Logs that are removed from a data directory, or make way in it, and what comes after them.
#include <doctest/doctest.h>

#include <functional>

#include "tests/storage/directory_fixture.h"

using namespace directory_fixture;

namespace {

const std::string stray = "/data/orders-0.00000000000000000000000000000009-stray";

// `live` has a broker of its own each time, whose process is to die in the nth operation from a
// point on, in both kinds of crash, until it returns that it came to its end before that.
void die_at_each_operation(
    const std::function<bool(Broker& broker, uint64_t nth, Crash how)>& live) {
    for (const auto how : {Crash::process_kill, Crash::power_cut}) {
        bool completed = false;
        for (uint64_t nth = 1; !completed; ++nth) {
            CAPTURE(nth);
            CAPTURE(static_cast<int>(how));
            Broker broker{.files = SimulatedFileSystem(nth)};
            broker.start();
            completed = live(broker, nth, how);
            REQUIRE(nth < 200);
        }
    }
}

}  // namespace

TEST_CASE("a removed log is gone, and its name is free at once") {
    Broker broker;
    broker.start();
    append(*broker.open(orders, uuid(9)), 3);
    const auto set_aside = broker.directory->set_aside_log(orders, uuid(9));
    CHECK(set_aside == "/data/orders-0.00000000000000000000000000000009-delete");
    CHECK(broker.open(orders, uuid(10))->log_end_offset() == 0);
    CHECK(broker.files.exists(*set_aside));
    REQUIRE(broker.directory->remove_set_aside(*set_aside));
    CHECK(broker.files.list(*set_aside).value().empty());
    REQUIRE(broker.directory->write_checkpoints({}));
    CHECK_FALSE(broker.files.exists(*set_aside));
    CHECK(broker.directory->remove_log(bills, uuid(9)).error() ==
          ErrorCode::unknown_topic_or_partition);
}

TEST_CASE("a name can be set aside again when the first could not be deleted") {
    Broker broker;
    broker.start();
    for (int i = 0; i < 2; ++i) {
        append(*broker.open(orders, uuid(9)), 3);
        REQUIRE(broker.directory->set_aside_log(orders, uuid(9)));
        CHECK_FALSE(broker.files.exists("/data/orders-0"));
    }
}

TEST_CASE("what a crash left of a removed log goes at the next start") {
    Broker broker;
    broker.start();
    append(*broker.open(orders, uuid(9)), 3);
    const auto set_aside = broker.directory->set_aside_log(orders, uuid(9)).value();
    broker.files.die_at(2);
    CHECK_FALSE(broker.directory->remove_set_aside(set_aside));
    broker.crash();
    CHECK(broker.files.exists(set_aside));
    broker.start();
    CHECK_FALSE(broker.files.exists(set_aside));
    CHECK(broker.directory->partitions().empty());
}

TEST_CASE("a directory of another topic makes way for one of its name") {
    bool was_deleted = false;
    SUBCASE("and is kept when nobody knows that it was deleted") {}
    SUBCASE("and goes when it was deleted") { was_deleted = true; }
    Broker broker;
    broker.start();
    auto log = broker.open(orders, uuid(9));
    append(*log, 3);
    REQUIRE(log->raise_log_start_offset(3));
    REQUIRE(log->close());
    REQUIRE(broker.directory->close(checkpoint_of(orders, *log), 1));
    broker.directory.reset();
    broker.start();
    if (was_deleted) broker.directory->expect_leftovers_of({uuid(9)});
    log = broker.open(orders, uuid(10));
    CHECK(log->log_start_offset() == 0);
    CHECK(log->log_end_offset() == 0);
    append(*log, 1);
    CHECK(broker.warnings.size() == (was_deleted ? 0 : 1));
    broker.crash();
    broker.start();
    CHECK(broker.directory->partitions().at(0).topic_id == uuid(10));
    CHECK(broker.directory->problems().empty());
    CHECK(broker.open(orders, uuid(10))->log_end_offset() == 1);
    CHECK(broker.files.exists(stray) == !was_deleted);
    if (!was_deleted)
        CHECK(Log::open(broker.files, stray, {.now_ms = now_ms}).value()->log_end_offset() == 3);
}

TEST_CASE("a crash while a directory makes way loses nothing of it, and gives its successor none") {
    die_at_each_operation([](Broker& broker, uint64_t nth, Crash how) {
        auto log = open_checkpointed(broker, 2);
        REQUIRE(broker.directory->write_cleaner_checkpoint({{{orders, uuid(9), 3}}}));
        log.reset();
        broker.files.die_at(nth);
        const auto made = broker.directory->open_log(orders, uuid(10), {}, now_ms);
        auto batch = support::build_batch({.record_count = 4});
        const bool completed = made && (*made)->append(batch, 0, now_ms) && (*made)->flush() &&
                               broker.directory->write_checkpoints({});
        broker.crash(how);
        broker.start();
        log = broker.open(orders, uuid(10));
        CHECK(log->log_start_offset() == 0);
        for (const CleanerOffset& entry : broker.directory->cleaner_checkpoint())
            CHECK(entry.topic_id == uuid(9));
        if (completed) CHECK(log->log_end_offset() == 4);
        CHECK(Log::open(broker.files, stray, {.now_ms = now_ms}).value()->log_end_offset() == 3);
        return completed;
    });
}

TEST_CASE("a topic made anew in the same run gets nothing from the old one's checkpoints") {
    Broker broker;
    broker.start();
    auto log = broker.open(orders, uuid(9));
    append(*log, 3);
    REQUIRE(log->raise_log_start_offset(3));
    REQUIRE(broker.directory->write_checkpoints(checkpoint_of(orders, *log)));
    broker.crash();
    broker.start();
    REQUIRE(broker.directory->remove_log(orders, uuid(9)));
    log = broker.open(orders, uuid(10));
    append(*log, 1);
    CHECK(log->log_start_offset() == 0);
    REQUIRE(broker.directory->write_checkpoints({}));
    CHECK(broker.text("log-start-offset-checkpoint") == "0\n0\n");
}

TEST_CASE("a log start offset of a removed log is not given to its successor after a crash") {
    die_at_each_operation([](Broker& broker, uint64_t nth, Crash how) {
        auto log = open_checkpointed(broker, 3);
        broker.files.die_at(nth);
        const auto stale = checkpoint_of(orders, *log);
        auto batch = support::build_batch({});
        const bool completed =
            broker.directory->remove_log(orders, uuid(9)) &&
            (log = broker.directory->open_log(orders, uuid(10), {}, now_ms).value_or(nullptr)) &&
            log->append(batch, 0, now_ms) && log->flush() &&
            broker.directory->write_checkpoints(stale) && broker.directory->write_checkpoints({});
        broker.crash(how);
        broker.start();
        log = broker.open(orders, uuid(10));
        CHECK(log->log_start_offset() == 0);
        if (completed) CHECK(log->log_end_offset() == 1);
        return completed;
    });
}

TEST_CASE("the checkpoint of a log is not believed for what is left of one before it") {
    const auto seek_start = [](uint64_t seed, bool is_emptied) {
        Broker broker{.files = SimulatedFileSystem(seed)};
        broker.start();
        append(*broker.open(orders, uuid(9)), 3);
        const auto set_aside = broker.directory->set_aside_log(orders, uuid(9)).value();
        auto log = broker.open(orders, uuid(10));
        append(*log, 3);
        REQUIRE(log->raise_log_start_offset(2));
        REQUIRE(log->flush());
        if (is_emptied) REQUIRE(broker.directory->remove_set_aside(set_aside));
        const auto checkpoint = checkpoint_of(orders, *log, uuid(10));
        REQUIRE(broker.directory->write_checkpoints(checkpoint));
        log.reset();
        broker.crash(Crash::power_cut);
        broker.start();
        CHECK(broker.open(orders, uuid(10))->log_start_offset() == 2);
        REQUIRE(broker.directory->write_checkpoints(checkpoint));
        for (const std::string& name : broker.files.list("/data").value())
            CHECK_FALSE(is_deleted_directory_name(name));
    };
    // What a power cut leaves is a matter of luck.
    for (uint64_t seed = 1; seed <= 20; ++seed) {
        seek_start(seed, /*is_emptied=*/true);
        seek_start(seed, /*is_emptied=*/false);
    }
}

TEST_CASE("what is set aside goes, whatever it is called by then") {
    Broker broker;
    broker.start();
    append(*broker.open(orders, uuid(9)), 3);
    const auto set_aside = broker.directory->set_aside_log(orders, uuid(9)).value();
    REQUIRE(broker.directory->write_checkpoints({}));
    CHECK_FALSE(broker.files.exists(set_aside));
    const std::string forgotten =
        "/data/orders-0.00000000000000000000000000000009-forgotten-delete";
    CHECK_FALSE(broker.files.list(forgotten).value().empty());
    REQUIRE(broker.directory->remove_set_aside(set_aside));
    CHECK(broker.files.list(forgotten).value().empty());
    REQUIRE(broker.directory->write_checkpoints({}));
    CHECK_FALSE(broker.files.exists(forgotten));
}

TEST_CASE("checkpoints of a directory that somebody removed by hand are forgotten at the start") {
    Broker broker;
    broker.start();
    auto log = broker.open(orders, uuid(9));
    append(*log, 3);
    REQUIRE(log->raise_log_start_offset(3));
    REQUIRE(broker.directory->write_checkpoints(checkpoint_of(orders, *log)));
    broker.crash();
    REQUIRE(broker.files.remove_all("/data/orders-0"));
    broker.start();
    append(*broker.open(orders, uuid(9)), 1);
    broker.crash();
    broker.start();
    CHECK(broker.open(orders, uuid(9))->log_start_offset() == 0);
}

TEST_CASE("cleaner offsets of a deleted topic are not those of a new one of its name") {
    Broker broker;
    broker.start();
    append(*broker.open(orders, uuid(9)), 20);
    const std::vector<CleanerOffset> old{{orders, uuid(9), 17}, {bills, uuid(9), 3}};
    REQUIRE(broker.directory->write_cleaner_checkpoint(old));
    SUBCASE("after a crash at once") { REQUIRE(broker.directory->remove_log(orders, uuid(9))); }
    SUBCASE("after the checkpoints were written") {
        REQUIRE(broker.directory->remove_log(orders, uuid(9)));
        REQUIRE(broker.directory->write_checkpoints({}));
    }
    SUBCASE("when the cleaner writes what it knew") {
        REQUIRE(broker.directory->remove_log(orders, uuid(9)));
        REQUIRE(broker.directory->write_checkpoints({}));
        REQUIRE(broker.directory->write_cleaner_checkpoint(old));
    }
    SUBCASE("when somebody removed the directory by hand") {
        broker.crash();
        REQUIRE(broker.files.remove_all("/data/orders-0"));
        broker.start();
    }
    append(*broker.open(orders, uuid(8)), 20);
    for (int i = 0; i < 2; ++i) {
        broker.crash();
        broker.start();
        CHECK(broker.directory->cleaner_checkpoint().empty());
        CHECK(broker.text("cleaner-offset-checkpoint") == "0\n0\n");
    }
}

TEST_CASE("cleaner offsets of a removed log are not given to its successor after a crash") {
    bool completed = false;
    for (uint64_t nth = 1; !completed; ++nth) {
        CAPTURE(nth);
        Broker broker{.files = SimulatedFileSystem(nth)};
        broker.start();
        append(*broker.open(orders, uuid(9)), 20);
        REQUIRE(broker.directory->write_cleaner_checkpoint({{{orders, uuid(9), 17}}}));
        broker.files.die_at(nth);
        auto log = broker.directory->remove_log(orders, uuid(9))
                       ? broker.directory->open_log(orders, uuid(10), {}, now_ms)
                       : std::unexpected(ErrorCode::kafka_storage_error);
        auto batch = support::build_batch({.record_count = 20});
        completed = log && (*log)->append(batch, 0, now_ms) &&
                    broker.directory->write_checkpoints({}) &&
                    broker.directory->write_checkpoints({});
        broker.crash();
        broker.start();
        if (broker.directory->partitions() ==
            std::vector<LogDirectory::Partition>{{orders, uuid(10)}})
            CHECK(broker.directory->cleaner_checkpoint().empty());
        REQUIRE(nth < 200);
    }
}
