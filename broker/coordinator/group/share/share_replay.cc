// Replay of the records of share groups.
#include <utility>

#include "broker/coordinator/group/keyed_replay.h"
#include "broker/coordinator/group/share/share_records.h"
#include "protocol/stored/share_group.h"

namespace broker::coordinator::group {

using protocol::ErrorCode;
using protocol::Reader;

namespace {

using CurrentAssignmentKey = protocol::ShareGroupCurrentMemberAssignmentKey;
using CurrentAssignmentValue = protocol::ShareGroupCurrentMemberAssignmentValue;
using EpochKey = protocol::ShareGroupMetadataKey;
using EpochValue = protocol::ShareGroupMetadataValue;
using MemberKey = protocol::ShareGroupMemberMetadataKey;
using MemberValue = protocol::ShareGroupMemberMetadataValue;
using StateKey = protocol::ShareGroupStatePartitionMetadataKey;
using StateValue = protocol::ShareGroupStatePartitionMetadataValue;
using TargetEpochKey = protocol::ShareGroupTargetAssignmentMetadataKey;
using TargetEpochValue = protocol::ShareGroupTargetAssignmentMetadataValue;
using TargetKey = protocol::ShareGroupTargetAssignmentMemberKey;
using TargetValue = protocol::ShareGroupTargetAssignmentMemberValue;

ShareMember member_of(const ShareGroup& group, const std::string& member_id) {
    const auto* known = group.find_member(member_id);
    return known != nullptr ? *known : ShareMember{.member_id = member_id};
}

TopicPartitions partitions_of(const auto& topics) {
    TopicPartitions partitions;
    for (const auto& topic : topics)
        partitions[topic.topic_id] = {topic.partitions.begin(), topic.partitions.end()};
    return partitions;
}

ShareStatePartitions::Topics topics_of(std::vector<StateValue::TopicPartitionsInfo> infos) {
    ShareStatePartitions::Topics topics;
    for (auto& info : infos)
        topics[info.topic_id] = {std::move(info.topic_name),
                                 {info.partitions.begin(), info.partitions.end()}};
    return topics;
}

void apply(ShareGroup& group, const EpochKey&, EpochValue value) {
    group.set_epoch(value.epoch, value.metadata_hash);
}

void apply(ShareGroup& group, const MemberKey& key, MemberValue value) {
    ShareMember member = member_of(group, key.member_id);
    member.rack_id = std::move(value.rack_id);
    member.client_id = std::move(value.client_id);
    member.client_host = std::move(value.client_host);
    member.subscribed_topic_names = {value.subscribed_topic_names.begin(),
                                     value.subscribed_topic_names.end()};
    group.update_member(std::move(member));
}

void erase(ShareGroup& group, const MemberKey& key) { group.remove_member(key.member_id); }

void apply(ShareGroup& group, const TargetEpochKey&, TargetEpochValue value) {
    group.set_assignment_epoch(value.assignment_epoch, value.assignment_timestamp);
}

void erase(ShareGroup& group, const TargetEpochKey&) { group.set_assignment_epoch(-1, 0); }

void apply(ShareGroup& group, const TargetKey& key, const TargetValue& value) {
    group.set_target(key.member_id, partitions_of(value.topic_partitions));
}

void erase(ShareGroup& group, const TargetKey& key) { group.remove_target(key.member_id); }

void apply(ShareGroup& group, const CurrentAssignmentKey& key,
           const CurrentAssignmentValue& value) {
    ShareMember member = member_of(group, key.member_id);
    member.member_epoch = value.member_epoch;
    member.previous_member_epoch = value.previous_member_epoch;
    member.assigned = partitions_of(value.assigned_partitions);
    group.update_member(std::move(member));
}

void erase(ShareGroup& group, const CurrentAssignmentKey& key) {
    const auto* known = group.find_member(key.member_id);
    if (known == nullptr) return;
    ShareMember member = *known;
    member.member_epoch = member.previous_member_epoch = -1;
    member.assigned.clear();
    group.update_member(std::move(member));
}

void apply(ShareGroup& group, const StateKey&, StateValue value) {
    ShareStatePartitions partitions{.initializing = topics_of(std::move(value.initializing_topics)),
                                    .initialized = topics_of(std::move(value.initialized_topics))};
    for (auto& topic : value.deleting_topics)
        partitions.deleting[topic.topic_id] = std::move(topic.topic_name);
    group.set_state_partitions(std::move(partitions));
}

void erase(ShareGroup& group, const StateKey&) { group.set_state_partitions({}); }

template <class Key, class Value>
Replayed replay(Reader& reader, std::optional<protocol::Bytes> value, ShareGroups& groups) {
    return replay_keyed<Key, Value>(
        reader, value, groups,
        [](auto& group, const Key& key, Value change) { apply(group, key, std::move(change)); },
        [](auto& all, auto group, const Key& key) {
            if constexpr (std::is_same_v<Key, EpochKey>)
                all.erase(group);
            else
                erase(group->second, key);
        });
}

}  // namespace

Replayed replay_share_record(protocol::Bytes key, std::optional<protocol::Bytes> value,
                             ShareGroups& groups) {
    Reader reader(key);
    const auto type = reader.integer<int16_t>();
    if (!reader.ok()) return std::unexpected(ErrorCode::corrupt_message);
    switch (type) {
        case EpochKey::record_type: return replay<EpochKey, EpochValue>(reader, value, groups);
        case MemberKey::record_type: return replay<MemberKey, MemberValue>(reader, value, groups);
        case TargetEpochKey::record_type:
            return replay<TargetEpochKey, TargetEpochValue>(reader, value, groups);
        case TargetKey::record_type: return replay<TargetKey, TargetValue>(reader, value, groups);
        case CurrentAssignmentKey::record_type:
            return replay<CurrentAssignmentKey, CurrentAssignmentValue>(reader, value, groups);
        case StateKey::record_type: return replay<StateKey, StateValue>(reader, value, groups);
        default: return std::nullopt;
    }
}

}  // namespace broker::coordinator::group
