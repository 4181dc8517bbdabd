#include "broker/coordinator/group/offset_store.h"

#include <utility>

namespace broker::coordinator::group {

namespace {

// Empty maps are dropped, so that state that was replayed equals state that was lived through.
void erase_partition(OffsetStore::Topics& topics, const TopicPartition& partition) {
    auto topic = topics.find(partition.topic);
    if (topic == topics.end()) return;
    topic->second.erase(partition.partition);
    if (topic->second.empty()) topics.erase(topic);
}

}  // namespace

void OffsetStore::commit(const std::string& group_id, const TopicPartition& partition,
                         CommittedOffset offset) {
    committed_[group_id][partition.topic][partition.partition] = std::move(offset);
}

void OffsetStore::commit_pending(int64_t producer_id, const std::string& group_id,
                                 const TopicPartition& partition, CommittedOffset offset) {
    pending_[producer_id][group_id][partition.topic][partition.partition] = std::move(offset);
    pending_producers_[group_id][partition].insert(producer_id);
}

void OffsetStore::erase(const std::string& group_id, const TopicPartition& partition) {
    if (auto group = committed_.find(group_id); group != committed_.end()) {
        erase_partition(group->second, partition);
        if (group->second.empty()) committed_.erase(group);
    }
    auto group = pending_producers_.find(group_id);
    if (group == pending_producers_.end()) return;
    auto producers = group->second.find(partition);
    if (producers == group->second.end()) return;
    for (int64_t producer_id : producers->second) {
        auto groups = pending_.find(producer_id);
        auto topics = groups->second.find(group_id);
        erase_partition(topics->second, partition);
        if (topics->second.empty()) groups->second.erase(topics);
        if (groups->second.empty()) pending_.erase(groups);
    }
    group->second.erase(producers);
    if (group->second.empty()) pending_producers_.erase(group);
}

void OffsetStore::complete_transaction(int64_t producer_id, bool commit) {
    auto ended = pending_.extract(producer_id);
    if (ended.empty()) return;
    for (auto& [group_id, topics] : ended.mapped()) {
        auto group = pending_producers_.find(group_id);
        for (auto& [topic, partitions] : topics) {
            for (auto& [index, offset] : partitions) {
                TopicPartition partition{topic, index};
                auto producers = group->second.find(partition);
                producers->second.erase(producer_id);
                if (producers->second.empty()) group->second.erase(producers);
                if (!commit) continue;
                auto& visible = committed_[group_id][topic][index];
                if (offset.log_offset > visible.log_offset) visible = std::move(offset);
            }
        }
        if (group->second.empty()) pending_producers_.erase(group);
    }
}

const OffsetStore::Topics* OffsetStore::of_group(std::string_view group_id) const {
    auto group = committed_.find(group_id);
    return group == committed_.end() ? nullptr : &group->second;
}

const CommittedOffset* OffsetStore::find(std::string_view group_id, std::string_view topic,
                                         int32_t partition) const {
    const Topics* topics = of_group(group_id);
    if (topics == nullptr) return nullptr;
    auto partitions = topics->find(topic);
    if (partitions == topics->end()) return nullptr;
    auto offset = partitions->second.find(partition);
    return offset == partitions->second.end() ? nullptr : &offset->second;
}

bool OffsetStore::is_pending(std::string_view group_id, std::string_view topic,
                             int32_t partition) const {
    auto group = pending_producers_.find(group_id);
    return group != pending_producers_.end() &&
           group->second.contains({std::string(topic), partition});
}

bool OffsetStore::has_pending(std::string_view group_id) const {
    return pending_producers_.contains(group_id);
}

void OffsetStore::for_each_partition(
    std::string_view group_id, const std::function<void(const TopicPartition&)>& visit) const {
    if (const Topics* topics = of_group(group_id)) {
        for (const auto& [topic, partitions] : *topics) {
            for (const auto& entry : partitions) visit({topic, entry.first});
        }
    }
    auto group = pending_producers_.find(group_id);
    if (group == pending_producers_.end()) return;
    for (const auto& entry : group->second) {
        const TopicPartition& partition = entry.first;
        if (find(group_id, partition.topic, partition.partition) == nullptr) visit(partition);
    }
}

void OffsetStore::for_each_of_topic(
    std::string_view topic, const protocol::Uuid& topic_id,
    const std::function<void(const std::string&, const TopicPartition&)>& visit) const {
    std::set<std::pair<std::string, TopicPartition>> found;
    auto collect = [&](const std::string& group_id, const Topics& topics) {
        auto partitions = topics.find(topic);
        if (partitions == topics.end()) return;
        for (const auto& [index, offset] : partitions->second) {
            if (!offset.topic_id.is_zero() && offset.topic_id != topic_id) continue;
            found.emplace(group_id, TopicPartition{std::string(topic), index});
        }
    };
    for (const auto& [group_id, topics] : committed_) collect(group_id, topics);
    for (const auto& [producer_id, groups] : pending_) {
        for (const auto& [group_id, topics] : groups) collect(group_id, topics);
    }
    for (const auto& [group_id, partition] : found) visit(group_id, partition);
}

}  // namespace broker::coordinator::group
