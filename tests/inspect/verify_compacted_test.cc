// Verification of producer snapshots of a compacted log: what is left of it contradicts them, or
// does not.
#include <doctest/doctest.h>

#include "protocol/codec.h"
#include "protocol/crc32c.h"
#include "protocol/stored/producer_snapshot.h"
#include "protocol/wire.h"
#include "storage/segment_files.h"
#include "storage/time_index.h"
#include "tests/inspect/data_directory.h"
#include "tests/inspect/verified.h"
#include "tests/support/batches.h"
#include "tools/inspect/verify/compacted_producers.h"

namespace {

using namespace verified;
using data_directory::edit;
using data_directory::now_ms;
using protocol::ControlType;
using protocol::ProducerSnapshot;
using Entry = ProducerSnapshot::ProducerEntry;

constexpr int64_t log_end = 70;
constexpr int64_t day_ms = 86'400'000;

std::string path_of(int64_t offset, storage::SegmentFile kind) {
    return data_directory::partition + storage::segment_file_name(offset, kind);
}
std::string snapshot_at(int64_t offset) { return path_of(offset, storage::SegmentFile::snapshot); }
std::string log_at(int64_t offset) { return path_of(offset, storage::SegmentFile::log); }

Blob encode(const std::vector<Entry>& entries) {
    constexpr int16_t version = 1;
    constexpr size_t crc_at = 2, checked_from = 6;
    Blob bytes(sizeof version);
    const Blob body = protocol::encode(ProducerSnapshot{.producer_entries = entries}, version);
    bytes.insert(bytes.end(), body.begin(), body.end());
    protocol::BufferSink(bytes.data()).integer(version);
    const uint32_t crc = protocol::crc32c(protocol::Bytes(bytes).subspan(checked_from));
    protocol::BufferSink(bytes.data() + crc_at).integer(crc);
    return bytes;
}

support::BatchSpec data_of(int64_t id, int64_t offset, int32_t sequence, int16_t epoch = 0) {
    return {.base_offset = offset,
            .record_count = 2,
            .timestamp = now_ms,
            .producer_id = id,
            .producer_epoch = epoch,
            .base_sequence = sequence,
            .leader_epoch = 1};
}

Blob data(int64_t id, int64_t offset, int32_t sequence, int16_t epoch = 0) {
    return support::build_batch(data_of(id, offset, sequence, epoch));
}

Blob transactional(int64_t id, int64_t offset, int32_t sequence, int16_t epoch = 0) {
    auto spec = data_of(id, offset, sequence, epoch);
    spec.transactional = true;
    return support::build_batch(spec);
}

Blob commit(int64_t id, int64_t offset, int16_t epoch, int32_t coordinator_epoch = 3) {
    Blob marker = support::build_marker({.base_offset = offset,
                                         .producer_id = id,
                                         .producer_epoch = epoch,
                                         .coordinator_epoch = coordinator_epoch,
                                         .timestamp = now_ms});
    protocol::set_partition_leader_epoch(marker, 1);
    return marker;
}

Blob emptied(const Blob& batch) { return protocol::build_emptied_batch(support::view_of(batch)); }

using Batches = std::vector<Blob>;

// t-0 after compaction, with two segments and snapshots at 40 and at the end, 70. Of the producers
//   1 wrote 10 sequences up to offset 9, and of these the last two are left, and up to 60 two more;
//   2 wrote up to offset 21, in epoch 4, and nothing since;
//   3 has ended transactions (KIP-890): of its last one a marker is left, of epoch 7;
//   4 is in a transaction since offset 50, and was in another one before.
struct CompactedLog {
    Batches first{emptied(data(1, 8, 8)), data(2, 20, 6, 4), commit(3, 30, 7),
                  transactional(4, 32, 0), commit(4, 36, 0)};
    Batches second{transactional(4, 50, 2), data(1, 60, 10)};
    std::vector<Entry> at_40{entry(1, 0, 9, 9), entry(2, 4, 7, 21), marked(3, 7),
                             closed(entry(4, 0, 1, 33))};
    std::vector<Entry> at_end{entry(1, 0, 11, 61), entry(2, 4, 7, 21), marked(3, 7),
                              open(closed(entry(4, 0, 3, 51)), 50)};

    static Entry entry(int64_t id, int16_t epoch, int32_t sequence, int64_t offset) {
        return {.producer_id = id,
                .epoch = epoch,
                .last_sequence = sequence,
                .last_offset = offset,
                .offset_delta = 1,
                .timestamp = now_ms,
                .coordinator_epoch = -1,
                .current_txn_first_offset = -1};
    }
    static Entry closed(Entry entry) {
        entry.coordinator_epoch = 3;
        return entry;
    }
    static Entry marked(int64_t id, int16_t epoch) {
        Entry entry = closed(CompactedLog::entry(id, epoch, -1, -1));
        entry.offset_delta = 0;
        return entry;
    }
    static Entry open(Entry entry, int64_t since) {
        entry.current_txn_first_offset = since;
        return entry;
    }

    void write(SimulatedFileSystem& files) const {
        data_directory::make(files);
        REQUIRE(files.remove_all(data_directory::path + "/t-0"));
        REQUIRE(files.create_directories(data_directory::path + "/t-0"));
        files.overwrite(
            data_directory::partition + "partition.metadata",
            storage::as_bytes(std::string("version: 0\ntopic_id: CQAAAAAAAAAAAAAAAAAAAA")));
        files.overwrite(data_directory::path + "/cleaner-offset-checkpoint",
                        storage::as_bytes(std::string("0\n1\nt 0 40\n")));
        write_segment(files, 0, first);
        Batches last = second;
        last.push_back(support::build_batch(
            {.base_offset = log_end - 1, .timestamp = now_ms - 1, .leader_epoch = 1}));
        write_segment(files, 40, last);
        files.overwrite(snapshot_at(40), encode(at_40));
        files.overwrite(snapshot_at(log_end), encode(at_end));
    }

    static void write_segment(SimulatedFileSystem& files, int64_t base, const Batches& batches) {
        Blob contents;
        for (const Blob& batch : batches) extend(batch)(contents);
        files.overwrite(log_at(base), contents);
        for (const auto kind : {storage::SegmentFile::index, storage::SegmentFile::time_index})
            files.overwrite(path_of(base, kind), {});
    }

    // The violations; what indexes of two empty files give is nobody's business here.
    std::vector<json> violations() const {
        SimulatedFileSystem files;
        write(files);
        auto found = findings_in(files);
        std::erase_if(found, [](const json& finding) {
            return finding["type"] != "violation" || finding["rule"] == "time-index";
        });
        return found;
    }
    void check_sound() const { CHECK(text_of(violations()) == ""); }
    void check_contradicted(int64_t offset, const std::string& what) const {
        const auto found = violations();
        REQUIRE_MESSAGE(found.size() == 1, text_of(found));
        CHECK(found[0]["rule"] == "producer-snapshot");
        CHECK(found[0]["file"] == snapshot_at(offset));
        CHECK_MESSAGE(found[0]["what"].get<std::string>().contains(what), text_of(found));
    }
};

}  // namespace

TEST_CASE("snapshots that know more than is left of a compacted log are sound") {
    CompactedLog().check_sound();
}

TEST_CASE("a snapshot has the last sequence of what is left, or a later one") {
    CompactedLog log;
    log.at_40[0].last_sequence = 7;
    log.check_contradicted(40, "producer 1: sequence 7 at offset 9");
    log.at_40[0] = CompactedLog::entry(1, 0, 7, 7);
    log.check_contradicted(40, "producer 1: sequence 7 at offset 7");
    // A batch that is not left any more.
    log.at_40[0] = CompactedLog::entry(1, 0, 9, 39);
    log.check_sound();
    log.at_40[0] = CompactedLog::marked(1, 0);
    log.check_contradicted(40, "producer 1: no sequence");
}

TEST_CASE("the log goes on behind a snapshot with a sequence that can follow") {
    CompactedLog log;
    log.at_40[0] = CompactedLog::entry(1, 0, 10, 35);
    log.check_contradicted(40, "wrote sequence 10 at offset 60");
    log.at_40[0] = CompactedLog::entry(1, 1, 0, 35);
    log.check_contradicted(40, "producer 1: epoch 1, and then it wrote in epoch 0");
}

TEST_CASE("at the end of the log the last batch of a producer is left") {
    CompactedLog log;
    log.at_end[1] = CompactedLog::entry(2, 4, 9, 63);
    log.check_contradicted(log_end, "producer 2: sequence 9 at offset 63");
    // Unless it has expired since.
    log.at_end[1].timestamp = now_ms - day_ms;
    log.check_sound();
    log.at_end[1] = CompactedLog::entry(2, 4, 7, 21);
    log.at_end.push_back(CompactedLog::entry(5, 0, 0, 44));
    log.check_contradicted(log_end, "producer 5");
}

TEST_CASE("a snapshot has the epoch of what is left, or a later one") {
    CompactedLog log;
    log.at_40[1].epoch = 3;
    log.check_contradicted(40, "producer 2: epoch 3, and it wrote in epoch 4");
    // In that one it wrote what is gone.
    log.at_40[1].epoch = 5;
    log.check_sound();
    log = {};
    log.at_end[2].epoch = 8;
    log.check_contradicted(log_end, "producer 3: epoch 8");
    log.at_end[2].epoch = 6;
    log.check_contradicted(log_end, "producer 3: epoch 6, and it wrote in epoch 7");
}

TEST_CASE("an emptied marker tells of an epoch that a snapshot may have forgotten") {
    CompactedLog log;
    log.first[2] = emptied(commit(3, 30, 7));
    log.check_sound();
    log.at_40.erase(log.at_40.begin() + 2);
    log.at_end.erase(log.at_end.begin() + 2);
    log.check_sound();
}

TEST_CASE("a snapshot has the coordinator epoch of the markers that are left, or a later one") {
    CompactedLog log;
    log.at_40[3].coordinator_epoch = 2;
    log.check_contradicted(40, "producer 4: coordinator epoch 2");
    log.at_40[3].coordinator_epoch = 5;
    log.check_sound();
    log.second.push_back(commit(4, 65, 0, 4));
    log.at_end[3].coordinator_epoch = 4;
    log.at_end[3].current_txn_first_offset = -1;
    log.check_contradicted(40, "coordinator epoch 5, and then came a marker of 4 at offset 65");
}

TEST_CASE("a snapshot has the transaction open that the log has open, and no other") {
    CompactedLog log;
    log.at_end[3].current_txn_first_offset = -1;
    log.check_contradicted(log_end, "producer 4: no transaction is open, and one is open since 50");
    log.at_end[3].current_txn_first_offset = 51;
    log.check_contradicted(log_end, "open since 51, and one is open since 50");
    log.at_end[3].current_txn_first_offset = 45;
    log.check_contradicted(log_end, "open since 45, and there is no such batch");
    log.at_end[3].current_txn_first_offset = 36;
    log.check_contradicted(log_end, "open since 36, and none was at 36");
    log = {};
    log.at_end[1].current_txn_first_offset = 20;
    log.check_contradicted(log_end, "producer 2: a transaction is open since 20");
    log.at_end.erase(log.at_end.begin() + 3);
    log.at_end[1].current_txn_first_offset = -1;
    log.check_contradicted(log_end, "lacks producer 4");
}

TEST_CASE("a transaction may have been open whose marker is gone with all of its records") {
    CompactedLog log;
    log.at_40[0].current_txn_first_offset = 12;
    log.check_sound();
    // The last batch of the producer, which is not of a transaction, came behind.
    log.at_40[0].current_txn_first_offset = 7;
    log.check_contradicted(40, "producer 1: a transaction is open since 7");
}

TEST_CASE("a snapshot tells of nothing that comes behind it") {
    CompactedLog log;
    log.at_40[0] = CompactedLog::entry(1, 0, 11, 61);
    log.check_contradicted(40, "producer 1: it tells of offset 61 and ends at 40");
}

TEST_CASE("a snapshot lacks producers of a compacted log that have expired, and no others") {
    CompactedLog log;
    log.at_end.erase(log.at_end.begin() + 1);
    log.check_contradicted(log_end, "lacks producer 2");
    protocol::set_max_timestamp(log.first[1], protocol::TimestampType::log_append_time,
                                now_ms - day_ms);
    log.at_40[1].timestamp = now_ms - day_ms;
    log.check_sound();
}

TEST_CASE("behind a damaged batch only what was written since counts") {
    CompactedLog log;
    log.first[1][70] ^= std::byte{1};
    log.at_end.push_back(CompactedLog::entry(5, 0, 0, 44));
    const auto found = log.violations();
    REQUIRE_MESSAGE(found.size() == 1, text_of(found));
    CHECK(found[0]["rule"] == "batch-checksum");
    log.at_end[3].current_txn_first_offset = -1;
    CHECK(log.violations().size() == 2);
}

TEST_CASE("the time of an emptied batch may be in the time index, as Kafka enters it") {
    const std::string times = path_of(0, storage::SegmentFile::time_index);
    for (const int64_t offset : {9, 21}) {  // of an emptied batch, and of one with records
        SimulatedFileSystem files;
        CompactedLog().write(files);
        Blob entry(storage::TimeIndexEntry::size_bytes);
        storage::TimeIndexEntry{.timestamp = now_ms + 1,
                                .relative_offset = static_cast<int32_t>(offset)}
            .encode(entry.data());
        files.overwrite(times, entry);
        size_t violations = 0;
        for (const auto& finding : findings_in(files)) violations += finding["file"] == times;
        CHECK(violations == (offset == 9 ? 0 : 1));
    }
}

TEST_CASE("sequences of a compacted log have a gap where offsets have one, and no larger") {
    CompactedLog log;
    log.second[1] = data(1, 60, 60);
    log.at_end[0].last_sequence = 61;
    log.at_40[0] = CompactedLog::entry(1, 0, 9, 9);
    log.check_sound();  // 50 sequences in 50 offsets
    log.second[1] = data(1, 60, 61);
    log.at_end[0].last_sequence = 62;
    size_t sequences = 0;
    for (const auto& finding : log.violations()) sequences += finding["rule"] == "sequence";
    CHECK(sequences == 1);
}

TEST_CASE("what is missing between two batches is counted in a circle") {
    using inspect::can_follow;
    const storage::ProducerBatch last{.last_sequence = 2'147'483'646, .last_offset = 10};
    CHECK(can_follow(last, support::view_of(data(1, 11, 2'147'483'647))));
    CHECK_FALSE(can_follow(last, support::view_of(data(1, 11, 0))));
    CHECK(can_follow(last, support::view_of(data(1, 12, 0))));
    CHECK_FALSE(can_follow(last, support::view_of(data(1, 12, 2'147'483'600))));
    CHECK(can_follow(last, support::view_of(data(1, 11, -1))));
}
