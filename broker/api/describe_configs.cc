#include <charconv>

#include "broker/api/handlers.h"
#include "broker/broker.h"
#include "broker/config/describe.h"

namespace broker::api {

namespace {

using metadata::ConfigResource;
using protocol::DescribeConfigsRequest;
using protocol::DescribeConfigsResponse;
using protocol::ErrorCode;
using Wanted = DescribeConfigsRequest::DescribeConfigsResource;
using Answered = DescribeConfigsResponse::DescribeConfigsResult;

void add_entries(const DescribeConfigsRequest& request, std::vector<config::Description> entries,
                 Answered& answer) {
    for (auto& entry : entries) {
        auto& shown = answer.configs.emplace_back();
        shown.name = std::move(entry.name);
        shown.value = std::move(entry.value);
        shown.read_only = entry.read_only;
        shown.config_source = static_cast<int8_t>(entry.source);
        shown.is_sensitive = entry.sensitive;
        shown.config_type = static_cast<int8_t>(entry.type);
        shown.documentation.reset();
        if (request.include_documentation && !entry.documentation.empty())
            shown.documentation = std::string(entry.documentation);
        if (!request.include_synonyms) continue;
        for (auto& synonym : entry.synonyms)
            shown.synonyms.push_back({.name = std::move(synonym.name),
                                      .value = std::move(synonym.value),
                                      .source = static_cast<int8_t>(synonym.source)});
    }
}

void fail(Answered& answer, ErrorCode error, std::string message) {
    answer.error_code = error;
    answer.error_message = std::move(message);
}

void describe_broker(const RequestContext& context, const DescribeConfigsRequest& request,
                     const Wanted& wanted, Answered& answer) {
    const auto& broker = context.broker.config();
    if (wanted.resource_name.empty())
        return add_entries(
            request, config::describe_broker_defaults(wanted.configuration_keys, broker.values),
            answer);
    int32_t id = -1;
    const auto end = wanted.resource_name.data() + wanted.resource_name.size();
    const auto parsed = std::from_chars(wanted.resource_name.data(), end, id);
    if (parsed.ec != std::errc{} || parsed.ptr != end)
        return fail(
            answer, ErrorCode::invalid_request,
            "Broker id must be an integer, but it is: " + std::string(wanted.resource_name));
    if (id != broker.node_id)
        return fail(answer, ErrorCode::invalid_request,
                    "Unexpected broker id, expected " + std::to_string(broker.node_id) +
                        ", but received " + std::to_string(id));
    add_entries(request, config::describe_broker(wanted.configuration_keys, broker.values), answer);
}

void describe_topic(const RequestContext& context, const DescribeConfigsRequest& request,
                    const Wanted& wanted, Answered& answer) {
    if (const auto valid = metadata::validate_topic_name(wanted.resource_name); !valid)
        return fail(answer, valid.error().code, valid.error().message);
    const auto topic = context.home.image.find(wanted.resource_name);
    if (!topic)
        return fail(answer, ErrorCode::unknown_topic_or_partition, "There is no such topic.");
    add_entries(request,
                config::describe_topic(wanted.configuration_keys, topic->overrides,
                                       context.broker.config().values),
                answer);
}

}  // namespace

Answer<DescribeConfigsResponse> describe_configs(RequestContext& context,
                                                 const DescribeConfigsRequest& request) {
    DescribeConfigsResponse response;
    for (const Wanted& wanted : request.resources) {
        auto& answer = response.results.emplace_back();
        answer.resource_type = wanted.resource_type;
        answer.resource_name = wanted.resource_name;
        answer.error_message.reset();
        switch (static_cast<ConfigResource>(wanted.resource_type)) {
            case ConfigResource::topic: describe_topic(context, request, wanted, answer); break;
            case ConfigResource::broker: describe_broker(context, request, wanted, answer); break;
            case ConfigResource::group:
                add_entries(request,
                            config::describe_group(wanted.configuration_keys, {},
                                                   context.broker.config().values),
                            answer);
                break;
            case ConfigResource::client_metrics: break;  // none can be set: an empty list
            default:
                fail(answer, ErrorCode::invalid_request,
                     "Configs of this resource are not served.");
        }
    }
    co_return response;
}

}  // namespace broker::api
