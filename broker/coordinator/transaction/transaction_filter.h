// What ListTransactions asks for: states, producer ids, duration (KIP-994), and an id pattern
// (KIP-1152).
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "broker/coordinator/regular_expression.h"
#include "broker/coordinator/transaction/transaction.h"
#include "protocol/error.h"
#include "protocol/messages/list_transactions.h"

namespace broker::coordinator::transaction {

// Made once for a request, and used on every partition of __transaction_state.
class TransactionFilter {
  public:
    // INVALID_REGULAR_EXPRESSION: the pattern is not one of RE2's kind, or is too large.
    static std::expected<TransactionFilter, protocol::ErrorCode> parse(
        const protocol::ListTransactionsRequest& request);

    bool matches(std::string_view transactional_id, const Transaction& transaction,
                 int64_t now_ms) const;

    // State names of the request that Kafka does not have, for the response.
    const std::vector<std::string>& unknown_states() const { return unknown_states_; }

  private:
    std::set<State> states_;
    bool filters_states_ = false;  // also when only unknown ones were asked for
    std::vector<std::string> unknown_states_;
    std::set<int64_t> producer_ids_;
    int64_t duration_ms_ = -1;
    std::optional<RegularExpression> pattern_;
};

}  // namespace broker::coordinator::transaction
