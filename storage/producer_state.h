// Idempotence and open transactions of one partition (KIP-98, KIP-360, KIP-890): a pure state
// machine over batches. The log feeds it each batch that it appends or replays; it is stored in
// .snapshot files.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "protocol/error.h"
#include "protocol/record_batch.h"
#include "protocol/stored/aborted_transaction.h"

namespace storage {

using protocol::ErrorCode;

// One appended batch of a producer, as remembered for recognising a retry.
struct ProducerBatch {
    int32_t last_sequence = -1;
    int64_t last_offset = -1;
    int32_t offset_delta = 0;  // last_offset - base offset
    int64_t timestamp = -1;    // the batch's largest, ms

    int64_t base_offset() const { return last_offset - offset_delta; }
    int32_t first_sequence() const;
    bool operator==(const ProducerBatch&) const = default;
};

struct Producer {
    // Kafka's window: as many requests as an idempotent producer may have in flight.
    static constexpr size_t batches_max = 5;

    int64_t producer_id = -1;
    int16_t producer_epoch = -1;
    int32_t coordinator_epoch = -1;  // of the last marker
    int64_t last_timestamp = -1;     // of the last batch or marker, ms
    std::optional<int64_t> current_transaction_first_offset;
    // Of this epoch: oldest first, at most batches_max. A marker of the same epoch keeps them, as
    // sequences go on under transaction version 1; one with a bumped epoch clears them.
    std::vector<ProducerBatch> batches;

    int32_t last_sequence() const;  // -1 when no batch is known
    bool operator==(const Producer&) const = default;
};

class ProducerState {
  public:
    // What a client's batch meets: nullopt when it is new and in order; the remembered batch
    // when it is a retry. Batches without a producer id are always new.
    //
    // Of a producer it does not know it takes any first sequence, since retention may have taken
    // what it knew (KIP-360), unless `new_producer_starts_at_zero`. The caller says so where
    // nothing can have been lost: the partition never held a record, so its log ends at offset 0
    // (KAFKA-15591: there a retry of the second batch would overtake the first), or the batch
    // starts a transaction under transaction version 2, where each has an epoch of its own.
    //
    // Errors: invalid_producer_epoch (older than the last one seen), out_of_order_sequence_number,
    // invalid_txn_state (a batch outside of the transaction that its producer has open).
    std::expected<std::optional<ProducerBatch>, ErrorCode> check(
        const protocol::BatchView& batch, bool new_producer_starts_at_zero) const;
    // What an end-of-transaction marker meets. Under transaction version 2 (KIP-890) a marker
    // carries the epoch after that of the data, and must be newer than the last one seen; the same
    // epoch again is a retry when no transaction is open, and then appended again as in Kafka.
    // Errors: invalid_producer_epoch, transaction_coordinator_fenced.
    std::expected<void, ErrorCode> check_marker(int64_t producer_id, int16_t producer_epoch,
                                                int32_t coordinator_epoch,
                                                int16_t transaction_version) const;

    // Takes in a batch that is in the log, control batches too. An abort marker that ended an
    // open transaction gives its range, for the transaction index.
    std::optional<protocol::AbortedTxn> apply(const protocol::BatchView& batch);

    // nullopt when no transaction is open.
    std::optional<int64_t> first_unstable_offset() const;
    const Producer* find(int64_t producer_id) const;
    const std::unordered_map<int64_t, Producer>& producers() const { return producers_; }

    // Ends what the producer has open, without a marker.
    void end_transaction(int64_t producer_id);

    // Forgets producers idle since before now - expiration (producer.id.expiration.ms), except
    // those with an open transaction.
    void expire(int64_t expiration_ms, int64_t now_ms);

    // The .snapshot file's bytes (ProducerSnapshot.json, CRC-32C included) and back; nullopt:
    // damaged. As in Kafka the last batch of each producer is kept, not the whole window.
    protocol::Blob encode_snapshot() const;
    static std::optional<ProducerState> decode_snapshot(protocol::Bytes bytes);

    bool operator==(const ProducerState&) const = default;

  private:
    void apply_data(const protocol::BatchView& batch);
    std::optional<protocol::AbortedTxn> apply_marker(const protocol::BatchView& batch,
                                                     const protocol::ControlRecord& marker);

    std::unordered_map<int64_t, Producer> producers_;
    std::map<int64_t, int64_t> open_transactions_;  // first offset -> producer id
};

}  // namespace storage
