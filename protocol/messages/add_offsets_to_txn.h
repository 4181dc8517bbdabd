// AddOffsetsToTxn (API key 25): KIP-98; flexible v3, KIP-890 v4.
#pragma once

#include <string_view>

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct AddOffsetsToTxnRequest {
    static constexpr int16_t api_key = 25;
    static constexpr Versions valid = between(0, 4), flexible = since(3);

    std::string_view transactional_id;
    int64_t producer_id = 0;
    int16_t producer_epoch = 0;
    std::string_view group_id;

    static void fields(auto& f, auto& m) {
        f("TransactionalId", m.transactional_id);
        f("ProducerId", m.producer_id);
        f("ProducerEpoch", m.producer_epoch);
        f("GroupId", m.group_id);
    }
};

struct AddOffsetsToTxnResponse {
    static constexpr int16_t api_key = 25;
    static constexpr Versions valid = between(0, 4), flexible = since(3);

    int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;

    static void fields(auto& f, auto& m) {
        f("ThrottleTimeMs", m.throttle_time_ms);
        f("ErrorCode", m.error_code);
    }
};

}  // namespace protocol
