// Replay of the records of streams groups.
#include <algorithm>
#include <utility>

#include "broker/coordinator/group/keyed_replay.h"
#include "broker/coordinator/group/streams/streams_records.h"

namespace broker::coordinator::group {

using protocol::ErrorCode;
using protocol::Reader;

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
using TopologyValue = protocol::StreamsGroupTopologyValue;

StreamsMember member_of(const StreamsGroup& group, const std::string& member_id) {
    const auto* known = group.find_member(member_id);
    return known != nullptr ? *known : StreamsMember{.member_id = member_id};
}

TaskIds tasks_of(const auto& subtopologies) {
    TaskIds tasks;
    for (const auto& subtopology : subtopologies)
        if (!subtopology.partitions.empty())
            tasks[subtopology.subtopology_id] = {subtopology.partitions.begin(),
                                                 subtopology.partitions.end()};
    return tasks;
}

// Without epochs of their own (before 4.3) tasks count as assigned with the member's.
TaskEpochs epochs_of(const std::vector<CurrentAssignmentValue::TaskIds>& subtopologies,
                     int32_t member_epoch) {
    TaskEpochs epochs;
    for (const auto& subtopology : subtopologies) {
        const auto& own = subtopology.assignment_epochs;
        const bool has_own = own && own->size() == subtopology.partitions.size();
        for (size_t i = 0; i < subtopology.partitions.size(); ++i)
            epochs[subtopology.subtopology_id][subtopology.partitions[i]] =
                has_own ? (*own)[i] : member_epoch;
    }
    return epochs;
}

void apply(StreamsGroup& group, const EpochKey&, EpochValue value) {
    StreamsGroupEpoch epoch{.epoch = value.epoch,
                            .metadata_hash = value.metadata_hash,
                            .validated_topology_epoch = value.validated_topology_epoch,
                            .stored_description_epoch = value.stored_description_topology_epoch,
                            .failed_description_epoch = value.failed_description_topology_epoch};
    if (value.last_assignment_configs)
        for (auto& config : *value.last_assignment_configs)
            epoch.assignment_configs[config.key] = std::move(config.value);
    group.set_epoch(std::move(epoch));
}

void apply(StreamsGroup& group, const TopologyKey&, TopologyValue value) {
    // What cannot be one was written by no broker.
    if (auto topology = make_topology(std::move(value))) group.set_topology(std::move(*topology));
}

void erase(StreamsGroup& group, const TopologyKey&) { group.set_topology(std::nullopt); }

void apply(StreamsGroup& group, const MemberKey& key, MemberValue value) {
    StreamsMember member = member_of(group, key.member_id);
    member.instance_id = std::move(value.instance_id);
    member.rack_id = std::move(value.rack_id);
    member.client_id = std::move(value.client_id);
    member.client_host = std::move(value.client_host);
    member.rebalance_timeout_ms = value.rebalance_timeout_ms;
    member.topology_epoch = value.topology_epoch;
    member.process_id = std::move(value.process_id);
    member.endpoint.reset();
    if (value.user_endpoint)
        member.endpoint = {std::move(value.user_endpoint->host), value.user_endpoint->port};
    member.client_tags.clear();
    for (auto& tag : value.client_tags) member.client_tags[tag.key] = std::move(tag.value);
    group.update_member(std::move(member));
}

void erase(StreamsGroup& group, const MemberKey& key) { group.remove_member(key.member_id); }

void apply(StreamsGroup& group, const TargetEpochKey&, TargetEpochValue value) {
    group.set_assignment_epoch(value.assignment_epoch, value.assignment_timestamp);
}

void erase(StreamsGroup& group, const TargetEpochKey&) { group.set_assignment_epoch(-1, 0); }

void apply(StreamsGroup& group, const TargetKey& key, const TargetValue& value) {
    group.set_target(key.member_id, {.active = tasks_of(value.active_tasks),
                                     .standby = tasks_of(value.standby_tasks),
                                     .warmup = tasks_of(value.warmup_tasks)});
}

void erase(StreamsGroup& group, const TargetKey& key) { group.remove_target(key.member_id); }

void apply(StreamsGroup& group, const CurrentAssignmentKey& key,
           const CurrentAssignmentValue& value) {
    StreamsMember member = member_of(group, key.member_id);
    member.member_epoch = value.member_epoch;
    member.previous_member_epoch = value.previous_member_epoch;
    const bool is_known = value.state >= stored_state(MemberState::stable) &&
                          value.state <= stored_state(MemberState::unreleased_partitions);
    member.state = is_known ? static_cast<MemberState>(value.state - stored_state_offset)
                            : MemberState::unknown;
    member.assigned = {.active = epochs_of(value.active_tasks, value.member_epoch),
                       .standby = tasks_of(value.standby_tasks),
                       .warmup = tasks_of(value.warmup_tasks)};
    member.pending_revocation = {
        .active = epochs_of(value.active_tasks_pending_revocation, value.member_epoch),
        .standby = tasks_of(value.standby_tasks_pending_revocation),
        .warmup = tasks_of(value.warmup_tasks_pending_revocation)};
    group.update_member(std::move(member));
}

void erase(StreamsGroup& group, const CurrentAssignmentKey& key) {
    const auto* known = group.find_member(key.member_id);
    if (known == nullptr) return;
    StreamsMember member = *known;
    member.member_epoch = member.previous_member_epoch = -1;
    member.assigned = member.pending_revocation = {};
    group.update_member(std::move(member));
}

template <class Key, class Value>
Replayed replay(Reader& reader, std::optional<protocol::Bytes> value, StreamsGroups& groups) {
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

Replayed replay_streams_record(protocol::Bytes key, std::optional<protocol::Bytes> value,
                               StreamsGroups& groups) {
    Reader reader(key);
    const auto type = reader.integer<int16_t>();
    if (!reader.ok()) return std::unexpected(ErrorCode::corrupt_message);
    switch (type) {
        case EpochKey::record_type: return replay<EpochKey, EpochValue>(reader, value, groups);
        case TopologyKey::record_type:
            return replay<TopologyKey, TopologyValue>(reader, value, groups);
        case MemberKey::record_type: return replay<MemberKey, MemberValue>(reader, value, groups);
        case TargetEpochKey::record_type:
            return replay<TargetEpochKey, TargetEpochValue>(reader, value, groups);
        case TargetKey::record_type: return replay<TargetKey, TargetValue>(reader, value, groups);
        case CurrentAssignmentKey::record_type:
            return replay<CurrentAssignmentKey, CurrentAssignmentValue>(reader, value, groups);
        default: return std::nullopt;
    }
}

}  // namespace broker::coordinator::group
