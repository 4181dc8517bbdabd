// Finds out which topics the regular expressions of a consumer group stand for (KIP-848), one of
// them after another and in short turns: the shard has other things to do.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "broker/coordinator/group/cluster_view.h"
#include "broker/coordinator/group/consumer/consumer_group.h"
#include "broker/coordinator/regular_expression.h"

namespace broker::coordinator::group {

class RegexResolution {
  public:
    // What it finds is as of this version of the cluster and this time.
    RegexResolution(int64_t version, int64_t now_ms) : version_(version), now_ms_(now_ms) {}

    // Works for about a millisecond at most, with one expression. True: all that the members have
    // now are resolved.
    bool take_turn(const ConsumerGroup& group, const ClusterView& cluster);
    const ConsumerGroup::ResolvedRegexes& resolved() const { return resolved_; }

  private:
    const std::string* find_next(const ConsumerGroup& group) const;
    void match(const ClusterView& cluster);

    int64_t version_;
    int64_t now_ms_;
    ConsumerGroup::ResolvedRegexes resolved_;
    // The one at hand, and how far it has got.
    std::optional<RegularExpression> expression_;
    std::string regex_;
    std::string last_topic_;
};

}  // namespace broker::coordinator::group
