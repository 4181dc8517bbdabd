#include "broker/coordinator/group/share/share_records.h"

#include "broker/coordinator/group/record_codec.h"
#include "protocol/stored/share_group.h"

namespace broker::coordinator::group {

namespace {

using CurrentAssignmentKey = protocol::ShareGroupCurrentMemberAssignmentKey;
using EpochKey = protocol::ShareGroupMetadataKey;
using MemberKey = protocol::ShareGroupMemberMetadataKey;
using StateKey = protocol::ShareGroupStatePartitionMetadataKey;
using StateValue = protocol::ShareGroupStatePartitionMetadataValue;
using TargetEpochKey = protocol::ShareGroupTargetAssignmentMetadataKey;
using TargetKey = protocol::ShareGroupTargetAssignmentMemberKey;

constexpr int16_t value_version = 0;

template <class Value>
protocol::Blob value_of(const Value& value) {
    return with_prefix(value_version, value, value_version);
}

template <class Key>
Record tombstone(const Key& key) {
    return {key_of(key), std::nullopt};
}

template <class Topic>
std::vector<Topic> listed(const TopicPartitions& partitions) {
    std::vector<Topic> topics;
    for (const auto& [topic_id, indexes] : partitions)
        topics.push_back({topic_id, {indexes.begin(), indexes.end()}});
    return topics;
}

std::vector<StateValue::TopicPartitionsInfo> listed(const ShareStatePartitions::Topics& topics) {
    std::vector<StateValue::TopicPartitionsInfo> infos;
    for (const auto& [topic_id, topic] : topics)
        infos.push_back({topic_id, topic.name, {topic.partitions.begin(), topic.partitions.end()}});
    return infos;
}

}  // namespace

Record share_epoch_record(const std::string& group_id, int32_t epoch, int64_t metadata_hash) {
    return {key_of(EpochKey{group_id}),
            value_of(protocol::ShareGroupMetadataValue{epoch, metadata_hash})};
}

Record share_member_record(const std::string& group_id, const ShareMember& member) {
    const protocol::ShareGroupMemberMetadataValue value{
        .rack_id = member.rack_id,
        .client_id = member.client_id,
        .client_host = member.client_host,
        .subscribed_topic_names = {member.subscribed_topic_names.begin(),
                                   member.subscribed_topic_names.end()}};
    return {key_of(MemberKey{group_id, member.member_id}), value_of(value)};
}

Record share_assignment_epoch_record(const std::string& group_id, int32_t epoch,
                                     int64_t timestamp_ms) {
    return {key_of(TargetEpochKey{group_id}),
            value_of(protocol::ShareGroupTargetAssignmentMetadataValue{epoch, timestamp_ms})};
}

Record share_target_record(const std::string& group_id, const std::string& member_id,
                           const TopicPartitions& target) {
    using Value = protocol::ShareGroupTargetAssignmentMemberValue;
    return {key_of(TargetKey{group_id, member_id}),
            value_of(Value{listed<Value::TopicPartition>(target)})};
}

Record share_current_assignment_record(const std::string& group_id, const ShareMember& member) {
    using Value = protocol::ShareGroupCurrentMemberAssignmentValue;
    return {
        key_of(CurrentAssignmentKey{group_id, member.member_id}),
        value_of(Value{.member_epoch = member.member_epoch,
                       .previous_member_epoch = member.previous_member_epoch,
                       .state = static_cast<int8_t>(MemberState::stable),
                       .assigned_partitions = listed<Value::TopicPartitions>(member.assigned)})};
}

Record share_state_partitions_record(const std::string& group_id,
                                     const ShareStatePartitions& partitions) {
    StateValue value{.initializing_topics = listed(partitions.initializing),
                     .initialized_topics = listed(partitions.initialized)};
    for (const auto& [topic_id, name] : partitions.deleting)
        value.deleting_topics.push_back({topic_id, name});
    return {key_of(StateKey{group_id}), value_of(value)};
}

void append_share_member_tombstones(const std::string& group_id, const std::string& member_id,
                                    std::vector<Record>& records) {
    records.push_back(tombstone(CurrentAssignmentKey{group_id, member_id}));
    records.push_back(tombstone(TargetKey{group_id, member_id}));
    records.push_back(tombstone(MemberKey{group_id, member_id}));
}

void append_share_group_tombstones(const ShareGroup& group, std::vector<Record>& records) {
    const std::string& group_id = group.group_id();
    for (const auto& [member_id, member] : group.members())
        append_share_member_tombstones(group_id, member_id, records);
    records.push_back(tombstone(TargetEpochKey{group_id}));
    records.push_back(tombstone(StateKey{group_id}));
    records.push_back(tombstone(EpochKey{group_id}));
}

}  // namespace broker::coordinator::group
