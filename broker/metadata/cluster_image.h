// The cluster as the metadata log tells it: topics, partitions, configs, features. Every shard has
// an image of its own; only replay() changes it, and handlers only read it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "broker/config/topic_config.h"
#include "broker/metadata/metadata_record.h"
#include "protocol/types.h"

namespace broker::metadata {

struct PartitionImage {
    int32_t leader = -1;
    int32_t leader_epoch = 0;
    std::vector<int32_t> replicas;
    std::vector<int32_t> isr;
};

struct TopicImage {
    std::string name;
    protocol::Uuid id;
    bool is_internal = false;
    std::vector<PartitionImage> partitions;  // by partition index
    config::Values overrides;
    config::TopicConfig config;

    int32_t partition_count() const { return static_cast<int32_t>(partitions.size()); }
};

// Stays as it was for whoever holds it, while the image moves on.
using TopicRef = std::shared_ptr<const TopicImage>;

inline constexpr std::string_view offsets_topic = "__consumer_offsets";
inline constexpr std::string_view transactions_topic = "__transaction_state";

bool is_internal_topic(std::string_view name);

class ClusterImage {
  public:
    explicit ClusterImage(const config::BrokerValues& broker_values)
        : broker_values_(&broker_values) {}

    void replay(const MetadataRecord& record);

    // Nullptr: there is none.
    TopicRef find(std::string_view name) const;
    TopicRef find(const protocol::Uuid& id) const;
    // Visits a TopicRef per topic, by name.
    void for_each_topic(auto visit) const {
        for (const auto& [name, topic] : topics_) visit(TopicRef(topic));
    }
    size_t topic_count() const { return topics_.size(); }
    // Finalized level of each feature (KIP-584).
    const std::map<std::string, int16_t, std::less<>>& features() const { return features_; }
    // The first producer id that no block covers yet (KIP-730).
    int64_t next_producer_id() const { return next_producer_id_; }
    // How many records made this image: rises with every change.
    int64_t epoch() const { return epoch_; }

  private:
    void apply(const protocol::TopicRecord& record);
    void apply(const protocol::PartitionRecord& record);
    void apply(const protocol::RemoveTopicRecord& record);
    void apply(const protocol::ConfigRecord& record);
    void apply(const protocol::FeatureLevelRecord& record);
    void apply(const protocol::ProducerIdsRecord& record);
    TopicImage* writable(const protocol::Uuid& id);

    const config::BrokerValues* broker_values_;
    std::map<std::string, std::shared_ptr<TopicImage>, std::less<>> topics_;
    std::map<protocol::Uuid, std::shared_ptr<TopicImage>> topics_by_id_;
    std::map<std::string, int16_t, std::less<>> features_;
    int64_t next_producer_id_ = 0;
    int64_t epoch_ = 0;
};

}  // namespace broker::metadata
