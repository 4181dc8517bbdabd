// The way of one member from what it owns to its target assignment (KIP-848): first it revokes,
// then its epoch moves on, then it gets what the others have let go of.
#pragma once

#include <expected>
#include <functional>
#include <optional>
#include <set>

#include "broker/coordinator/group/consumer/consumer_member.h"
#include "protocol/error.h"

namespace broker::coordinator::group {

struct Reconciliation {
    int32_t target_epoch = 0;
    const TopicPartitions& target;
    std::set<protocol::Uuid> subscribed_topics;
    // The member asks for other topics than before: it loses those at once that it does not name
    // any more, although no new target has been computed.
    bool has_subscription_changed = false;
    // What the member says it owns; nullopt: it says nothing of it.
    std::optional<TopicPartitions> owned;
    // The epoch of a partition's owner; nullopt: it is free.
    std::function<std::optional<int32_t>(const protocol::Uuid&, int32_t)> owner_epoch;
};

// The member after its next step, which may be none. Errors: fenced_member_epoch when it is in a
// state that only a later version of Kafka knows.
std::expected<ConsumerMember, protocol::ErrorCode> reconcile(const ConsumerMember& member,
                                                             const Reconciliation& to);

}  // namespace broker::coordinator::group
