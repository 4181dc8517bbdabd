// Tokens that are refilled at the rate of a quota: the quota of controller mutations (KIP-599).
// Unlike an average it forgets a burst as soon as that is paid off.
#pragma once

#include <cstdint>
#include <limits>

#include "broker/quota/window.h"

namespace broker::quota {

class TokenBucket {
  public:
    // Into debt if need be.
    void take(double tokens, double limit, int64_t now_ms, const Window& window);
    // Refills it. Until there is none left, there is no debt.
    bool is_in_debt(double limit, int64_t now_ms, const Window& window);
    // For how long nothing may be taken until the debt of now is paid off; 0: there is none.
    int32_t debt_ms(double limit) const;

  private:
    void refill(double limit, int64_t now_ms, const Window& window);

    double tokens_ = std::numeric_limits<double>::infinity();  // full at first
    int64_t refilled_ms_ = 0;
};

}  // namespace broker::quota
