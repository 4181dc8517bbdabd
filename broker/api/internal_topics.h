// The topics that the broker makes by itself: on first use of a coordinator, or when a client asks
// for one that is not there.
#pragma once

#include <string_view>

#include "broker/config/broker_config.h"
#include "broker/metadata/topic_changes.h"

namespace broker::api {

// What an automatically created topic of this name looks like: the broker's defaults, and for the
// internal topics Kafka's own settings.
broker::metadata::NewTopic new_topic_named(std::string_view name,
                                           const config::BrokerConfig& config);

}  // namespace broker::api
