// One transactional id: its state, its producer, and the rules that follow from them (KIP-98,
// KIP-360, KIP-890; the fields that KIP-939 needs are kept).
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "broker/coordinator/record.h"

namespace broker::coordinator::transaction {

// The numbers are those of the log. Dead and PrepareEpochFence are never stored: Kafka passes
// through them in memory, here a tombstone and a PrepareAbort with the next epoch do the same in
// one step.
enum class State : int8_t {
    empty = 0,
    ongoing = 1,
    prepare_commit = 2,
    prepare_abort = 3,
    complete_commit = 4,
    complete_abort = 5,
    dead = 6,
    prepare_epoch_fence = 7,
};

// Kafka's name, as DescribeTransactions and ListTransactions show it: "PrepareCommit".
std::string_view name(State state);
std::optional<State> state_named(std::string_view name);

constexpr int64_t no_producer_id = -1;
constexpr int16_t no_epoch = -1;
constexpr int16_t max_epoch = std::numeric_limits<int16_t>::max();

// A timeout that never ends: the mark of a two-phase transaction (KIP-939).
constexpr int32_t no_timeout_ms = std::numeric_limits<int32_t>::max();

// The last one that a client gets, so that the coordinator can always fence it with max_epoch.
constexpr int16_t last_epoch = max_epoch - 1;
constexpr bool is_exhausted(int16_t epoch) { return epoch >= last_epoch; }

// The level of the feature transaction.version from which each transaction has its own epoch.
constexpr int16_t epoch_bump_version = 2;

struct ProducerEpoch {
    int64_t producer_id = no_producer_id;
    int16_t epoch = no_epoch;
    bool operator==(const ProducerEpoch&) const = default;
};

// What one record of __transaction_state says.
struct Transaction {
    int64_t producer_id = no_producer_id;
    int64_t previous_producer_id = no_producer_id;  // before the last change, mostly the same
    int64_t next_producer_id = no_producer_id;      // takes over when a Prepare state completes
    int16_t producer_epoch = no_epoch;

    // Of a producer that has just asked InitProducerId to continue, the epoch that it had
    // (KIP-360). -1: a new producer took over, or this one has gone on since.
    int16_t last_producer_epoch = no_epoch;

    int32_t timeout_ms = 0;
    State state = State::empty;
    std::set<TopicPartition> partitions;
    int64_t started_ms = -1;                 // -1: no transaction yet
    int64_t updated_ms = 0;                  // never goes back, even if the clock does
    int16_t client_transaction_version = 0;  // of the request that led to this state: 0 or 2

    bool operator==(const Transaction&) const = default;

    bool is_prepared() const {
        return state == State::prepare_commit || state == State::prepare_abort;
    }
    bool is_complete() const {
        return state == State::complete_commit || state == State::complete_abort;
    }
    // KIP-890: the last transaction ended with an epoch of its own.
    bool bumps_epoch() const { return client_transaction_version >= epoch_bump_version; }

    // The producer as it was before its epoch was bumped, if that very producer asked for the bump,
    // or ended a transaction with it, and may have missed the answer.
    ProducerEpoch predecessor() const;

    // Whether the coordinator aborts it by itself, and the last moment at which it does not.
    bool can_time_out() const { return state == State::ongoing && timeout_ms != no_timeout_ms; }
    int64_t deadline_ms() const { return started_ms + timeout_ms; }

    // Whether the id may be forgotten when it has not been used for a long time.
    bool can_expire() const { return state == State::empty || is_complete(); }

    // The state that follows, before what is special to it.
    Transaction then(State next, int64_t now_ms) const;
};

}  // namespace broker::coordinator::transaction
