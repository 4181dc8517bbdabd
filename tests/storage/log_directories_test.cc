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

const Uuid old_id{{std::byte{7}}}, new_id{{std::byte{8}}};
const PartitionName bills{"bills", 0};

PartitionName orders(int32_t partition) { return {"orders", partition}; }

struct Broker {
    SimulatedFileSystem files;
    uint8_t uuids_given = 0;
    LogDirectories::Topics topics{.ids = {{"orders", topic_id}}};  // by the metadata
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
        return directories->expect_topics(topics);
    }
    void start(const std::vector<std::string>& paths = three) {
        const auto started = try_start(paths);
        REQUIRE_MESSAGE(started, started.error());
        REQUIRE(directories->begin_work());
    }
    void crash() {
        files.crash(Crash::process_kill);
        directories.reset();
    }
    // A file in its place stands for a disk that is not there.
    void take_offline(const std::string& path) {
        REQUIRE(files.rename(path, "/elsewhere"));
        files.overwrite(path, {});
    }
    void bring_back(const std::string& path) {
        REQUIRE(files.remove_all(path));
        REQUIRE(files.rename("/elsewhere", path));
    }
    std::expected<std::unique_ptr<Log>, ErrorCode> open(int32_t partition) const {
        return directories->open_log(orders(partition), topic_id, {}, now_ms);
    }
    std::unique_ptr<Log> fill(int32_t partition) const { return fill(orders(partition), topic_id); }
    std::unique_ptr<Log> fill(const PartitionName& name, const Uuid& id,
                              int32_t record_count = 1) const {
        auto log = directories->open_log(name, id, {}, now_ms).value();
        auto batch = support::build_batch({.record_count = record_count});
        REQUIRE(log->append(batch, 0, now_ms));
        return log;
    }
    // Which of the three has the partition.
    std::string place_of(const PartitionName& name) const {
        const auto has_it = [&](const std::string& path) {
            return files.exists(path + "/" + directory_name(name));
        };
        REQUIRE(std::ranges::count_if(three, has_it) == 1);
        return *std::ranges::find_if(three, has_it);
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
    const auto set_aside = broker.directories->set_aside_log(orders(1), topic_id);
    REQUIRE(set_aside);
    REQUIRE(broker.directories->remove_set_aside(*set_aside));
    CHECK(broker.directories->set_aside_log(orders(1), topic_id).error() ==
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
    std::vector<CleanerOffset> compacted;
    for (int32_t partition = 0; partition < 3; ++partition) {
        const auto log = broker.fill(partition);
        REQUIRE(log->close());
        compacted.push_back({orders(partition), topic_id, log->log_end_offset()});
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
    auto found = broker.directories->cleaner_checkpoint();
    std::ranges::sort(found, {}, &CleanerOffset::name);
    CHECK(found == compacted);
    CHECK(broker.directories->was_clean_shutdown());
}

TEST_CASE("a directory that cannot be opened takes its own partitions offline, and no others") {
    Broker broker;
    broker.start();
    for (int32_t partition = 0; partition < 3; ++partition) (void)broker.fill(partition);
    broker.crash();
    int32_t lost = 0;
    while (!broker.files.exists("/b/" + directory_name(orders(lost)))) ++lost;
    broker.take_offline("/b");
    broker.start();
    REQUIRE(broker.directories->problems().size() == 1);
    CHECK(broker.directories->problems().front().starts_with("/b: "));
    for (int32_t partition = 0; partition < 3; ++partition) {
        const auto log = broker.open(partition);
        if (partition == lost)
            CHECK(log.error() == ErrorCode::kafka_storage_error);
        else
            CHECK(log.value()->log_end_offset() > 0);
    }
    // A new topic goes to one that is there.
    CHECK(broker.directories->open_log(bills, new_id, {}, now_ms));
    broker.crash();

    broker.bring_back("/b");
    broker.start();
    CHECK(broker.open(lost).value()->log_end_offset() > 0);
}

TEST_CASE("a topic that was made anew while its directory was offline is there once") {
    Broker broker;
    broker.start();
    (void)broker.fill(0);  // in the first one, which is always there
    (void)broker.fill(bills, old_id, 3);
    const std::string home = broker.place_of(bills);
    REQUIRE(home != "/a");
    broker.crash();
    broker.take_offline(home);
    broker.topics.ids["bills"] = old_id;
    broker.start();
    (void)broker.fill(bills, new_id, 2);
    broker.topics.ids["bills"] = new_id;
    SUBCASE("the old log is kept when nobody knows that its topic was deleted") {}
    SUBCASE("the old log goes when its topic is known to be deleted") {
        broker.topics.deleted = {old_id};
    }
    broker.crash();
    broker.bring_back(home);
    broker.start();
    CHECK(broker.directories->partitions() ==
          std::vector<LogDirectory::Partition>{{bills, new_id}, {orders(0), topic_id}});
    CHECK(broker.directories->open_log(bills, new_id, {}, now_ms).value()->log_end_offset() == 2);
    CHECK(broker.place_of(bills) != home);
    const auto names = broker.files.list(home).value();
    const auto stray = std::ranges::find_if(
        names, [](const std::string& name) { return name.ends_with("-stray"); });
    REQUIRE((stray == names.end()) == broker.topics.deleted.contains(old_id));
    if (stray != names.end())
        CHECK(Log::open(broker.files, home + "/" + *stray, {}).value()->log_end_offset() == 3);
}

TEST_CASE("a log whose directory goes away after the start does not begin anew elsewhere") {
    Broker broker;
    broker.start();
    for (int32_t partition = 0; partition < 3; ++partition) (void)broker.fill(partition);
    broker.crash();
    broker.start();
    int32_t lost = 0;
    while (broker.place_of(orders(lost)) != "/b") ++lost;
    // What is left of a disk that is not mounted any more.
    REQUIRE(broker.files.rename("/b", "/elsewhere"));
    REQUIRE(broker.files.create_directories("/b"));
    for (int32_t partition = 0; partition < 3; ++partition)
        CHECK(broker.open(partition).has_value() == (partition != lost));
    CHECK(broker.open(lost).error() == ErrorCode::kafka_storage_error);
    CHECK(broker.counts() == std::vector{1, 0, 1});
    broker.bring_back("/b");
    CHECK(broker.open(lost).value()->log_end_offset() > 0);
    // A new topic of the name has nothing to do with it.
    REQUIRE(broker.directories->set_aside_log(orders(lost), topic_id));
    CHECK(broker.directories->open_log(orders(lost), new_id, {}, now_ms));
}

TEST_CASE("the place of a disk that is not mounted is taken for a new directory") {
    Broker broker;
    broker.start();
    for (int32_t partition = 0; partition < 3; ++partition) (void)broker.fill(partition);
    REQUIRE(broker.files.create_directories("/a/__cluster_metadata-0"));
    int32_t lost = 0;
    while (broker.place_of(orders(lost)) != "/b") ++lost;
    broker.crash();
    REQUIRE(broker.files.rename("/b", "/elsewhere"));
    std::string problem = "No such file or directory";
    SUBCASE("which is empty") {
        REQUIRE(broker.files.create_directories("/b"));
        problem = "there is no meta.properties: is its disk mounted?";
    }
    SUBCASE("which is not there, either") {}
    broker.start();
    CHECK(broker.directories->problems().front() ==
          "/b: " + problem + "; it is offline, and the partitions in it are");
    CHECK(broker.open(lost).error() == ErrorCode::kafka_storage_error);
    (void)broker.fill(bills, new_id);
    broker.crash();
    const auto made = broker.files.list("/b");
    CHECK((!made || made->empty()));
    broker.bring_back("/b");
    broker.start();
    CHECK(broker.open(lost).value()->log_end_offset() > 0);
}

TEST_CASE("a deletion takes what has the topic's name and another one's id") {
    Broker broker;
    broker.topics.ids["bills"] = old_id;
    broker.start();
    (void)broker.fill(0);
    (void)broker.fill(bills, old_id, 3);
    REQUIRE(broker.place_of(bills) == "/b");
    // Somebody's log of the same name, in a directory that is looked at before.
    const std::string strange = "/a/" + directory_name(bills);
    REQUIRE(broker.files.create_directories(strange));
    REQUIRE(write_topic_id(broker.files, strange, new_id));
    const auto set_aside = broker.directories->set_aside_log(bills, old_id);
    REQUIRE(set_aside);
    CHECK(set_aside->starts_with("/b/"));
    CHECK(broker.files.exists(strange));
    CHECK(broker.directories->set_aside_log(bills, old_id).error() ==
          ErrorCode::unknown_topic_or_partition);
}

TEST_CASE("a new log goes to a directory that is not there any more") {
    Broker broker;
    broker.start();
    REQUIRE(broker.files.rename("/b", "/elsewhere"));
    for (int32_t partition = 0; partition < 6; ++partition) (void)broker.fill(partition);
    CHECK_FALSE(broker.files.exists("/b"));
    REQUIRE(broker.files.rename("/a", "/elsewhere/a"));
    REQUIRE(broker.files.rename("/c", "/elsewhere/c"));
    CHECK(broker.open(6).error() == ErrorCode::kafka_storage_error);
}

TEST_CASE("a log whose disk goes away while it is opened is taken for a new one") {
    bool is_still_there = false;
    for (uint64_t nth = 1; !is_still_there; ++nth) {
        CAPTURE(nth);
        Broker broker;
        broker.files.mount("b");
        broker.start();
        for (int32_t partition = 0; partition < 3; ++partition) (void)broker.fill(partition);
        int32_t lost = 0;
        while (broker.place_of(orders(lost)) != "/b") ++lost;
        broker.crash();
        broker.start();
        broker.files.take_away("b", support::Outage::missing, nth);
        const auto log = broker.open(lost);
        if (log) CHECK((*log)->log_end_offset() == 1);
        if (!log) CHECK(log.error() == ErrorCode::kafka_storage_error);
        is_still_there = !broker.files.is_away("b");
        REQUIRE(nth < 100);
    }
}

TEST_CASE("a log whose data directory went away before its first record makes it anew") {
    Broker broker;
    broker.start();
    std::vector<std::unique_ptr<Log>> logs;
    for (int32_t partition = 0; partition < 3; ++partition)
        logs.push_back(broker.open(partition).value());
    REQUIRE(broker.files.rename("/b", "/elsewhere"));
    int refused = 0;
    for (auto& log : logs) {
        auto batch = support::build_batch({});
        const auto appended = log->append(batch, 0, now_ms);
        if (!appended) CHECK(appended.error() == ErrorCode::kafka_storage_error);
        refused += appended ? 0 : 1;
    }
    CHECK(refused == 1);
    CHECK_FALSE(broker.files.exists("/b"));
}

TEST_CASE("a directory that a failing disk began to make does not keep a broker from starting") {
    Broker broker;
    broker.start();
    for (int32_t partition = 0; partition < 2; ++partition) (void)broker.fill(partition);
    REQUIRE(broker.place_of(orders(0)) == "/a");
    REQUIRE(broker.place_of(orders(1)) == "/b");
    broker.crash();
    for (const std::string twin : {"/b/orders-0", "/a/orders-1", "/b/orders-2", "/c/orders-2"}) {
        REQUIRE(broker.files.create_directories(twin));
        broker.files.overwrite(twin + "/partition.metadata.tmp", {});
    }
    broker.start();
    CHECK(broker.open(0).value()->log_end_offset() == 1);
    CHECK(broker.open(1).value()->log_end_offset() == 1);
    CHECK(broker.place_of(orders(0)) == "/a");
    CHECK(broker.place_of(orders(1)) == "/b");
    (void)broker.fill(2);
    CHECK(broker.place_of(orders(2)) == "/b");
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
    broker.files.overwrite(twin + "/orders-0/00000000000000000000.log", {});
    CHECK(broker.try_start().error() == "orders-0 is both in /a and in /b");
    // Nothing works without the first one, which has the metadata.
    broker.files.overwrite("/none", {});
    CHECK(broker.try_start({"/none", "/a"}).error().starts_with("/none: "));
}

TEST_CASE("a log whose topic id cannot be read is not opened without its checkpoints") {
    Broker broker;
    broker.start();
    auto log = broker.fill(orders(0), topic_id, 3);
    REQUIRE(log->raise_log_start_offset(2));
    REQUIRE(log->close());
    const PartitionCheckpoint checkpoint{.name = orders(0),
                                         .topic_id = topic_id,
                                         .recovery_point = 3,
                                         .log_start_offset = 2,
                                         .high_watermark = 3};
    REQUIRE(broker.directories->close({&checkpoint, 1}, 1));
    broker.directories.reset();
    broker.start();
    broker.files.fail_every(support::Operation::read);
    CHECK(broker.open(0).error() == ErrorCode::kafka_storage_error);
    REQUIRE(broker.directories->write_checkpoints({}));
    broker.files.heal();
    broker.crash();
    broker.start();
    CHECK(broker.open(0).value()->log_start_offset() == 2);
}
