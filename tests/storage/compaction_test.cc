// Compaction of a log, as Apache Kafka does it: KIP-58, KIP-98, KIP-534.
#include "storage/compaction.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <vector>

#include "storage/segment_files.h"
#include "tests/storage/log_fixture.h"
#include "tests/support/batches.h"
#include "tests/support/simulated_file_system.h"

using namespace log_fixture;
using protocol::BatchView;
using protocol::ControlType;
using storage::Cleanable;

namespace {

constexpr int64_t day = 24LL * 3'600'000;
constexpr Producer alice{.id = 1};
constexpr Producer bob{.id = 2};

struct KeyValue {
    std::string key;
    std::optional<std::string> value = "v";
};

struct Sender {
    Producer producer = {.id = protocol::no_producer_id, .epoch = protocol::no_producer_epoch};
    int32_t sequence = protocol::no_sequence;
    bool transactional = false;
    protocol::Compression compression = protocol::Compression::none;
    int64_t timestamp = now;
};

std::optional<Bytes> bytes_of(const std::optional<std::string>& text) {
    if (!text) return std::nullopt;
    return std::as_bytes(std::span(*text));
}

Blob keyed(const std::vector<KeyValue>& records, const Sender& sender = {}) {
    protocol::BatchBuilder builder({.compression = sender.compression,
                                    .producer_id = sender.producer.id,
                                    .producer_epoch = sender.producer.epoch,
                                    .base_sequence = sender.sequence,
                                    .transactional = sender.transactional});
    for (const auto& record : records)
        builder.add(sender.timestamp, bytes_of(record.key), bytes_of(record.value));
    return builder.build();
}

Blob in_transaction(Producer producer, int32_t sequence, const std::vector<KeyValue>& records) {
    return keyed(records, {.producer = producer, .sequence = sequence, .transactional = true});
}

LogConfig compacted(int32_t segment_bytes = 1 << 20) {
    LogConfig config = small_segments(segment_bytes);
    config.compacts = true;
    config.deletes = false;
    return config;
}

// A log whose cleaner is the test.
struct Compacted {
    explicit Compacted(const LogConfig& config = compacted())
        : options{.config = config}, log(open(files, "t-0", options)) {}

    void put(const std::vector<KeyValue>& records, const Sender& sender = {}) {
        append(*log, keyed(records, sender));
    }
    void put(Blob batch) { append(*log, std::move(batch)); }
    Cleanable cleanable(int64_t now_ms = now) {
        return log->cleanable(compacted_to, now_ms).value();
    }

    // Everything written so far that may be.
    ErrorCode try_compact(int64_t now_ms = now, uint64_t memory_bytes = 1 << 20) {
        REQUIRE(log->roll(now_ms).has_value());
        const auto round = log->begin_compaction(
            cleanable(now_ms), {.now_ms = now_ms, .keys = {.memory_bytes = memory_bytes}});
        REQUIRE(round.has_value());
        if (const auto read = (*round)->read_keys(); !read) return read.error();
        for (;;) {
            const auto cleaned = (*round)->clean_next();
            if (!cleaned) return cleaned.error();
            if (!*cleaned) break;
            if (const auto swapped = log->swap_in(**round); !swapped) return swapped.error();
        }
        compacted_to = (*round)->end_offset();
        return ErrorCode::none;
    }
    void compact(int64_t now_ms = now, uint64_t memory_bytes = 1 << 20) {
        CHECK(try_compact(now_ms, memory_bytes) == ErrorCode::none);
    }

    // Each batch as in "0-4 a=v b=; 5-5 commit; 6-6 empty", with its offsets.
    std::string text() const {
        std::string told;
        for (const Blob bytes = read_to_end(); const auto batch : batches(bytes)) {
            if (!told.empty()) told += "; ";
            told += fmt::format("{}-{}", batch.base_offset(), batch.last_offset());
            told += words(batch);
        }
        return told;
    }
    Blob read_to_end() const {
        Blob all;
        int64_t offset = log->log_start_offset();
        while (offset < log->log_end_offset()) {
            const auto slice = log->read(offset, 1 << 20, log->log_end_offset(), true);
            REQUIRE(slice.has_value());
            if (slice->size == 0) break;
            const Blob bytes = log_fixture::bytes_of(*slice);
            for (const auto& batch : batches(bytes)) offset = batch.next_offset();
            all.insert(all.end(), bytes.begin(), bytes.end());
        }
        return all;
    }
    static std::vector<BatchView> batches(Bytes bytes) {
        std::vector<BatchView> all;
        protocol::BatchCursor cursor(bytes);
        while (const auto batch = cursor.next()) {
            CHECK(batch->has_valid_crc());
            all.push_back(*batch);
        }
        CHECK(cursor.rest().empty());
        return all;
    }
    static std::string words(const BatchView& batch) {
        if (batch.record_count() == 0) return " empty";
        if (batch.is_control())
            return protocol::control_record(batch)->type == ControlType::abort ? " abort"
                                                                               : " commit";
        std::string told;
        const auto walked = protocol::for_each_record(batch, [&](const auto& record) {
            told += fmt::format(" {}={}", storage::as_text(record.key.value_or(Bytes{})),
                                storage::as_text(record.value.value_or(Bytes{})));
            return true;
        });
        REQUIRE(walked.has_value());
        return told;
    }
    void restart(support::Crash how = support::Crash::process_kill) {
        log.reset();
        files.crash(how);
        log = open(files, "t-0", options);
    }

    support::SimulatedFileSystem files;
    Log::OpenOptions options;
    std::unique_ptr<Log> log;
    int64_t compacted_to = -1;
};

}  // namespace

TEST_CASE("compaction keeps the last record of each key, and all offsets where they were") {
    Compacted test;
    test.put({{"a", "1"}, {"b", "1"}, {"a", "2"}});
    test.put({{"a", "3"}});
    test.put({{"c", "1"}, {"b", "2"}, {"c", "2"}});
    test.compact();
    CHECK(test.text() == "3-3 a=3; 4-6 b=2 c=2");
    CHECK(test.compacted_to == 7);
    // Reading goes on behind a gap, and within a batch as a whole.
    CHECK(base_offsets(read_all(*test.log, 1)) == std::vector<int64_t>{3, 4});
    CHECK(base_offsets(read_all(*test.log, 6)) == std::vector<int64_t>{4});
    CHECK(test.log->log_end_offset() == 7);
    test.put({{"a", "4"}});
    test.compact();
    CHECK(test.text() == "4-6 b=2 c=2; 7-7 a=4");
}

TEST_CASE("a compacted batch keeps its codec, times, headers and place in the sequence") {
    for (int codec = 0; codec <= 4; ++codec) {
        CAPTURE(codec);
        Compacted test;
        const auto compression = static_cast<protocol::Compression>(codec);
        test.put({{"a"}, {"b"}, {"c"}},
                 {.producer = alice, .sequence = 5, .compression = compression, .timestamp = 77});
        test.put({{"b"}});
        test.compact();
        const Blob bytes = test.read_to_end();
        const auto batch = Compacted::batches(bytes).front();
        CHECK(Compacted::words(batch) == " a=v c=v");
        CHECK(batch.compression() == compression);
        CHECK(batch.max_timestamp() == 77);
        CHECK(batch.base_sequence() == 5);
        CHECK(batch.last_sequence() == 7);
        CHECK_FALSE(batch.has_delete_horizon());
    }
}

TEST_CASE("what was produced without a key, before the topic was compacted, goes") {
    Compacted test;
    test.put(batch_of_times({now, now}));
    test.put({{"a"}});
    test.compact();
    CHECK(test.text() == "2-2 a=v");
}

TEST_CASE("a tombstone stays for delete.retention.ms after it was first compacted (KIP-534)") {
    Compacted test;
    test.put({{"a"}, {"b"}});
    test.put({{"a", std::nullopt}});
    test.put({{"c"}});
    test.compact(now + 100);
    CHECK(test.text() == "0-1 b=v; 2-2 a=; 3-3 c=v");
    const Blob bytes = test.read_to_end();
    const auto tombstone = Compacted::batches(bytes).at(1);
    CHECK(tombstone.has_delete_horizon());
    CHECK(tombstone.base_timestamp() == now + 100 + day);
    CHECK(tombstone.max_timestamp() == now);
    // Compacting again does not put it off.
    test.compact(now + 100 + day - 1);
    CHECK(test.text() == "0-1 b=v; 2-2 a=; 3-3 c=v");
    test.compact(now + 100 + day);
    CHECK(test.text() == "0-1 b=v; 3-3 c=v");
}

TEST_CASE("compaction ends below the last stable offset and the segment that is written to") {
    Compacted test(compacted(100));
    test.put({{"a", "1"}});
    test.put({{"a", "2"}});
    test.put(in_transaction(alice, 0, {{"a", "3"}}));
    test.put({{"a", "4"}});
    test.put({{"a", "5"}});
    REQUIRE(test.log->segment_count() == 5);
    CHECK(test.cleanable().end_offset == 2);
    test.compact();
    CHECK(test.text() == "1-1 a=2; 2-2 a=3; 3-3 a=4; 4-4 a=5");
    test.put(marker(alice, ControlType::commit));
    REQUIRE(test.log->segment_count() > 2);
    CHECK(test.cleanable().end_offset == 5);
    test.log->expire_producers(0, now + 1);
    test.compact();
    CHECK(test.text() == "4-4 a=5; 5-5 commit");
}

TEST_CASE("aborted records go at once, their marker when its horizon has passed (KAFKA-5196)") {
    Compacted test;
    test.put({{"a", "1"}});
    test.put(in_transaction(alice, 0, {{"a", "2"}, {"b", "2"}}));
    test.put(marker(alice, ControlType::abort));
    test.put({{"c", "1"}});
    test.log->expire_producers(0, now + 1);
    test.compact(now);
    CHECK(test.text() == "0-0 a=1; 3-3 abort; 4-4 c=1");
    // Until then a reader in the middle of the transaction finds its end, and the list of them.
    CHECK(test.log->aborted_transactions(0, 5)->size() == 1);
    test.compact(now + 1);
    CHECK(test.text() == "0-0 a=1; 3-3 abort; 4-4 c=1");
    CHECK(test.log->aborted_transactions(0, 5)->empty());
    test.compact(now + day);
    CHECK(test.text() == "0-0 a=1; 3-3 abort; 4-4 c=1");
    test.compact(now + 1 + day);
    CHECK(test.text() == "0-0 a=1; 4-4 c=1");
}

TEST_CASE("a commit marker stays as long as a record of its transaction") {
    Compacted test;
    test.put(in_transaction(alice, 0, {{"a", "1"}}));
    test.put(marker(alice, ControlType::commit));
    test.put({{"b", "1"}});
    test.log->expire_producers(0, now + 1);
    for (int64_t i = 0; i < 4; ++i) test.compact(now + i * 2 * day);
    CHECK(test.text() == "0-0 a=1; 1-1 commit; 2-2 b=1");
    test.put({{"a", "2"}});
    test.compact(now + 10 * day);
    CHECK(test.text() == "1-1 commit; 2-2 b=1; 3-3 a=2");
    test.compact(now + 20 * day);
    test.compact(now + 30 * day);
    CHECK(test.text() == "2-2 b=1; 3-3 a=2");
}

TEST_CASE("aborted records stay aborted when their marker is in a later segment (KAFKA-13727)") {
    Compacted test(compacted(100));
    test.put({{"k", "good"}});
    test.put(in_transaction(alice, 0, {{"k", "bad"}}));
    test.put(in_transaction(bob, 0, {{"j", "open"}}));
    test.put(marker(alice, ControlType::abort));
    // Alice's marker lies beyond what may be compacted: bob is not done.
    CHECK(test.cleanable().end_offset == 2);
    test.compact();
    CHECK(test.text() == "0-0 k=good; 1-1 empty; 2-2 j=open; 3-3 abort");
    test.put(marker(bob, ControlType::commit));
    test.compact();
    CHECK(test.text() == "0-0 k=good; 1-1 empty; 2-2 j=open; 3-3 abort; 4-4 commit");
    test.restart();
    CHECK(test.log->last_stable_offset() == 5);
    CHECK(test.text() == "0-0 k=good; 1-1 empty; 2-2 j=open; 3-3 abort; 4-4 commit");
}

TEST_CASE("transactions that span segments are told apart by producer (KAFKA-8351)") {
    Compacted test(compacted(100));
    test.put(in_transaction(alice, 0, {{"a", "1"}}));
    test.put(in_transaction(bob, 0, {{"b", "1"}}));
    test.put(in_transaction(alice, 1, {{"a", "2"}}));
    test.put(in_transaction(bob, 1, {{"b", "2"}}));
    test.put(marker(bob, ControlType::abort));
    test.put(marker(alice, ControlType::commit));
    test.put(in_transaction(alice, 2, {{"c", "1"}}));
    test.put(marker(alice, ControlType::abort));
    test.log->expire_producers(0, now + 1);
    test.compact();
    CHECK(test.text() == "2-2 a=2; 4-4 abort; 5-5 commit; 7-7 abort");
    test.restart();
    CHECK(test.log->last_stable_offset() == 8);
}

TEST_CASE("a marker's key is no key: markers do not replace one another (crabka#528)") {
    Compacted test;
    for (int i = 0; i < 3; ++i) {
        const Producer producer{.id = 10 + i};
        test.put(in_transaction(producer, 0, {{fmt::format("key-{}", i), "v"}}));
        test.put(marker(producer, ControlType::commit));
    }
    test.compact();
    CHECK(test.text() ==
          "0-0 key-0=v; 1-1 commit; 2-2 key-1=v; 3-3 commit; 4-4 key-2=v; 5-5 commit");
}

TEST_CASE("the last batch of each producer stays, without its records if need be") {
    Compacted test;
    test.put({{"a"}}, {.producer = alice, .sequence = 0});
    test.put({{"a"}}, {.producer = alice, .sequence = 1});
    test.put({{"b"}}, {.producer = bob, .sequence = 0});
    test.put({{"a"}, {"b"}});
    test.compact();
    CHECK(test.text() == "1-1 empty; 2-2 empty; 3-4 a=v b=v");
    const auto before = test.log->producers();
    for (const auto id : {"", "0"}) {
        // Also without the snapshots.
        for (const auto& name : names_in(test.files, "t-0"))
            if (*id && name.ends_with(".snapshot"))
                REQUIRE(test.files.remove("t-0/" + name).has_value());
        test.restart();
        for (const auto& producer : {alice, bob}) {
            REQUIRE(test.log->producers().find(producer.id));
            CHECK(test.log->producers().find(producer.id)->batches.back() ==
                  before.find(producer.id)->batches.back());
        }
    }
    test.log->expire_producers(0, now + 1);
    test.compact();
    CHECK(test.text() == "3-4 a=v b=v");
}

TEST_CASE("the marker that alone tells of a producer's epoch stays whole (KIP-890)") {
    Compacted test;
    test.put(in_transaction(alice, 0, {{"a"}}));
    test.put(marker({.id = 1, .epoch = 1}, ControlType::commit));
    test.put({{"a"}});
    for (int64_t i = 0; i < 4; ++i) test.compact(now + i * 2 * day);
    CHECK(test.text() == "1-1 commit; 2-2 a=v");
    for (const auto& name : names_in(test.files, "t-0"))
        if (name.ends_with(".snapshot")) REQUIRE(test.files.remove("t-0/" + name).has_value());
    test.restart();
    REQUIRE(test.log->producers().find(1));
    CHECK(test.log->producers().find(1)->producer_epoch == 1);
}

TEST_CASE("a transaction does not hang after a crash because its marker was compacted away") {
    Compacted test(compacted(100));
    test.put({{"z"}});
    test.put(in_transaction(alice, 0, {{"a", "1"}}));
    test.put({{"b", "1"}});  // In a segment whose snapshot knows the transaction as open.
    test.put(marker(alice, ControlType::abort));
    test.put({{"c", "1"}});
    test.log->expire_producers(0, now + 1);
    test.put({{"b", "2"}, {"z", "2"}});
    for (int64_t i = 0; i < 4; ++i) test.compact(now + i * 2 * day);
    CHECK(test.text() == "4-4 c=1; 5-6 b=2 z=2");
    test.restart();
    CHECK(test.log->last_stable_offset() == 7);
}

TEST_CASE("a snapshot keeps a transaction open whose own marker stayed") {
    Compacted test(compacted(100));
    test.put(in_transaction(alice, 0, {{"a"}}));
    test.put({{"b"}});  // In a segment whose snapshot knows the transaction as open.
    test.put(marker(alice, ControlType::commit));
    test.put(in_transaction(alice, 1, {{"c"}}));
    test.put(marker(alice, ControlType::commit));
    test.log->expire_producers(0, now + 1);
    test.put({{"c"}});
    for (int64_t i = 0; i < 4; ++i) test.compact(now + i * 2 * day);
    CHECK(test.text() == "0-0 a=v; 1-1 b=v; 2-2 commit; 5-5 c=v");
    const auto snapshot = storage::ProducerState::decode_snapshot(
        test.files.contents("t-0/00000000000000000001.snapshot"));
    REQUIRE(snapshot);
    CHECK(snapshot->find(alice.id)->current_transaction_first_offset == 0);
}

TEST_CASE("the batch at the end of what was compacted stays, as its last offset must be known") {
    Compacted test;
    test.put({{"a", "1"}});
    test.put(in_transaction(alice, 0, {{"b", "1"}}));
    test.put(marker(alice, ControlType::abort));
    test.log->expire_producers(0, now + 1);
    for (int64_t i = 0; i < 3; ++i) test.compact(now + i * 2 * day);
    CHECK(test.text() == "0-0 a=1; 2-2 empty");
}

TEST_CASE("when the memory for keys is full the round ends there, and the next one goes on") {
    Compacted test;
    for (int i = 0; i < 20; ++i) test.put({{fmt::format("key-{}", i % 10), fmt::format("{}", i)}});
    constexpr uint64_t five_slots = 5 * 24;
    test.compact(now, five_slots);
    CHECK(test.compacted_to == 4);
    std::vector<int64_t> ends;
    while (test.compacted_to < 20 && ends.size() < 10) {
        test.compact(now, five_slots);
        ends.push_back(test.compacted_to);
    }
    CHECK(ends == std::vector<int64_t>{8, 12, 16, 20});
    CHECK(base_offsets(test.read_to_end()).front() == 10);
    CHECK(base_offsets(test.read_to_end()).size() == 10);
}

TEST_CASE("small segments become one again, of segment.bytes at most") {
    Compacted test(compacted(100));
    for (int i = 0; i < 6; ++i) test.put({{fmt::format("{}", i)}});
    REQUIRE(test.log->segment_count() == 6);
    LogConfig larger = compacted(150);
    test.options.config = larger;
    test.log->configure(larger);
    test.compact();
    CHECK(test.log->segment_count() == 3 + 1);
    CHECK(test.text() == "0-0 0=v; 1-1 1=v; 2-2 2=v; 3-3 3=v; 4-4 4=v; 5-5 5=v");
    const auto left = names_in(test.files, "t-0");
    CHECK(std::ranges::count(left, "00000000000000000002.snapshot") == 1);
    CHECK(std::ranges::count(left, "00000000000000000001.snapshot") == 0);
    CHECK(std::ranges::count(left, "00000000000000000001.log.deleted") == 1);
}

TEST_CASE("a log is due by its dirty part, and young records are left alone") {
    LogConfig config = compacted(100);
    config.min_compaction_lag_ms = 1000;
    Compacted test(config);
    for (int i = 0; i < 4; ++i) test.put({{"a"}}, {.timestamp = now + 100 * i});
    const uint64_t batch_bytes = test.log->segments()->front().size_bytes;
    CHECK(test.cleanable(now + 999).dirty_bytes == 0);
    CHECK(test.cleanable(now + 1000).dirty_bytes == batch_bytes);
    CHECK(test.cleanable(now + 1100).dirty_bytes == 2 * batch_bytes);
    CHECK(test.cleanable(now + 9000).dirty_bytes == 3 * batch_bytes);
    CHECK(test.cleanable(now + 9000).dirty_ratio() == 1);
    CHECK_FALSE(test.cleanable(now + 9000).is_overdue);
    const auto later = test.log->cleanable(2, now + 9000).value();
    CHECK(later.clean_bytes == 2 * batch_bytes);
    CHECK(later.dirty_bytes == batch_bytes);
}

TEST_CASE("a log is overdue when a record waited for max.compaction.lag.ms") {
    LogConfig config = compacted(100);
    config.max_compaction_lag_ms = 5000;
    Compacted test(config);
    for (int i = 0; i < 3; ++i) test.put({{"a"}}, {.timestamp = now + 100 * i});
    CHECK_FALSE(test.cleanable(now + 5000).is_overdue);
    CHECK(test.cleanable(now + 5001).is_overdue);
    CHECK_FALSE(test.log->cleanable(1, now + 5001).value().is_overdue);
}

TEST_CASE("a checkpoint that cannot be this log's counts for nothing") {
    Compacted test(compacted(100));
    for (int i = 0; i < 3; ++i) test.put({{"a"}});
    CHECK(test.log->cleanable(100, now).value().first_dirty_offset == 0);
    REQUIRE(test.log->raise_log_start_offset(1).has_value());
    CHECK(test.log->cleanable(0, now).value().first_dirty_offset == 1);
}

TEST_CASE("damaged batches end a compaction, and leave the log as it was") {
    Compacted test(compacted(100));
    for (int i = 0; i < 4; ++i) test.put({{"a"}});
    test.files.flip_bits("t-0/00000000000000000001.log", 65);
    CHECK(test.try_compact() == ErrorCode::corrupt_message);
    CHECK(test.log->segment_count() == 5);
    for (const auto& name : names_in(test.files, "t-0")) CHECK_FALSE(name.ends_with(".cleaned"));
}

TEST_CASE("what retention deleted meanwhile is not swapped back in") {
    Compacted test(compacted(100));
    for (int i = 0; i < 4; ++i) test.put({{fmt::format("{}", i)}});
    LogConfig larger = compacted(300);
    test.log->configure(larger);
    const auto round = test.log->begin_compaction(test.cleanable(), {.now_ms = now});
    REQUIRE((*round)->read_keys().has_value());
    REQUIRE((*round)->clean_next() == true);
    REQUIRE(test.log->raise_log_start_offset(1).has_value());
    CHECK(test.log->swap_in(**round) == false);
    CHECK(test.log->log_start_offset() == 1);
    CHECK(test.text() == "1-1 1=v; 2-2 2=v; 3-3 3=v");
    for (const auto& name : names_in(test.files, "t-0")) CHECK_FALSE(name.ends_with(".cleaned"));
}

TEST_CASE("a read that began before its segment was swapped ends after it") {
    Compacted test(compacted(100));
    for (int i = 0; i < 3; ++i) test.put({{"a"}});
    const Blob before = read_all(*test.log, 0);
    const auto slice = test.log->read(0, 1000, 3, true);
    test.compact();
    for (const auto& path : test.log->take_deleted_files(now)) CHECK(path == "");
    for (const auto& path : test.log->take_deleted_files(now + day))
        REQUIRE(test.files.remove(path).has_value());
    CHECK(log_fixture::bytes_of(*slice) == before);
    CHECK(test.text() == "2-2 a=v");
}

TEST_CASE("the largest timestamp is that of a record, not that of a batch without one") {
    Compacted test;
    test.put({{"a"}}, {.producer = alice, .sequence = 0, .timestamp = now + 500});
    test.put({{"a"}, {"b"}}, {.timestamp = now + 100});
    test.compact();
    REQUIRE(test.text() == "0-0 empty; 1-2 a=v b=v");
    for (int i = 0; i < 2; ++i) {
        const auto max = test.log->find_max_timestamp().value();
        REQUIRE(max.has_value());
        CHECK(max->timestamp == now + 100);
        CHECK(max->offset == 1);
        CHECK(test.log->find_timestamp(now).value()->offset == 1);
        CHECK_FALSE(test.log->find_timestamp(now + 101).value().has_value());
        test.restart();
    }
}

TEST_CASE("a compaction that dies at any operation leaves the old segments or the new ones") {
    std::set<std::string> seen;
    for (const auto how : {support::Crash::process_kill, support::Crash::power_cut}) {
        bool has_died = true;
        for (uint64_t nth = 1; has_died; ++nth) {
            CAPTURE(nth);
            Compacted test(compacted(100));
            test.files.limit_space(1 << 20);
            test.put({{"a", "1"}});
            test.put(in_transaction(alice, 0, {{"a", "2"}}));
            test.put(marker(alice, ControlType::abort));
            test.put({{"b", "1"}});
            test.put({{"b", "2"}});
            REQUIRE(test.log->roll(now).has_value());
            REQUIRE(test.log->flush().has_value());
            test.options.recovery_point = nth % 2 == 0 ? 5 : 0;
            test.options.config = compacted(10'000);
            test.log->configure(test.options.config);
            const std::string before = test.text();
            const auto cleanable = test.cleanable();
            test.files.die_at(nth);
            const auto round = test.log->begin_compaction(cleanable, {.now_ms = now});
            if (round && (*round)->read_keys() && (*round)->clean_next())
                (void)test.log->swap_in(**round);
            has_died = test.files.has_died();
            test.restart(how);
            seen.insert(test.text());
            CHECK(
                (test.text() == before || test.text() == "0-0 a=1; 1-1 empty; 2-2 abort; 4-4 b=2"));
            CHECK(test.log->log_end_offset() == 5);
            CHECK(test.log->last_stable_offset() == 5);
            CHECK(test.log->aborted_transactions(0, 5)->size() == 1);
            CHECK(test.log->producers().find(1));
            for (const auto& name : names_in(test.files, "t-0")) {
                const auto file = storage::parse_segment_file_name(name);
                CHECK((!file || file->leftover == storage::Leftover::none));
            }
        }
    }
    CHECK(seen.size() == 2);
}

TEST_CASE("a compaction that fails at any operation leaves a log that says the same") {
    bool has_failed = true;
    for (uint64_t nth = 1; has_failed; ++nth) {
        CAPTURE(nth);
        Compacted test(compacted(100));
        test.put({{"a", "1"}});
        test.put({{"a", "2"}});
        test.put({{"b", "1"}});
        REQUIRE(test.log->roll(now).has_value());
        const auto cleanable = test.cleanable();
        test.options.config = compacted(10'000);
        test.log->configure(test.options.config);
        const uint64_t count = test.files.operation_count();
        test.files.fail_at(nth);
        const auto round = test.log->begin_compaction(cleanable, {.now_ms = now});
        if (round && (*round)->read_keys() && (*round)->clean_next())
            (void)test.log->swap_in(**round);
        has_failed = test.files.operation_count() - count >= nth;
        test.files.heal();
        if (test.log->refuses_writes()) test.restart();
        const std::string text = test.text();
        CHECK((text == "0-0 a=1; 1-1 a=2; 2-2 b=1" || text == "1-1 a=2; 2-2 b=1"));
        test.put({{"c"}});
        test.compact();
        CHECK(test.text() == "1-1 a=2; 2-2 b=1; 3-3 c=v");
    }
}
