// What a simulated log should hold.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <vector>

#include "storage/log_config.h"
#include "storage/producer_state.h"
#include "tests/support/batches.h"

namespace simulation {

struct Batch {
    protocol::Blob bytes;
    protocol::BatchView view() const { return support::view_of(bytes); }
    int64_t base() const { return view().base_offset(); }
    int64_t next() const { return view().next_offset(); }
};

struct Aborted {
    int64_t producer_id, first_offset, last_offset;
    auto operator<=>(const Aborted&) const = default;
};

// Batches stay when the start is raised above them, since producers are remembered all the same.
struct LogModel {
    std::vector<Batch> batches;
    int64_t start = 0;
    int64_t end = 0;
    int64_t began_anew_at = 0;  // nothing that was open below is open any more

    void add(protocol::Bytes appended);
    // A batch is cut as a whole.
    int64_t end_if_cut(int64_t offset) const;
    void cut(int64_t offset);
    bool ends_with_a_batch() const {
        return batches.empty() || batches.back().next() == end || end == began_anew_at;
    }
    // Nothing of what was there is left, but who wrote it is known.
    void begin_anew(int64_t offset);

    storage::ProducerState producers() const;
    // Open transactions by producer, with where they begin, and those that were aborted.
    std::map<int64_t, int64_t> transactions(std::vector<Aborted>& aborted) const;
    int64_t last_stable_offset() const;

    // Whether retention.ms or retention.bytes lets go of everything from the start up to `offset`.
    bool may_expire(int64_t offset, const storage::LogConfig& config, int64_t now_ms) const;
    // The same of a segment that is the first one left, from `base` up to `next`: it must go.
    bool must_expire(int64_t base, int64_t next, const storage::LogConfig& config,
                     int64_t now_ms) const;

  private:
    int64_t bytes_from(int64_t offset) const;
    static bool is_old(const Batch& batch, const storage::LogConfig& config, int64_t now_ms);
};

}  // namespace simulation
