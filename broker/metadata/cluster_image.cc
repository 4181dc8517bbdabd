#include "broker/metadata/cluster_image.h"

#include <algorithm>

namespace broker::metadata {

bool is_internal_topic(std::string_view name) {
    return name == offsets_topic || name == transactions_topic;
}

void ClusterImage::replay(const MetadataRecord& record) {
    ++epoch_;
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
    auto topic = std::make_shared<TopicImage>();
    topic->name = record.name;
    topic->id = record.topic_id;
    topic->is_internal = is_internal_topic(record.name);
    topic->config = config::resolve_topic_config({}, *broker_values_);
    topics_by_id_[topic->id] = topic;
    topics_[topic->name] = std::move(topic);
}

void ClusterImage::apply(const protocol::PartitionRecord& record) {
    TopicImage* topic = writable(record.topic_id);
    if (!topic || record.partition_id < 0) return;
    const auto index = static_cast<size_t>(record.partition_id);
    if (index >= topic->partitions.size()) topic->partitions.resize(index + 1);
    topic->partitions[index] = {.leader = record.leader,
                                .leader_epoch = record.leader_epoch,
                                .replicas = record.replicas,
                                .isr = record.isr};
}

void ClusterImage::apply(const protocol::RemoveTopicRecord& record) {
    const TopicRef topic = find(record.topic_id);
    if (!topic) return;
    topics_by_id_.erase(topic->id);
    topics_.erase(topic->name);
}

void ClusterImage::apply(const protocol::ConfigRecord& record) {
    if (record.resource_type != static_cast<int8_t>(ConfigResource::topic)) return;
    const TopicRef named = find(std::string_view(record.resource_name));
    if (!named) return;
    const protocol::Uuid id = named->id;
    TopicImage* topic = writable(id);
    if (record.value)
        topic->overrides[record.name] = *record.value;
    else
        topic->overrides.erase(record.name);
    topic->config = config::resolve_topic_config(topic->overrides, *broker_values_);
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
