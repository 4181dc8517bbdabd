// Replays the producers of a log while its batches go by: sequences, epochs, transactions, and
// whether the .snapshot files say the same.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_set>

#include "storage/producer_state.h"
#include "tools/inspect/verify/compacted_producers.h"
#include "tools/inspect/verify/findings.h"

namespace inspect {

class ProducerCheck {
  public:
    struct Options {
        bool may_be_compacted = false;
        // Producers that were idle for so long may have been forgotten, as of now.
        int64_t expiration_ms = 0;
        int64_t now_ms = 0;
    };
    ProducerCheck(Findings& findings, const Options& options);

    // The log begins at this offset. Unless it is 0, what was before is not known.
    void begin_at(int64_t offset);
    // It is: by the snapshot there.
    void begin_with(const std::string& path, storage::ProducerState state, int64_t offset);

    // An aborted transaction that has ended, for the transaction index.
    struct Aborted {
        protocol::AbortedTxn range;
        bool has_records = true;
    };
    // Requires: the batch is sound.
    std::optional<Aborted> pass(const protocol::BatchView& batch, const Place& place);

    // A damaged batch hides what it did. From the next snapshot on all is known again.
    void forget();
    bool is_known() const { return is_known_; }

    // The snapshot at the offset that the replay has come to.
    void compare(const std::string& path, const storage::ProducerState& stored, int64_t offset,
                 bool is_at_end);

    std::optional<int64_t> first_unstable_offset() const { return state_.first_unstable_offset(); }

  private:
    void check_data(const protocol::BatchView& batch, const Place& place);
    void check_marker(const protocol::BatchView& batch, const Place& place);
    void compare_producer(const std::string& path, storage::Producer stored);
    bool may_follow(const storage::Producer& producer, const protocol::BatchView& batch) const;
    bool is_long_idle(const storage::Producer& producer, int64_t at_ms) const {
        return producer.last_timestamp <= at_ms - options_.expiration_ms;
    }

    // Some hundred megabytes; nobody's partition has so many.
    static constexpr size_t producers_max = 1'000'000;

    Findings& findings_;
    Options options_;
    std::optional<CompactedProducers> compacted_;
    storage::ProducerState state_;
    std::unordered_set<int64_t> with_records_;  // producers whose open transaction has a record
    std::unordered_set<int64_t> perhaps_forgotten_;  // once idle for so long that they expired
    bool is_known_ = true;
    bool has_overflowed_ = false;
};

}  // namespace inspect
