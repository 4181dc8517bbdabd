#include "broker/coordinator/group/streams/streams_records.h"

#include "broker/coordinator/group/record_codec.h"

namespace broker::coordinator::group {

namespace {

using CurrentAssignmentKey = protocol::StreamsGroupCurrentMemberAssignmentKey;
using CurrentAssignmentValue = protocol::StreamsGroupCurrentMemberAssignmentValue;
using EpochKey = protocol::StreamsGroupMetadataKey;
using EpochValue = protocol::StreamsGroupMetadataValue;
using MemberKey = protocol::StreamsGroupMemberMetadataKey;
using MemberValue = protocol::StreamsGroupMemberMetadataValue;
using TargetEpochKey = protocol::StreamsGroupTargetAssignmentMetadataKey;
using TargetEpochValue = protocol::StreamsGroupTargetAssignmentMetadataValue;
using TargetKey = protocol::StreamsGroupTargetAssignmentMemberKey;
using TargetValue = protocol::StreamsGroupTargetAssignmentMemberValue;
using TopologyKey = protocol::StreamsGroupTopologyKey;

constexpr int16_t value_version = 0;

template <class Value>
protocol::Blob value_of(const Value& value) {
    return with_prefix(value_version, value, value_version);
}

template <class Key>
Record tombstone(const Key& key) {
    return {key_of(key), std::nullopt};
}

template <class Value>
std::vector<typename Value::TaskIds> listed(const TaskIds& tasks) {
    std::vector<typename Value::TaskIds> list;
    for (const auto& [subtopology_id, partitions] : tasks)
        list.push_back({subtopology_id, {partitions.begin(), partitions.end()}});
    return list;
}

std::vector<CurrentAssignmentValue::TaskIds> listed(const TaskEpochs& tasks) {
    std::vector<CurrentAssignmentValue::TaskIds> list;
    for (const auto& [subtopology_id, partitions] : tasks) {
        auto& subtopology = list.emplace_back();
        subtopology.subtopology_id = subtopology_id;
        for (const auto& [partition, epoch] : partitions) {
            subtopology.partitions.push_back(partition);
            subtopology.assignment_epochs->push_back(epoch);
        }
    }
    return list;
}

}  // namespace

Record streams_epoch_record(const std::string& group_id, const StreamsGroupEpoch& epoch) {
    EpochValue value{.epoch = epoch.epoch,
                     .metadata_hash = epoch.metadata_hash,
                     .validated_topology_epoch = epoch.validated_topology_epoch,
                     .stored_description_topology_epoch = epoch.stored_description_epoch,
                     .failed_description_topology_epoch = epoch.failed_description_epoch};
    for (const auto& [key, config] : epoch.assignment_configs)
        value.last_assignment_configs->push_back({key, config});
    return {key_of(EpochKey{group_id}), value_of(value)};
}

Record streams_topology_record(const std::string& group_id,
                               const protocol::StreamsGroupTopologyValue& topology) {
    return {key_of(TopologyKey{group_id}), value_of(topology)};
}

Record streams_member_record(const std::string& group_id, const StreamsMember& member) {
    MemberValue value{.instance_id = member.instance_id,
                      .rack_id = member.rack_id,
                      .client_id = member.client_id,
                      .client_host = member.client_host,
                      .rebalance_timeout_ms = member.rebalance_timeout_ms,
                      .topology_epoch = member.topology_epoch,
                      .process_id = member.process_id};
    if (member.endpoint) value.user_endpoint.emplace(member.endpoint->host, member.endpoint->port);
    for (const auto& [key, tag] : member.client_tags) value.client_tags.push_back({key, tag});
    return {key_of(MemberKey{group_id, member.member_id}), value_of(value)};
}

Record streams_assignment_epoch_record(const std::string& group_id, int32_t epoch,
                                       int64_t timestamp_ms) {
    return {key_of(TargetEpochKey{group_id}), value_of(TargetEpochValue{epoch, timestamp_ms})};
}

Record streams_target_record(const std::string& group_id, const std::string& member_id,
                             const Tasks& target) {
    return {key_of(TargetKey{group_id, member_id}),
            value_of(TargetValue{.active_tasks = listed<TargetValue>(target.active),
                                 .standby_tasks = listed<TargetValue>(target.standby),
                                 .warmup_tasks = listed<TargetValue>(target.warmup)})};
}

int8_t stored_state(MemberState state) {
    if (state == MemberState::unknown) return static_cast<int8_t>(state);
    return static_cast<int8_t>(static_cast<int8_t>(state) + stored_state_offset);
}

Record streams_current_assignment_record(const std::string& group_id, const StreamsMember& member) {
    const auto replicas = [](const TaskIds& tasks) {
        return listed<CurrentAssignmentValue>(tasks);
    };
    return {key_of(CurrentAssignmentKey{group_id, member.member_id}),
            value_of(CurrentAssignmentValue{
                .member_epoch = member.member_epoch,
                .previous_member_epoch = member.previous_member_epoch,
                .state = stored_state(member.state),
                .active_tasks = listed(member.assigned.active),
                .standby_tasks = replicas(member.assigned.standby),
                .warmup_tasks = replicas(member.assigned.warmup),
                .active_tasks_pending_revocation = listed(member.pending_revocation.active),
                .standby_tasks_pending_revocation = replicas(member.pending_revocation.standby),
                .warmup_tasks_pending_revocation = replicas(member.pending_revocation.warmup)})};
}

void append_streams_member_tombstones(const std::string& group_id, const std::string& member_id,
                                      std::vector<Record>& records) {
    records.push_back(tombstone(CurrentAssignmentKey{group_id, member_id}));
    records.push_back(tombstone(TargetKey{group_id, member_id}));
    records.push_back(tombstone(MemberKey{group_id, member_id}));
}

void append_streams_group_tombstones(const StreamsGroup& group, std::vector<Record>& records) {
    const std::string& group_id = group.group_id();
    for (const auto& entry : group.members())
        records.push_back(tombstone(CurrentAssignmentKey{group_id, entry.first}));
    for (const auto& entry : group.members())
        records.push_back(tombstone(TargetKey{group_id, entry.first}));
    records.push_back(tombstone(TargetEpochKey{group_id}));
    for (const auto& entry : group.members())
        records.push_back(tombstone(MemberKey{group_id, entry.first}));
    records.push_back(tombstone(EpochKey{group_id}));
    records.push_back(tombstone(TopologyKey{group_id}));
}

}  // namespace broker::coordinator::group
