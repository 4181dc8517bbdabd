// InitProducerId (API key 22): flexible v2, KIP-360 recovery v3, KIP-588 v4, KIP-890 v5,
// KIP-939 two-phase commit v6.
#pragma once

#include <optional>
#include <string_view>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct InitProducerIdRequest {
    static constexpr int16_t api_key = 22;
    static constexpr Versions valid = between(0, 6), flexible = since(2);

    std::optional<std::string_view> transactional_id = std::string_view{};
    int32_t transaction_timeout_ms = 0;
    int64_t producer_id = -1;
    int16_t producer_epoch = -1;
    bool enable2_pc = false;
    bool keep_prepared_txn = false;

    static void fields(auto& f, auto& m) {
        f("TransactionalId", m.transactional_id);
        f("TransactionTimeoutMs", m.transaction_timeout_ms);
        f("ProducerId", m.producer_id, since(3));
        f("ProducerEpoch", m.producer_epoch, since(3));
        f("Enable2Pc", m.enable2_pc, since(6));
        f("KeepPreparedTxn", m.keep_prepared_txn, since(6));
    }
};

struct InitProducerIdResponse {
    static constexpr int16_t api_key = 22;
    static constexpr Versions valid = between(0, 6), flexible = since(2);

    int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    int64_t producer_id = -1;
    int16_t producer_epoch = 0;
    int64_t ongoing_txn_producer_id = -1;
    int16_t ongoing_txn_producer_epoch = -1;

    static void fields(auto& f, auto& m) {
        f("ThrottleTimeMs", m.throttle_time_ms);
        f("ErrorCode", m.error_code);
        f("ProducerId", m.producer_id);
        f("ProducerEpoch", m.producer_epoch);
        f("OngoingTxnProducerId", m.ongoing_txn_producer_id, since(6));
        f("OngoingTxnProducerEpoch", m.ongoing_txn_producer_epoch, since(6));
    }
};

}  // namespace protocol
