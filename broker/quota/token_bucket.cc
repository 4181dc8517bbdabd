#include "broker/quota/token_bucket.h"

#include <algorithm>

#include "broker/quota/throttle_time.h"

namespace broker::quota {

namespace {

constexpr double ms_per_second = 1000;

}  // namespace

void TokenBucket::take(double tokens, double limit, int64_t now_ms, const Window& window) {
    refill(limit, now_ms, window);
    tokens_ -= tokens;
}

bool TokenBucket::is_in_debt(double limit, int64_t now_ms, const Window& window) {
    refill(limit, now_ms, window);
    return tokens_ < 0;
}

int32_t TokenBucket::debt_ms(double limit) const {
    return tokens_ < 0 ? throttle_time_ms(-tokens_ / limit * ms_per_second) : 0;
}

void TokenBucket::refill(double limit, int64_t now_ms, const Window& window) {
    const auto passed_ms = static_cast<double>(std::max<int64_t>(now_ms - refilled_ms_, 0));
    const double burst = limit * static_cast<double>(window.span_ms()) / ms_per_second;
    tokens_ = std::min(burst, tokens_ + limit * passed_ms / ms_per_second);
    refilled_ms_ = now_ms;
}

}  // namespace broker::quota
