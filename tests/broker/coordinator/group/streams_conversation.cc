#include "tests/broker/coordinator/group/streams_conversation.h"

namespace tests {

using namespace protocol;

namespace {

constexpr int32_t rebalance_timeout_ms = 10'000;

std::string shown(const auto& tasks) {
    std::string text;
    for (const auto& subtopology : tasks) {
        text += " " + subtopology.subtopology_id + "[";
        for (const int32_t partition : subtopology.partitions)
            text += (text.back() == '[' ? "" : " ") + std::to_string(partition);
        text += "]";
    }
    return text;
}

std::string shown_tasks(const auto& active, const auto& standby, const auto& warmup) {
    std::string text = shown(active);
    if (!standby.empty()) text += " standby" + shown(standby);
    if (!warmup.empty()) text += " warmup" + shown(warmup);
    return text.empty() ? " nothing" : text;
}

std::string status_name(int8_t code) {
    constexpr const char* names[] = {
        "stale_topology",          "missing_source_topics", "incorrectly_partitioned_topics",
        "missing_internal_topics", "shutdown_application",  "assignment_delayed",
        "missing_client_tags"};
    return names[code];
}

StreamsGroupHeartbeatRequest::Topology message_of(const TestTopology& topology) {
    StreamsGroupHeartbeatRequest::Topology message{.epoch = topology.epoch};
    for (const auto& one : topology.subtopologies) {
        auto& subtopology = message.subtopologies.emplace_back();
        subtopology.subtopology_id = one.id;
        subtopology.source_topics = {one.sources.begin(), one.sources.end()};
        subtopology.repartition_sink_topics = {one.repartition_sinks.begin(),
                                               one.repartition_sinks.end()};
        for (const auto& name : one.changelogs)
            subtopology.state_changelog_topics.push_back({.name = name});
        for (const auto& name : one.repartition_sources)
            subtopology.repartition_source_topics.push_back({.name = name});
    }
    return message;
}

std::vector<StreamsGroupHeartbeatRequest::TaskIds> listed(const OwnedPartitions& tasks) {
    std::vector<StreamsGroupHeartbeatRequest::TaskIds> list;
    for (const auto& [subtopology_id, partitions] : tasks)
        list.push_back({subtopology_id, partitions});
    return list;
}

StreamsGroupHeartbeatRequest request_of(const StreamsBeat& beat) {
    StreamsGroupHeartbeatRequest request{.group_id = beat.group_id,
                                         .member_id = beat.member_id,
                                         .member_epoch = beat.epoch,
                                         .endpoint_information_epoch = beat.endpoint_epoch,
                                         .rebalance_timeout_ms = beat.rebalance_timeout_ms,
                                         .shutdown_application = beat.shutdown};
    if (beat.instance_id) request.instance_id = *beat.instance_id;
    if (beat.process_id) request.process_id = *beat.process_id;
    if (beat.rack_id) request.rack_id = *beat.rack_id;
    if (beat.topology) request.topology = message_of(*beat.topology);
    if (beat.active) {
        request.active_tasks = listed(*beat.active);
        request.standby_tasks = listed(beat.standby);
        request.warmup_tasks.emplace();
    }
    if (beat.port) request.user_endpoint = {"host", *beat.port};
    if (!beat.tags.empty()) {
        request.client_tags.emplace();
        for (const auto& [key, value] : beat.tags) request.client_tags->push_back({key, value});
    }
    if (beat.offsets) {
        request.task_offsets.emplace();
        for (const auto& [partition, offset] : *beat.offsets)
            request.task_offsets->push_back({"0", partition, offset});
    }
    return request;
}

std::string described(const group::GroupCoordinator& coordinator, const std::string& group_id,
                      bool shows_targets) {
    const auto group = coordinator.describe_streams_group(group_id);
    if (group.error_code != ErrorCode::none) return std::string(name(group.error_code));
    std::string text = group.group_state + " " + std::to_string(group.group_epoch) + "/" +
                       std::to_string(group.assignment_epoch);
    if (shows_targets) text.clear();
    for (const auto& member : group.members) {
        const auto& tasks = shows_targets ? member.target_assignment : member.assignment;
        text += (text.empty() ? "" : " ") + member.member_id;
        if (!shows_targets) text += "@" + std::to_string(member.member_epoch);
        text += shown_tasks(tasks.active_tasks, tasks.standby_tasks, tasks.warmup_tasks);
    }
    return text;
}

}  // namespace

std::string StreamsConversation::say(const StreamsBeat& beat) {
    const auto request = request_of(beat);
    const auto caller = shell_.caller(++token_, beat.version);
    shell_.apply(shell_.coordinator().streams_group_heartbeat(request, caller));
    auto replies = shell_.take_replies();
    answer_ = std::get<group::StreamsHeartbeat>(replies.at(0).response);
    const auto& response = answer_.response;
    if (response.error_code != ErrorCode::none) return std::string(name(response.error_code));
    std::string text = response.member_id + "@" + std::to_string(response.member_epoch);
    if (response.active_tasks)
        text +=
            shown_tasks(*response.active_tasks, *response.standby_tasks, *response.warmup_tasks);
    for (const auto& status : *response.status) text += " !" + status_name(status.status_code);
    return text;
}

std::string StreamsConversation::join(const std::string& member_id, TestTopology topology) {
    return say({.member_id = member_id,
                .process_id = member_id,
                .topology = std::move(topology),
                .active = OwnedPartitions{},
                .rebalance_timeout_ms = rebalance_timeout_ms});
}

std::string StreamsConversation::join_statically(const std::string& member_id,
                                                 const std::string& instance_id) {
    return say({.member_id = member_id,
                .instance_id = instance_id,
                .process_id = instance_id,
                .topology = TestTopology{},
                .active = OwnedPartitions{},
                .rebalance_timeout_ms = rebalance_timeout_ms});
}

std::string StreamsConversation::beat(const std::string& member_id, int32_t epoch,
                                      std::optional<OwnedPartitions> active) {
    return say({.member_id = member_id, .epoch = epoch, .active = std::move(active)});
}

std::string StreamsConversation::leave(const std::string& member_id, int32_t epoch,
                                       std::optional<std::string> instance_id) {
    return say({.member_id = member_id, .epoch = epoch, .instance_id = std::move(instance_id)});
}

void StreamsConversation::create_topics() {
    for (const auto& [name, topic] : answer_.topics_to_create)
        set_topic(name, topic.partition_count);
}

std::string StreamsConversation::describe(const std::string& group_id) const {
    return described(shell_.coordinator(), group_id, /*shows_targets=*/false);
}

std::string StreamsConversation::targets() const {
    return described(shell_.coordinator(), "g", /*shows_targets=*/true);
}

std::string StreamsConversation::described_after_restart() const {
    return described(shell_.reloaded(), "g", /*shows_targets=*/false);
}

std::string StreamsConversation::commit(const std::string& member_id, int32_t epoch,
                                        int32_t partition, int64_t offset, int16_t version) {
    OffsetCommitRequest request{
        .group_id = "g", .generation_id_or_member_epoch = epoch, .member_id = member_id};
    auto& topic = request.topics.emplace_back();
    topic.name = "t";
    topic.partitions.push_back({.partition_index = partition, .committed_offset = offset});
    const auto caller = shell_.caller(++token_, version);
    shell_.apply(shell_.coordinator().offset_commit(request, caller));
    auto replies = shell_.take_replies();
    const auto& response = std::get<OffsetCommitResponse>(replies.at(0).response);
    return std::string(name(response.topics.at(0).partitions.at(0).error_code));
}

std::string StreamsConversation::fetch(std::optional<std::string> member_id, int32_t epoch,
                                       int32_t partition) {
    OffsetFetchRequest::OffsetFetchRequestGroup request{.group_id = "g", .member_epoch = epoch};
    if (member_id) request.member_id = *member_id;
    auto& topic = request.topics.emplace().emplace_back();
    topic.name = "t";
    topic.partition_indexes = {partition};
    const auto response = shell_.coordinator().offset_fetch(request, false);
    if (response.error_code != ErrorCode::none) return std::string(name(response.error_code));
    return std::to_string(response.topics.at(0).partitions.at(0).committed_offset);
}

}  // namespace tests
