// ListTransactions (API key 66): KIP-664; KIP-994 duration filter v1, KIP-1152 id pattern v2.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct ListTransactionsRequest {
    static constexpr int16_t api_key = 66;
    static constexpr Versions valid = between(0, 2), flexible = since(0);

    std::vector<std::string_view> state_filters;
    std::vector<int64_t> producer_id_filters;
    int64_t duration_filter = -1;
    std::optional<std::string_view> transactional_id_pattern;

    static void fields(auto& f, auto& m) {
        f("StateFilters", m.state_filters);
        f("ProducerIdFilters", m.producer_id_filters);
        f("DurationFilter", m.duration_filter, since(1));
        f("TransactionalIdPattern", m.transactional_id_pattern, since(2));
    }
};

struct ListTransactionsResponse {
    static constexpr int16_t api_key = 66;
    static constexpr Versions valid = between(0, 2), flexible = since(0);

    struct TransactionState {
        std::string transactional_id;
        int64_t producer_id = 0;
        std::string transaction_state;

        static void fields(auto& f, auto& m) {
            f("TransactionalId", m.transactional_id);
            f("ProducerId", m.producer_id);
            f("TransactionState", m.transaction_state);
        }
    };

    int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::vector<std::string> unknown_state_filters;
    std::vector<TransactionState> transaction_states;

    static void fields(auto& f, auto& m) {
        f("ThrottleTimeMs", m.throttle_time_ms);
        f("ErrorCode", m.error_code);
        f("UnknownStateFilters", m.unknown_state_filters);
        f("TransactionStates", m.transaction_states);
    }
};

}  // namespace protocol
