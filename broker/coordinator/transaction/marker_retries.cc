#include "broker/coordinator/transaction/marker_retries.h"

namespace broker::coordinator::transaction {

bool MarkerRetries::may_try(const TopicPartition& partition, int64_t now_ms) {
    const auto refusing = next_try_ms_.find(partition);
    if (refusing == next_try_ms_.end()) return true;
    if (now_ms < refusing->second) return false;
    refusing->second = now_ms + marker_retry_ms;
    return true;
}

void MarkerRetries::accepted(const TopicPartition& partition) { next_try_ms_.erase(partition); }

void MarkerRetries::refused(const TopicPartition& partition, int64_t now_ms) {
    next_try_ms_[partition] = now_ms + marker_retry_ms;
}

}  // namespace broker::coordinator::transaction
