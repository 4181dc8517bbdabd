#include "broker/metadata/cluster_image.h"

#include <algorithm>

namespace broker::metadata {

bool is_internal_topic(std::string_view name) {
    return name == offsets_topic || name == transactions_topic || name == share_state_topic;
}

bool has_enough_in_sync(const TopicImage& topic, int32_t partition) {
    if (partition < 0 || partition >= topic.partition_count()) return true;
    const PartitionImage& image = topic.partitions[static_cast<size_t>(partition)];
    const auto wanted = static_cast<size_t>(std::max(topic.config.min_insync_replicas, 0));
    return image.isr.size() >= std::min(wanted, image.replicas.size());
}

size_t config_bytes(std::string_view resource_name, std::string_view key, std::string_view value) {
    constexpr size_t entry_bytes = 128;
    return entry_bytes + resource_name.size() + key.size() + value.size();
}

void ClusterImage::replay(const MetadataRecord& record) {
    std::visit([this](const auto& change) { apply(change); }, record);
}

TopicRef ClusterImage::find(std::string_view name) const {
    const auto found = topics_.find(name);
    return found == topics_.end() ? nullptr : found->second;
}

TopicRef ClusterImage::find(const protocol::Uuid& id) const {
    const auto found = topics_by_id_.find(id);
    return found == topics_by_id_.end() ? nullptr : found->second;
}

// The topic, to be changed: in place when nobody else looks at it, else as a new version.
TopicImage* ClusterImage::writable(const protocol::Uuid& id) {
    const auto found = topics_by_id_.find(id);
    if (found == topics_by_id_.end()) return nullptr;
    auto& topic = found->second;
    constexpr long own_references = 2;  // by id and by name
    if (topic.use_count() > own_references) {
        topic = std::make_shared<TopicImage>(*topic);
        topics_[topic->name] = topic;
    }
    return topic.get();
}

void ClusterImage::apply(const protocol::TopicRecord& record) {
    // A name is one topic's, and an id as well, whatever a damaged log says.
    if (const TopicRef known = find(record.topic_id)) topics_.erase(known->name);
    if (const TopicRef known = find(std::string_view(record.name))) topics_by_id_.erase(known->id);
    auto topic = std::make_shared<TopicImage>();
    topic->name = record.name;
    topic->id = record.topic_id;
    topic->is_internal = is_internal_topic(record.name);
    const Resource resource(static_cast<int8_t>(ConfigResource::topic), record.name);
    if (const auto early = configs_.extract(resource)) topic->overrides = early.mapped();
    topic->config = config::resolve_topic_config(topic->overrides, *broker_values_);
    topics_by_id_[topic->id] = topic;
    topics_[topic->name] = std::move(topic);
    has_new_topic_ = has_new_layout_ = true;
}

void ClusterImage::apply(const protocol::PartitionRecord& record) {
    TopicImage* topic = writable(record.topic_id);
    if (!topic || record.partition_id < 0) return;
    const auto index = static_cast<size_t>(record.partition_id);
    if (index >= topic->partitions.size()) topic->partitions.resize(index + 1);
    topic->partitions[index] = record;
    has_new_layout_ = true;
}

void ClusterImage::apply(const protocol::PartitionChangeRecord& change) {
    TopicImage* topic = writable(change.topic_id);
    const auto index = static_cast<size_t>(change.partition_id);
    if (!topic || change.partition_id < 0 || index >= topic->partitions.size()) return;
    PartitionImage& partition = topic->partitions[index];
    has_new_layout_ |= change.replicas.has_value();
    constexpr int32_t leader_stays = -2;
    if (change.leader != leader_stays) {
        partition.leader = change.leader;
        ++partition.leader_epoch;
    }
    ++partition.partition_epoch;
    constexpr int8_t state_stays = -1;
    if (change.leader_recovery_state != state_stays)
        partition.leader_recovery_state = change.leader_recovery_state;
    const auto change_list = [](auto& list, const auto& changed) {
        if (changed) list = *changed;
    };
    change_list(partition.isr, change.isr);
    change_list(partition.replicas, change.replicas);
    change_list(partition.removing_replicas, change.removing_replicas);
    change_list(partition.adding_replicas, change.adding_replicas);
    change_list(partition.directories, change.directories);
    change_list(partition.eligible_leader_replicas, change.eligible_leader_replicas);
    change_list(partition.last_known_elr, change.last_known_elr);
}

void ClusterImage::apply(const protocol::RemoveTopicRecord& record) {
    const TopicRef topic = find(record.topic_id);
    if (!topic) return;
    for (const auto& [key, value] : topic->overrides)
        config_bytes_ -= metadata::config_bytes(topic->name, key, value);
    topics_by_id_.erase(topic->id);
    topics_.erase(topic->name);
    has_new_layout_ = true;
}

void ClusterImage::apply(const protocol::ClearElrRecord& record) {
    std::vector<protocol::Uuid> cleared;
    for (const auto& [name, topic] : topics_)
        if (record.topic_name.empty() || name == record.topic_name) cleared.push_back(topic->id);
    for (const protocol::Uuid& id : cleared) {
        for (PartitionImage& partition : writable(id)->partitions) {
            partition.eligible_leader_replicas.reset();
            partition.last_known_elr.reset();
        }
    }
}

void ClusterImage::apply(const protocol::ConfigRecord& record) {
    const auto bytes = [&](const std::string& value) {
        return metadata::config_bytes(record.resource_name, record.name, value);
    };
    const auto set = [&](config::Values& values) {
        if (const auto old = values.extract(record.name)) config_bytes_ -= bytes(old.mapped());
        if (record.value) {
            values[record.name] = *record.value;
            config_bytes_ += bytes(*record.value);
        }
        return values.empty();
    };
    const bool is_of_topic = record.resource_type == static_cast<int8_t>(ConfigResource::topic);
    const TopicRef named = is_of_topic ? find(std::string_view(record.resource_name)) : nullptr;
    if (!named) {
        const Resource resource(record.resource_type, record.resource_name);
        if (set(configs_[resource])) configs_.erase(resource);
        return;
    }
    TopicImage* topic = writable(named->id);
    set(topic->overrides);
    topic->config = config::resolve_topic_config(topic->overrides, *broker_values_);
}

void ClusterImage::broker_values_changed() {
    for (const auto& [id, topic] : topics_by_id_) {
        TopicImage* changed = writable(id);
        changed->config = config::resolve_topic_config(changed->overrides, *broker_values_);
    }
}

void ClusterImage::apply(const protocol::FeatureLevelRecord& record) {
    if (record.feature_level == 0)
        features_.erase(record.name);
    else
        features_[record.name] = record.feature_level;
}

void ClusterImage::apply(const protocol::ProducerIdsRecord& record) {
    next_producer_id_ = std::max(next_producer_id_, record.next_producer_id);
}

}  // namespace broker::metadata
