// What the clients with a quota have used of it, and how long they are to wait (KIP-13, KIP-124,
// KIP-599, KIP-612). Pure: limits and time are handed in.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "broker/quota/limits.h"
#include "broker/quota/sampled_rate.h"
#include "broker/quota/token_bucket.h"
#include "broker/recently_used.h"

namespace broker::quota {

// All waits are in milliseconds; 0: none.
class Meters {
  public:
    Meters(Window clients, Window controller) : clients_(clients), controller_(controller) {}

    // Counts what was used of a limit, of bytes or of time, over it or not, and says for how long
    // the client is to wait. For time Kafka has it wait a sample at most.
    int32_t record(Kind kind, const Client& client, const Limit& limit, double value,
                   int64_t now_ms);
    // The same for the bytes of a fetch answer that is not given yet: what is above the limit is
    // not counted, and is to be asked for again after the wait. Apache Kafka never gives what is
    // above it by itself; here it is given when nothing else was.
    int32_t admit_fetch(const Client& client, const Limit& limit, double bytes, int64_t now_ms);

    struct Mutation {
        bool is_refused = false;
        int32_t wait_ms = 0;
    };
    // Partitions made or deleted: a strict limit refuses them while the client is in debt; else
    // they are counted, and the client waits until its debt is paid.
    Mutation mutate(const Client& client, const Limit& limit, double partitions, bool is_strict,
                    int64_t now_ms);

    // A new connection from an address with a limit: to be closed after the wait, if there is one.
    int32_t connect(std::string_view address, double limit, int64_t now_ms);

    // How much a wait would never make room for: what a window holds at the limit.
    double window_total(const Limit& limit) const;
    // How many clients it knows.
    size_t count() const { return rates_.size() + buckets_.size() + addresses_.size(); }

  private:
    std::string_view key_of(Kind kind, const Client& client, const Limit& limit);
    SampledRate& rate_of(Kind kind, const Client& client, const Limit& limit, int64_t now_ms);

    // Memory that clients can take by giving themselves names.
    static constexpr size_t count_max = 100'000;

    Window clients_;
    Window controller_;
    RecentlyUsed<SampledRate> rates_{count_max};
    RecentlyUsed<TokenBucket> buckets_{count_max};
    RecentlyUsed<SampledRate> addresses_{count_max};
    std::string key_;
};

}  // namespace broker::quota
