#include "storage/producer_state.h"

#include <doctest/doctest.h>

#include <limits>
#include <random>

#include "tests/support/batches.h"
#include "tools/inspect/hex.h"

using namespace storage;
using protocol::ControlType;
using support::BatchSpec;
using support::build_batch;
using support::build_marker;
using support::view_of;

namespace {

constexpr int64_t producer_id = 7;
constexpr int32_t sequence_max = std::numeric_limits<int32_t>::max();
constexpr int16_t epoch_max = std::numeric_limits<int16_t>::max();

// A partition's producer state with the offsets that a log would give.
struct Partition {
    ProducerState state;
    int64_t end_offset = 0;

    auto check(BatchSpec spec, bool new_producer_starts_at_zero = false) const {
        spec.base_offset = end_offset;
        const auto batch = build_batch(spec);
        return state.check(view_of(batch), new_producer_starts_at_zero);
    }
    void append(BatchSpec spec) {
        spec.base_offset = end_offset;
        CHECK_FALSE(state.apply(view_of(build_batch(spec))));
        end_offset += spec.record_count;
    }
    std::optional<protocol::AbortedTxn> end(support::MarkerSpec spec) {
        spec.base_offset = end_offset++;
        return state.apply(view_of(build_marker(spec)));
    }
};

BatchSpec batch(int16_t epoch, int32_t sequence, int32_t count = 1) {
    return {.record_count = count,
            .producer_id = producer_id,
            .producer_epoch = epoch,
            .base_sequence = sequence};
}

BatchSpec transactional(int16_t epoch, int32_t sequence, int32_t count = 1) {
    auto spec = batch(epoch, sequence, count);
    spec.transactional = true;
    return spec;
}

support::MarkerSpec marker(ControlType outcome, int16_t epoch, int32_t coordinator_epoch = 0) {
    return {.producer_id = producer_id,
            .producer_epoch = epoch,
            .outcome = outcome,
            .coordinator_epoch = coordinator_epoch};
}

template <class Expected>
bool is_new(const Expected& checked) {
    return checked && !*checked;
}

template <class Expected>
ErrorCode error_of(const Expected& checked) {
    return checked ? ErrorCode::none : checked.error();
}

}  // namespace

TEST_CASE("a batch without a producer id is always new") {
    Partition partition;
    partition.append({});
    CHECK(is_new(partition.check({}, true)));
    CHECK(partition.state.producers().empty());
}

TEST_CASE("the next sequence is new, a gap and an older sequence are out of order") {
    Partition partition;
    partition.append(batch(0, 0, 3));
    CHECK(is_new(partition.check(batch(0, 3))));
    CHECK(error_of(partition.check(batch(0, 4))) == ErrorCode::out_of_order_sequence_number);
    CHECK(error_of(partition.check(batch(0, 2))) == ErrorCode::out_of_order_sequence_number);
    CHECK(error_of(partition.check(batch(0, 0))) == ErrorCode::out_of_order_sequence_number);
}

TEST_CASE("a retried batch is answered with its first offset and timestamp (AutoMQ#437)") {
    Partition partition;
    partition.append({.record_count = 10});
    auto first = batch(0, 0, 3);
    first.timestamp = 4'711;
    partition.append(first);
    partition.append(batch(0, 3, 2));
    const auto retry = partition.check(batch(0, 0, 3));
    REQUIRE(retry);
    REQUIRE(*retry);
    CHECK((*retry)->base_offset() == 10);
    CHECK((*retry)->last_offset == 12);
    CHECK((*retry)->timestamp == 4'711);
}

TEST_CASE("a retry with another number of records is not the batch that is remembered") {
    Partition partition;
    partition.append(batch(0, 0, 3));
    CHECK(error_of(partition.check(batch(0, 0, 2))) == ErrorCode::out_of_order_sequence_number);
}

TEST_CASE("five batches are remembered, an older retry is out of order (redpanda#3077)") {
    Partition partition;
    for (int32_t sequence = 0; sequence < 6; ++sequence) partition.append(batch(0, sequence));
    CHECK(error_of(partition.check(batch(0, 0))) == ErrorCode::out_of_order_sequence_number);
    for (int32_t sequence = 1; sequence < 6; ++sequence) {
        const auto retry = partition.check(batch(0, sequence));
        REQUIRE(retry);
        REQUIRE(*retry);
        CHECK((*retry)->base_offset() == sequence);
    }
}

TEST_CASE("sequences wrap from 2^31-1 to 0 (librdkafka#4953)") {
    Partition partition;
    partition.append(batch(0, sequence_max));
    CHECK(is_new(partition.check(batch(0, 0))));
    CHECK(error_of(partition.check(batch(0, 1))) == ErrorCode::out_of_order_sequence_number);
}

TEST_CASE("a batch across the wrap is recognised when it is retried") {
    Partition partition;
    partition.append(batch(0, sequence_max - 1, 4));  // 2^31-2, 2^31-1, 0, 1
    CHECK(partition.state.find(producer_id)->last_sequence() == 1);
    CHECK(partition.state.find(producer_id)->batches[0].first_sequence() == sequence_max - 1);
    const auto retry = partition.check(batch(0, sequence_max - 1, 4));
    REQUIRE(retry);
    CHECK(*retry);
    CHECK(is_new(partition.check(batch(0, 2))));
}

TEST_CASE("an older epoch is fenced, also when its sequence would be next") {
    Partition partition;
    partition.append(batch(5, 0));
    CHECK(error_of(partition.check(batch(4, 1))) == ErrorCode::invalid_producer_epoch);
    CHECK(error_of(partition.check(batch(4, 0))) == ErrorCode::invalid_producer_epoch);
}

TEST_CASE("a new epoch starts at sequence 0 and forgets the batches of the old one") {
    Partition partition;
    partition.append(batch(0, 0));
    partition.append(batch(0, 1));
    CHECK(error_of(partition.check(batch(1, 2))) == ErrorCode::out_of_order_sequence_number);
    CHECK(is_new(partition.check(batch(1, 0))));
    partition.append(batch(1, 0));
    CHECK(partition.state.find(producer_id)->batches.size() == 1);
    CHECK(error_of(partition.check(batch(0, 1))) == ErrorCode::invalid_producer_epoch);
}

TEST_CASE(
    "an unknown producer may begin anywhere, as retention may have taken its state (KIP-360)") {
    const Partition partition;
    CHECK(is_new(partition.check(batch(3, 17))));
}

TEST_CASE("an unknown producer begins at 0 where nothing can have been lost (KAFKA-15591)") {
    Partition partition;
    CHECK(error_of(partition.check(batch(0, 1), true)) == ErrorCode::out_of_order_sequence_number);
    CHECK(is_new(partition.check(batch(0, 0), true)));
    partition.append(batch(0, 0));
    CHECK_MESSAGE(is_new(partition.check(batch(0, 1), true)), "a known one goes on");
}

TEST_CASE("a transaction makes its first offset unstable until its marker") {
    Partition partition;
    partition.append({.record_count = 5});
    CHECK(partition.state.first_unstable_offset() == std::nullopt);
    partition.append(transactional(0, 0, 2));
    partition.append(transactional(0, 2, 2));
    CHECK(partition.state.first_unstable_offset() == 5);
    CHECK_FALSE(partition.end(marker(ControlType::commit, 0)));
    CHECK(partition.state.first_unstable_offset() == std::nullopt);
}

TEST_CASE("a batch outside of the transaction that its producer has open is refused") {
    Partition partition;
    partition.append(transactional(0, 0));
    CHECK(error_of(partition.check(batch(0, 1))) == ErrorCode::invalid_txn_state);
    CHECK(is_new(partition.check(transactional(0, 1))));
}

TEST_CASE("an abort gives the range of the transaction and the stable offset behind it") {
    Partition partition;
    partition.append({.record_count = 5});
    partition.append(transactional(0, 0, 2));  // 5, 6
    const auto aborted = partition.end(marker(ControlType::abort, 0));
    REQUIRE(aborted);
    CHECK(aborted->producer_id == producer_id);
    CHECK(aborted->first_offset == 5);
    CHECK(aborted->last_offset == 7);
    CHECK(aborted->last_stable_offset == 8);
}

TEST_CASE("the stable offset of an aborted transaction ends at one that is still open") {
    Partition partition;
    auto other = transactional(0, 0);
    other.producer_id = 8;
    partition.append(other);                // 0, stays open
    partition.append(transactional(0, 0));  // 1
    const auto aborted = partition.end(marker(ControlType::abort, 0));
    REQUIRE(aborted);
    CHECK(aborted->first_offset == 1);
    CHECK(aborted->last_stable_offset == 0);
    CHECK(partition.state.first_unstable_offset() == 0);
}

TEST_CASE("a marker without a transaction gives no range") {
    Partition partition;
    CHECK_FALSE(partition.end(marker(ControlType::abort, 0)));
    partition.append(batch(0, 0));
    CHECK_FALSE(partition.end(marker(ControlType::abort, 0)));
}

TEST_CASE("sequences go on over a marker of the same epoch (transaction version 1)") {
    Partition partition;
    partition.append(transactional(0, 0, 2));
    partition.end(marker(ControlType::commit, 0));
    CHECK(is_new(partition.check(transactional(0, 2))));
    CHECK(error_of(partition.check(transactional(0, 3))) ==
          ErrorCode::out_of_order_sequence_number);
    const auto retry = partition.check(transactional(0, 0, 2));
    REQUIRE(retry);
    CHECK_MESSAGE(*retry, "a retry from before the marker is still known");
}

TEST_CASE("sequences start anew after a marker with a bumped epoch (transaction version 2)") {
    Partition partition;
    partition.append(transactional(0, 0, 2));
    partition.end(marker(ControlType::commit, 1));
    CHECK(error_of(partition.check(transactional(1, 2))) ==
          ErrorCode::out_of_order_sequence_number);
    CHECK(is_new(partition.check(transactional(1, 0))));
    CHECK_MESSAGE(
        error_of(partition.check(transactional(0, 2))) == ErrorCode::invalid_producer_epoch,
        "a late batch of the ended transaction");
}

TEST_CASE("a marker of an older producer epoch is refused under both transaction versions") {
    Partition partition;
    partition.append(transactional(3, 0));
    for (int16_t version = 0; version <= 2; ++version)
        CHECK(error_of(partition.state.check_marker(producer_id, 2, 0, version)) ==
              ErrorCode::invalid_producer_epoch);
}

TEST_CASE("a marker has the epoch of the data, under transaction version 2 the one after it") {
    Partition partition;
    partition.append(transactional(3, 0));
    CHECK(partition.state.check_marker(producer_id, 3, 0, 0));
    CHECK(partition.state.check_marker(producer_id, 3, 0, 1));
    CHECK(error_of(partition.state.check_marker(producer_id, 3, 0, 2)) ==
          ErrorCode::invalid_producer_epoch);
    CHECK(partition.state.check_marker(producer_id, 4, 0, 2));
}

TEST_CASE("a marker that is written again is allowed under transaction version 2") {
    Partition partition;
    partition.append(transactional(3, 0));
    partition.end(marker(ControlType::commit, 4));
    CHECK(partition.state.check_marker(producer_id, 4, 0, 2));
    partition.append(transactional(4, 0));
    CHECK_MESSAGE(error_of(partition.state.check_marker(producer_id, 4, 0, 2)) ==
                      ErrorCode::invalid_producer_epoch,
                  "but not once the next transaction is open");
}

TEST_CASE("the largest epoch ends its own transaction, as it has no next one") {
    Partition partition;
    partition.append(transactional(epoch_max, 0));
    CHECK(partition.state.check_marker(producer_id, epoch_max, 0, 2));
}

TEST_CASE("a marker of an older coordinator is fenced") {
    Partition partition;
    CHECK(partition.state.check_marker(producer_id, 0, 0, 1));
    partition.append(transactional(0, 0));
    partition.end(marker(ControlType::commit, 0, 5));
    CHECK(error_of(partition.state.check_marker(producer_id, 0, 4, 1)) ==
          ErrorCode::transaction_coordinator_fenced);
    CHECK(partition.state.check_marker(producer_id, 0, 5, 1));
    CHECK(partition.state.check_marker(producer_id, 0, 6, 1));
}

TEST_CASE("an idle producer expires, one with an open transaction does not (redpanda#22670)") {
    Partition partition;
    auto idle = batch(0, 0);
    idle.timestamp = 1'000;
    partition.append(idle);
    auto open = transactional(0, 0);
    open.producer_id = 8;
    open.timestamp = 1'000;
    partition.append(open);

    partition.state.expire(500, 1'499);
    CHECK(partition.state.producers().size() == 2);
    partition.state.expire(500, 1'500);
    CHECK_FALSE(partition.state.find(producer_id));
    CHECK(partition.state.find(8));
    CHECK(partition.state.first_unstable_offset() == 1);
}

TEST_CASE("a snapshot is byte for byte Kafka's") {
    // Producer 0 has an open transaction, and no batch since its epoch; the other one has both.
    constexpr std::string_view kafka =
        "0001"
        "994d23ac"
        "00000002"
        "0000000000000000" "2a2a" "ffffffff" "ffffffffffffffff" "00000000" "000001f1d7109ed3"
        "00000000" "0000000e0e4b8e7b"
        "0000006629f27f15" "52a6" "4804ceab" "0002fdd63471068e" "000000bf" "0000011388410aea"
        "0000000d" "000000d0b2c02852";
    const auto bytes = inspect::from_hex(kafka);
    REQUIRE(bytes);
    const auto state = ProducerState::decode_snapshot(*bytes);
    REQUIRE(state);
    CHECK(inspect::to_hex(state->encode_snapshot()) == kafka);
    CHECK(state->first_unstable_offset() == 0x0e0e4b8e7b);

    const Producer* producer = state->find(0x6629f27f15);
    REQUIRE(producer);
    CHECK(producer->producer_epoch == 0x52a6);
    CHECK(producer->coordinator_epoch == 13);
    CHECK(producer->last_timestamp == 0x011388410aea);
    CHECK(producer->last_sequence() == 0x4804ceab);
    CHECK(producer->batches.at(0).base_offset() == 0x0002fdd63471068e - 0xbf);
    CHECK(state->find(0)->batches.empty());
}

TEST_CASE("no producers make an empty snapshot") {
    CHECK(inspect::to_hex(ProducerState().encode_snapshot()) == "000148674bc700000000");
    CHECK(ProducerState::decode_snapshot(*inspect::from_hex("000148674bc700000000")) ==
          ProducerState());
}

TEST_CASE("a snapshot that is cut, changed or of another version is damaged") {
    Partition partition;
    partition.append(transactional(0, 0));
    const auto snapshot = partition.state.encode_snapshot();
    for (size_t size = 0; size < snapshot.size(); ++size)
        CHECK_FALSE(ProducerState::decode_snapshot(protocol::Bytes(snapshot).first(size)));
    for (size_t at = 0; at < snapshot.size(); ++at) {
        auto changed = snapshot;
        changed[at] ^= std::byte{0x10};
        CHECK_FALSE(ProducerState::decode_snapshot(changed));
    }
    CHECK(ProducerState::decode_snapshot(snapshot) == partition.state);
}

TEST_CASE("state from a snapshot and the log after it goes on as the state that made it") {
    for (uint64_t seed = 1; seed <= 50; ++seed) {
        CAPTURE(seed);
        std::mt19937_64 random(seed);
        Partition live, reloaded;
        std::vector<int32_t> next(3);
        for (int step = 0; step < 60; ++step) {
            const auto who = random() % next.size();
            if (random() % 4 == 0) {
                auto end = marker(random() % 2 ? ControlType::commit : ControlType::abort, 0);
                end.producer_id = static_cast<int64_t>(who);
                CHECK(live.end(end).has_value() == reloaded.end(end).has_value());
            } else {
                auto spec = transactional(0, next[who], static_cast<int32_t>(random() % 3 + 1));
                spec.producer_id = static_cast<int64_t>(who);
                next[who] += spec.record_count;
                live.append(spec);
                reloaded.append(spec);
            }
            if (random() % 10 == 0)
                reloaded.state = *ProducerState::decode_snapshot(live.state.encode_snapshot());
            CHECK(reloaded.state.first_unstable_offset() == live.state.first_unstable_offset());
            CHECK(reloaded.state.encode_snapshot() == live.state.encode_snapshot());
            for (size_t id = 0; id < next.size(); ++id) {
                auto spec = transactional(0, next[id]);
                spec.producer_id = static_cast<int64_t>(id);
                CHECK(is_new(reloaded.check(spec)) == is_new(live.check(spec)));
            }
        }
    }
}
