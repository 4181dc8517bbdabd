// Verification of the metadata log: its snapshots against the log, who leads and who votes.
#include <doctest/doctest.h>

#include <random>

#include "broker/metadata/quorum_state.h"
#include "broker/metadata/snapshot_file.h"
#include "protocol/crc32c.h"
#include "protocol/wire.h"
#include "storage/meta_properties.h"
#include "storage/segment_files.h"
#include "tests/inspect/data_directory.h"
#include "tests/inspect/verified.h"

namespace {

using namespace verified;
using broker::metadata::MetadataRecord;
using broker::metadata::Snapshot;
using data_directory::edit;
using data_directory::formatted;
using data_directory::metadata;
using data_directory::newer;
using data_directory::now_ms;
using data_directory::older;
using data_directory::uuid;
using protocol::ConfigRecord;
using protocol::TopicRecord;

const std::string first_segment = metadata + "00000000000000000000.log";
const std::string last_segment = metadata + "00000000000000000015.log";
const std::string quorum_state = metadata + "quorum-state";
constexpr int32_t newer_epoch = 2;

// Writes a snapshot anew with something else in it.
std::function<void(Blob&)> say(std::function<void(Snapshot&)> change) {
    return [=](Blob& bytes) {
        auto snapshot = broker::metadata::decode_snapshot(bytes);
        REQUIRE(snapshot);
        change(*snapshot);
        bytes = encode_snapshot(*snapshot, newer_epoch, now_ms);
    };
}

template <class Record>
std::function<void(Blob&)> say_of(std::function<void(Record&)> change) {
    return say([=](Snapshot& snapshot) {
        for (MetadataRecord& record : snapshot.records)
            if (auto* one = std::get_if<Record>(&record)) return change(*one);
        FAIL("no such record");
    });
}

// A batch of one record with these bytes.
Blob batch_of(int64_t offset, protocol::Bytes value, int32_t epoch = newer_epoch) {
    protocol::BatchBuilder batch({.base_offset = offset, .partition_leader_epoch = epoch});
    batch.add(now_ms, std::nullopt, value);
    return batch.build();
}

Blob record_of(const MetadataRecord& record) { return broker::metadata::encode(record, 30); }

// Changes bytes of some batch's records, and gives it the checksum that they have then.
void change_records(Blob& file, const std::vector<size_t>& positions, std::mt19937_64& random) {
    const size_t at = positions[random() % positions.size()];
    const auto rest = protocol::Bytes(file).subspan(at);
    const size_t size = protocol::BatchView::first_in(rest)->size_bytes();
    constexpr size_t crc_at = 17, checked_from = 21;
    for (uint64_t changes = random() % 4 + 1; changes > 0; --changes)
        file[at + protocol::batch_header_bytes + random() % (size - protocol::batch_header_bytes)] =
            std::byte(random() % 256);
    const uint32_t crc = protocol::crc32c(rest.subspan(checked_from, size - checked_from));
    protocol::BufferSink(&file[at + crc_at]).integer(crc);
}

void make_sound(SimulatedFileSystem& files) {
    data_directory::make(files);
    check_sound(files);
}

void remove_segment(SimulatedFileSystem& files, const std::string& log) {
    const std::string base = log.substr(0, log.size() - 4);
    for (const char* suffix : {".log", ".index", ".timeindex"})
        REQUIRE(files.remove(base + suffix));
}

void set_properties(SimulatedFileSystem& files,
                    const std::function<void(storage::MetaProperties&)>& change) {
    edit(files, data_directory::path + "/meta.properties", [&](Blob& bytes) {
        auto properties = storage::decode_meta_properties(storage::as_text(bytes));
        REQUIRE(properties);
        change(*properties);
        replace(storage::encode(*properties))(bytes);
    });
}

std::vector<Damage> damages_of_files(SimulatedFileSystem& files) {
    const auto batches = batch_positions(files, newer);
    const size_t size = files.contents(newer).size();
    const Blob footer = [&] {
        const Blob bytes = files.contents(newer);
        return Blob(bytes.begin() + static_cast<ptrdiff_t>(batches.back()), bytes.end());
    }();
    return {
        {"a flipped bit of a record", newer, flip(batches[1] + 70), "metadata-snapshot",
         batches[1]},
        {"a flipped bit in front", formatted, flip(30), "metadata-snapshot", 0},
        {"a torn footer", newer, cut(3), "metadata-snapshot", batches.back()},
        {"no footer", newer, cut(size - batches.back()), "metadata-snapshot", batches.back()},
        {"two footers", newer, extend(footer), "metadata-snapshot", size},
        {"no header", newer,
         [=](Blob& bytes) {
             bytes.erase(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(batches[1]));
         },
         "metadata-snapshot", 0},
        {"no header, and offsets from 0 on", newer,
         [](Blob& bytes) { bytes = batch_of(0, record_of(TopicRecord{.name = "t"})); },
         "metadata-snapshot", 0},
        {"nothing", newer, [](Blob& bytes) { bytes.clear(); }, "metadata-snapshot", 0},
        {"an offset that is left out", newer, flip(batches[1] + 7), "metadata-snapshot",
         batches[1]},
        {"another epoch in one batch", newer, flip(batches[1] + 15), "metadata-snapshot",
         batches[1]},
        {"a damaged bootstrap.checkpoint", data_directory::path + "/bootstrap.checkpoint", flip(90),
         "metadata-snapshot", std::nullopt},
    };
}

std::vector<Damage> damages_of_contents() {
    using protocol::PartitionRecord;
    const auto drop = [](size_t number) {
        return say([=](Snapshot& snapshot) {
            snapshot.records.erase(snapshot.records.begin() + static_cast<ptrdiff_t>(number));
        });
    };
    return {
        {"without metadata.version", newer, drop(0), "metadata-snapshot", std::nullopt},
        {"another topic id", newer,
         say_of<TopicRecord>([](auto& topic) { topic.topic_id = uuid(77); }), "metadata-snapshot",
         std::nullopt},
        {"another leader", newer, say_of<PartitionRecord>([](auto& one) { one.leader = -1; }),
         "metadata-snapshot", std::nullopt},
        {"another leader epoch", newer,
         say_of<PartitionRecord>([](auto& one) { one.leader_epoch = 0; }), "metadata-snapshot",
         std::nullopt},
        {"another config", newer, say_of<ConfigRecord>([](auto& config) { config.value = "6"; }),
         "metadata-snapshot", std::nullopt},
        {"a topic that was deleted", newer, say([](Snapshot& snapshot) {
             snapshot.records.emplace_back(TopicRecord{.name = "gone", .topic_id = uuid(8)});
         }),
         "metadata-snapshot", std::nullopt},
        {"producer ids that are yet to be given out", newer, say([](Snapshot& snapshot) {
             snapshot.records.emplace_back(protocol::ProducerIdsRecord{.next_producer_id = 1000});
         }),
         "metadata-snapshot", std::nullopt},
        {"another voter", newer, say([](Snapshot& snapshot) {
             snapshot.voter_set.voters->voters[0].voter_directory_id = uuid(5);
         }),
         "metadata-snapshot", std::nullopt},
        {"no voters", newer, say([](Snapshot& snapshot) { snapshot.voter_set = {}; }),
         "metadata-snapshot", std::nullopt},
    };
}

}  // namespace

TEST_CASE("damage to a metadata snapshot is reported as that, once, at its place") {
    SimulatedFileSystem files;
    make_sound(files);
    check_each(damages_of_files(files));
}

TEST_CASE("a metadata snapshot that says something else than the log is reported, once") {
    check_each(damages_of_contents());
}

TEST_CASE("what a metadata snapshot lacks, and what it has instead, is said") {
    SimulatedFileSystem files;
    make_sound(files);
    edit(files, newer, say_of<ConfigRecord>([](auto& config) { config.value = "6"; }));
    check_violation_says(files, "metadata-snapshot", newer, R"("value":"5")");
    check_violation_says(files, "metadata-snapshot", newer, R"("value":"6")");
}

TEST_CASE("the order in which a metadata snapshot says things is its own") {
    SimulatedFileSystem files;
    make_sound(files);
    edit(files, newer, say([](Snapshot& snapshot) {
             auto& records = snapshot.records;
             // A partition has to come behind its topic.
             std::rotate(records.begin() + 1, records.begin() + 2, records.end());
         }));
    edit(files, newer, say_of<protocol::RegisterBrokerRecord>([](auto& broker) {
             std::ranges::reverse(broker.log_dirs);
         }));
    check_sound(files);
}

TEST_CASE("a metadata snapshot has the epoch of the record before its end") {
    SimulatedFileSystem files;
    make_sound(files);
    const std::string other = metadata + "00000000000000000010-0000000002.checkpoint";
    files.overwrite(
        other,
        encode_snapshot(*broker::metadata::decode_snapshot(files.contents(older)), 2, now_ms));
    check_violation(files, "metadata-snapshot", other);
}

TEST_CASE("a metadata snapshot ends between two batches, and not behind the log") {
    SimulatedFileSystem files;
    make_sound(files);
    const Blob contents = files.contents(newer);
    for (const char* name : {"00000000000000000013-0000000002.checkpoint",
                             "00000000000000000099-0000000002.checkpoint"}) {
        files.overwrite(metadata + name, contents);
        check_violation(files, "metadata-snapshot", metadata + name);
        REQUIRE(files.remove(metadata + name));
    }
}

TEST_CASE("a log that begins later goes on from the snapshot there") {
    SimulatedFileSystem files;
    make_sound(files);
    remove_segment(files, first_segment);
    for (const auto& snapshot : {formatted, older}) REQUIRE(files.remove(snapshot));
    edit(files, metadata + "leader-epoch-checkpoint", replace("0\n1\n2 15\n"));
    check_sound(files);
    // Of another topic's id by the snapshot alone.
    edit(files, newer, say_of<TopicRecord>([](auto& topic) { topic.topic_id = uuid(77); }));
    CHECK(findings_in(files)[0]["rule"] == "topic-id");
}

TEST_CASE("a later snapshot is measured by the one with which the log begins, and the log") {
    SimulatedFileSystem files;
    make_sound(files);
    const std::string last = metadata + "00000000000000000016-0000000002.checkpoint";
    auto snapshot = broker::metadata::decode_snapshot(files.contents(newer));
    snapshot->records.emplace_back(
        protocol::ProducerIdsRecord{.broker_id = -1, .broker_epoch = -1, .next_producer_id = 1000});
    files.overwrite(last, encode_snapshot(*snapshot, newer_epoch, now_ms));
    remove_segment(files, first_segment);
    for (const auto& removed : {formatted, older}) REQUIRE(files.remove(removed));
    edit(files, metadata + "leader-epoch-checkpoint", replace("0\n1\n2 15\n"));
    check_sound(files);
    edit(files, last, say_of<ConfigRecord>([](auto& config) { config.value = "6"; }));
    check_violation(files, "metadata-snapshot", last);
}

TEST_CASE("a log that begins behind every snapshot is reported") {
    SimulatedFileSystem files;
    make_sound(files);
    remove_segment(files, first_segment);
    edit(files, metadata + "leader-epoch-checkpoint", replace("0\n1\n2 15\n"));
    for (const auto& snapshot : {formatted, newer}) REQUIRE(files.remove(snapshot));
    check_violation_says(files, "metadata-snapshot", "/data/__cluster_metadata-0",
                         "no snapshot says what was before");
}

TEST_CASE("a damaged batch of the metadata log hides nothing behind the next snapshot") {
    SimulatedFileSystem files;
    make_sound(files);
    edit(files, first_segment, flip(batch_positions(files, first_segment)[2] + 70));
    check_violation(files, "batch-checksum", first_segment);
    edit(files, newer, say_of<TopicRecord>([](auto& topic) { topic.topic_id = uuid(77); }));
    const auto found = findings_in(files);
    CHECK_MESSAGE(found.back()["rule"] == "topic-id", text_of(found));
    CHECK(found.back()["type"] == "violation");
}

TEST_CASE("a record that cannot be read is reported, in the metadata log and in a snapshot") {
    SimulatedFileSystem files;
    make_sound(files);
    const Blob nonsense(5, std::byte{1});
    const Blob contents = files.contents(last_segment);
    edit(files, last_segment, extend(batch_of(16, nonsense)));
    check_violation(files, "metadata-record", last_segment, contents.size());
    files.overwrite(last_segment, contents);
    edit(files, newer, [&](Blob& bytes) {
        const size_t footer = batch_positions(files, newer).back();
        const auto next = protocol::BatchView::first_in(protocol::Bytes(bytes).subspan(footer));
        const Blob batch = batch_of(next->base_offset(), nonsense);
        bytes.insert(bytes.begin() + static_cast<ptrdiff_t>(footer), batch.begin(), batch.end());
    });
    check_violation(files, "metadata-snapshot", newer);
}

TEST_CASE("a record of a newer metadata.version is noted, and is no violation") {
    SimulatedFileSystem files;
    make_sound(files);
    const Blob newer_version =
        record_of(protocol::FeatureLevelRecord{.name = "metadata.version", .feature_level = 99});
    edit(files, last_segment, extend(batch_of(16, newer_version)));
    edit(files, last_segment, extend(batch_of(17, Blob{std::byte{1}, std::byte{99}, std::byte{}})));
    check_only(files, "note", "metadata-record", last_segment);
}

TEST_CASE("a partition number that nobody has is not followed") {
    SimulatedFileSystem files;
    make_sound(files);
    const Blob record = record_of(protocol::PartitionRecord{.partition_id = 2'000'000'000,
                                                            .topic_id = data_directory::topic_id});
    edit(files, last_segment, extend(batch_of(16, record)));
    check_only(files, "note", "metadata-record", last_segment);
}

TEST_CASE("quorum-state is not older than the metadata log, and names its leader") {
    using broker::metadata::encode_quorum_state;
    struct Wrong {
        int32_t leader, epoch;
    };
    for (const auto& [leader, epoch] : std::vector<Wrong>{{1, 1}, {7, 2}}) {
        SimulatedFileSystem files;
        make_sound(files);
        edit(files, quorum_state, replace(encode_quorum_state(leader, epoch, 1)));
        check_violation(files, "quorum", quorum_state);
    }
    SimulatedFileSystem files;
    make_sound(files);
    // An election that nobody has written of yet, and one that nobody has won.
    for (const auto& [leader, epoch] : std::vector<Wrong>{{7, 3}, {-1, 2}}) {
        edit(files, quorum_state, replace(encode_quorum_state(leader, epoch, 1)));
        check_sound(files);
    }
    edit(
        files, quorum_state,
        replace(
            R"({"leaderId":1,"leaderEpoch":2,"currentVoters":[{"voterId":2}],)" R"("data_version":0})"));
    check_violation(files, "quorum", quorum_state);
    REQUIRE(files.remove(quorum_state));
    check_violation(files, "missing-file", quorum_state);
}

TEST_CASE("the only voter is this directory, of this node") {
    SimulatedFileSystem files;
    make_sound(files);
    set_properties(files, [](auto& properties) { properties.directory_id = uuid(7); });
    check_violation(files, "quorum", "/data/__cluster_metadata-0");

    set_properties(files, [](auto& properties) {
        properties.directory_id = data_directory::directory_id;
        properties.node_id = 2;
    });
    const auto found = findings_in(files);
    REQUIRE_MESSAGE(found.size() == 2, text_of(found));  // It votes, and it has registered.
    for (const auto& finding : found) CHECK(finding["rule"] == "quorum");
}

TEST_CASE("a node that does not vote, and one with a new disk, are noted") {
    const auto vote = [](Blob& bytes, std::vector<int32_t> nodes) {
        broker::metadata::ControlBatch batch(newer_epoch, 16, now_ms);
        protocol::VotersRecord voters;
        for (const int32_t node : nodes)
            voters.voters.push_back(
                {.voter_id = node, .voter_directory_id = uuid(static_cast<uint8_t>(40 + node))});
        batch.add({.kraft_version = 1, .voters = voters});
        extend(batch.build())(bytes);
    };
    for (const auto& nodes : std::vector<std::vector<int32_t>>{{2, 3}, {2}, {1, 2, 3}}) {
        SimulatedFileSystem files;
        make_sound(files);
        edit(files, last_segment, [&](Blob& bytes) { vote(bytes, nodes); });
        check_only(files, "note", "quorum", "/data/__cluster_metadata-0");
    }
}

TEST_CASE("whatever the metadata says, verification comes to an end with a bounded answer") {
    CAPTURE(seed());
    std::mt19937_64 random(seed());
    SimulatedFileSystem files;
    make_sound(files);
    for (const std::string& path : {first_segment, last_segment, formatted, older, newer}) {
        const Blob original = files.contents(path);
        const auto positions = batch_positions(files, path);
        for (int round = 0; round < 300; ++round) {
            CAPTURE(round);
            Blob changed = original;
            change_records(changed, positions, random);
            files.overwrite(path, changed);
            CHECK(findings_in(files).size() < 40);
        }
        files.overwrite(path, original);
    }
    check_sound(files);
}
