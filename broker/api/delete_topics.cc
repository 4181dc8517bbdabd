#include <map>
#include <utility>

#include "broker/api/handlers.h"
#include "broker/api/throttle.h"
#include "broker/api/topic_lookup.h"
#include "broker/broker.h"

namespace broker::api {

namespace {

using protocol::DeleteTopicsRequest;
using protocol::DeleteTopicsResponse;
using protocol::ErrorCode;
using Wanted = DeleteTopicsRequest::DeleteTopicState;
using Answered = DeleteTopicsResponse::DeletableTopicResult;

Answered refuse(const Wanted& wanted, ErrorCode error) {
    Answered answer{.topic_id = wanted.topic_id, .error_code = error};
    if (wanted.name)
        answer.name = std::string(*wanted.name);
    else
        answer.name.reset();
    return answer;
}

Answer<Answered> remove(RequestContext& context, const Wanted& wanted,
                        quota::MutationQuota& quota) {
    const bool by_id = !wanted.name;
    Answered answer = refuse(wanted, ErrorCode::none);
    if (wanted.name.has_value() == !wanted.topic_id.is_zero()) {
        answer.error_code = ErrorCode::invalid_request;
        answer.error_message = "A topic is named by its name or by its id, by one of them.";
        co_return answer;
    }
    const auto topic =
        find_topic(context.home.image, by_id, wanted.name.value_or(""), wanted.topic_id);
    if (!topic) {
        answer.error_code = topic.error();
        co_return answer;
    }
    answer.name = (*topic)->name;
    answer.topic_id = (*topic)->id;
    if (!context.broker.config().delete_topics) {
        answer.error_code =
            context.version >= 3 ? ErrorCode::topic_deletion_disabled : ErrorCode::invalid_request;
        co_return answer;
    }
    const auto removed = co_await context.broker.controller().delete_topic((*topic)->id, quota);
    if (!removed) {
        answer.error_code = removed.error().code;
        answer.error_message = removed.error().message;
    }
    co_return answer;
}

}  // namespace

Answer<DeleteTopicsResponse> delete_topics(RequestContext& context,
                                           const DeleteTopicsRequest& request) {
    std::vector<Wanted> wanted = request.topics;  // v6, KIP-516
    for (const std::string_view name : request.topic_names) wanted.push_back({.name = name});
    std::map<std::pair<std::string_view, protocol::Uuid>, int> times_asked;
    for (const Wanted& one : wanted) ++times_asked[{one.name.value_or(""), one.topic_id}];
    DeleteTopicsResponse response;
    auto quota = mutation_quota(context, /*strict_since=*/5);
    for (const Wanted& one : wanted) {
        // Kafka refuses a topic that is named more than once, in one answer.
        const int times = std::exchange(times_asked[{one.name.value_or(""), one.topic_id}], 0);
        if (times == 0) continue;
        if (times > 1) {
            response.responses.push_back(refuse(one, ErrorCode::invalid_request));
            continue;
        }
        Answered answer = co_await remove(context, one, quota);
        response.responses.push_back(std::move(answer));
    }
    throttle(context, quota.wait_ms(context.home.clock.now_ms()));
    co_return response;
}

}  // namespace broker::api
