// One entry of a .txnindex file: an aborted transaction and the offsets it covers (KIP-98).
#pragma once

#include "protocol/types.h"

namespace protocol {

struct AbortedTxn {
    static constexpr Versions valid = between(0, 0), flexible = never;

    int64_t producer_id = 0;
    int64_t first_offset = 0;
    int64_t last_offset = 0;
    int64_t last_stable_offset = 0;

    static void fields(auto& f, auto& m) {
        f("ProducerId", m.producer_id);
        f("FirstOffset", m.first_offset);
        f("LastOffset", m.last_offset);
        f("LastStableOffset", m.last_stable_offset);
    }
};

}  // namespace protocol
