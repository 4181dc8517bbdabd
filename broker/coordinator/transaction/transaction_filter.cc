#include "broker/coordinator/transaction/transaction_filter.h"

#include <algorithm>
#include <utility>

namespace broker::coordinator::transaction {

using protocol::ErrorCode;

std::expected<TransactionFilter, ErrorCode> TransactionFilter::parse(
    const protocol::ListTransactionsRequest& request) {
    TransactionFilter filter;
    for (const std::string_view named : request.state_filters) {
        if (const auto state = state_named(named)) {
            filter.states_.insert(*state);
        } else if (std::ranges::find(filter.unknown_states_, named) ==
                   filter.unknown_states_.end()) {
            filter.unknown_states_.emplace_back(named);
        }
    }
    filter.filters_states_ = !request.state_filters.empty();
    filter.producer_ids_.insert(request.producer_id_filters.begin(),
                                request.producer_id_filters.end());
    filter.duration_ms_ = request.duration_filter;
    if (request.transactional_id_pattern && !request.transactional_id_pattern->empty()) {
        auto pattern = RegularExpression::parse(*request.transactional_id_pattern);
        if (!pattern) return std::unexpected(ErrorCode::invalid_regular_expression);
        filter.pattern_ = std::move(*pattern);
    }
    return filter;
}

bool TransactionFilter::matches(std::string_view transactional_id, const Transaction& transaction,
                                int64_t now_ms) const {
    if (!producer_ids_.empty() && !producer_ids_.contains(transaction.producer_id)) return false;
    if (filters_states_ && !states_.contains(transaction.state)) return false;
    // As in Kafka, an id without a transaction yet counts as one that began long ago.
    if (duration_ms_ >= 0 && now_ms - transaction.started_ms <= duration_ms_) return false;
    return !pattern_ || pattern_->matches(transactional_id);
}

}  // namespace broker::coordinator::transaction
