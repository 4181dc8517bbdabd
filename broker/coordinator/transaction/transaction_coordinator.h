// The transaction coordinator of one partition of __transaction_state, as a pure state machine
// (KIP-98, KIP-360, KIP-588, KIP-664, KIP-890). docs/transactions.md has the diagram and the
// guarantees.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/coordinator/record.h"
#include "broker/coordinator/transaction/client_request.h"
#include "broker/coordinator/transaction/transaction.h"
#include "broker/coordinator/transaction/transaction_filter.h"
#include "protocol/error.h"
#include "protocol/messages/describe_transactions.h"
#include "protocol/messages/end_txn.h"
#include "protocol/messages/init_producer_id.h"
#include "protocol/messages/list_transactions.h"

namespace broker::coordinator::transaction {

struct Config {
    int32_t max_timeout_ms = 900'000;               // transaction.max.timeout.ms
    int64_t id_expiration_ms = 7 * 24 * 3'600'000;  // transactional.id.expiration.ms
    bool two_phase_commit = false;                  // transaction.two.phase.commit.enable
    int16_t transaction_version = 2;                // the finalized feature level
};

// An instruction to write the marker of one transaction to each of its partitions, once the record
// that says so is durable. Writing it twice is harmless, so it is retried until every partition has
// it.
struct WriteMarkers {
    std::string transactional_id;
    int64_t producer_id = no_producer_id;
    int16_t producer_epoch = no_epoch;  // KIP-890: already the next epoch, which fences late writes
    int32_t coordinator_epoch = 0;
    bool commit = false;
    std::vector<TopicPartition> partitions;  // may be empty
    int16_t transaction_version = 0;         // for WriteTxnMarkers v2
    uint64_t preparation = 0;  // tells it from an earlier one of the same producer epoch
    bool operator==(const WriteMarkers&) const = default;
};

// What the coordinator knows of a transactional id: its last record, and how often it has been
// prepared since the log was loaded.
struct Entry : Transaction {
    uint64_t preparations = 0;
};

// What the caller does, in this order: append the records as one batch and replay() each; write the
// markers, append and replay what markers_written() gives; then answer.
struct Effects {
    protocol::ErrorCode error = protocol::ErrorCode::none;
    int64_t producer_id = no_producer_id;  // for the response
    int16_t producer_epoch = no_epoch;     // for the response
    std::vector<Record> records;
    std::optional<WriteMarkers> markers;

    // The transaction has to complete first. Run the same operation again once its markers are
    // written (this one's, or those on their way), and answer with the second result. A caller that
    // does not wait answers `error`, which is CONCURRENT_TRANSACTIONS here, as Kafka does.
    bool retry_after_markers = false;

    // The candidate producer id that was handed in is now in the records or the response.
    bool fresh_producer_id_used = false;
};

// Operations are const and decide; replay() alone changes the state, so loading the log after a
// crash is the same code as running. Times are Unix milliseconds. `fresh_producer_id` is a
// candidate that nobody else has got or will get; it may be handed in again unless
// fresh_producer_id_used.
class TransactionCoordinator {
  public:
    // coordinator_epoch: the leader epoch of the __transaction_state partition; markers carry it.
    explicit TransactionCoordinator(Config config, int32_t coordinator_epoch = 0)
        : config_(config), coordinator_epoch_(coordinator_epoch) {}

    // Dynamic configuration; nothing in the log depends on it.
    void set_config(Config config) { config_ = config; }

    // --- Requests. Errors are already those of the request's version. ---

    // Requires: request.transactional_id is there. Aborts an ongoing transaction of a predecessor
    // (markers + retry_after_markers; the second run gives the answer).
    Effects init_producer_id(const protocol::InitProducerIdRequest& request, int16_t version,
                             int64_t now_ms, int64_t fresh_producer_id) const;

    // AddPartitionsToTxn (verify_only false), AddOffsetsToTxn (the group's partition of
    // __consumer_offsets), and the implicit add of Produce v12+ and TxnOffsetCommit v5+ (KIP-890).
    // Nothing may be appended to a partition before these records are. The error is that of every
    // partition of the request.
    Effects add_partitions(const Producer& producer, std::span<const TopicPartition> partitions,
                           ClientRequest request, int64_t now_ms) const;

    // One error per partition: NONE where the producer's open transaction has the partition. For
    // verify_only, and for Produce and TxnOffsetCommit of clients that add partitions themselves.
    // Call it in the same step as the append, or a marker can overtake the data.
    std::vector<protocol::ErrorCode> verify_partitions(const Producer& producer,
                                                       std::span<const TopicPartition> partitions,
                                                       ClientRequest request) const;

    // The response's producer id and epoch are those of the next transaction (v5).
    Effects end(const protocol::EndTxnRequest& request, int16_t version, int64_t now_ms,
                int64_t fresh_producer_id) const;

    // --- What is not asked for by a client ---

    // Completes the transaction when every partition has its marker. An instruction that is done
    // already, or of another coordinator epoch, gives nothing.
    Effects markers_written(const WriteMarkers& markers, int64_t now_ms) const;

    // The markers of prepared transactions. After loading: all of them are to be written, and
    // completed, before the first request is served.
    std::vector<WriteMarkers> unfinished() const;

    // Aborts the transaction that is longest past its timeout, and fences its producer. No records:
    // nothing has timed out. Call again until then.
    Effects expire_transaction(int64_t now_ms, int64_t fresh_producer_id) const;

    // Tombstones for ids that are unused for id_expiration_ms; never for one with a transaction. At
    // most a few hundred at once: call again until there are no records.
    Effects expire_transactional_ids(int64_t now_ms) const;

    // When one of the two has something to do next; nullopt: as things stand, never.
    std::optional<int64_t> next_deadline_ms() const;

    // Takes a deleted topic out of open and prepared transactions, so that neither their end nor a
    // new topic of the same name meets it (KAFKA-5202).
    Effects topic_deleted(std::string_view topic) const;

    // --- What tools see (KIP-664) ---

    protocol::DescribeTransactionsResponse::TransactionState describe(
        std::string_view transactional_id) const;

    // Appends those that pass the filter, in the order of their ids.
    void list(const TransactionFilter& filter, int64_t now_ms,
              std::vector<protocol::ListTransactionsResponse::TransactionState>& found) const;

    // Nullptr: unknown id. Valid until the next replay().
    const Transaction* find(std::string_view transactional_id) const;
    const std::map<std::string, Entry, std::less<>>& transactions() const { return transactions_; }

    // --- The log ---

    // Takes a record of __transaction_state; nullopt is a tombstone. False: the record is of a kind
    // or version that is not known, or damaged, and changed nothing.
    [[nodiscard]] bool replay(protocol::Bytes key, std::optional<protocol::Bytes> value);

  private:
    using Deadlines = std::set<std::pair<int64_t, std::string>>;

    const Entry* find_entry(std::string_view transactional_id) const;
    WriteMarkers markers_of(std::string_view id, const Entry& entry) const;
    Effects end_with_same_epoch(const Entry& entry, const protocol::EndTxnRequest& request,
                                int64_t now_ms) const;
    Effects end_with_epoch_bump(const Entry& entry, const protocol::EndTxnRequest& request,
                                int64_t now_ms, int64_t fresh_producer_id) const;
    Effects prepare(std::string_view id, const Entry& entry, const Transaction& next) const;
    Effects fence(std::string_view id, const Entry& entry, int64_t now_ms,
                  int64_t fresh_producer_id) const;
    void index(const std::string& id, const Transaction& transaction);
    void unindex(const std::string& id, const Transaction& transaction);

    Config config_;
    int32_t coordinator_epoch_;
    std::map<std::string, Entry, std::less<>> transactions_;
    Deadlines timeouts_;      // of ongoing transactions
    Deadlines last_updates_;  // of ids that may expire
};

// The answer while the markers of the transaction before are on their way.
Effects wait_for_markers();

// InitProducerId without a transactional id: any broker gives a producer id, and nothing is kept.
Effects init_idempotent_producer(const protocol::InitProducerIdRequest& request,
                                 int64_t fresh_producer_id);

}  // namespace broker::coordinator::transaction
