// The topic configs that a log needs, resolved: sizes in bytes, times in ms, -1 for no limit.
#pragma once

#include <cstdint>
#include <limits>

#include "protocol/record_batch.h"

namespace storage {

struct LogConfig {
    int32_t segment_bytes = 1 << 30;
    int64_t segment_ms = 7LL * 24 * 3600 * 1000;
    int64_t segment_jitter_ms = 0;
    int32_t segment_index_bytes = 10 << 20;
    int32_t index_interval_bytes = 4096;
    int64_t flush_messages = std::numeric_limits<int64_t>::max();
    int64_t flush_ms = std::numeric_limits<int64_t>::max();
    protocol::TimestampType timestamp_type = protocol::TimestampType::create_time;
};

}  // namespace storage
