// A .snapshot file: the producers of a partition at one offset (KIP-98, KIP-360).
#pragma once

#include <vector>

#include "protocol/types.h"

namespace protocol {

struct ProducerSnapshot {
    static constexpr Versions valid = between(1, 1), flexible = never;

    struct ProducerEntry {
        int64_t producer_id = 0;
        int16_t epoch = 0;
        int32_t last_sequence = 0;
        int64_t last_offset = 0;
        int32_t offset_delta = 0;
        int64_t timestamp = 0;
        int32_t coordinator_epoch = 0;
        int64_t current_txn_first_offset = 0;

        static void fields(auto& f, auto& m) {
            f("ProducerId", m.producer_id);
            f("Epoch", m.epoch);
            f("LastSequence", m.last_sequence);
            f("LastOffset", m.last_offset);
            f("OffsetDelta", m.offset_delta);
            f("Timestamp", m.timestamp);
            f("CoordinatorEpoch", m.coordinator_epoch);
            f("CurrentTxnFirstOffset", m.current_txn_first_offset);
        }
    };

    uint32_t crc = 0;
    std::vector<ProducerEntry> producer_entries;

    static void fields(auto& f, auto& m) {
        f("Crc", m.crc);
        f("ProducerEntries", m.producer_entries);
    }
};

}  // namespace protocol
