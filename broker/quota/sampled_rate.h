// How fast something goes: a sum over a window of samples, as Kafka measures what its quotas of
// bytes, time and connections limit (KIP-13).
#pragma once

#include <cstdint>
#include <vector>

#include "broker/quota/window.h"

namespace broker::quota {

class SampledRate {
  public:
    // Requires: the same window in all calls.
    void record(double value, int64_t now_ms, const Window& window);

    // For how long nothing may be added until the rate is down to `limit` per second; 0: it is not
    // above it. With `more` it is as if that had been recorded now.
    int32_t excess_ms(double limit, int64_t now_ms, const Window& window, double more = 0) const;
    // Nothing that was recorded counts any more.
    bool is_idle(int64_t now_ms, const Window& window) const;

  private:
    struct Sample {
        int64_t begin_ms = 0;
        int64_t last_ms = 0;  // when a value came last
        double sum = 0;

        bool has_expired(int64_t now_ms, const Window& window) const {
            return now_ms - last_ms >= window.span_ms();
        }
    };

    std::vector<Sample> samples_;  // oldest first
};

}  // namespace broker::quota
