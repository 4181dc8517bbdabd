// The configuration of the group coordinator, under the names of Kafka's broker configs.
#pragma once

#include <cstdint>
#include <limits>

namespace broker::coordinator::group {

struct GroupConfig {
    int32_t group_min_session_timeout_ms = 6'000;
    int32_t group_max_session_timeout_ms = 1'800'000;
    int32_t group_initial_rebalance_delay_ms = 0;
    int32_t group_max_size = std::numeric_limits<int32_t>::max();
    int32_t offset_metadata_max_bytes = 4'096;
    int64_t offsets_retention_ms = 10'080LL * 60'000;  // offsets.retention.minutes
    int64_t offsets_retention_check_interval_ms = 600'000;
};

}  // namespace broker::coordinator::group
