// The topic configs that a log needs, resolved: sizes in bytes, times in ms, -1 for no limit.
#pragma once

#include <algorithm>
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

    bool deletes = true;    // cleanup.policy holds delete
    bool compacts = false;  // cleanup.policy holds compact
    int64_t retention_ms = 7LL * 24 * 3600 * 1000;
    int64_t retention_bytes = -1;
    int64_t file_delete_delay_ms = 60'000;
    int64_t delete_retention_ms = 24LL * 3600 * 1000;
    int64_t min_compaction_lag_ms = 0;
    int64_t max_compaction_lag_ms = std::numeric_limits<int64_t>::max();
    double min_cleanable_dirty_ratio = 0.5;

    // How long a segment is written to. As in Kafka a compacted log rolls early enough for what
    // max.compaction.lag.ms promises.
    int64_t roll_ms() const {
        return compacts ? std::min(segment_ms, std::max<int64_t>(max_compaction_lag_ms, 1))
                        : segment_ms;
    }
};

}  // namespace storage
