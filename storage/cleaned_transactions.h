// What the log cleaner knows of transactions while it walks over a log: which batches belong to
// aborted ones, and which markers have no batch left that needs them. A pure state machine.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "protocol/record_batch.h"
#include "protocol/stored/aborted_transaction.h"

namespace storage {

class CleanedTransactions {
  public:
    // `aborted`: all that overlap what is walked over.
    explicit CleanedTransactions(std::vector<protocol::AbortedTxn> aborted);

    // Batches in the order of the log. For one with data: whether its transaction was aborted.
    bool is_aborted(const protocol::BatchView& data);
    // For a control batch: whether it may go, as no batch of the transaction it ends was met. What
    // was emptied before counts as one, since it opens the transaction whenever the log is
    // replayed.
    bool ends_nothing(const protocol::BatchView& control);

    // The aborted transactions whose marker was met, with some of their batches: they belong into
    // the index of the segment that the marker goes to.
    std::vector<protocol::AbortedTxn> take_indexed();

  private:
    struct Aborted {
        protocol::AbortedTxn range;
        bool was_met = false;  // a batch of it
    };
    void begin_transactions(const protocol::BatchView& batch);

    std::vector<protocol::AbortedTxn> aborted_;  // by first offset
    size_t next_ = 0;                            // the first one that was not begun
    std::map<int64_t, Aborted> open_aborted_;    // by producer id
    std::set<int64_t> open_committed_;           // producer ids
    std::vector<protocol::AbortedTxn> indexed_;
};

}  // namespace storage
