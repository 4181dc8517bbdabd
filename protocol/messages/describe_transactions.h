// DescribeTransactions (API key 65): KIP-664.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct DescribeTransactionsRequest {
    static constexpr int16_t api_key = 65;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    std::vector<std::string_view> transactional_ids;

    static void fields(auto& f, auto& m) { f("TransactionalIds", m.transactional_ids); }
};

struct DescribeTransactionsResponse {
    static constexpr int16_t api_key = 65;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    struct TransactionState {
        struct TopicData {
            std::string topic;
            std::vector<int32_t> partitions;

            static void fields(auto& f, auto& m) {
                f("Topic", m.topic);
                f("Partitions", m.partitions);
            }
        };

        ErrorCode error_code = ErrorCode::none;
        std::string transactional_id;
        std::string transaction_state;
        int32_t transaction_timeout_ms = 0;
        int64_t transaction_start_time_ms = 0;
        int64_t producer_id = 0;
        int16_t producer_epoch = 0;
        std::vector<TopicData> topics;

        static void fields(auto& f, auto& m) {
            f("ErrorCode", m.error_code);
            f("TransactionalId", m.transactional_id);
            f("TransactionState", m.transaction_state);
            f("TransactionTimeoutMs", m.transaction_timeout_ms);
            f("TransactionStartTimeMs", m.transaction_start_time_ms);
            f("ProducerId", m.producer_id);
            f("ProducerEpoch", m.producer_epoch);
            f("Topics", m.topics);
        }
    };

    int32_t throttle_time_ms = 0;
    std::vector<TransactionState> transaction_states;

    static void fields(auto& f, auto& m) {
        f("ThrottleTimeMs", m.throttle_time_ms);
        f("TransactionStates", m.transaction_states);
    }
};

}  // namespace protocol
