#include "broker/coordinator/group/consumer_subscription.h"

#include "protocol/codec.h"
#include "protocol/stored/consumer_protocol.h"

namespace broker::coordinator::group {

std::optional<std::vector<std::string>> subscribed_topics_of(protocol::Bytes metadata) {
    protocol::Reader reader(metadata);
    const auto version = reader.integer<int16_t>();
    if (!reader.ok() || version < 0) return std::nullopt;
    // The topics come first in every version, known or not, so the oldest layout reads them all.
    auto subscription = protocol::decode<protocol::ConsumerProtocolSubscription>(reader, 0);
    if (!subscription) return std::nullopt;
    return std::move(subscription->topics);
}

}  // namespace broker::coordinator::group
