// Record batches for tests, from what matters to the test; everything else is made up.
#pragma once

#include <cstdint>

#include "protocol/record_batch.h"

namespace support {

struct BatchSpec {
    int64_t base_offset = 0;
    int32_t record_count = 1;
    int64_t timestamp = 1'000;  // of each record, ms
    int64_t producer_id = protocol::no_producer_id;
    int16_t producer_epoch = protocol::no_producer_epoch;
    int32_t base_sequence = protocol::no_sequence;
    bool transactional = false;
    int32_t leader_epoch = -1;
    size_t value_bytes = 8;
    protocol::Compression compression = protocol::Compression::none;
};
// Keys are "key-<offset>"; values are `value_bytes` bytes that differ from record to record.
protocol::Blob build_batch(const BatchSpec& spec);

struct MarkerSpec {
    int64_t base_offset = 0;
    int64_t producer_id = 0;
    int16_t producer_epoch = 0;
    protocol::ControlType outcome = protocol::ControlType::commit;
    int32_t coordinator_epoch = 0;
    int64_t timestamp = 1'000;
};
protocol::Blob build_marker(const MarkerSpec& spec);

// Requires: `batch` holds one, and outlives the view.
protocol::BatchView view_of(const protocol::Blob& batch);

}  // namespace support
