// One partition as its owner sees it: the log, and what Kafka's leader adds to it: validation,
// verification of transactions, high watermark, last stable offset, waiting fetches.
//
// Requires: called on the owner's shard.
#pragma once

#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "broker/config/topic_config.h"
#include "broker/partition/fetch_waiter.h"
#include "protocol/error.h"
#include "protocol/record_batch.h"
#include "protocol/record_validation.h"
#include "storage/log.h"

namespace broker::partition {

using protocol::ErrorCode;

enum class Isolation : int8_t { read_uncommitted = 0, read_committed = 1 };

// What a produce request's partition is answered with.
struct Produced {
    ErrorCode error = ErrorCode::none;
    int64_t base_offset = -1;
    int64_t log_append_time_ms = protocol::no_timestamp;
    int64_t log_start_offset = -1;
    std::string message;
    std::vector<protocol::ProduceRefusal::RecordError> record_errors;
};

// What a fetch's partition is answered with.
struct Fetched {
    ErrorCode error = ErrorCode::none;
    int64_t high_watermark = -1;
    int64_t last_stable_offset = -1;
    int64_t log_start_offset = -1;
    size_t size = 0;                            // of the records, read or only measured
    storage::FileSlice slice;                   // where they are; empty once they are read
    std::unique_ptr<std::byte[]> buffer;        // read
    std::vector<protocol::AbortedTxn> aborted;  // among those read, under read_committed
    std::optional<storage::LeaderEpochs::EpochEnd> diverging;  // KIP-595
};

struct FetchFrom {
    int64_t offset = 0;
    size_t bytes_max = 0;
    bool at_least_one = false;
    Isolation isolation = Isolation::read_uncommitted;
    int32_t current_leader_epoch = -1;
    int32_t last_fetched_epoch = -1;
    // Records that need not be looked at are told of by Fetched::slice instead of read.
    bool may_stay_in_file = false;
};

// The end of one transaction on one partition (WriteTxnMarkers).
struct Marker {
    int64_t producer_id = -1;
    int16_t producer_epoch = -1;
    bool commit = false;
    int32_t coordinator_epoch = 0;
    int16_t transaction_version = 0;  // 2: the epoch is one above that of the data (KIP-890)
};

class AppendGroup;

class Replica {
  public:
    Replica(std::unique_ptr<storage::Log> log, int32_t leader_epoch)
        : log_(std::move(log)), leader_epoch_(leader_epoch) {
        log_->tell_changes([waiters = waiters_] { waiters->wake_all(); });
    }

    storage::Log& log() { return *log_; }
    const storage::Log& log() const { return *log_; }
    int32_t leader_epoch() const { return leader_epoch_; }
    // Whether the log went offline since this was asked for the last time.
    bool has_newly_failed() {
        return log_->is_offline() && !std::exchange(is_failure_known_, true);
    }
    // There is one replica: what is in its log is committed.
    int64_t high_watermark() const { return log_->log_end_offset(); }
    int64_t last_stable_offset() const { return log_->last_stable_offset(); }
    // Where a reader of this isolation level ends.
    int64_t end_offset(Isolation isolation) const;

    // KIP-890: a transactional batch may begin a transaction on this partition only after the
    // coordinator said that the partition belongs to it. 0: the transaction is open here already.
    // Otherwise a ticket, void as soon as a marker ends a transaction of this epoch or a later one.
    // An append uses it up, whatever comes of it; without one it is to be given back by
    // end_verification().
    using Ticket = uint64_t;
    Ticket begin_verification(int64_t producer_id, int16_t producer_epoch);
    void end_verification(int64_t producer_id, Ticket ticket);

    struct AppendOptions {
        const config::TopicConfig& topic;
        int64_t now_ms = 0;
        bool must_be_verified = false;  // for transactional batches
        Ticket ticket = 0;
        bool has_epoch_per_transaction = false;  // Produce v12+ (KIP-890)
        AppendGroup* group = nullptr;            // that writes it, or nobody does so later
    };
    // Validates a client's batch against every rule, idempotence and transactions included, and
    // appends the very bytes. `records` is stamped in place.
    Produced append(protocol::MutableBytes records, const AppendOptions& options);

    // For AppendGroup. False: what was left to it may not be taken for appended.
    bool write_out();

    // Appends batches that the broker itself made (coordinator records).
    // Errors: kafka_storage_error.
    std::expected<storage::Appended, ErrorCode> append_own(protocol::MutableBytes batches,
                                                           int64_t now_ms);

    // The same for records that belong to a client's transaction (offsets in a transaction). The
    // ticket is that of begin_verification().
    // Errors: invalid_producer_epoch, invalid_txn_state, kafka_storage_error.
    std::expected<storage::Appended, ErrorCode> append_transactional_own(
        protocol::MutableBytes batch, Ticket ticket, int64_t now_ms);

    // Appends the control batch that ends a transaction here. Gives its offset.
    // Errors: invalid_producer_epoch, transaction_coordinator_fenced, kafka_storage_error.
    std::expected<int64_t, ErrorCode> append_marker(const Marker& marker, int64_t now_ms);

    // Errors in the answer: offset_out_of_range, fenced_leader_epoch, unknown_leader_epoch,
    // corrupt_message, kafka_storage_error.
    Fetched fetch(const FetchFrom& from);
    // The same answer as far as it is known without reading the records: their size, where they
    // are.
    Fetched measure(const FetchFrom& from);

    // Errors: fenced_leader_epoch (older), unknown_leader_epoch (newer). -1: not checked.
    ErrorCode check_leader_epoch(int32_t current_leader_epoch) const;
    // OffsetForLeaderEpoch's answer (KIP-101).
    storage::LeaderEpochs::EpochEnd end_of_epoch(int32_t leader_epoch) const;

    // Woken once when anything has changed that a fetch is answered with: records, offsets, errors.
    std::weak_ptr<FetchWaiters> add_waiter(
        std::shared_ptr<FetchWaiter> waiter,
        FetchWaiter::Number number = FetchWaiter::no_number) const {
        waiters_->add(std::move(waiter), number);
        return waiters_;
    }
    void remove_waiter(const FetchWaiter* waiter) const { waiters_->remove(waiter); }
    void wake_waiters() const { waiters_->wake_all(); }

  private:
    void read_slice(Fetched& answer);
    Produced check_and_append(protocol::MutableBytes records, const AppendOptions& options);
    std::optional<Produced> check_producer(const protocol::BatchView& batch,
                                           const AppendOptions& options) const;
    void end_verifications(const Marker& marker);
    bool is_open_here(int64_t producer_id, int16_t producer_epoch) const;
    bool is_verified(int64_t producer_id, int16_t producer_epoch, Ticket ticket) const;

    std::unique_ptr<storage::Log> log_;
    bool is_failure_known_ = false;
    int32_t leader_epoch_;
    std::map<std::pair<int64_t, Ticket>, int16_t> verifications_;  // of producer ids; their epochs
    Ticket last_ticket_ = 0;
    bool is_in_group_ = false;
    std::shared_ptr<FetchWaiters> waiters_ = std::make_shared<FetchWaiters>();
};

}  // namespace broker::partition
