// Verifies batches by themselves, and that each follows from the one before it.
#pragma once

#include <cstdint>
#include <optional>

#include "storage/batch_scanner.h"
#include "storage/leader_epochs.h"
#include "tools/inspect/verify/findings.h"

namespace inspect {

class BatchCheck {
  public:
    BatchCheck(Findings& findings, bool may_be_compacted)
        : findings_(findings), may_be_compacted_(may_be_compacted) {}

    // Nullopt: there is no such file, and epochs are compared among themselves only.
    void set_epochs(std::optional<storage::LeaderEpochs> epochs) { epochs_ = std::move(epochs); }

    // The batches that follow are in the segment of this base offset. Whether it begins where the
    // one before ends, or may begin later.
    bool enter_segment(int64_t base_offset, const Place& place);
    // Whether the batch is sound; each that is not is reported once, and what comes after it is
    // measured against what came before it. `bytes`: all of the batch.
    bool pass(const storage::BatchHeader& header, storage::Bytes bytes, const Place& place);
    // Something in the file could not be read: a gap may follow.
    void skip() { is_gap_open_ = true; }

    // What came last was not sound: where it ends is not known.
    bool is_gap_open() const { return is_gap_open_; }
    // Behind the last sound batch.
    int64_t next_offset() const { return next_offset_; }

  private:
    bool is_in_order(const storage::BatchHeader& header, const Place& place);
    bool check_records(const storage::BatchHeader& header, storage::Bytes bytes,
                       const Place& place);
    bool check_epoch(const storage::BatchHeader& header, const Place& place);

    Findings& findings_;
    bool may_be_compacted_;
    std::optional<storage::LeaderEpochs> epochs_;
    int64_t next_offset_ = 0;
    int32_t leader_epoch_ = -1;
    bool has_begun_ = false;
    bool is_gap_open_ = false;
};

}  // namespace inspect
