// Over which time the usage of a client quota is averaged.
#pragma once

#include <cstdint>

namespace broker::quota {

// quota.window.num and quota.window.size.seconds, or those of the controller's quota: the present
// sample and those before it.
struct Window {
    int32_t sample_count = 11;
    int64_t sample_ms = 1000;

    int64_t span_ms() const { return sample_count * sample_ms; }
};

}  // namespace broker::quota
