// AllocateProducerIds (API key 67): KIP-730.
#pragma once

#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

struct AllocateProducerIdsRequest {
    static constexpr int16_t api_key = 67;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    int32_t broker_id = 0;
    int64_t broker_epoch = -1;

    static void fields(auto& f, auto& m) {
        f("BrokerId", m.broker_id);
        f("BrokerEpoch", m.broker_epoch);
    }
};

struct AllocateProducerIdsResponse {
    static constexpr int16_t api_key = 67;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    int64_t producer_id_start = 0;
    int32_t producer_id_len = 0;

    static void fields(auto& f, auto& m) {
        f("ThrottleTimeMs", m.throttle_time_ms);
        f("ErrorCode", m.error_code);
        f("ProducerIdStart", m.producer_id_start);
        f("ProducerIdLen", m.producer_id_len);
    }
};

}  // namespace protocol
