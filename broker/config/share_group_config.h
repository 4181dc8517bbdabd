// The configs of one share group, share.* (KIP-932): its own, else the broker's.
#pragma once

#include <cstdint>

#include "broker/config/config_values.h"

namespace broker::config {

// Where a group begins with a partition that it has never consumed.
struct ShareOffsetReset {
    enum class Kind : uint8_t { latest, earliest, by_duration };
    Kind kind = Kind::latest;
    int64_t duration_ms = 0;  // by_duration: with what was written since so long ago
    bool operator==(const ShareOffsetReset&) const = default;
};

// Times in ms.
struct ShareGroupConfig {
    int32_t record_lock_duration_ms = 30'000;
    int32_t delivery_count_limit = 5;
    int32_t partition_max_record_locks = 2'000;
    bool renew_acknowledge_enable = true;
    bool is_read_committed = false;
    ShareOffsetReset auto_offset_reset;
};

// Requires: the overrides were validated.
ShareGroupConfig resolve_share_group_config(const Values& overrides, const BrokerValues& broker);

}  // namespace broker::config
