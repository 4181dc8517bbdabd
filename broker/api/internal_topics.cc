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
    }
    return topic;
}

}  // namespace broker::api
