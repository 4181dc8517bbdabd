// The two clocks of the coordinator: transactions that take too long, and ids that nobody uses.
#include <algorithm>

#include "broker/coordinator/transaction/transaction_coordinator.h"
#include "broker/coordinator/transaction/transaction_log.h"

namespace broker::coordinator::transaction {

namespace {

constexpr size_t tombstones_max = 500;  // in one batch of the log

}  // namespace

Effects TransactionCoordinator::expire_transaction(int64_t now_ms,
                                                   int64_t fresh_producer_id) const {
    if (timeouts_.empty() || timeouts_.begin()->first >= now_ms) return {};
    const std::string& id = timeouts_.begin()->second;
    Effects effects = fence(id, *find_entry(id), now_ms, fresh_producer_id);
    effects.error = protocol::ErrorCode::none;  // nobody asked, so there is nothing to ask again
    effects.retry_after_markers = false;
    return effects;
}

Effects TransactionCoordinator::expire_transactional_ids(int64_t now_ms) const {
    Effects effects;
    for (const auto& [updated_ms, id] : last_updates_) {
        const bool is_used = updated_ms > now_ms - config_.id_expiration_ms;
        if (is_used || effects.records.size() == tombstones_max) break;
        effects.records.push_back(tombstone(id));
    }
    return effects;
}

std::optional<int64_t> TransactionCoordinator::next_deadline_ms() const {
    std::optional<int64_t> next;
    if (!timeouts_.empty()) next = timeouts_.begin()->first + 1;
    if (!last_updates_.empty()) {
        const int64_t expiry_ms = last_updates_.begin()->first + config_.id_expiration_ms;
        next = std::min(next.value_or(expiry_ms), expiry_ms);
    }
    return next;
}

}  // namespace broker::coordinator::transaction
