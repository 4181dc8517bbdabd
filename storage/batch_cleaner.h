// What compaction leaves of one batch (KIP-58, KIP-98, KIP-534): the last record of each key, no
// aborted data, tombstones and markers until their horizon, and what tells of active producers.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "protocol/error.h"
#include "protocol/record_batch.h"
#include "storage/cleaned_transactions.h"
#include "storage/offset_map.h"

namespace storage {

using protocol::Blob;
using protocol::Bytes;
using protocol::ErrorCode;

// Where a producer is known from when the log is replayed.
struct LastBatch {
    std::optional<int64_t> data_offset;  // last offset of its last batch of data in this epoch
    int16_t producer_epoch = -1;
};
using LastBatches = std::unordered_map<int64_t, LastBatch>;  // by producer id

class BatchCleaner {
  public:
    struct Rules {
        int64_t now_ms = 0;
        int64_t delete_retention_ms = 0;
        // The last offsets of keys are known below it.
        int64_t end_offset = 0;
    };
    BatchCleaner(const Rules& rules, const OffsetMap& keys, LastBatches last_batches,
                 CleanedTransactions transactions)
        : rules_(rules),
          keys_(keys),
          last_batches_(std::move(last_batches)),
          transactions_(std::move(transactions)) {}

    // What is left of the batch: the very same bytes, others that live until the next call, or
    // none. Requires: called in the order of the log, from its first batch on, with valid
    // checksums. Errors: those of for_each_record().
    std::expected<Bytes, ErrorCode> clean(const protocol::BatchView& batch);

    struct Marker {
        int64_t producer_id = -1;
        int64_t offset = -1;
        bool was_dropped = false;
    };
    // Those that were met since the last call.
    std::vector<Marker> take_markers() { return std::exchange(markers_, {}); }
    // Of the abort markers that were left since the last call.
    std::vector<protocol::AbortedTxn> take_indexed() { return transactions_.take_indexed(); }

  private:
    bool is_last_of_producer(const protocol::BatchView& batch) const;
    bool is_kept(const protocol::BatchView& batch, const protocol::Record& record) const;
    bool is_past_horizon(const protocol::BatchView& batch) const;
    Bytes clean_control(const protocol::BatchView& batch);
    std::expected<Bytes, ErrorCode> clean_data(const protocol::BatchView& batch);
    std::expected<Bytes, ErrorCode> rewrite(const protocol::BatchView& batch,
                                            std::optional<int64_t> delete_horizon_ms);
    Bytes without_records(const protocol::BatchView& batch);

    const Rules rules_;
    const OffsetMap& keys_;
    const LastBatches last_batches_;
    CleanedTransactions transactions_;
    std::vector<Marker> markers_;
    Blob cleaned_;
};

}  // namespace storage
