#include "storage/log_directories.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/support/batches.h"
#include "tests/support/simulated_file_system.h"

using namespace storage;
using protocol::Uuid;
using support::Crash;
using support::SimulatedFileSystem;

namespace {

constexpr int64_t now_ms = 1'000'000;
const std::vector<std::string> three{"/a", "/b", "/c"};
const Uuid topic_id = [] {
    Uuid id;
    id.bytes.back() = std::byte{9};
    return id;
}();

PartitionName orders(int32_t partition) { return {"orders", partition}; }

struct Broker {
    SimulatedFileSystem files;
    uint8_t uuids_given = 0;
    std::unique_ptr<LogDirectories> directories;

    std::expected<void, std::string> try_start(const std::vector<std::string>& paths = three) {
        directories.reset();
        auto opened = LogDirectories::open(files, paths, {.random_uuid = [this] {
                                               Uuid id;
                                               id.bytes.back() = std::byte{++uuids_given};
                                               return id;
                                           }});
        if (!opened) return std::unexpected(opened.error());
        directories = std::move(*opened);
        return {};
    }
    void start(const std::vector<std::string>& paths = three) {
        const auto started = try_start(paths);
        REQUIRE_MESSAGE(started, started.error());
    }
    void crash() {
        files.crash(Crash::process_kill);
        directories.reset();
    }
    std::expected<std::unique_ptr<Log>, ErrorCode> open(int32_t partition) const {
        return directories->open_log(orders(partition), topic_id, {}, now_ms);
    }
    std::unique_ptr<Log> fill(int32_t partition) const {
        auto log = open(partition).value();
        auto batch = support::build_batch({});
        REQUIRE(log->append(batch, 0, now_ms));
        return log;
    }
    // How many logs each of the three has.
    std::vector<int> counts() const {
        std::vector<int> counts;
        for (const std::string& path : three) {
            int count = 0;
            for (const std::string& name : files.list(path).value())
                count += name.starts_with("orders-") && !name.ends_with("-delete") ? 1 : 0;
            counts.push_back(count);
        }
        return counts;
    }
};

}  // namespace

TEST_CASE("new logs are spread over the directories, and found again where they are") {
    Broker broker;
    broker.start();
    std::vector<std::unique_ptr<Log>> logs;
    // As topics are made: opened first, and written later.
    for (int32_t partition = 0; partition < 7; ++partition)
        logs.push_back(broker.open(partition).value());
    for (auto& log : logs) {
        auto batch = support::build_batch({});
        REQUIRE(log->append(batch, 0, now_ms));
    }
    const auto counts = broker.counts();
    CHECK(*std::ranges::min_element(counts) == 2);
    CHECK(*std::ranges::max_element(counts) == 3);
    logs.clear();
    broker.crash();
    broker.start();
    CHECK(broker.directories->partitions().size() == 7);
    for (int32_t partition = 0; partition < 7; ++partition)
        CHECK(broker.open(partition).value()->log_end_offset() > 0);
    CHECK(broker.counts() == counts);
}

TEST_CASE("a deleted log makes room for the next") {
    Broker broker;
    broker.start();
    for (int32_t partition = 0; partition < 3; ++partition) (void)broker.fill(partition);
    REQUIRE(broker.counts() == std::vector{1, 1, 1});
    const auto set_aside = broker.directories->set_aside_log(orders(1));
    REQUIRE(set_aside);
    REQUIRE(broker.directories->remove_set_aside(*set_aside));
    CHECK(broker.directories->set_aside_log(orders(1)).error() ==
          ErrorCode::unknown_topic_or_partition);
    (void)broker.fill(3);
    const auto counts = broker.counts();
    CHECK(*std::ranges::max_element(counts) == 1);
}

TEST_CASE("all directories are of one cluster, and each has an id of its own") {
    Broker broker;
    broker.start();
    const auto ids = broker.directories->directory_ids();
    REQUIRE(ids.size() == 3);
    CHECK(ids[0] != ids[1]);
    CHECK(ids[1] != ids[2]);
    const std::string cluster = broker.directories->properties().cluster_id;
    for (const std::string& path : three) {
        broker.start({path});
        CHECK(broker.directories->properties().cluster_id == cluster);
    }
}

TEST_CASE("each directory has the checkpoints and the clean stop of its own logs") {
    Broker broker;
    broker.start();
    std::vector<PartitionCheckpoint> checkpoints;
    Checkpoint compacted;
    for (int32_t partition = 0; partition < 3; ++partition) {
        const auto log = broker.fill(partition);
        REQUIRE(log->close());
        compacted[orders(partition)] = log->log_end_offset();
        checkpoints.push_back({.name = orders(partition),
                               .topic_id = topic_id,
                               .recovery_point = log->recovery_point(),
                               .high_watermark = log->log_end_offset()});
    }
    REQUIRE(broker.directories->write_cleaner_checkpoint(compacted));
    REQUIRE(broker.directories->close(checkpoints, 1));
    for (const std::string& path : three) {
        CHECK(broker.files.exists(path + "/.kafka_cleanshutdown"));
        const auto text = broker.files.contents(path + "/recovery-point-offset-checkpoint");
        CHECK(as_text(text).starts_with("0\n1\norders "));
    }
    broker.start();
    CHECK(broker.directories->cleaner_checkpoint() == compacted);
    CHECK(broker.directories->was_clean_shutdown());
}

TEST_CASE("a directory that cannot be opened takes its own partitions offline, and no others") {
    Broker broker;
    broker.start();
    for (int32_t partition = 0; partition < 3; ++partition) (void)broker.fill(partition);
    broker.crash();
    int32_t lost = 0;
    while (!broker.files.exists("/b/" + directory_name(orders(lost)))) ++lost;
    // A file in its place stands for a disk that is not there.
    REQUIRE(broker.files.rename("/b", "/elsewhere"));
    broker.files.overwrite("/b", {});
    broker.start();
    REQUIRE(broker.directories->problems().size() == 1);
    CHECK(broker.directories->problems().front().starts_with("/b: "));
    broker.directories->expect_topics({topic_id});
    for (int32_t partition = 0; partition < 3; ++partition) {
        const auto log = broker.open(partition);
        if (partition == lost)
            CHECK(log.error() == ErrorCode::kafka_storage_error);
        else
            CHECK(log.value()->log_end_offset() > 0);
    }
    // A new topic goes to one that is there.
    CHECK(broker.directories->open_log({"bills", 0}, Uuid{{std::byte{7}}}, {}, now_ms));
    broker.crash();

    REQUIRE(broker.files.remove("/b"));
    REQUIRE(broker.files.rename("/elsewhere", "/b"));
    broker.start();
    CHECK(broker.open(lost).value()->log_end_offset() > 0);
}

TEST_CASE("what cannot be meant is refused: directories that do not belong together") {
    Broker broker;
    broker.start();
    (void)broker.fill(0);
    broker.crash();
    CHECK(broker.try_start({"/a", "/a"}).error() == "log.dirs names /a twice");
    broker.start({"/other"});
    broker.crash();
    CHECK(broker.try_start({"/a", "/other"}).error().contains("not of"));
    const std::string held = broker.files.exists("/a/orders-0") ? "/a" : "/b";
    broker.start();
    broker.directories.reset();
    const std::string twin = held == "/a" ? "/b" : "/a";
    REQUIRE(broker.files.create_directories(twin + "/orders-0"));
    CHECK(broker.try_start().error() == "orders-0 is both in /a and in /b");
    // Nothing works without the first one, which has the metadata.
    broker.files.overwrite("/none", {});
    CHECK(broker.try_start({"/none", "/a"}).error().starts_with("/none: "));
}
