#include "broker/api/internal_topics.h"

namespace broker::api {

broker::metadata::NewTopic new_topic_named(std::string_view name,
                                           const config::BrokerConfig& config) {
    broker::metadata::NewTopic topic{.name = std::string(name)};
    if (name == broker::metadata::offsets_topic) {
        topic.partition_count = config.group.offsets_partition_count;
        topic.configs = {{"cleanup.policy", "compact"},
                         {"compression.type", "producer"},
                         {"segment.bytes", std::to_string(config.group.offsets_segment_bytes)}};
    } else if (name == broker::metadata::transactions_topic) {
        topic.partition_count = config.transaction.partition_count;
        topic.configs = {{"cleanup.policy", "compact"},
                         {"compression.type", "uncompressed"},
                         {"min.insync.replicas", "1"},
                         {"segment.bytes", std::to_string(config.transaction.segment_bytes)},
                         {"unclean.leader.election.enable", "false"}};
    } else if (name == broker::metadata::share_state_topic) {
        topic.partition_count = config.share.state_partition_count;
        // Not compacted: an update is worth nothing without what comes before it. What is redundant
        // the share coordinator cuts off.
        topic.configs = {{"cleanup.policy", "delete"},
                         {"compression.type", "producer"},
                         {"min.insync.replicas", "1"},
                         {"retention.ms", "-1"},
                         {"segment.bytes", std::to_string(config.share.state_segment_bytes)}};
    }
    return topic;
}

}  // namespace broker::api
