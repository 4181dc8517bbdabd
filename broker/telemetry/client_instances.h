// The clients that asked for their subscription, and whether they may ask and push now (KIP-714).
// Pure: subscriptions and time are handed in.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>

#include "broker/recently_used.h"
#include "broker/telemetry/subscriptions.h"
#include "protocol/error.h"
#include "protocol/messages/push_telemetry.h"

namespace broker::telemetry {

class ClientInstances {
  public:
    // The subscription of a client that asks for it. Errors: throttling_quota_exceeded when it
    // comes back before its push interval is over without a reason.
    std::expected<Subscription, protocol::ErrorCode> subscribe(const Subscriptions& subscriptions,
                                                               const Client& client,
                                                               int64_t now_ms);

    // Whether the push of this client is taken, of which at most `bytes_max` bytes are. Errors:
    // invalid_request after its last push, throttling_quota_exceeded, unknown_subscription_id,
    // unsupported_compression_type, telemetry_too_large.
    protocol::ErrorCode admit(const Subscriptions& subscriptions, const Client& client,
                              const protocol::PushTelemetryRequest& push, int32_t bytes_max,
                              int64_t now_ms);

    size_t count() const { return instances_.size(); }

  private:
    struct Instance {
        int64_t version = -1;  // of the subscriptions that it was told of
        int32_t subscription_id = 0;
        int32_t push_interval_ms = 0;
        std::optional<int64_t> asked_ms;
        std::optional<int64_t> pushed_ms;
        // After an error that asking again mends, the client may do so at once.
        bool may_ask_again = false;
        bool is_terminating = false;
    };
    Instance& use(const Subscriptions& subscriptions, const Client& client, int64_t now_ms);

    // As many as Kafka's brokers remember.
    static constexpr size_t count_max = 16'384;

    RecentlyUsed<Instance> instances_{count_max};
};

}  // namespace broker::telemetry
