// Replay of the records of consumer groups.
#include <utility>

#include "broker/coordinator/group/consumer/consumer_records.h"
#include "broker/coordinator/group/keyed_replay.h"
#include "protocol/stored/consumer_group.h"

namespace broker::coordinator::group {

using protocol::ErrorCode;
using protocol::Reader;

namespace {

using CurrentAssignmentKey = protocol::ConsumerGroupCurrentMemberAssignmentKey;
using CurrentAssignmentValue = protocol::ConsumerGroupCurrentMemberAssignmentValue;
using EpochKey = protocol::ConsumerGroupMetadataKey;
using EpochValue = protocol::ConsumerGroupMetadataValue;
using MemberKey = protocol::ConsumerGroupMemberMetadataKey;
using MemberValue = protocol::ConsumerGroupMemberMetadataValue;
using PartitionMetadataKey = protocol::ConsumerGroupPartitionMetadataKey;
using PartitionMetadataValue = protocol::ConsumerGroupPartitionMetadataValue;
using RegexKey = protocol::ConsumerGroupRegularExpressionKey;
using RegexValue = protocol::ConsumerGroupRegularExpressionValue;
using TargetEpochKey = protocol::ConsumerGroupTargetAssignmentMetadataKey;
using TargetEpochValue = protocol::ConsumerGroupTargetAssignmentMetadataValue;
using TargetKey = protocol::ConsumerGroupTargetAssignmentMemberKey;
using TargetValue = protocol::ConsumerGroupTargetAssignmentMemberValue;

ConsumerMember member_of(const ConsumerGroup& group, const std::string& member_id) {
    const auto* known = group.find_member(member_id);
    return known != nullptr ? *known : ConsumerMember{.member_id = member_id};
}

// Without epochs of their own (before 4.3) partitions count as assigned with the member's.
PartitionEpochs epochs_of(const std::vector<CurrentAssignmentValue::TopicPartitions>& topics,
                          int32_t member_epoch) {
    PartitionEpochs epochs;
    for (const auto& topic : topics) {
        const auto& own = topic.assignment_epochs;
        const bool has_own = own && own->size() == topic.partitions.size();
        auto& partitions = epochs[topic.topic_id];
        for (size_t i = 0; i < topic.partitions.size(); ++i)
            partitions[topic.partitions[i]] = has_own ? (*own)[i] : std::max(member_epoch, 0);
    }
    return epochs;
}

void apply(ConsumerGroup& group, const EpochKey&, EpochValue value) {
    group.set_epoch(value.epoch, value.metadata_hash);
}

void apply(ConsumerGroup& group, const PartitionMetadataKey&, const PartitionMetadataValue&) {
    group.set_has_partition_metadata(true);
}

void erase(ConsumerGroup& group, const PartitionMetadataKey&) {
    group.set_has_partition_metadata(false);
}

void apply(ConsumerGroup& group, const MemberKey& key, MemberValue value) {
    ConsumerMember member = member_of(group, key.member_id);
    member.instance_id = std::move(value.instance_id);
    member.rack_id = std::move(value.rack_id);
    member.client_id = std::move(value.client_id);
    member.client_host = std::move(value.client_host);
    member.subscribed_topic_names = {value.subscribed_topic_names.begin(),
                                     value.subscribed_topic_names.end()};
    member.subscribed_topic_regex = std::move(value.subscribed_topic_regex).value_or("");
    member.rebalance_timeout_ms = value.rebalance_timeout_ms;
    member.server_assignor = std::move(value.server_assignor);
    member.classic = std::move(value.classic_member_metadata);
    group.update_member(std::move(member));
}

void erase(ConsumerGroup& group, const MemberKey& key) { group.remove_member(key.member_id); }

void apply(ConsumerGroup& group, const TargetEpochKey&, TargetEpochValue value) {
    group.set_assignment_epoch(value.assignment_epoch, value.assignment_timestamp);
}

void erase(ConsumerGroup& group, const TargetEpochKey&) { group.set_assignment_epoch(-1, 0); }

void apply(ConsumerGroup& group, const TargetKey& key, const TargetValue& value) {
    TopicPartitions target;
    for (const auto& topic : value.topic_partitions)
        target[topic.topic_id] = {topic.partitions.begin(), topic.partitions.end()};
    group.set_target(key.member_id, std::move(target));
}

void erase(ConsumerGroup& group, const TargetKey& key) { group.remove_target(key.member_id); }

void apply(ConsumerGroup& group, const CurrentAssignmentKey& key,
           const CurrentAssignmentValue& value) {
    ConsumerMember member = member_of(group, key.member_id);
    member.member_epoch = value.member_epoch;
    member.previous_member_epoch = value.previous_member_epoch;
    member.state = value.state >= 0 && value.state <= 2 ? static_cast<MemberState>(value.state)
                                                        : MemberState::unknown;
    member.assigned = epochs_of(value.assigned_partitions, value.member_epoch);
    member.pending_revocation = epochs_of(value.partitions_pending_revocation, value.member_epoch);
    group.update_member(std::move(member));
}

void erase(ConsumerGroup& group, const CurrentAssignmentKey& key) {
    const auto* known = group.find_member(key.member_id);
    if (known == nullptr) return;
    ConsumerMember member = *known;
    member.member_epoch = member.previous_member_epoch = -1;
    member.assigned.clear();
    member.pending_revocation.clear();
    group.update_member(std::move(member));
}

void apply(ConsumerGroup& group, const RegexKey& key, const RegexValue& value) {
    group.set_resolved_regex(key.regular_expression,
                             {.topics = {value.topics.begin(), value.topics.end()},
                              .version = value.version,
                              .timestamp_ms = value.timestamp});
}

void erase(ConsumerGroup& group, const RegexKey& key) {
    group.remove_resolved_regex(key.regular_expression);
}

template <class Key, class Value>
Replayed replay(Reader& reader, std::optional<protocol::Bytes> value, ConsumerGroups& groups) {
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

Replayed replay_consumer_record(protocol::Bytes key, std::optional<protocol::Bytes> value,
                                ConsumerGroups& groups) {
    Reader reader(key);
    const auto type = reader.integer<int16_t>();
    if (!reader.ok()) return std::unexpected(ErrorCode::corrupt_message);
    switch (type) {
        case EpochKey::record_type: return replay<EpochKey, EpochValue>(reader, value, groups);
        case PartitionMetadataKey::record_type:
            return replay<PartitionMetadataKey, PartitionMetadataValue>(reader, value, groups);
        case MemberKey::record_type: return replay<MemberKey, MemberValue>(reader, value, groups);
        case TargetEpochKey::record_type:
            return replay<TargetEpochKey, TargetEpochValue>(reader, value, groups);
        case TargetKey::record_type: return replay<TargetKey, TargetValue>(reader, value, groups);
        case CurrentAssignmentKey::record_type:
            return replay<CurrentAssignmentKey, CurrentAssignmentValue>(reader, value, groups);
        case RegexKey::record_type: return replay<RegexKey, RegexValue>(reader, value, groups);
        default: return std::nullopt;
    }
}

}  // namespace broker::coordinator::group
