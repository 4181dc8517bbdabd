// What administrators ask: DescribeGroups, ListGroups, DeleteGroups, OffsetDelete (KIP-496), and
// what becomes of the offsets of a deleted topic.
#include <algorithm>
#include <cctype>

#include "broker/coordinator/group/group_coordinator.h"
#include "broker/coordinator/group/group_records.h"

namespace broker::coordinator::group {

using protocol::DescribeGroupsResponse;
using protocol::ErrorCode;
using protocol::ListGroupsResponse;

namespace {

constexpr std::string_view group_type = "classic";
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
            described.error_message = "Group " + described.group_id + " not found.";
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
    if (!passes(types_filter, group_type)) return listed;
    for (const auto& [group_id, group] : groups_) {
        if (!passes(states_filter, name(group.state()))) continue;
        listed.push_back({.group_id = group_id,
                          .protocol_type = group.protocol_type().value_or(""),
                          .group_state = std::string(name(group.state())),
                          .group_type = std::string(group_type)});
    }
    return listed;
}

std::expected<Effects, ErrorCode> GroupCoordinator::delete_group(std::string_view group_id) const {
    const ClassicGroup* group = find_group(group_id);
    if (group == nullptr) return std::unexpected(ErrorCode::group_id_not_found);
    if (!group->is(GroupState::empty)) return std::unexpected(ErrorCode::non_empty_group);
    Effects effects;
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
    const ClassicGroup* group = find_group(group_id);
    if (group == nullptr) return std::unexpected(ErrorCode::group_id_not_found);
    // Of a consumer group it is known which topics are in use; of another, nothing is.
    if (!group->is(GroupState::empty) && !group->uses_consumer_protocol()) {
        return std::unexpected(ErrorCode::non_empty_group);
    }
    DeletedOffsets deleted;
    for (const TopicPartition& partition : partitions) {
        if (group->is_subscribed_to(partition.topic)) {
            deleted.errors.push_back(ErrorCode::group_subscribed_to_topic);
            continue;
        }
        deleted.errors.push_back(ErrorCode::none);
        if (offsets_.find(group_id, partition.topic, partition.partition) == nullptr) continue;
        deleted.effects.records.push_back(offset_tombstone(group->group_id(), partition));
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
    return effects;
}

}  // namespace broker::coordinator::group
