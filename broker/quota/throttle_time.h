// A computed wait as the field `throttle_time_ms` takes it.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

namespace broker::quota {

// In whole milliseconds, and at most what an int32 holds, however small the limit is.
inline int32_t throttle_time_ms(double wait_ms) {
    constexpr int32_t max_ms = std::numeric_limits<int32_t>::max();
    return wait_ms < max_ms ? static_cast<int32_t>(std::lround(wait_ms)) : max_ms;
}

}  // namespace broker::quota
