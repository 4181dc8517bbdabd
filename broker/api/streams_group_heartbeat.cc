#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "broker/api/handlers.h"
#include "broker/api/on_group.h"
#include "broker/api/run_group.h"
#include "broker/api/streams_group_protocol.h"
#include "broker/api/throttle.h"
#include "broker/metadata/topic_changes.h"

namespace broker::api {

using coordinator::group::InternalTopic;
using coordinator::group::StreamsHeartbeat;
using protocol::ErrorCode;
using Request = protocol::StreamsGroupHeartbeatRequest;
using Response = protocol::StreamsGroupHeartbeatResponse;

namespace {

// Each once, in the order of the topology.
std::vector<std::string_view> topic_names(const Request::Topology& topology) {
    std::vector<std::string_view> names;
    std::set<std::string_view> seen;
    const auto add = [&](std::string_view name) {
        if (seen.insert(name).second) names.push_back(name);
    };
    for (const auto& subtopology : topology.subtopologies) {
        for (const auto name : subtopology.source_topics) add(name);
        for (const auto name : subtopology.repartition_sink_topics) add(name);
        for (const auto& topic : subtopology.repartition_source_topics) add(topic.name);
        for (const auto& topic : subtopology.state_changelog_topics) add(topic.name);
    }
    return names;
}

std::string joined(const std::vector<std::string_view>& names) {
    std::string text;
    for (const auto name : names) text += (text.empty() ? "" : ",") + std::string(name);
    return text;
}

std::optional<Response> refuse_topics(const Request::Topology& topology) {
    std::vector<std::string_view> internal;
    std::vector<std::string_view> invalid;
    for (const auto name : topic_names(topology)) {
        if (metadata::is_internal_topic(name)) internal.push_back(name);
        if (!metadata::validate_topic_name(name)) invalid.push_back(name);
    }
    Response response{.error_code = ErrorCode::streams_invalid_topology};
    if (!internal.empty())
        response.error_message = "Use of Kafka internal topics " + joined(internal) +
                                 " in a Kafka Streams topology is prohibited.";
    else if (!invalid.empty())
        response.error_message = "Topic names " + joined(invalid) + " are not valid topic names.";
    else
        return std::nullopt;
    return response;
}

metadata::NewTopic new_topic(const std::string& name, const InternalTopic& wanted) {
    constexpr int16_t brokers_default = -1;
    metadata::NewTopic topic{.name = name,
                             .partition_count = wanted.partition_count,
                             .replication_factor = wanted.replication_factor == 0
                                                       ? brokers_default
                                                       : wanted.replication_factor};
    for (const auto& [key, value] : wanted.configs) topic.configs[key] = value;
    return topic;
}

// The topics come on the client's behalf: its quota counts. What cannot be created its members are
// told with their next heartbeats.
asio::awaitable<void> create_topics(RequestContext& context, std::string_view group_id,
                                    const StreamsHeartbeat& beat) {
    std::map<std::string, std::string> errors;
    auto quota = mutation_quota(context, /*strict_since=*/0);
    for (const auto& [name, wanted] : beat.topics_to_create) {
        auto topic = new_topic(name, wanted);
        const auto created =
            co_await context.broker.controller().ensure_topic(std::move(topic), quota);
        if (created) continue;
        const auto& error = created.error();
        errors[name] = error.message.empty() ? protocol::name(error.code) : error.message;
    }
    if (errors.empty()) co_return;
    auto tell = [&](auto& machine, int64_t) {
        machine.internal_topics_not_created(group_id, errors, beat.creation_errors_until_ms);
        return true;
    };
    (void)co_await on_group(context, group_id, tell);
}

}  // namespace

Answer<Response> streams_group_heartbeat(RequestContext& context, const Request& request) {
    if (!has_streams_groups(context))
        co_return Response{.error_code = ErrorCode::unsupported_version};
    if (request.topology) {
        auto refused = refuse_topics(*request.topology);
        if (refused) co_return std::move(*refused);
    }
    const coordinator::GroupService::Operation beat = [&request](auto& machine,
                                                                 const auto& caller) {
        return machine.streams_group_heartbeat(request, caller);
    };
    auto answer = co_await run_group<StreamsHeartbeat>(context, request.group_id, beat);
    if (!answer) co_return Response{.error_code = answer.error()};
    if (!answer->topics_to_create.empty())
        co_await create_topics(context, request.group_id, *answer);
    co_return std::move(answer->response);
}

}  // namespace broker::api
