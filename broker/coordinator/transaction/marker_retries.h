// When markers are tried again that could not be written (a full disk). Any number of transactions
// may wait for the same partition, and a try that fails may cost a sync of its log.
#pragma once

#include <cstdint>
#include <map>

#include "broker/coordinator/record.h"

namespace broker::coordinator::transaction {

// How long a marker waits for its next try.
inline constexpr int64_t marker_retry_ms = 100;

class MarkerRetries {
  public:
    // Whether a marker may be written there now. Where the last one was refused, only to one
    // caller in marker_retry_ms, who is to say with accepted() or refused() how it went.
    bool may_try(const TopicPartition& partition, int64_t now_ms);
    void accepted(const TopicPartition& partition);
    void refused(const TopicPartition& partition, int64_t now_ms);

  private:
    std::map<TopicPartition, int64_t> next_try_ms_;  // of those that refused
};

}  // namespace broker::coordinator::transaction
