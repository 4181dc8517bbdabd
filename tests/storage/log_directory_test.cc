#include "storage/log_directory.h"

#include <doctest/doctest.h>

#include "tests/storage/directory_fixture.h"
#include "tests/support/temporary_directory.h"

using namespace directory_fixture;

namespace {

const std::string cluster_id = protocol::to_string(uuid(1));

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
    REQUIRE(broker.directory->remove_log(orders, uuid(9)));
    REQUIRE(broker.directory->write_checkpoints({}));
    CHECK(broker.text("recovery-point-offset-checkpoint") == "0\n1\nbills 3 0\n");
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

TEST_CASE("a checkpoint that the disk does not give is taken for absent, and written over") {
    bool opened = false;
    for (uint64_t nth = 1; !opened; ++nth) {
        CAPTURE(nth);
        Broker broker;
        broker.start();
        open_checkpointed(broker, 2).reset();
        broker.crash();
        broker.files.fail_at(nth);
        auto second = broker.try_start();
        broker.files.heal();
        if (second) {
            opened = second.value()->problems().empty();
            REQUIRE(second.value()->write_checkpoints({}));
        }
        broker.crash();
        broker.start();
        CHECK(broker.open(orders, uuid(9))->log_start_offset() == 2);
        REQUIRE(nth < 100);
    }
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
    CHECK(directory->remove_log(orders, uuid(9)));
    CHECK_FALSE(posix_file_system().exists(root / "data/orders-0"));
}
