// The metadata log: its files as Apache Kafka has them, epochs, snapshots, and what it refuses.
#include "broker/metadata/metadata_log.h"

#include <doctest/doctest.h>

#include "broker/metadata/registration.h"
#include "protocol/stored/framing.h"
#include "tests/support/simulated_file_system.h"

using namespace broker::metadata;
using namespace protocol;

namespace {

constexpr Uuid directory_id{{std::byte{5}}};
constexpr int64_t now = 1'700'000'000'000;
constexpr int16_t metadata_version = 30;
const std::string in_log = "data/__cluster_metadata-0/";
const std::string first_segment = "00000000000000000000.log";
const std::string formatted = "00000000000000000000-0000000000.checkpoint";

struct Directory {
    Directory() { REQUIRE(files.create_directories("data")); }

    std::expected<MetadataLog, std::string> try_open() {
        visited.clear();
        return MetadataLog::open(files, "data", options, [this](const MetadataRecord& record) {
            visited.push_back(record);
        });
    }
    // As a start does; the test fails where that fails.
    MetadataLog open() {
        auto log = try_open();
        REQUIRE_MESSAGE(log, log.error());
        REQUIRE(log->begin_epoch(options.now_ms));
        return std::move(*log);
    }
    std::vector<std::string> names() const {
        auto all = files.list("data/__cluster_metadata-0").value();
        std::erase_if(all, [](const auto& name) { return name.ends_with("index"); });
        return all;
    }
    std::string text(const std::string& name) const {
        const Blob bytes = files.contents(in_log + name);
        return std::string(storage::as_text(bytes));
    }
    // Flips a bit where the file has this text.
    void damage(const std::string& name, std::string_view where) {
        const size_t position = text(name).find(where);
        REQUIRE(position != std::string::npos);
        files.flip_bits(in_log + name, position);
    }
    std::vector<std::string> topics() const {
        std::vector<std::string> all;
        for (const MetadataRecord& record : visited)
            if (const auto* topic = std::get_if<TopicRecord>(&record)) all.push_back(topic->name);
        return all;
    }

    support::SimulatedFileSystem files;
    MetadataLog::OpenOptions options{.node_id = 1, .directory_id = directory_id, .now_ms = now};
    std::vector<MetadataRecord> visited;
};

void append(MetadataLog& log, const std::vector<MetadataRecord>& records) {
    REQUIRE(log.append(records, metadata_version, now));
}

void append_topic(MetadataLog& log, const std::string& name) {
    append(log, {TopicRecord{.name = name, .topic_id = directory_id}});
}

void take_snapshot(MetadataLog& log, storage::FileSystem& files,
                   std::vector<MetadataRecord> records) {
    auto job = log.begin_snapshot(now);
    REQUIRE(job);
    job->snapshot.records = std::move(records);
    REQUIRE(job->write(files));
    log.end_snapshot(*job);
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("a new directory is formatted as Apache Kafka formats a standalone node") {
    Directory directory;
    directory.open();
    CHECK(directory.names() == Names{formatted, "00000000000000000000.log",
                                     "leader-epoch-checkpoint", "partition.metadata",
                                     "quorum-state"});
    CHECK(
        directory.text("quorum-state") ==
        R"({"leaderId":1,"leaderEpoch":1,"votedId":-1,)" R"("votedDirectoryId":"AAAAAAAAAAAAAAAAAAAAAA","data_version":1})");
    CHECK(directory.text("partition.metadata") == "version: 0\ntopic_id: AAAAAAAAAAAAAAAAAAAAAQ");
    const auto checkpoint = decode_snapshot(directory.files.contents(in_log + formatted));
    REQUIRE(checkpoint);
    CHECK(checkpoint->voter_set.kraft_version == 1);
    CHECK(checkpoint->voter_set.voters->voters.at(0).voter_directory_id == directory_id);
    CHECK(checkpoint->records.size() == 6);
    CHECK(!directory.files.exists("data/bootstrap.checkpoint"));
}

TEST_CASE("each start leads in an epoch of its own, and says so at the epoch's beginning") {
    Directory directory;
    CHECK(directory.open().epoch() == 1);
    CHECK(directory.open().epoch() == 2);
    CHECK(directory.text("leader-epoch-checkpoint") == "0\n2\n1 0\n2 3\n");
    CHECK(directory.text("quorum-state").contains(R"("leaderEpoch":2)"));
}

TEST_CASE("an epoch that only quorum-state knows of is not used again") {
    Directory directory;
    directory.open();
    directory.files.overwrite(in_log + "quorum-state",
                              storage::as_bytes(R"({"leaderId":1,"leaderEpoch":40})"));
    CHECK(directory.open().epoch() == 41);
    directory.files.overwrite(in_log + "quorum-state", storage::as_bytes("{"));
    CHECK(directory.open().epoch() == 42);
}

TEST_CASE("a log from before there were voters in it goes on as it was") {
    Directory directory;
    directory.open();
    REQUIRE(directory.files.remove_all("data/__cluster_metadata-0"));
    auto old = storage::Log::open(directory.files, "data/__cluster_metadata-0", {.now_ms = now});
    REQUIRE(old);
    BatchBuilder batch({});
    batch.add(now, std::nullopt,
              encode(MetadataRecord(TopicRecord{.name = "orders"}), metadata_version));
    auto bytes = batch.build();
    REQUIRE((*old)->append(bytes, 1, now));
    old->reset();
    const auto log = directory.open();
    CHECK(directory.topics() == Names{"orders"});
    CHECK(log.epoch() == 2);
    CHECK(
        directory.text("quorum-state") ==
        R"({"clusterId":"","leaderId":1,"leaderEpoch":2,"votedId":-1,"appliedOffset":0,)" R"("currentVoters":[{"voterId":1}],"data_version":0})");
}

TEST_CASE("a snapshot takes the place of the segments and snapshots before it") {
    Directory directory;
    auto log = directory.open();
    append_topic(log, "gone");
    take_snapshot(log, directory.files, {TopicRecord{.name = "kept"}});
    append_topic(log, "later");
    CHECK(log.start_offset() == 4);
    CHECK(directory.names() == Names{"00000000000000000004-0000000001.checkpoint",
                                     "00000000000000000004.log", "00000000000000000004.snapshot",
                                     "leader-epoch-checkpoint", "partition.metadata",
                                     "quorum-state"});
    auto again = directory.open();
    CHECK(directory.topics() == Names{"kept", "later"});
    CHECK(again.epoch() == 2);
    CHECK(again.end_offset() == 6);
    // Who votes is in the snapshot, as the log's beginning is not there any more.
    const auto snapshot = decode_snapshot(
        directory.files.contents(in_log + "00000000000000000004-0000000001.checkpoint"));
    REQUIRE(snapshot->voter_set.voters);
    CHECK(snapshot->last_contained_log_timestamp_ms == 0);
}

TEST_CASE("a log that ends before its snapshot does begins anew there") {
    Directory directory;
    auto log = directory.open();
    append_topic(log, "kept");
    const Blob before = directory.files.contents(in_log + "00000000000000000000.log");
    take_snapshot(log, directory.files, {TopicRecord{.name = "kept"}});
    REQUIRE(directory.files.remove(in_log + "00000000000000000004.log"));
    const auto again = directory.open();
    CHECK(directory.topics() == Names{"kept"});
    CHECK(again.start_offset() == 4);
    CHECK(again.epoch() == 2);
}

TEST_CASE("a damaged snapshot is passed over while the log still has what it stands for") {
    Directory directory;
    auto log = directory.open();
    append_topic(log, "orders");
    auto job = log.begin_snapshot(now);
    REQUIRE(job);
    REQUIRE(job->write(directory.files));  // and then the process died
    directory.files.flip_bits(job->path, 100);
    directory.open();
    CHECK(directory.topics() == Names{"orders"});
}

TEST_CASE("a damaged snapshot without the log before it is refused") {
    Directory directory;
    auto log = directory.open();
    take_snapshot(log, directory.files, {TopicRecord{.name = "kept"}});
    directory.files.flip_bits(in_log + "00000000000000000003-0000000001.checkpoint", 100);
    const auto opened = directory.try_open();
    REQUIRE(!opened);
    CHECK(opened.error().contains("it begins at offset 3, and there is no snapshot"));
}

TEST_CASE("what is left of an unfinished snapshot goes") {
    Directory directory;
    directory.open();
    const std::string unfinished = "00000000000000000003-0000000001.checkpoint.part";
    REQUIRE(directory.files.open(in_log + unfinished, storage::FileSystem::Open::create));
    directory.open();
    CHECK(!directory.files.exists(in_log + unfinished));
}

TEST_CASE("records of a metadata transaction are visited when it ends") {
    Directory directory;
    auto log = directory.open();
    append(log, {BeginTransactionRecord{}, TopicRecord{.name = "a"}});
    append(log, {TopicRecord{.name = "b"}, EndTransactionRecord{}, TopicRecord{.name = "c"}});
    append(log, {BeginTransactionRecord{}, TopicRecord{.name = "d"}, AbortTransactionRecord{}});
    directory.open();
    CHECK(directory.topics() == Names{"a", "b", "c"});
}

TEST_CASE("a metadata transaction that its controller left open is aborted") {
    Directory directory;
    auto log = directory.open();
    append(log, {BeginTransactionRecord{}, TopicRecord{.name = "a"}});
    auto next = directory.open();
    CHECK(directory.topics().empty());
    append_topic(next, "b");
    directory.open();
    CHECK(directory.topics() == Names{"b"});
}

TEST_CASE("a record of a type that is not known is refused with a line that says where") {
    Directory directory;
    directory.open();
    auto raw = storage::Log::open(directory.files, "data/__cluster_metadata-0", {.now_ms = now});
    REQUIRE(raw);
    BatchBuilder batch({});
    batch.add(now, std::nullopt, frame_metadata_record({.record_type = 77, .version = 2}, {}));
    auto bytes = batch.build();
    REQUIRE((*raw)->append(bytes, 1, now));
    raw->reset();
    const auto opened = directory.try_open();
    REQUIRE(!opened);
    CHECK(opened.error() ==
          "data/__cluster_metadata-0: the record at offset 3 is of type 77, version 2, which is "
          "not known here");
}

TEST_CASE("a log in which others vote is refused") {
    Directory directory;
    directory.open();
    SUBCASE("another node") { directory.options.node_id = 2; }
    SUBCASE("this node with another directory") { directory.options.directory_id = {}; }
    SUBCASE("other nodes, in quorum-state") {
        directory.files.overwrite(
            in_log + "quorum-state",
            storage::as_bytes(
                R"({"leaderEpoch":4,"currentVoters":[{"voterId":1},{"voterId":2}]})"));
    }
    const auto opened = directory.try_open();
    REQUIRE(!opened);
    CHECK(opened.error().contains("is not its only voter"));
}

TEST_CASE("the last batch is cut when a crash tore it") {
    Directory directory;
    auto log = directory.open();
    append_topic(log, "kept");
    append_topic(log, "torn");
    directory.damage(first_segment, "torn");
    directory.open();
    CHECK(directory.topics() == Names{"kept"});
}

TEST_CASE("damage before the last batch is refused, and nothing is cut") {
    Directory directory;
    auto log = directory.open();
    append_topic(log, "before");
    append_topic(log, "damaged");
    std::string where = "offset 4 should be";
    SUBCASE("a whole batch follows") {
        append_topic(log, "behind");
        directory.damage(first_segment, "damaged");
    }
    SUBCASE("a whole batch follows in another segment") {
        REQUIRE(log.begin_snapshot(now));  // and then the process died
        append_topic(log, "behind");
        directory.damage(first_segment, "damaged");
    }
    SUBCASE("the length of a batch is wrong") {
        constexpr uint64_t length_position = 8;
        directory.files.flip_bits(in_log + first_segment, length_position);
        where = "at byte 0, where offset 0 should be";
    }
    const auto names = directory.names();
    const std::string damaged = directory.text(first_segment);
    const auto opened = directory.try_open();
    REQUIRE(!opened);
    CHECK_MESSAGE(opened.error().starts_with("data/__cluster_metadata-0: " + first_segment),
                  opened.error());
    CHECK_MESSAGE(opened.error().contains(where), opened.error());
    CHECK(directory.text(first_segment) == damaged);
    CHECK(directory.names() == names);
}

TEST_CASE("a segment that is missing in the middle is refused") {
    Directory directory;
    auto log = directory.open();
    for (const auto* name : {"a", "b", "c"}) {
        append_topic(log, name);
        REQUIRE(log.begin_snapshot(now));
    }
    REQUIRE(directory.files.remove(in_log + "00000000000000000004.log"));
    const auto opened = directory.try_open();
    REQUIRE(!opened);
    CHECK(opened.error() ==
          "data/__cluster_metadata-0: the records from offset 4 to 4 are not there");
}

TEST_CASE("a directory with partitions is not formatted anew when its metadata log is gone") {
    Directory directory;
    auto log = directory.open();
    append_topic(log, "orders");
    directory.options.has_partitions = true;
    directory.open();
    CHECK(directory.topics() == Names{"orders"});
    SUBCASE("with its directory") {
        REQUIRE(directory.files.remove_all("data/__cluster_metadata-0"));
    }
    SUBCASE("but for what it was formatted with") {
        REQUIRE(directory.files.remove(in_log + first_segment));
    }
    const auto opened = directory.try_open();
    REQUIRE(!opened);
    CHECK(opened.error().contains("there is nothing in it, and there are partitions"));
    CHECK(!directory.files.exists(in_log + first_segment));
}

TEST_CASE("a snapshot is due by bytes and by time") {
    Directory directory;
    directory.options.snapshots = {.bytes_max = 1000, .interval_max_ms = 5000};
    auto log = directory.open();
    CHECK(!log.is_snapshot_due(now));
    CHECK(log.is_snapshot_due(now + 5000));
    append_topic(log, std::string(1000, 'x'));
    CHECK(log.is_snapshot_due(now));
    take_snapshot(log, directory.files, {});
    CHECK(!log.is_snapshot_due(now + 5000));  // nothing was written since
}

TEST_CASE("a directory that was formatted and never started begins with what its file says") {
    Directory directory;
    directory.open();
    auto checkpoint = decode_snapshot(directory.files.contents(in_log + formatted));
    REQUIRE(checkpoint);
    checkpoint->records = {FeatureLevelRecord{.name = "metadata.version", .feature_level = 21}};
    std::string file = in_log + formatted;
    SUBCASE("with that of Kafka 4.4") {}
    SUBCASE("with that of older ones") {
        directory.files.overwrite(file, encode_snapshot({checkpoint->voter_set}, 0, now));
        file = "data/bootstrap.checkpoint";
    }
    directory.files.overwrite(file, encode_snapshot(*checkpoint, 0, now));
    const auto records = directory.open().bootstrap_records();
    REQUIRE(records);
    REQUIRE(records->size() == 1);
    CHECK(std::get<FeatureLevelRecord>(records->front()).feature_level == 21);
}

TEST_CASE("what a cluster begins with is in force when the log has it, and not before (KIP-1170)") {
    Directory directory;
    {
        auto log = directory.open();
        CHECK(directory.visited.empty());
        append(log, *log.bootstrap_records());
    }
    directory.open();
    CHECK(directory.visited.size() == 6);
}
