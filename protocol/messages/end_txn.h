// EndTxn (API key 26): KIP-98; flexible v3, KIP-890 v4 and the next producer epoch v5.
#pragma once

#include <string_view>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct EndTxnRequest {
    static constexpr int16_t api_key = 26;
    static constexpr Versions valid = between(0, 5), flexible = since(3);

    std::string_view transactional_id;
    int64_t producer_id = 0;
    int16_t producer_epoch = 0;
    bool committed = false;

    static void fields(auto& f, auto& m) {
        f("TransactionalId", m.transactional_id);
        f("ProducerId", m.producer_id);
        f("ProducerEpoch", m.producer_epoch);
        f("Committed", m.committed);
    }
};

struct EndTxnResponse {
    static constexpr int16_t api_key = 26;
    static constexpr Versions valid = between(0, 5), flexible = since(3);

    int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    int64_t producer_id = -1;
    int16_t producer_epoch = -1;

    static void fields(auto& f, auto& m) {
        f("ThrottleTimeMs", m.throttle_time_ms);
        f("ErrorCode", m.error_code);
        f("ProducerId", m.producer_id, since(5));
        f("ProducerEpoch", m.producer_epoch, since(5));
    }
};

}  // namespace protocol
