// What administrators ask: DescribeGroups, ListGroups, DeleteGroups, OffsetDelete (KIP-496), and
// what becomes of the offsets of a deleted topic.
#include <algorithm>
#include <cctype>

#include "broker/coordinator/group/consumer/consumer_records.h"
#include "broker/coordinator/group/consumer_protocol.h"
#include "broker/coordinator/group/group_coordinator.h"
#include "broker/coordinator/group/group_records.h"
#include "broker/coordinator/group/share/share_records.h"
#include "broker/coordinator/group/streams/streams_records.h"

namespace broker::coordinator::group {

using protocol::DescribeGroupsResponse;
using protocol::ErrorCode;
using protocol::ListGroupsResponse;

namespace {

constexpr std::string_view classic_type = "classic";
constexpr std::string_view consumer_type = "consumer";
constexpr std::string_view share_type = "share";      // and protocol type
constexpr std::string_view streams_type = "streams";  // likewise
constexpr std::string_view dead_state = "Dead";
constexpr int16_t first_describe_with_group_not_found = 6;  // KIP-1043

bool equal_ignoring_case(std::string_view left, std::string_view right) {
    return std::ranges::equal(left, right, [](unsigned char a, unsigned char b) {
        return std::tolower(a) == std::tolower(b);
    });
}

bool passes(std::span<const std::string_view> filter, std::string_view value) {
    return filter.empty() || std::ranges::any_of(filter, [&](std::string_view wanted) {
               return equal_ignoring_case(wanted, value);
           });
}

}  // namespace

DescribeGroupsResponse::DescribedGroup GroupCoordinator::describe(std::string_view group_id,
                                                                  int16_t version) const {
    DescribeGroupsResponse::DescribedGroup described{.group_id = std::string(group_id)};
    const ClassicGroup* group = find_group(group_id);
    if (group == nullptr) {
        described.group_state = dead_state;
        if (version >= first_describe_with_group_not_found) {
            described.error_code = ErrorCode::group_id_not_found;
            described.error_message =
                "Group " + described.group_id +
                (has_group(group_id) ? " is not a classic group." : " not found.");
        }
        return described;
    }
    described.group_state = name(group->state());
    described.protocol_type = group->protocol_type().value_or("");
    const bool is_stable = group->is(GroupState::stable);
    if (is_stable) described.protocol_data = group->protocol_name().value_or("");
    for (const auto& [member_id, member] : group->members()) {
        auto& shown = described.members.emplace_back();
        shown.member_id = member_id;
        shown.group_instance_id = member.instance_id;
        shown.client_id = member.client_id;
        shown.client_host = member.client_host;
        shown.member_assignment = member.assignment;
        // Before the vote is over there is no protocol whose metadata could be shown.
        if (!is_stable) continue;
        const protocol::Bytes metadata = member.metadata(described.protocol_data);
        shown.member_metadata.assign(metadata.begin(), metadata.end());
    }
    return described;
}

std::vector<ListGroupsResponse::ListedGroup> GroupCoordinator::list(
    std::span<const std::string_view> states_filter,
    std::span<const std::string_view> types_filter) const {
    std::vector<ListGroupsResponse::ListedGroup> listed;
    const auto add = [&](const std::string& group_id, std::string_view protocol_type,
                         std::string_view state, std::string_view type) {
        if (passes(types_filter, type) && passes(states_filter, state))
            listed.push_back(
                {group_id, std::string(protocol_type), std::string(state), std::string(type)});
    };
    for (const auto& [group_id, group] : groups_)
        add(group_id, group.protocol_type().value_or(""), name(group.state()), classic_type);
    for (const auto& [group_id, group] : consumer_groups_)
        add(group_id, consumer_protocol_type, name(group.state()), consumer_type);
    for (const auto& [group_id, group] : share_groups_)
        add(group_id, share_type, group.state_name(), share_type);
    for (const auto& [group_id, group] : streams_groups_)
        add(group_id, streams_type, name(group.state()), streams_type);
    return listed;
}

std::expected<Effects, ErrorCode> GroupCoordinator::delete_group(std::string_view group_id) const {
    Effects effects;
    if (const auto* consumers = find_consumer_group(group_id)) {
        if (!consumers->is_empty()) return std::unexpected(ErrorCode::non_empty_group);
        append_tombstones(consumers->group_id(), effects.records);
        append_group_tombstones(*consumers, std::nullopt, effects.records);
        return effects;
    }
    if (const auto* share = find_share_group(group_id)) {
        if (!share->is_empty()) return std::unexpected(ErrorCode::non_empty_group);
        append_share_group_tombstones(*share, effects.records);
        return effects;
    }
    if (const auto* streams = find_streams_group(group_id)) {
        if (!streams->is_empty()) return std::unexpected(ErrorCode::non_empty_group);
        append_tombstones(streams->group_id(), effects.records);
        append_streams_group_tombstones(*streams, effects.records);
        return effects;
    }
    const ClassicGroup* group = find_group(group_id);
    if (group == nullptr) return std::unexpected(ErrorCode::group_id_not_found);
    if (!group->is(GroupState::empty)) return std::unexpected(ErrorCode::non_empty_group);
    append_tombstones(group->group_id(), effects.records);
    effects.records.push_back(group_tombstone(group->group_id()));
    return effects;
}

void GroupCoordinator::append_tombstones(const std::string& group_id,
                                         std::vector<Record>& records) const {
    offsets_.for_each_partition(group_id, [&](const TopicPartition& partition) {
        records.push_back(offset_tombstone(group_id, partition));
    });
}

std::expected<GroupCoordinator::DeletedOffsets, ErrorCode> GroupCoordinator::delete_offsets(
    std::string_view group_id, std::span<const TopicPartition> partitions) const {
    if (group_id.empty()) return std::unexpected(ErrorCode::invalid_group_id);
    const ConsumerGroup* consumers = find_consumer_group(group_id);
    const StreamsGroup* streams = find_streams_group(group_id);
    const ClassicGroup* group = find_group(group_id);
    if (consumers == nullptr && streams == nullptr && group == nullptr)
        return std::unexpected(ErrorCode::group_id_not_found);
    // Of consumers it is known which topics are in use; of others, nothing is.
    if (group != nullptr && !group->is(GroupState::empty) && !group->uses_consumer_protocol()) {
        return std::unexpected(ErrorCode::non_empty_group);
    }
    const auto is_subscribed = [&](const std::string& topic) {
        return consumers != nullptr ? consumers->is_subscribed_to(topic)
               : streams != nullptr ? streams->is_subscribed_to(topic)
                                    : group->is_subscribed_to(topic);
    };
    DeletedOffsets deleted;
    for (const TopicPartition& partition : partitions) {
        if (is_subscribed(partition.topic)) {
            deleted.errors.push_back(ErrorCode::group_subscribed_to_topic);
            continue;
        }
        deleted.errors.push_back(ErrorCode::none);
        if (offsets_.find(group_id, partition.topic, partition.partition) == nullptr) continue;
        deleted.effects.records.push_back(offset_tombstone(std::string(group_id), partition));
    }
    return deleted;
}

Effects GroupCoordinator::topic_deleted(std::string_view topic,
                                        const protocol::Uuid& topic_id) const {
    Effects effects;
    offsets_.for_each_of_topic(topic, topic_id,
                               [&](const std::string& group_id, const TopicPartition& partition) {
                                   effects.records.push_back(offset_tombstone(group_id, partition));
                               });
    forget_share_state(topic_id, effects.records);
    return effects;
}

}  // namespace broker::coordinator::group
