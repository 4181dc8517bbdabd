#include "tests/broker/coordinator/group/consumer_conversation.h"

#include <algorithm>
#include <iterator>

#include "broker/coordinator/group/consumer_protocol.h"
#include "broker/coordinator/group/record_codec.h"

namespace tests {

using namespace protocol;

namespace {

constexpr int32_t rebalance_timeout_ms = 10'000;
constexpr int32_t session_timeout_ms = 30'000;

std::string shown(const std::string& topic, const std::vector<int32_t>& partitions) {
    std::string text = " " + topic + "[";
    for (const int32_t partition : partitions)
        text += (text.back() == '[' ? "" : " ") + std::to_string(partition);
    return text + "]";
}

std::string shown(const ConsumerGroupDescribeResponse::MemberAssignment& assignment) {
    std::string text;
    for (const auto& topic : assignment.topic_partitions)
        text += shown(topic.topic_name, topic.partitions);
    return text.empty() ? " nothing" : text;
}

}  // namespace

template <class Response>
std::optional<Response> ConsumerConversation::answer_of(group::Token token) {
    std::ranges::move(shell_.take_replies(), std::back_inserter(replies_));
    const auto reply = std::ranges::find(replies_, token, &group::Reply::token);
    if (reply == replies_.end()) return std::nullopt;
    return std::get<Response>(reply->response);
}

std::string ConsumerConversation::name_of(const Uuid& topic_id) const {
    const auto topic = shell_.cluster().find_topic(topic_id);
    return topic ? std::string(topic->name) : "?";
}

std::string ConsumerConversation::say(const Beat& beat) {
    ConsumerGroupHeartbeatRequest request{.group_id = beat.group_id,
                                          .member_id = beat.member_id,
                                          .member_epoch = beat.epoch,
                                          .rebalance_timeout_ms = beat.rebalance_timeout_ms};
    if (beat.instance_id) request.instance_id = *beat.instance_id;
    if (beat.topics) request.subscribed_topic_names = {beat.topics->begin(), beat.topics->end()};
    if (beat.regex) request.subscribed_topic_regex = *beat.regex;
    if (beat.assignor) request.server_assignor = *beat.assignor;
    if (beat.owned) {
        request.topic_partitions.emplace();
        for (const auto& [topic, partitions] : *beat.owned)
            request.topic_partitions->push_back({shell_.cluster().topic_id(topic), partitions});
    }
    const auto caller = shell_.caller(++token_, beat.version);
    shell_.apply(
        shell_.coordinator().consumer_group_heartbeat(request, caller, shell_.make_uuid()));
    const auto response = answer_of<ConsumerGroupHeartbeatResponse>(token_);
    if (!response) return "waits";
    message_ = response->error_message.value_or("");
    if (response->error_code != ErrorCode::none) return std::string(name(response->error_code));
    std::string text = *response->member_id + "@" + std::to_string(response->member_epoch);
    if (!response->assignment) return text;
    if (response->assignment->topic_partitions.empty()) return text + " nothing";
    for (const auto& topic : response->assignment->topic_partitions)
        text += shown(name_of(topic.topic_id), topic.partitions);
    return text;
}

std::string ConsumerConversation::join(const std::string& member_id,
                                       std::vector<std::string> topics) {
    return say({.member_id = member_id,
                .topics = std::move(topics),
                .owned = Owned{},
                .rebalance_timeout_ms = rebalance_timeout_ms});
}

std::string ConsumerConversation::join_statically(const std::string& member_id,
                                                  const std::string& instance_id) {
    return say({.member_id = member_id,
                .instance_id = instance_id,
                .topics = std::vector<std::string>{"t"},
                .owned = Owned{},
                .rebalance_timeout_ms = rebalance_timeout_ms});
}

std::string ConsumerConversation::beat(const std::string& member_id, int32_t epoch,
                                       std::optional<Owned> owned) {
    return say({.member_id = member_id, .epoch = epoch, .owned = std::move(owned)});
}

std::string ConsumerConversation::leave(const std::string& member_id, int32_t epoch,
                                        std::optional<std::string> instance_id) {
    return say({.member_id = member_id, .epoch = epoch, .instance_id = std::move(instance_id)});
}

std::string ConsumerConversation::described(const group::GroupCoordinator& coordinator,
                                            const std::string& group_id) const {
    const auto group = coordinator.describe_consumer_group(group_id);
    if (group.error_code != ErrorCode::none) return std::string(name(group.error_code));
    std::string text = group.group_state + " " + std::to_string(group.group_epoch) + "/" +
                       std::to_string(group.assignment_epoch);
    for (const auto& member : group.members)
        text += " " + member.member_id + "@" + std::to_string(member.member_epoch) +
                shown(member.assignment);
    return text;
}

std::string ConsumerConversation::describe(const std::string& group_id) {
    return described(shell_.coordinator(), group_id);
}

std::string ConsumerConversation::described_after_restart(const std::string& group_id) {
    return described(shell_.reloaded(), group_id);
}

std::string ConsumerConversation::targets(const std::string& group_id) {
    std::string text;
    for (const auto& member : shell_.coordinator().describe_consumer_group(group_id).members)
        text += (text.empty() ? "" : " ") + member.member_id + shown(member.target_assignment);
    return text;
}

std::string ConsumerConversation::join_classically(const Join& join) {
    ConsumerProtocolSubscription subscription{.topics = join.topics};
    for (const auto& [topic, partitions] : join.owned)
        subscription.owned_partitions.push_back({topic, partitions});
    const Blob metadata = group::with_prefix(1, subscription, 1);
    JoinGroupRequest request{.group_id = "g",
                             .session_timeout_ms = session_timeout_ms,
                             .rebalance_timeout_ms = rebalance_timeout_ms,
                             .member_id = join.member_id,
                             .protocol_type = group::consumer_protocol_type,
                             .protocols = {{join.protocol, metadata}}};
    if (join.instance_id) request.group_instance_id = *join.instance_id;
    const auto caller = shell_.caller(++token_, join.version);
    shell_.apply(shell_.coordinator().join_group(request, caller, shell_.make_uuid()));
    const auto response = answer_of<JoinGroupResponse>(token_);
    if (!response) return "waits";
    if (response->error_code != ErrorCode::none) return std::string(name(response->error_code));
    return response->member_id + "#" + std::to_string(response->generation_id) + " " +
           response->protocol_name.value_or("");
}

std::string ConsumerConversation::sync(const std::string& member_id, int32_t generation,
                                       const std::map<std::string, Owned>& assignments) {
    SyncGroupRequest request{.group_id = "g", .generation_id = generation, .member_id = member_id};
    std::vector<Blob> blobs;
    blobs.reserve(assignments.size());
    for (const auto& [id, owned] : assignments) {
        ConsumerProtocolAssignment assignment;
        for (const auto& [topic, partitions] : owned)
            assignment.assigned_partitions.push_back({topic, partitions});
        request.assignments.push_back(
            {id, blobs.emplace_back(group::with_prefix(1, assignment, 1))});
    }
    shell_.apply(shell_.coordinator().sync_group(request, shell_.caller(++token_, 5)));
    const auto response = answer_of<SyncGroupResponse>(token_);
    if (!response) return "waits";
    if (response->error_code != ErrorCode::none) return std::string(name(response->error_code));
    const auto assignment = group::read_assignment(response->assignment);
    if (!assignment) return "unreadable";
    std::string text;
    for (const auto& topic : assignment->assigned_partitions)
        text += shown(topic.topic, topic.partitions);
    return text.empty() ? "nothing" : text.substr(1);
}

std::string ConsumerConversation::heartbeat(const std::string& member_id, int32_t generation) {
    const HeartbeatRequest request{
        .group_id = "g", .generation_id = generation, .member_id = member_id};
    return std::string(name(shell_.coordinator().heartbeat(request, shell_.now_ms()).error_code));
}

std::string ConsumerConversation::leave_classically(const std::string& member_id) {
    const LeaveGroupRequest request{.group_id = "g", .members = {{.member_id = member_id}}};
    shell_.apply(shell_.coordinator().leave_group(request, shell_.caller(++token_, 5)));
    return std::string(name(answer_of<LeaveGroupResponse>(token_)->members.front().error_code));
}

std::string ConsumerConversation::commit(const std::string& member_id, int32_t epoch,
                                         int32_t partition, int64_t offset, int16_t version) {
    OffsetCommitRequest request{
        .group_id = "g", .generation_id_or_member_epoch = epoch, .member_id = member_id};
    auto& topic = request.topics.emplace_back();
    topic.name = "t";
    topic.topic_id = shell_.cluster().topic_id("t");
    topic.partitions.push_back({.partition_index = partition, .committed_offset = offset});
    shell_.apply(shell_.coordinator().offset_commit(request, shell_.caller(++token_, version)));
    const auto response = answer_of<OffsetCommitResponse>(token_);
    return std::string(name(response->topics.front().partitions.front().error_code));
}

std::string ConsumerConversation::fetch(std::optional<std::string> member_id, int32_t epoch,
                                        int32_t partition) {
    OffsetFetchRequest::OffsetFetchRequestGroup request{.group_id = "g", .member_epoch = epoch};
    if (member_id) request.member_id = *member_id;
    request.topics.emplace();
    request.topics->push_back({.name = "t", .partition_indexes = {partition}});
    const auto group = shell_.coordinator().offset_fetch(request, false);
    if (group.error_code != ErrorCode::none) return std::string(name(group.error_code));
    return std::to_string(group.topics.front().partitions.front().committed_offset);
}

}  // namespace tests
