// A model of a data partition for simulations of transactions: batches, and the markers that decide
// them.
#pragma once

#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "protocol/error.h"

namespace simulation {

// What a simulation found to be wrong.
struct Violation : std::runtime_error {
    using std::runtime_error::runtime_error;
};

inline void require(bool holds, const char* otherwise) {
    if (!holds) throw Violation(otherwise);
}

enum class Outcome : uint8_t { open, committed, aborted };

struct Batch {
    int64_t producer_id = -1;
    int16_t producer_epoch = -1;
    int transaction = 0;  // of the client's, for which the batch was meant
    int number = 0;       // unique: a batch that is sent twice is one batch
    Outcome outcome = Outcome::open;
};

class Partition {
  public:
    // As a broker does: older epochs are fenced, batches seen before are not appended again.
    protocol::ErrorCode append(Batch batch) {
        int16_t& epoch = epochs_.try_emplace(batch.producer_id, int16_t{-1}).first->second;
        if (batch.producer_epoch < epoch) return protocol::ErrorCode::invalid_producer_epoch;
        for (const Batch& appended : batches_)
            if (appended.number == batch.number) return protocol::ErrorCode::none;
        epoch = batch.producer_epoch;
        batches_.push_back(batch);
        return protocol::ErrorCode::none;
    }

    void mark(int64_t producer_id, int16_t producer_epoch, bool commit, bool bumps_epoch) {
        int16_t& epoch = epochs_.try_emplace(producer_id, int16_t{-1}).first->second;
        require(epoch <= producer_epoch, "a marker came after the producer's next epoch");
        epoch = producer_epoch;
        int transaction = -1;
        for (Batch& batch : batches_) {
            if (batch.producer_id != producer_id || batch.outcome != Outcome::open) continue;
            require(!bumps_epoch || batch.producer_epoch < producer_epoch,
                    "a marker does not fence the writes that it ends");
            require(transaction < 0 || transaction == batch.transaction,
                    "one marker ended two transactions");
            transaction = batch.transaction;
            batch.outcome = commit ? Outcome::committed : Outcome::aborted;
        }
    }

    const std::vector<Batch>& batches() const { return batches_; }

  private:
    std::vector<Batch> batches_;
    std::map<int64_t, int16_t> epochs_;
};

}  // namespace simulation
