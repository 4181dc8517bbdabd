#include "broker/coordinator/group/consumer/consumer_records.h"

#include "broker/coordinator/group/record_codec.h"
#include "protocol/stored/consumer_group.h"

namespace broker::coordinator::group {

namespace {

using CurrentAssignment = protocol::ConsumerGroupCurrentMemberAssignmentValue;

constexpr int16_t value_version = 0;

template <class Value>
protocol::Blob value_of(const Value& value) {
    return with_prefix(value_version, value, value_version);
}

std::vector<CurrentAssignment::TopicPartitions> with_epochs(const PartitionEpochs& epochs) {
    std::vector<CurrentAssignment::TopicPartitions> topics;
    for (const auto& [topic_id, partitions] : epochs) {
        auto& topic = topics.emplace_back();
        topic.topic_id = topic_id;
        for (const auto& [partition, epoch] : partitions) {
            topic.partitions.push_back(partition);
            topic.assignment_epochs->push_back(epoch);
        }
    }
    return topics;
}

}  // namespace

Record epoch_record(const std::string& group_id, int32_t epoch, int64_t metadata_hash) {
    return {key_of(protocol::ConsumerGroupMetadataKey{group_id}),
            value_of(protocol::ConsumerGroupMetadataValue{epoch, metadata_hash})};
}

Record partition_metadata_tombstone(const std::string& group_id) {
    return {key_of(protocol::ConsumerGroupPartitionMetadataKey{group_id}), std::nullopt};
}

Record member_record(const std::string& group_id, const ConsumerMember& member) {
    protocol::ConsumerGroupMemberMetadataValue value{
        .instance_id = member.instance_id,
        .rack_id = member.rack_id,
        .client_id = member.client_id,
        .client_host = member.client_host,
        .subscribed_topic_names = {member.subscribed_topic_names.begin(),
                                   member.subscribed_topic_names.end()},
        .subscribed_topic_regex = member.subscribed_topic_regex,
        .rebalance_timeout_ms = member.rebalance_timeout_ms,
        .server_assignor = member.server_assignor,
        .classic_member_metadata = member.classic};
    return {key_of(protocol::ConsumerGroupMemberMetadataKey{group_id, member.member_id}),
            value_of(value)};
}

Record assignment_epoch_record(const std::string& group_id, int32_t epoch, int64_t timestamp_ms) {
    return {key_of(protocol::ConsumerGroupTargetAssignmentMetadataKey{group_id}),
            value_of(protocol::ConsumerGroupTargetAssignmentMetadataValue{epoch, timestamp_ms})};
}

Record target_record(const std::string& group_id, const std::string& member_id,
                     const TopicPartitions& target) {
    protocol::ConsumerGroupTargetAssignmentMemberValue value;
    for (const auto& [topic_id, partitions] : target)
        value.topic_partitions.push_back({topic_id, {partitions.begin(), partitions.end()}});
    return {key_of(protocol::ConsumerGroupTargetAssignmentMemberKey{group_id, member_id}),
            value_of(value)};
}

Record current_assignment_record(const std::string& group_id, const ConsumerMember& member) {
    const CurrentAssignment value{
        .member_epoch = member.member_epoch,
        .previous_member_epoch = member.previous_member_epoch,
        .state = static_cast<int8_t>(member.state),
        .assigned_partitions = with_epochs(member.assigned),
        .partitions_pending_revocation = with_epochs(member.pending_revocation)};
    return {key_of(protocol::ConsumerGroupCurrentMemberAssignmentKey{group_id, member.member_id}),
            value_of(value)};
}

Record regex_record(const std::string& group_id, const std::string& regex,
                    const ResolvedRegex& resolved) {
    const protocol::ConsumerGroupRegularExpressionValue value{
        .topics = {resolved.topics.begin(), resolved.topics.end()},
        .version = resolved.version,
        .timestamp = resolved.timestamp_ms};
    return {key_of(protocol::ConsumerGroupRegularExpressionKey{group_id, regex}), value_of(value)};
}

Record regex_tombstone(const std::string& group_id, const std::string& regex) {
    return {key_of(protocol::ConsumerGroupRegularExpressionKey{group_id, regex}), std::nullopt};
}

namespace {

Record current_assignment_tombstone(const std::string& group_id, const std::string& member_id) {
    return {key_of(protocol::ConsumerGroupCurrentMemberAssignmentKey{group_id, member_id}),
            std::nullopt};
}

Record target_tombstone(const std::string& group_id, const std::string& member_id) {
    return {key_of(protocol::ConsumerGroupTargetAssignmentMemberKey{group_id, member_id}),
            std::nullopt};
}

Record member_tombstone(const std::string& group_id, const std::string& member_id) {
    return {key_of(protocol::ConsumerGroupMemberMetadataKey{group_id, member_id}), std::nullopt};
}

}  // namespace

void append_member_tombstones(const std::string& group_id, const std::string& member_id,
                              std::vector<Record>& records) {
    records.push_back(current_assignment_tombstone(group_id, member_id));
    records.push_back(target_tombstone(group_id, member_id));
    records.push_back(member_tombstone(group_id, member_id));
}

void append_group_tombstones(const ConsumerGroup& group,
                             const std::optional<RenamedMember>& renamed,
                             std::vector<Record>& records) {
    const std::string& group_id = group.group_id();
    auto for_each_member = [&](auto make) {
        for (const auto& [member_id, member] : group.members()) {
            const bool is_renamed = renamed && renamed->old_member_id == member_id;
            records.push_back(make(group_id, is_renamed ? renamed->new_member_id : member_id));
        }
    };
    for_each_member(current_assignment_tombstone);
    for_each_member(target_tombstone);
    records.push_back(
        {key_of(protocol::ConsumerGroupTargetAssignmentMetadataKey{group_id}), std::nullopt});
    for_each_member(member_tombstone);
    for (const auto& [regex, resolved] : group.resolved_regexes())
        records.push_back(regex_tombstone(group_id, regex));
    records.push_back(partition_metadata_tombstone(group_id));
    records.push_back({key_of(protocol::ConsumerGroupMetadataKey{group_id}), std::nullopt});
}

void append_group_records(const ConsumerGroup& group, std::vector<Record>& records) {
    const std::string& group_id = group.group_id();
    for (const auto& [member_id, member] : group.members())
        records.push_back(member_record(group_id, member));
    records.push_back(epoch_record(group_id, group.epoch(), group.metadata_hash()));
    for (const auto& [member_id, member] : group.members())
        records.push_back(target_record(group_id, member_id, group.target(member)));
    records.push_back(assignment_epoch_record(group_id, group.assignment_epoch(),
                                              group.assignment_timestamp_ms()));
    for (const auto& [member_id, member] : group.members())
        records.push_back(current_assignment_record(group_id, member));
}

}  // namespace broker::coordinator::group
