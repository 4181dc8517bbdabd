#include "storage/log_directory.h"

#include <doctest/doctest.h>

#include <functional>

#include "protocol/uuid.h"
#include "tests/support/batches.h"
#include "tests/support/simulated_file_system.h"
#include "tests/support/temporary_directory.h"

using namespace storage;
using protocol::Uuid;
using support::Crash;
using support::SimulatedFileSystem;

namespace {

constexpr int64_t now_ms = 1'000'000;

Uuid uuid(uint8_t number) {
    Uuid id;
    id.bytes.back() = std::byte{number};
    return id;
}

const std::string cluster_id = protocol::to_string(uuid(1));

// A data directory, over several lives of its broker.
struct Broker {
    SimulatedFileSystem files;
    uint8_t uuids_given = 0;
    std::vector<std::string> warnings = {};
    std::unique_ptr<LogDirectory> directory;

    std::expected<std::unique_ptr<LogDirectory>, std::string> try_start(
        std::optional<std::string> cluster = std::nullopt, int32_t node_id = 1) {
        auto opened = LogDirectory::open(
            files, "/data",
            {.cluster_id = std::move(cluster),
             .node_id = node_id,
             .random_uuid = [this] { return uuid(++uuids_given); },
             .warn = [this](const std::string& text) { warnings.push_back(text); }});
        if (!opened) return std::unexpected(opened.error().message);
        return std::move(*opened);
    }
    void start() {
        auto opened = try_start();
        REQUIRE_MESSAGE(opened, opened.error());
        directory = std::move(*opened);
        REQUIRE(directory->begin_work());
    }
    void crash(Crash how = Crash::process_kill) {
        files.crash(how);
        directory.reset();
    }
    // A log with this many records.
    std::unique_ptr<Log> open(const PartitionName& name, const Uuid& topic_id) {
        auto log = directory->open_log(name, topic_id, {}, now_ms);
        REQUIRE(log);
        return std::move(*log);
    }
    std::string text(const std::string& name) const {
        return std::string(as_text(files.contents("/data/" + name)));
    }
};

void append(Log& log, int32_t record_count) {
    auto batch = support::build_batch({.record_count = record_count});
    REQUIRE(log.append(batch, 0, now_ms));
}

std::vector<PartitionCheckpoint> checkpoint_of(const PartitionName& name, const Log& log,
                                               const Uuid& topic_id = uuid(9)) {
    return {{.name = name,
             .topic_id = topic_id,
             .recovery_point = log.recovery_point(),
             .log_start_offset = log.log_start_offset(),
             .high_watermark = log.log_end_offset()}};
}

const PartitionName orders{"orders", 0};
const PartitionName bills{"bills", 3};
const std::string stray = "/data/orders-0.00000000000000000000000000000009-stray";

// A log of three records that begins at this offset, which the checkpoints say.
std::unique_ptr<Log> open_checkpointed(Broker& broker, int64_t log_start_offset) {
    auto log = broker.open(orders, uuid(9));
    append(*log, 3);
    REQUIRE(log->raise_log_start_offset(log_start_offset));
    REQUIRE(log->flush());
    REQUIRE(broker.directory->write_checkpoints(checkpoint_of(orders, *log)));
    return log;
}

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

TEST_CASE("a new directory is given a cluster id and a directory id, and keeps them") {
    Broker broker;
    broker.start();
    CHECK(broker.directory->properties() ==
          MetaProperties{.cluster_id = cluster_id, .node_id = 1, .directory_id = uuid(2)});
    CHECK_FALSE(broker.directory->was_clean_shutdown());
    CHECK(broker.directory->partitions().empty());
    CHECK(broker.directory->problems().empty());
    const auto properties = broker.directory->properties();
    broker.crash();
    broker.start();
    CHECK(broker.directory->properties() == properties);
}

TEST_CASE("a new directory takes the cluster id that it is given") {
    Broker broker;
    CHECK(broker.try_start("my-cluster").value()->properties().cluster_id == "my-cluster");
}

TEST_CASE("a new directory is still there after a power cut, also below others that are new") {
    for (uint64_t seed = 1; seed <= 20; ++seed) {
        CAPTURE(seed);
        SimulatedFileSystem files(seed);
        const LogDirectory::OpenOptions options{.random_uuid = [] { return uuid(7); }};
        REQUIRE(LogDirectory::open(files, "/var/lib/einmal", options));
        files.crash(Crash::power_cut);
        CHECK(files.exists("/var/lib/einmal/meta.properties"));
    }
}

TEST_CASE("ids that begin with a dash are not given") {
    Broker broker;
    auto dash = uuid(0);
    dash.bytes[0] = std::byte{62 << 2};
    REQUIRE(protocol::to_string(dash).starts_with('-'));
    std::vector<Uuid> random{uuid(5), dash, Uuid{}, dash};
    const auto opened = LogDirectory::open(broker.files, "/data", {.random_uuid = [&] {
                                               const Uuid next = random.back();
                                               if (random.size() > 1) random.pop_back();
                                               return next;
                                           }});
    CHECK(opened.value()->properties().directory_id == uuid(5));
}

TEST_CASE("the directory of another cluster or node is refused by name") {
    Broker broker;
    broker.start();
    broker.directory.reset();
    CHECK(broker.try_start("other").error() ==
          "/data: meta.properties: this is a directory of cluster " + cluster_id +
              ", not of other");
    CHECK(broker.try_start(cluster_id, 2).error() ==
          "/data: meta.properties: this is a directory of node 1, not of 2");
    CHECK(broker.try_start(cluster_id, 1));
}

TEST_CASE("a second broker on the same directory is refused") {
    Broker broker;
    broker.start();
    CHECK(broker.try_start().error() == "/data: another broker is running on this directory");
    broker.directory.reset();
    CHECK(broker.try_start());
}

TEST_CASE("a directory of an older Kafka, without a directory id, is given one") {
    Broker broker;
    REQUIRE(broker.files.create_directories("/data"));
    broker.files.overwrite("/data/meta.properties",
                           as_bytes("version=1\nnode.id=1\ncluster.id=c\n"));
    broker.start();
    CHECK(broker.directory->properties().directory_id == uuid(1));
    CHECK(broker.text("meta.properties").contains("directory.id=" + protocol::to_string(uuid(1))));
}

TEST_CASE("partitions are found again with their topic ids") {
    Broker broker;
    broker.start();
    append(*broker.open(orders, uuid(9)), 3);
    append(*broker.open(bills, uuid(8)), 1);
    broker.crash();
    broker.start();
    using Partition = LogDirectory::Partition;
    CHECK(broker.directory->partitions() ==
          std::vector<Partition>{{bills, uuid(8)}, {orders, uuid(9)}});
    CHECK(broker.open(orders, uuid(9))->log_end_offset() == 3);
}

TEST_CASE("a clean shutdown leaves Kafka's files, and its marker counts once") {
    Broker broker;
    broker.start();
    auto log = broker.open(orders, uuid(9));
    append(*log, 3);
    REQUIRE(log->raise_log_start_offset(2));
    REQUIRE(log->close());
    REQUIRE(broker.directory->close(checkpoint_of(orders, *log), 42));
    CHECK(broker.text(".kafka_cleanshutdown") == R"({"version":0,"brokerEpoch":42})");
    CHECK(broker.text("recovery-point-offset-checkpoint") == "0\n1\norders 0 3\n");
    CHECK(broker.text("log-start-offset-checkpoint") == "0\n1\norders 0 2\n");
    CHECK(broker.text("replication-offset-checkpoint") == "0\n1\norders 0 3\n");
    log.reset();
    broker.directory.reset();

    broker.start();
    CHECK(broker.directory->was_clean_shutdown());
    CHECK_FALSE(broker.files.exists("/data/.kafka_cleanshutdown"));
    log = broker.open(orders, uuid(9));
    CHECK(log->log_start_offset() == 2);
    CHECK(log->log_end_offset() == 3);
    CHECK(log->recovery_point() == 3);
    broker.crash();
    broker.start();
    CHECK_FALSE(broker.directory->was_clean_shutdown());
}

TEST_CASE("who only looks at a directory leaves it clean") {
    Broker broker;
    broker.start();
    REQUIRE(broker.directory->close({}, 1));
    broker.directory.reset();
    for (int i = 0; i < 2; ++i) CHECK(broker.try_start().value()->was_clean_shutdown());
}

TEST_CASE("the marker of a clean shutdown does not come back in a power cut") {
    for (uint64_t seed = 1; seed <= 20; ++seed) {
        Broker broker{.files = SimulatedFileSystem(seed)};
        broker.start();
        REQUIRE(broker.directory->close({}, 1));
        broker.directory.reset();
        broker.start();
        REQUIRE(broker.directory->was_clean_shutdown());
        broker.crash(Crash::power_cut);
        broker.start();
        CHECK_FALSE(broker.directory->was_clean_shutdown());
    }
}

TEST_CASE("a shutdown is not clean while a log from before a crash was not opened") {
    Broker broker;
    broker.start();
    append(*broker.open(orders, uuid(9)), 3);
    broker.crash();
    broker.start();
    REQUIRE(broker.directory->close({}, 1));
    broker.directory.reset();
    broker.start();
    CHECK_FALSE(broker.directory->was_clean_shutdown());
    auto log = broker.open(orders, uuid(9));
    REQUIRE(log->close());
    REQUIRE(broker.directory->close(checkpoint_of(orders, *log), 1));
    broker.directory.reset();
    broker.start();
    CHECK(broker.directory->was_clean_shutdown());
}

TEST_CASE("checkpoints keep what was read of partitions that are not open") {
    Broker broker;
    broker.start();
    auto log = broker.open(orders, uuid(9));
    append(*log, 3);
    REQUIRE(log->flush());
    append(*broker.open(bills, uuid(8)), 1);
    REQUIRE(broker.directory->write_checkpoints(checkpoint_of(orders, *log)));
    broker.crash();
    broker.start();
    REQUIRE(broker.directory->write_checkpoints({}));
    CHECK(broker.text("recovery-point-offset-checkpoint") == "0\n2\nbills 3 0\norders 0 3\n");
    REQUIRE(broker.directory->remove_log(orders));
    REQUIRE(broker.directory->write_checkpoints({}));
    CHECK(broker.text("recovery-point-offset-checkpoint") == "0\n1\nbills 3 0\n");
}

TEST_CASE("a removed log is gone, and its name is free at once") {
    Broker broker;
    broker.start();
    append(*broker.open(orders, uuid(9)), 3);
    const auto set_aside = broker.directory->set_aside_log(orders);
    CHECK(set_aside == "/data/orders-0.00000000000000000000000000000009-delete");
    CHECK(broker.open(orders, uuid(10))->log_end_offset() == 0);
    CHECK(broker.files.exists(*set_aside));
    REQUIRE(broker.directory->remove_set_aside(*set_aside));
    CHECK(broker.files.list(*set_aside).value().empty());
    REQUIRE(broker.directory->write_checkpoints({}));
    CHECK_FALSE(broker.files.exists(*set_aside));
    CHECK(broker.directory->remove_log(bills).error() == ErrorCode::unknown_topic_or_partition);
}

TEST_CASE("a name can be set aside again when the first could not be deleted") {
    Broker broker;
    broker.start();
    for (int i = 0; i < 2; ++i) {
        append(*broker.open(orders, uuid(9)), 3);
        REQUIRE(broker.directory->set_aside_log(orders));
        CHECK_FALSE(broker.files.exists("/data/orders-0"));
    }
}

TEST_CASE("what a crash left of a removed log goes at the next start") {
    Broker broker;
    broker.start();
    append(*broker.open(orders, uuid(9)), 3);
    const auto set_aside = broker.directory->set_aside_log(orders).value();
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
    REQUIRE(broker.directory->remove_log(orders));
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
            broker.directory->remove_log(orders) &&
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

TEST_CASE("what does not belong in the directory is reported and left alone") {
    Broker broker;
    for (const auto* name : {"lost+found", "orders-0-copy", "orders-1.0123-future",
                             "orders-2.0123-stray", "__cluster_metadata-0"})
        REQUIRE(broker.files.create_directories(std::string("/data/") + name));
    broker.files.overwrite("/data/notes-1", as_bytes("a file, not a directory"));
    broker.files.overwrite("/data/log-start-offset-checkpoint", as_bytes("garbage"));
    broker.start();
    CHECK(broker.directory->partitions().empty());
    CHECK(
        broker.directory->problems() ==
        std::vector<std::string>{"/data/lost+found: not the directory of a partition",
                                 "/data/orders-0-copy: not the directory of a partition",
                                 "/data/log-start-offset-checkpoint: damaged, treated as absent"});
    CHECK(broker.files.exists("/data/orders-1.0123-future"));
}

TEST_CASE("a damaged checkpoint costs time, not records") {
    Broker broker;
    broker.start();
    auto log = broker.open(orders, uuid(9));
    append(*log, 3);
    REQUIRE(log->flush());
    REQUIRE(broker.directory->write_checkpoints(checkpoint_of(orders, *log)));
    broker.crash();
    for (const auto file : {recovery_point_file, log_start_file, high_watermark_file})
        broker.files.flip_bits("/data/" + std::string(file), 0);
    broker.start();
    CHECK(broker.directory->problems().size() == 3);
    CHECK(broker.open(orders, uuid(9))->log_end_offset() == 3);
}

TEST_CASE("cleaner offsets are kept") {
    Broker broker;
    broker.start();
    CHECK(broker.directory->cleaner_checkpoint().empty());
    append(*broker.open(orders, uuid(9)), 20);
    REQUIRE(broker.directory->write_cleaner_checkpoint({{{orders, uuid(9), 17}}}));
    CHECK(broker.text("cleaner-offset-checkpoint") == "0\n1\norders 0 17\n");
    broker.crash();
    broker.start();
    CHECK(broker.directory->cleaner_checkpoint() ==
          std::vector<CleanerOffset>{{orders, uuid(9), 17}});
    REQUIRE(broker.directory->write_checkpoints({}));
    CHECK(broker.text("cleaner-offset-checkpoint") == "0\n1\norders 0 17\n");
}

TEST_CASE("cleaner offsets of a deleted topic are not those of a new one of its name") {
    Broker broker;
    broker.start();
    append(*broker.open(orders, uuid(9)), 20);
    const std::vector<CleanerOffset> old{{orders, uuid(9), 17}, {bills, uuid(9), 3}};
    REQUIRE(broker.directory->write_cleaner_checkpoint(old));
    SUBCASE("after a crash at once") { REQUIRE(broker.directory->remove_log(orders)); }
    SUBCASE("after the checkpoints were written") {
        REQUIRE(broker.directory->remove_log(orders));
        REQUIRE(broker.directory->write_checkpoints({}));
    }
    SUBCASE("when the cleaner writes what it knew") {
        REQUIRE(broker.directory->remove_log(orders));
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
        auto log = broker.directory->remove_log(orders)
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

TEST_CASE("records that a crash lost in the middle of a log are reported, unless compaction did") {
    Broker broker;
    broker.start();
    auto log = broker.open(orders, uuid(9));
    for (int i = 0; i < 3; ++i) {
        append(*log, 1);
        REQUIRE(log->roll(now_ms));
    }
    LogConfig config;
    bool may_be_compacted = true;
    SUBCASE("a log that was never compacted") { may_be_compacted = false; }
    SUBCASE("a compacted one") { config.compacts = true; }
    SUBCASE("one that was compacted before") {
        REQUIRE(broker.directory->write_cleaner_checkpoint({{{orders, uuid(9), 0}}}));
    }
    SUBCASE("one of which nobody knows") {
        REQUIRE(broker.files.remove("/data/cleaner-offset-checkpoint"));
    }
    SUBCASE("one of which nobody knows any more") {
        broker.files.overwrite("/data/cleaner-offset-checkpoint", as_bytes("garbage"));
    }
    broker.crash();
    for (const std::string& name : broker.files.list("/data/orders-0").value())
        if (name.starts_with("00000000000000000001."))
            REQUIRE(broker.files.remove("/data/orders-0/" + name));
    broker.start();
    log = broker.directory->open_log(orders, uuid(9), config, now_ms).value();
    CHECK(log->recovery().segments_dropped == (may_be_compacted ? 0 : 2));
    CHECK(log->log_end_offset() == (may_be_compacted ? 3 : 1));
}

TEST_CASE("opening fails in words wherever the disk fails, and works once it is well") {
    bool opened = false;
    for (uint64_t nth = 1; !opened; ++nth) {
        CAPTURE(nth);
        Broker broker;
        broker.start();
        append(*broker.open(orders, uuid(9)), 1);
        broker.directory.reset();
        broker.files.fail_at(nth);
        auto second = broker.try_start();
        opened = second && second.value()->problems().empty();
        if (!second) CHECK(second.error().starts_with("/data: "));
        second = std::unexpected("");
        broker.files.heal();
        broker.start();
        CHECK(broker.open(orders, uuid(9))->log_end_offset() == 1);
        broker.directory->close({}, 1).value();
        REQUIRE(nth < 100);
    }
}

TEST_CASE("a directory works on the operating system's files") {
    const support::TemporaryDirectory root;
    const LogDirectory::OpenOptions options{.random_uuid = [] { return uuid(7); }};
    {
        auto directory = LogDirectory::open(posix_file_system(), root / "data", options).value();
        CHECK_FALSE(LogDirectory::open(posix_file_system(), root / "data", options));
        auto log = directory->open_log(orders, uuid(9), {}, now_ms).value();
        append(*log, 3);
        REQUIRE(log->close());
        REQUIRE(directory->close(checkpoint_of(orders, *log), 1));
    }
    auto directory = LogDirectory::open(posix_file_system(), root / "data", options).value();
    CHECK(directory->was_clean_shutdown());
    CHECK(directory->problems().empty());
    CHECK(directory->open_log(orders, uuid(9), {}, now_ms).value()->log_end_offset() == 3);
    CHECK(directory->remove_log(orders));
    CHECK_FALSE(posix_file_system().exists(root / "data/orders-0"));
}
