#include <map>

#include "broker/api/handlers.h"
#include "broker/api/throttle.h"
#include "broker/broker.h"
#include "broker/config/describe.h"

namespace broker::api {

namespace {

using protocol::CreateTopicsRequest;
using protocol::CreateTopicsResponse;
using protocol::ErrorCode;
using Wanted = CreateTopicsRequest::CreatableTopic;
using Answered = CreateTopicsResponse::CreatableTopicResult;

Answered refuse(std::string_view name, const metadata::ApiError& error) {
    return {.name = std::string(name), .error_code = error.code, .error_message = error.message};
}

std::expected<metadata::NewTopic, metadata::ApiError> new_topic(const Wanted& wanted) {
    metadata::NewTopic topic{.name = std::string(wanted.name),
                             .partition_count = wanted.num_partitions,
                             .replication_factor = wanted.replication_factor};
    for (const auto& assignment : wanted.assignments)
        if (!topic.assignments.emplace(assignment.partition_index, assignment.broker_ids).second)
            return std::unexpected(metadata::ApiError{ErrorCode::invalid_replica_assignment,
                                                      "A partition was assigned more than once."});
    for (const auto& entry : wanted.configs) {
        if (!entry.value)
            return std::unexpected(metadata::ApiError{
                ErrorCode::invalid_config,
                "Null value not supported for topic configs: " + std::string(entry.name)});
        topic.configs[std::string(entry.name)] = *entry.value;
    }
    return topic;
}

Answered describe(const RequestContext& context, const metadata::TopicImage& topic) {
    Answered answer{.name = topic.name,
                    .topic_id = topic.id,
                    .num_partitions = topic.partition_count(),
                    .replication_factor = 1};
    answer.error_message.reset();
    auto& configs = answer.configs.emplace();
    for (auto& entry :
         config::describe_topic(std::nullopt, topic.overrides, context.home.config.values))
        configs.push_back({.name = std::move(entry.name),
                           .value = std::move(entry.value),
                           .read_only = entry.read_only,
                           .config_source = static_cast<int8_t>(entry.source),
                           .is_sensitive = entry.sensitive});
    return answer;
}

Answer<Answered> create(RequestContext& context, const Wanted& wanted, bool validate_only,
                        quota::MutationQuota& quota) {
    auto topic = new_topic(wanted);
    if (!topic) co_return refuse(wanted.name, topic.error());
    const auto created =
        co_await context.broker.controller().create_topic(std::move(*topic), validate_only, quota);
    if (!created) co_return refuse(wanted.name, created.error());
    Answered answer = describe(context, **created);
    if (validate_only) answer.topic_id = {};
    co_return answer;
}

}  // namespace

Answer<CreateTopicsResponse> create_topics(RequestContext& context,
                                           const CreateTopicsRequest& request) {
    std::map<std::string_view, int> times_named;
    for (const Wanted& wanted : request.topics) ++times_named[wanted.name];
    CreateTopicsResponse response;
    auto quota = mutation_quota(context, /*strict_since=*/6);
    for (const Wanted& wanted : request.topics) {
        int& times = times_named[wanted.name];
        if (times == 0) continue;  // its one answer is there already
        if (times > 1) {
            times = 0;
            response.topics.push_back(refuse(
                wanted.name, {ErrorCode::invalid_request, "Duplicate topic name in the request."}));
            continue;
        }
        Answered answer = co_await create(context, wanted, request.validate_only, quota);
        response.topics.push_back(std::move(answer));
    }
    throttle(context, quota.wait_ms(context.home.clock.now_ms()));
    co_return response;
}

}  // namespace broker::api
