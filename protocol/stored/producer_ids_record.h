// A block of producer ids given to a broker, in the metadata log (KIP-730).
#pragma once

#include "protocol/types.h"

namespace protocol {

struct ProducerIdsRecord {
    static constexpr int16_t record_type = 15;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    int32_t broker_id = 0;
    int64_t broker_epoch = -1;
    int64_t next_producer_id = 0;

    static void fields(auto& f, auto& m) {
        f("BrokerId", m.broker_id);
        f("BrokerEpoch", m.broker_epoch);
        f("NextProducerId", m.next_producer_id);
    }
};

}  // namespace protocol
