#include "broker/quota/sampled_rate.h"

#include <algorithm>

#include "broker/quota/throttle_time.h"

namespace broker::quota {

void SampledRate::record(double value, int64_t now_ms, const Window& window) {
    // Where the clock was set back, what was measured before would count for all that time.
    if (!samples_.empty() && now_ms < samples_.back().begin_ms) samples_.clear();
    std::erase_if(samples_,
                  [&](const Sample& sample) { return sample.has_expired(now_ms, window); });
    if (samples_.empty() || now_ms - samples_.back().begin_ms >= window.sample_ms)
        samples_.push_back({.begin_ms = now_ms});
    Sample& present = samples_.back();
    present.last_ms = now_ms;
    present.sum += value;
}

int32_t SampledRate::excess_ms(double limit, int64_t now_ms, const Window& window,
                               double more) const {
    double sum = more;
    int64_t begin_ms = now_ms;
    for (const Sample& sample : samples_) {
        if (sample.has_expired(now_ms, window)) continue;
        sum += sample.sum;
        begin_ms = std::min(begin_ms, sample.begin_ms);
    }
    // Time before the first sample counts as one in which nothing came, so that a burst at the
    // beginning is not taken for a high rate.
    int64_t measured_ms = now_ms - begin_ms;
    const int64_t missing = window.sample_count - 1 - measured_ms / window.sample_ms;
    if (missing > 0) measured_ms += missing * window.sample_ms;
    measured_ms = std::max<int64_t>(measured_ms, 1);

    constexpr double ms_per_second = 1000;
    const double rate = sum / (static_cast<double>(measured_ms) / ms_per_second);
    if (!(rate > limit)) return 0;
    // So much longer the window has to be for its sum to make the limit.
    return throttle_time_ms((rate - limit) / limit * static_cast<double>(measured_ms));
}

bool SampledRate::is_idle(int64_t now_ms, const Window& window) const {
    return std::ranges::all_of(
        samples_, [&](const Sample& sample) { return sample.has_expired(now_ms, window); });
}

}  // namespace broker::quota
