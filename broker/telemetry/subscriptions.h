// Which clients are to push which of their metrics, and how often (KIP-714): what the configs of
// resources of the type client-metrics say together. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "broker/config/config_values.h"
#include "broker/coordinator/regular_expression.h"
#include "broker/telemetry/client.h"

namespace broker::telemetry {

struct Subscription {
    // Changes when the rest does, and differs between clients.
    int32_t id = 0;
    // Prefixes of names, sorted; "*" by itself stands for all, and none is none.
    std::vector<std::string> metrics;
    int32_t push_interval_ms = 0;
};

class Subscriptions {
  public:
    // The configs of this name are these now; none: it is gone. What cannot be, another broker may
    // have written: such a subscription is for nobody.
    void configure(const std::string& name, const config::Values& configs);

    // Of all subscriptions that match the client: their metrics, and the shortest interval.
    Subscription of(const Client& client) const;

    // Rises with each change.
    int64_t version() const { return version_; }

  private:
    struct Part {
        std::vector<std::pair<std::string, coordinator::RegularExpression>> match;  // by selector
        std::vector<std::string> metrics;
        int32_t interval_ms = 0;
    };
    static bool matches(const Part& part, const Client& client);

    std::map<std::string, Part> parts_;
    int64_t version_ = 0;
};

}  // namespace broker::telemetry
