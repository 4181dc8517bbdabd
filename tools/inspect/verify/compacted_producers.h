// What a compacted log still tells of its producers, and whether a .snapshot contradicts it.
//
// Compaction takes batches away. It leaves of each producer that has not expired the last batch, if
// without records, and the marker that it wrote since, if it is of a newer epoch; of an open
// transaction everything; and the marker of a transaction as long as a batch of it is left.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>

#include "storage/producer_state.h"
#include "tools/inspect/verify/findings.h"

namespace inspect {

// Whether as many offsets as sequences are missing between two batches of a producer and epoch: so
// many may be gone.
bool can_follow(const storage::ProducerBatch& last, const protocol::BatchView& next);

class CompactedProducers {
  public:
    struct Options {
        int64_t expiration_ms = 0;  // of idle producers, as of
        int64_t now_ms = 0;
    };
    CompactedProducers(Findings& findings, const Options& options)
        : findings_(findings), options_(options) {}

    // The log begins at this offset. What was before is not known.
    void begin_at(int64_t offset) { log_begin_ = offset; }
    // Requires: the batch is sound, and is a producer's.
    void pass(const protocol::BatchView& batch);
    // A damaged batch hides what it did.
    void forget();

    // A snapshot of the producers below `offset`, which the log has been read up to, whether or not
    // it ends there.
    void compare(const std::string& path, const storage::ProducerState& stored, int64_t offset,
                 bool is_at_end);

    size_t producer_count() const { return left_.size() + claims_.size(); }

  private:
    // What is left of a producer in the log so far.
    struct Left {
        int16_t epoch = -1;              // of its last batch or whole marker
        int16_t epoch_max = -1;          // of emptied markers, too
        int32_t coordinator_epoch = -1;  // of its last whole marker
        int64_t last_timestamp = -1;
        std::optional<storage::ProducerBatch> last_batch;  // in this epoch
        std::optional<int64_t> open_since;  // of its transaction: the first offset that is left
        int64_t closed_at = -1;             // No transaction of it is open across this offset.
        bool was_long_idle = false;         // It may have been forgotten, and come back.
    };
    // What a snapshot has said of a producer, for what comes behind it.
    struct Claim {
        const std::string* path = nullptr;
        storage::Producer producer;
    };

    void pass_marker(Left& left, const protocol::BatchView& batch, int32_t coordinator_epoch);
    void pass_data(Left& left, const protocol::BatchView& batch);
    void check_claim(const protocol::BatchView& batch, std::optional<int32_t> coordinator_epoch);
    std::optional<std::string> contradiction(const storage::Producer& stored, const Left& left,
                                             int64_t offset) const;
    std::optional<std::string> lost_at_end(const storage::Producer& stored, const Left& left) const;
    void check_missing(const std::string& path, const storage::ProducerState& stored);
    bool is_long_idle(int64_t last_timestamp, int64_t at_ms) const {
        return last_timestamp <= at_ms - options_.expiration_ms;
    }

    Findings& findings_;
    Options options_;
    std::unordered_map<int64_t, Left> left_;
    std::unordered_map<int64_t, Claim> claims_;
    std::deque<std::string> paths_;  // of the snapshots that they are of
    int64_t log_begin_ = 0;
    bool is_whole_ = true;  // since there
};

}  // namespace inspect
