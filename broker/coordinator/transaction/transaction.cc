#include "broker/coordinator/transaction/transaction.h"

#include <algorithm>
#include <array>

namespace broker::coordinator::transaction {

namespace {

constexpr std::array<std::string_view, 8> names = {
    "Empty",          "Ongoing",       "PrepareCommit", "PrepareAbort",
    "CompleteCommit", "CompleteAbort", "Dead",          "PrepareEpochFence",
};

}  // namespace

std::string_view name(State state) { return names.at(static_cast<size_t>(state)); }

std::optional<State> state_named(std::string_view name) {
    const auto found = std::ranges::find(names, name);
    if (found == names.end()) return std::nullopt;
    return static_cast<State>(found - names.begin());
}

ProducerEpoch Transaction::predecessor() const {
    // Each end of a transaction bumps (KIP-890), so the epoch before needs no place in the log.
    const bool ended = is_complete() && bumps_epoch();
    if (producer_epoch == 0 && (ended || last_producer_epoch != no_epoch))
        return {previous_producer_id, ended ? last_epoch : last_producer_epoch};
    if (ended) return {producer_id, static_cast<int16_t>(producer_epoch - 1)};
    if (last_producer_epoch != no_epoch) return {producer_id, last_producer_epoch};
    return {};
}

Transaction Transaction::then(State next, int64_t now_ms) const {
    Transaction following = *this;
    following.state = next;
    following.previous_producer_id = producer_id;
    following.last_producer_epoch = no_epoch;
    following.updated_ms = std::max(now_ms, updated_ms);
    return following;
}

}  // namespace broker::coordinator::transaction
