#include "broker/coordinator/group/streams/heartbeat_answer.h"

#include <charconv>
#include <utility>

#include "broker/coordinator/group/streams/endpoints.h"

namespace broker::coordinator::group {

using protocol::StreamsGroupHeartbeatRequest;
using protocol::StreamsGroupHeartbeatResponse;
using Status = StreamsGroupHeartbeatResponse::Status;

namespace {

constexpr int16_t first_version_with_missing_tags = 1;
constexpr size_t creation_errors_shown_max = 3;

std::vector<StreamsGroupHeartbeatResponse::TaskIds> listed(const TaskIds& tasks) {
    std::vector<StreamsGroupHeartbeatResponse::TaskIds> list;
    for (const auto& [subtopology_id, partitions] : tasks)
        list.push_back({subtopology_id, {partitions.begin(), partitions.end()}});
    return list;
}

std::vector<StreamsGroupHeartbeatResponse::TaskIds> listed(const TaskEpochs& tasks) {
    std::vector<StreamsGroupHeartbeatResponse::TaskIds> list;
    for (const auto& [subtopology_id, partitions] : tasks) {
        auto& subtopology = list.emplace_back();
        subtopology.subtopology_id = subtopology_id;
        for (const auto& entry : partitions) subtopology.partitions.push_back(entry.first);
    }
    return list;
}

Status status(StreamsStatus code, std::string detail) {
    return {static_cast<int8_t>(code), std::move(detail)};
}

// "; Creation failed: t1 (why), t2 (why)."
std::string creation_errors(const StreamsGroup::InMemory& memory, const InternalTopics& topics,
                            int64_t now_ms) {
    std::string text;
    size_t count = 0;
    for (const auto& [topic, error] : memory.creation_errors) {
        if (now_ms >= error.until_ms || !topics.contains(topic)) continue;
        if (++count > creation_errors_shown_max) continue;
        text += (text.empty() ? "" : ", ") + topic + " (" + error.message + ")";
    }
    if (count > creation_errors_shown_max)
        text += " and " + std::to_string(count - creation_errors_shown_max) + " more";
    return text.empty() ? text : "; Creation failed: " + text + ".";
}

std::optional<Status> missing_tags(const AssignmentConfigs& configs, const StreamsMember& member) {
    const auto wanted = configs.find(rack_aware_tags_config);
    if (wanted == configs.end()) return std::nullopt;
    std::string missing;
    for (const std::string& tag : tags_in(wanted->second))
        if (!member.client_tags.contains(tag)) missing += (missing.empty() ? "" : ", ") + tag;
    if (missing.empty()) return std::nullopt;
    return status(StreamsStatus::missing_client_tags,
                  "Missing required client tags for rack-aware standby assignment: [" + missing +
                      "]. Configure them via 'client.tag.<tagKey>' in your Streams config.");
}

Status shutdown(const std::string& member_id) {
    constexpr std::string_view reason =
        " encountered a fatal error and requested a shutdown for the entire application.";
    return status(StreamsStatus::shutdown_application,
                  "Streams group member " + member_id + std::string(reason));
}

int64_t acceptable_lag(const std::string& group_id, const ChangeContext& context) {
    int64_t lag = context.config.group_streams_acceptable_recovery_lag;
    if (const auto own = context.cluster.group_text(group_id, "streams.acceptable.recovery.lag"))
        std::from_chars(own->data(), own->data() + own->size(), lag);
    return lag;
}

// The problem with the topology's topics, and what is to be done about it.
void add_problem(const ConfiguredTopology& configured, const StreamsGroup::InMemory& memory,
                 const ChangeContext& context, StreamsHeartbeat& beat) {
    if (!configured.problem) return;
    const auto& topics = configured.topics_to_create;
    std::string detail = configured.problem->detail;
    if (configured.problem->status == StreamsStatus::missing_internal_topics)
        detail += creation_errors(memory, topics, context.now_ms);
    beat.response.status->push_back(status(configured.problem->status, std::move(detail)));
    // What failed is tried again when that is not told any more.
    for (const auto& [name, topic] : topics) {
        const auto error = memory.creation_errors.find(name);
        if (error == memory.creation_errors.end() || context.now_ms >= error->second.until_ms)
            beat.topics_to_create.emplace(name, topic);
    }
}

void add_tasks(const StreamsMember& member, StreamsGroupHeartbeatResponse& response) {
    response.active_tasks = listed(member.assigned.active);
    response.standby_tasks = listed(member.assigned.standby);
    response.warmup_tasks = listed(member.assigned.warmup);
}

}  // namespace

StreamsHeartbeat answer_heartbeat(const StreamsGroupHeartbeatRequest& request, int16_t version,
                                  const StreamsMember& before, const StreamsMember& after,
                                  const std::optional<Tasks>& owned, StreamsGroupChange& change,
                                  StreamsGroup& group, bool is_new_group,
                                  const ChangeContext& context) {
    auto& memory = group.in_memory();
    const GroupConfig& config = context.config;
    const std::string& group_id = group.group_id();
    if (request.shutdown_application && !memory.shutdown_requested_by)
        memory.shutdown_requested_by = request.member_id;

    StreamsHeartbeat beat;
    auto& response = beat.response;
    response.member_id = after.member_id;
    response.member_epoch = after.member_epoch;
    response.heartbeat_interval_ms = context.setting(group_id, "streams.heartbeat.interval.ms",
                                                     config.group_streams_heartbeat_interval_ms);
    response.task_offset_interval_ms = context.setting(
        group_id, "streams.task.offset.interval.ms", config.group_streams_task_offset_interval_ms);
    response.acceptable_recovery_lag = acceptable_lag(group_id, context);
    beat.creation_errors_until_ms = context.now_ms + 2LL * response.heartbeat_interval_ms;

    const bool tasks_changed = after.assigned != before.assigned;
    // Kafka tells them once: a member that missed it would leave its tasks undone.
    const bool knows_others = owned && *owned != without_epochs(after.assigned);
    if (request.member_epoch == joining_epoch || tasks_changed || knows_others)
        add_tasks(after, response);
    const bool endpoint_changed = after.endpoint != before.endpoint;
    if (endpoint_changed || (tasks_changed && after.endpoint)) ++memory.endpoint_epoch;
    if (memory.endpoint_epoch != request.endpoint_information_epoch)
        response.partitions_by_user_endpoint =
            partitions_by_endpoint(group, after, change.replaced_member_id(), context.cluster);
    if (!is_new_group) response.endpoint_information_epoch = memory.endpoint_epoch;

    response.status = change.take_statuses();
    add_problem(*change.configured(), memory, context, beat);
    if (memory.shutdown_requested_by)
        response.status->push_back(shutdown(*memory.shutdown_requested_by));
    if (version >= first_version_with_missing_tags)
        if (auto missing = missing_tags(change.assignment_configs(), after))
            response.status->push_back(std::move(*missing));
    return beat;
}

}  // namespace broker::coordinator::group
