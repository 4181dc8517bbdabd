// The cluster as the metadata log tells it: topics, partitions, configs, features, and what einmal
// does not act on but keeps, for the next snapshot and for Apache Kafka. Every shard has an image
// of its own; only replay() changes it, and handlers only read it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/config/topic_config.h"
#include "broker/metadata/metadata_record.h"
#include "broker/quota/limits.h"
#include "protocol/types.h"

namespace broker::metadata {

// A partition's record with what has changed since: -1 leads where nobody does.
using PartitionImage = protocol::PartitionRecord;

struct TopicImage {
    std::string name;
    protocol::Uuid id;
    bool is_internal = false;
    std::vector<PartitionImage> partitions;  // by partition index
    config::Values overrides;
    config::TopicConfig config;

    int32_t partition_count() const { return static_cast<int32_t>(partitions.size()); }
};

// Whether acks=all may be promised (Kafka's effective min.insync.replicas: not more than there are
// replicas). False only for a partition with replicas on brokers that are not here.
bool has_enough_in_sync(const TopicImage& topic, int32_t partition);

// Stays as it was for whoever holds it, while the image moves on.
using TopicRef = std::shared_ptr<const TopicImage>;

inline constexpr std::string_view offsets_topic = "__consumer_offsets";
inline constexpr std::string_view transactions_topic = "__transaction_state";
inline constexpr std::string_view share_state_topic = "__share_group_state";

bool is_internal_topic(std::string_view name);

// What a config takes in memory, about.
size_t config_bytes(std::string_view resource_name, std::string_view key, std::string_view value);

// Whom a client quota is about: types with names, sorted.
using QuotaEntity = std::vector<quota::EntityData>;

class ClusterImage {
  public:
    using Quota = std::pair<QuotaEntity, std::string>;  // with its key
    using ScramUser = std::pair<std::string, int8_t>;   // with the mechanism

    explicit ClusterImage(const config::BrokerValues& broker_values)
        : broker_values_(&broker_values) {}

    void replay(const MetadataRecord& record);
    // Everything up to this offset of the log has been replayed.
    void advance_to(int64_t offset) {
        offset_ = offset;
        if (std::exchange(has_new_topic_, false)) last_topic_offset_ = offset;
        if (std::exchange(has_new_layout_, false)) last_layout_offset_ = offset;
    }

    // Visits records that make this image out of an empty one, in Apache Kafka's order: what a
    // snapshot holds. None is visited in vain.
    void for_each_record(const std::function<void(MetadataRecord)>& visit) const;

    // Nullptr: there is none.
    TopicRef find(std::string_view name) const;
    TopicRef find(const protocol::Uuid& id) const;
    // Visits a TopicRef per topic, by name.
    void for_each_topic(auto visit) const {
        for (const auto& [name, topic] : topics_) visit(TopicRef(topic));
    }
    // The same for those whose names come after this one, as long as `visit` says true.
    void for_each_topic_after(std::string_view name, auto visit) const {
        for (auto at = topics_.upper_bound(name); at != topics_.end(); ++at)
            if (!visit(TopicRef(at->second))) return;
    }
    size_t topic_count() const { return topics_.size(); }
    // Finalized level of each feature (KIP-584).
    const std::map<std::string, int16_t, std::less<>>& features() const { return features_; }
    // The first producer id that no block covers yet (KIP-730).
    int64_t next_producer_id() const { return next_producer_id_; }
    // The offset of the last record of the log that made this image.
    int64_t offset() const { return offset_; }
    // That offset when a topic was last added; -1: never.
    int64_t last_topic_offset() const { return last_topic_offset_; }
    // That offset when last anything changed about which topics there are, their partitions, and
    // where those are; -1: never.
    int64_t last_layout_offset() const { return last_layout_offset_; }
    // The finalized metadata.version; 0 before there is one.
    int16_t metadata_version() const;
    // Nullptr: the broker is not registered.
    const protocol::RegisterBrokerRecord* broker(int32_t id) const;
    bool has_controller(int32_t id) const { return controllers_.contains(id); }
    // By id, as they are.
    const std::map<protocol::Uuid, protocol::AccessControlEntryRecord>& acls() const {
        return acls_;
    }
    std::vector<int32_t> broker_ids() const;
    // The configs that were set on a resource. Of brokers an empty name stands for all of them.
    const config::Values& configs(ConfigResource type, const std::string& name) const;
    // The resources of that type that any config was set on. Requires: no topics.
    std::vector<std::string> configured(ConfigResource type) const;
    // What all configs take in memory, about.
    size_t config_bytes() const { return config_bytes_; }
    // Resolves the topics' configs anew. Requires: called whenever the broker's values, which the
    // image was made with, have changed.
    void broker_values_changed();
    // All client quotas (KIP-546), and what they mean for each client.
    const std::map<Quota, double>& quotas() const { return quotas_; }
    const quota::Limits& quota_limits() const { return quota_limits_; }
    const std::map<ScramUser, protocol::UserScramCredentialRecord>& scram_users() const {
        return scram_users_;
    }

  private:
    using Resource = std::pair<int8_t, std::string>;

    void apply(const protocol::TopicRecord& record);
    void apply(const protocol::PartitionRecord& record);
    void apply(const protocol::PartitionChangeRecord& record);
    void apply(const protocol::RemoveTopicRecord& record);
    void apply(const protocol::ClearElrRecord& record);
    void apply(const protocol::ConfigRecord& record);
    void apply(const protocol::FeatureLevelRecord& record);
    void apply(const protocol::ProducerIdsRecord& record);
    void apply(const protocol::RegisterBrokerRecord& record);
    void apply(const protocol::UnregisterBrokerRecord& record);
    void apply(const protocol::BrokerRegistrationChangeRecord& record);
    void apply(const protocol::FenceBrokerRecord& record);
    void apply(const protocol::UnfenceBrokerRecord& record);
    void apply(const protocol::RegisterControllerRecord& record);
    void apply(const protocol::UnregisterControllerRecord& record);
    void apply(const protocol::AccessControlEntryRecord& record);
    void apply(const protocol::RemoveAccessControlEntryRecord& record);
    void apply(const protocol::UserScramCredentialRecord& record);
    void apply(const protocol::RemoveUserScramCredentialRecord& record);
    void apply(const protocol::DelegationTokenRecord& record);
    void apply(const protocol::RemoveDelegationTokenRecord& record);
    void apply(const protocol::ClientQuotaRecord& record);
    // What is said about the log itself changes nothing; whoever reads the log acts on it.
    void apply(const protocol::BeginTransactionRecord&) {}
    void apply(const protocol::EndTransactionRecord&) {}
    void apply(const protocol::AbortTransactionRecord&) {}
    void apply(const protocol::NoOpRecord&) {}
    // As in Kafka since 4.0.
    void apply(const protocol::ZkMigrationStateRecord&) {}

    void visit_features(const std::function<void(MetadataRecord)>& visit) const;
    void visit_topics(const std::function<void(MetadataRecord)>& visit) const;
    void visit_configs(const std::function<void(MetadataRecord)>& visit) const;
    TopicImage* writable(const protocol::Uuid& id);

    const config::BrokerValues* broker_values_;
    std::map<std::string, std::shared_ptr<TopicImage>, std::less<>> topics_;
    std::map<protocol::Uuid, std::shared_ptr<TopicImage>> topics_by_id_;
    std::map<std::string, int16_t, std::less<>> features_;
    int64_t next_producer_id_ = 0;
    int64_t offset_ = -1;
    int64_t last_topic_offset_ = -1;
    int64_t last_layout_offset_ = -1;
    bool has_new_topic_ = false;   // since advance_to()
    bool has_new_layout_ = false;  // since then, too

    // The latest record about each, as it is.
    std::map<int32_t, protocol::RegisterBrokerRecord> brokers_;
    std::map<int32_t, protocol::RegisterControllerRecord> controllers_;
    std::map<Resource, config::Values> configs_;  // other than of the topics there are
    size_t config_bytes_ = 0;
    std::map<Quota, double> quotas_;
    quota::Limits quota_limits_;
    std::map<ScramUser, protocol::UserScramCredentialRecord> scram_users_;
    std::map<protocol::Uuid, protocol::AccessControlEntryRecord> acls_;
    std::map<std::string, protocol::DelegationTokenRecord> tokens_;
};

}  // namespace broker::metadata
