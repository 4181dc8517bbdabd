// The appends of requests that came together: one write brings their bytes to each log.
#pragma once

#include <vector>

#include "broker/partition/replica.h"

namespace broker::partition {

// Requires: used on the shard's thread. Between an append and write_out() nothing else is asked of
// the replica, and the appended bytes stay where they are: whoever appends does not suspend.
class AppendGroup {
  public:
    bool is_empty() const { return replicas_.empty(); }
    // Requires: not added since the last write_out().
    void add(Replica& replica) { replicas_.push_back(&replica); }
    // False: what was appended since the last call may not be taken for appended
    // (storage::Log::write_out()).
    bool write_out() {
        bool is_written = true;
        for (Replica* replica : replicas_) is_written &= replica->write_out();
        replicas_.clear();
        return is_written;
    }

  private:
    std::vector<Replica*> replicas_;
};

}  // namespace broker::partition
