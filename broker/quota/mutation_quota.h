// One request's changes to topics, and what its client's controller_mutation_rate says of them
// (KIP-599).
#pragma once

#include <algorithm>
#include <optional>

#include "broker/quota/meters.h"

namespace broker::quota {

class MutationQuota {
  public:
    // Without a limit everything may be changed. A strict quota refuses what is above it, with
    // throttling_quota_exceeded; clients of older versions do not know that error, and only wait.
    MutationQuota(Meters& meters, Client client, std::optional<Limit> limit, bool is_strict)
        : meters_(meters), client_(client), limit_(limit), is_strict_(is_strict) {}

    // Partitions that are to be made or deleted. False: they must not be.
    // Requires: called where the meters belong.
    bool charge(double partitions, int64_t now_ms) {
        if (!limit_) return true;
        const auto mutation = meters_.mutate(client_, *limit_, partitions, is_strict_, now_ms);
        if (mutation.wait_ms > 0) wait_until_ms_ = now_ms + mutation.wait_ms;
        return !mutation.is_refused;
    }

    // For how long the client is to wait, from now on.
    int32_t wait_ms(int64_t now_ms) const {
        return static_cast<int32_t>(std::max<int64_t>(wait_until_ms_ - now_ms, 0));
    }

  private:
    Meters& meters_;
    Client client_;
    std::optional<Limit> limit_;
    bool is_strict_;
    int64_t wait_until_ms_ = 0;
};

}  // namespace broker::quota
