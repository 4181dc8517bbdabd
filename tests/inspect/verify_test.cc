#include <doctest/doctest.h>
#include <fmt/format.h>

#include "storage/checkpoints.h"
#include "storage/index.h"
#include "storage/producer_state.h"
#include "storage/time_index.h"
#include "storage/transaction_index.h"
#include "tests/inspect/data_directory.h"
#include "tests/inspect/verified.h"
#include "tests/support/batches.h"

namespace {

using data_directory::edit;
using data_directory::end_offset;
using data_directory::first;
using data_directory::partition;
using data_directory::second;
using data_directory::third;
using protocol::Blob;
using protocol::ControlType;
using storage::as_bytes;
using storage::Log;
using support::SimulatedFileSystem;
using verified::batch_positions;
using verified::check_each;
using verified::check_only;
using verified::check_sound;
using verified::check_violation;
using verified::cut;
using verified::Damage;
using verified::extend;
using verified::findings_in;
using verified::flip;
using verified::replace;
using verified::text_of;

template <class Entry>
Blob entry_bytes(const Entry& entry) {
    Blob bytes(Entry::size_bytes);
    entry.encode(bytes.data());
    return bytes;
}
// Changes the entry of this number.
template <class Entry>
std::function<void(Blob&)> change_entry(size_t number, std::function<void(Entry&)> change) {
    return [=](Blob& bytes) {
        std::byte* at = &bytes.at(number * Entry::size_bytes);
        Entry entry = Entry::decode(at);
        change(entry);
        entry.encode(at);
    };
}
using storage::IndexEntry;
using storage::TimeIndexEntry;
using storage::TransactionIndexEntry;

std::vector<Damage> damages_of_logs(SimulatedFileSystem& files) {
    const auto in_first = batch_positions(files, first + ".log");
    const auto in_second = batch_positions(files, second + ".log");
    const auto in_third = batch_positions(files, third + ".log");
    const std::string log = first + ".log";
    return {
        {"a flipped bit of a record", log, flip(in_first[1] + 70), "batch-checksum", in_first[1]},
        {"a flipped bit of the last batch", third + ".log", flip(in_third[2] + 30),
         "batch-checksum", in_third[2]},
        {"a torn tail", third + ".log", cut(5), "batch-framing", in_third[2]},
        {"a length that cannot be", log, flip(in_first[2] + 8, 0x40), "batch-framing", in_first[2]},
        {"a lower base offset", second + ".log", flip(in_second[1] + 7, 8), "offsets",
         in_second[1]},
        {"a higher base offset", second + ".log", flip(in_second[1] + 6), "offset-gap",
         in_second[1]},
        {"an older leader epoch", second + ".log", flip(in_second[1] + 15), "leader-epoch",
         in_second[1]},
        {"a newer leader epoch", log, flip(in_first[1] + 15), "leader-epoch", in_first[1]},
        {"damaged leader epochs", partition + "leader-epoch-checkpoint", replace("0\n1\n"),
         "leader-epoch", std::nullopt},
        {"a leader epoch to come", partition + "leader-epoch-checkpoint",
         replace("0\n3\n0 0\n1 10\n2 999\n"), "leader-epoch", std::nullopt},
    };
}

std::vector<Damage> damages_of_indexes() {
    const std::string index = first + ".index";
    const std::string times = first + ".timeindex";
    const std::string aborted = second + ".txnindex";
    return {
        {"a wrong offset", index,
         change_entry<IndexEntry>(1, [](auto& entry) { ++entry.relative_offset; }), "index", 8},
        {"a wrong position", index,
         change_entry<IndexEntry>(1, [](auto& entry) { ++entry.position; }), "index", 8},
        {"an entry that does not rise", index,
         extend(entry_bytes(IndexEntry{.relative_offset = 4, .position = 99})), "index", 32},
        {"an entry behind the end", index,
         extend(entry_bytes(IndexEntry{.relative_offset = 100, .position = 99'999})), "index", 32},
        {"part of an entry", index, extend(Blob(3)), "index", 32},
        {"a wrong timestamp", times,
         change_entry<TimeIndexEntry>(1, [](auto& entry) { ++entry.timestamp; }), "time-index", 12},
        {"an offset inside of a batch", times,
         change_entry<TimeIndexEntry>(0, [](auto& entry) { entry.relative_offset = 3; }),
         "time-index", 0},
        {"times that do not reach the end", times, cut(12), "time-index", std::nullopt},
        {"an aborted transaction that is missing", aborted, cut(34), "transaction-index",
         std::nullopt},
        {"a transaction that nobody aborted", aborted, extend(entry_bytes([] {
             TransactionIndexEntry entry;
             entry.producer_id = 5;
             entry.first_offset = entry.last_offset = 16;
             return entry;
         }())),
         "transaction-index", 68},
        {"another producer", aborted,
         change_entry<TransactionIndexEntry>(0, [](auto& entry) { entry.producer_id = 5; }),
         "transaction-index", 0},
        {"another start", aborted,
         change_entry<TransactionIndexEntry>(1, [](auto& entry) { --entry.first_offset; }),
         "transaction-index", 34},
        {"a wrong last stable offset", aborted,
         change_entry<TransactionIndexEntry>(0, [](auto& entry) { ++entry.last_stable_offset; }),
         "last-stable-offset", 0},
    };
}

std::vector<Damage> damages_of_side_files() {
    using storage::ProducerState;
    const std::string snapshot = second + ".snapshot";
    const std::string recovery = "/data/recovery-point-offset-checkpoint";
    return {
        {"a damaged snapshot", snapshot, flip(20), "producer-snapshot", std::nullopt},
        {"a snapshot of other sequences", snapshot,
         [](Blob& bytes) {
             ProducerState state = *ProducerState::decode_snapshot(bytes);
             auto batch = support::build_batch({.base_offset = 3,
                                                .record_count = 3,
                                                .producer_id = 7,
                                                .producer_epoch = 0,
                                                .base_sequence = 0});
             state.apply(support::view_of(batch));
             bytes = state.encode_snapshot();
         },
         "producer-snapshot", std::nullopt},
        {"a snapshot without its producers", snapshot,
         [](Blob& bytes) {
             ProducerState state = *ProducerState::decode_snapshot(bytes);
             state.expire(0, data_directory::now_ms + 4);
             bytes = state.encode_snapshot();
         },
         "producer-snapshot", std::nullopt},
        {"a checkpoint behind the end", recovery, replace("0\n1\nt 0 24\n"), "checkpoint",
         std::nullopt},
        {"a damaged checkpoint", recovery, replace("0\n7\n"), "checkpoint", std::nullopt},
        {"another topic's id", partition + "partition.metadata",
         replace("version: 0\ntopic_id: AAAAAAAAAAAAAAAAAAAACA"), "topic-id", std::nullopt},
        {"another id of the metadata log", "/data/__cluster_metadata-0/partition.metadata",
         replace("version: 0\ntopic_id: AAAAAAAAAAAAAAAAAAAACA"), "topic-id", std::nullopt},
        {"a damaged topic id", partition + "partition.metadata", replace("version: 0\n"),
         "topic-id", std::nullopt},
        {"damaged properties", "/data/meta.properties", replace("version=9\n"), "properties",
         std::nullopt},
        {"a damaged quorum state", "/data/__cluster_metadata-0/quorum-state", replace("{"),
         "properties", std::nullopt},
    };
}

// A log to which a batch was appended that no client would have been allowed to write.
void check_appended(const std::function<void(Log&)>& add, std::string_view rule) {
    SimulatedFileSystem files;
    data_directory::make(files, add);
    const auto found = findings_in(files);
    REQUIRE_MESSAGE(found.size() == 1, text_of(found));
    CHECK(found[0]["rule"] == rule);
    CHECK(found[0]["file"] == third + ".log");
}

support::BatchSpec of_producer_7(int32_t sequence, int16_t epoch = 0) {
    return {.producer_id = 7, .producer_epoch = epoch, .base_sequence = sequence};
}

}  // namespace

TEST_CASE("a directory that a broker has left is sound") {
    SimulatedFileSystem files;
    data_directory::make(files);
    check_sound(files);
}

TEST_CASE("damage to a log is reported as that, once, at its place") {
    SimulatedFileSystem files;
    data_directory::make(files);
    check_each(damages_of_logs(files));
}

TEST_CASE("damage to an index is reported as that, once, at its place") {
    check_each(damages_of_indexes());
}

TEST_CASE("damage to a snapshot, a checkpoint or a property is reported as that, once") {
    check_each(damages_of_side_files());
}

TEST_CASE("a file that is missing is named") {
    for (const auto& file :
         {first + ".index", second + ".timeindex", partition + "partition.metadata"}) {
        SimulatedFileSystem files;
        data_directory::make(files);
        REQUIRE(files.remove(file));
        check_violation(files, "missing-file", file);
    }
}

TEST_CASE("a transaction index that is missing is one that lacks its transactions") {
    SimulatedFileSystem files;
    data_directory::make(files);
    REQUIRE(files.remove(first + ".txnindex"));
    check_violation(files, "transaction-index", first + ".txnindex");
}

TEST_CASE("a segment that is missing is a gap, and hides nothing that follows") {
    SimulatedFileSystem files;
    data_directory::make(files);
    for (const char* suffix : {".log", ".index", ".timeindex", ".txnindex"})
        REQUIRE(files.remove(second + suffix));
    check_violation(files, "offset-gap", third + ".log");
    edit(files, third + ".log", flip(70));
    CHECK(findings_in(files).size() == 2);
}

TEST_CASE("a snapshot behind the end of the log is reported") {
    SimulatedFileSystem files;
    data_directory::make(files);
    const std::string file = partition + "00000000000000000024.snapshot";
    files.overwrite(file, storage::ProducerState().encode_snapshot());
    check_violation(files, "producer-snapshot", file);
}

TEST_CASE("what was left behind is noted, and is no violation") {
    struct Left {
        std::string file, rule;
    };
    for (const auto& [file, rule] :
         std::vector<Left>{{first + ".log.deleted", "leftover"},
                           {first + ".index.swap", "leftover"},
                           {first + ".timeindex.cleaned", "leftover"},
                           {partition + "leader-epoch-checkpoint.tmp", "leftover"},
                           {partition + "00000000000000000005.index", "leftover"},
                           {partition + "notes.txt", "unknown-file"},
                           {partition + "quorum-state", "unknown-file"},
                           {"/data/recovery-point-offset-checkpoint.tmp", "leftover"},
                           {"/data/notes.txt", "unknown-file"}}) {
        CAPTURE(file);
        SimulatedFileSystem files;
        data_directory::make(files);
        files.overwrite(file, Blob(8));
        check_only(files, "note", rule, file.substr(0, file.find_last_of('/')));
    }
}

TEST_CASE("a log of a topic that is gone is noted") {
    SimulatedFileSystem files;
    data_directory::make(files);
    REQUIRE(files.create_directories("/data/u-0"));
    files.overwrite("/data/u-0/00000000000000000000.log", {});
    check_only(files, "note", "topic-id", "/data/u-0");
}

TEST_CASE("a sequence that does not follow is reported") {
    check_appended(
        [](Log& log) { data_directory::append(log, support::build_batch(of_producer_7(6))); },
        "sequence");
}

TEST_CASE("a sequence that comes again is reported") {
    check_appended(
        [](Log& log) {
            auto again = of_producer_7(3);
            again.record_count = 2;
            data_directory::append(log, support::build_batch(again));
        },
        "sequence");
}

TEST_CASE("an older producer epoch is reported") {
    check_appended(
        [](Log& log) {
            data_directory::append(log, support::build_batch(of_producer_7(0, 3)));
            data_directory::append(
                log,
                support::build_batch({.producer_id = 7, .producer_epoch = 2, .base_sequence = 0}));
            // So that the snapshot, which is made of both, has what the log has.
            data_directory::append(log, support::build_batch(of_producer_7(0, 4)));
        },
        "producer-epoch");
}

TEST_CASE("a marker of an older producer epoch is reported") {
    check_appended(
        [](Log& log) {
            data_directory::append(log, support::build_batch(of_producer_7(0, 3)));
            data_directory::append(log,
                                   support::build_marker({.producer_id = 7, .producer_epoch = 2}));
        },
        "producer-epoch");
}

TEST_CASE("a batch outside of its producer's open transaction is reported") {
    check_appended(
        [](Log& log) {
            auto transactional = of_producer_7(5);
            transactional.transactional = true;
            data_directory::append(log, support::build_batch(transactional));
            data_directory::append(log, support::build_batch(of_producer_7(6)));
        },
        "transaction");
}

TEST_CASE("an open transaction is no fault") {
    SimulatedFileSystem files;
    data_directory::make(files, [](Log& log) {
        auto transactional = of_producer_7(5);
        transactional.transactional = true;
        data_directory::append(log, support::build_batch(transactional));
    });
    check_sound(files);
}

TEST_CASE("records at other offsets than the batch has are reported") {
    SimulatedFileSystem files;
    data_directory::make(files, [](Log& log) {
        protocol::BatchBuilder builder({});
        builder.add_at(0, data_directory::now_ms, std::nullopt, std::nullopt);
        builder.add_at(2, data_directory::now_ms, std::nullopt, std::nullopt);
        data_directory::append(log, builder.build());
    });
    check_violation(files, "batch-records", third + ".log");
}

TEST_CASE("while a broker writes, a torn tail is said and is no violation") {
    SimulatedFileSystem files;
    data_directory::make(files);
    Blob begun = files.contents(third + ".log");
    begun.resize(protocol::batch_header_bytes + 5);
    edit(files, third + ".log", extend(begun));
    const auto found = findings_in(files, /*is_in_use=*/true);
    REQUIRE_MESSAGE(found.size() == 1, text_of(found));
    CHECK(found[0]["type"] == "note");
    CHECK(found[0]["rule"] == "batch-framing");
}

TEST_CASE("while a broker writes, a torn tail of an older segment is a violation") {
    SimulatedFileSystem files;
    data_directory::make(files);
    edit(files, first + ".log", cut(5));
    const auto found = findings_in(files, /*is_in_use=*/true);
    REQUIRE_MESSAGE(found.size() == 1, text_of(found));
    CHECK(found[0]["type"] == "violation");
}

TEST_CASE("a compacted log may have gaps, emptied batches and no start of a transaction") {
    SimulatedFileSystem files;
    data_directory::make(files);
    const auto positions = batch_positions(files, second + ".log");
    const Blob whole = files.contents(second + ".log");
    const auto batch_at = [&](size_t number) {
        return protocol::Bytes(whole).subspan(positions[number]);
    };
    // Producer 7 goes on later; of 8 and 9 it is their last batches, with the aborted records gone.
    Blob compacted;
    const auto keep = [&](protocol::Bytes bytes) {
        compacted.insert(compacted.end(), bytes.begin(), bytes.end());
    };
    for (const size_t number : {1, 2})
        keep(protocol::build_emptied_batch(*protocol::BatchView::first_in(batch_at(number))));
    keep(batch_at(3));
    files.overwrite(second + ".log", compacted);
    for (const char* suffix : {".index", ".timeindex"}) REQUIRE(files.remove(second + suffix));
    CHECK_FALSE(findings_in(files).empty());

    files.overwrite("/data/cleaner-offset-checkpoint", as_bytes("0\n1\nt 0 17\n"));
    const auto found = findings_in(files);
    REQUIRE_MESSAGE(found.size() == 2, text_of(found));  // of the indexes taken away
    for (const auto& finding : found) CHECK(finding["rule"] == "missing-file");
}

TEST_CASE("a file that is damaged everywhere gives a bounded number of lines") {
    SimulatedFileSystem files;
    data_directory::make(files);
    edit(files, first + ".index", extend(Blob(80'000, std::byte{1})));
    CHECK(findings_in(files).size() < 30);
}
