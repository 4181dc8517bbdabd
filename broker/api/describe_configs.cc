#include "broker/api/handlers.h"
#include "broker/broker.h"
#include "broker/config/describe.h"
#include "broker/logging.h"
#include "broker/metadata/config_changes.h"

namespace broker::api {

namespace {

using config::Description;
using metadata::ApiError;
using metadata::ConfigResource;
using metadata::refuse;
using protocol::DescribeConfigsRequest;
using protocol::DescribeConfigsResponse;
using protocol::ErrorCode;
using Wanted = DescribeConfigsRequest::DescribeConfigsResource;
using Answered = DescribeConfigsResponse::DescribeConfigsResult;
using Described = std::expected<std::vector<Description>, ApiError>;

void add_entries(const DescribeConfigsRequest& request, std::vector<Description> entries,
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
        if (request.include_documentation) shown.documentation = std::move(entry.documentation);
        if (!request.include_synonyms) continue;
        for (auto& synonym : entry.synonyms)
            shown.synonyms.push_back({.name = std::move(synonym.name),
                                      .value = std::move(synonym.value),
                                      .source = static_cast<int8_t>(synonym.source)});
    }
}

Described describe_broker(const Wanted& wanted, const std::string& name,
                          const config::BrokerConfig& broker) {
    if (name.empty())
        return config::describe_broker_defaults(wanted.configuration_keys, broker.values);
    if (auto valid = metadata::validate_node_id(name, broker.node_id); !valid)
        return std::unexpected(valid.error());
    return config::describe_broker(wanted.configuration_keys, broker.values);
}

Described describe_topic(const Wanted& wanted, const metadata::ClusterImage& image,
                         const config::BrokerConfig& broker) {
    if (auto valid = metadata::validate_topic_name(wanted.resource_name); !valid)
        return std::unexpected(valid.error());
    const auto topic = image.find(wanted.resource_name);
    if (!topic) return refuse(ErrorCode::unknown_topic_or_partition, "There is no such topic.");
    return config::describe_topic(wanted.configuration_keys, topic->overrides, broker.values);
}

Described describe_loggers(const Wanted& wanted, const std::string& name, int32_t node_id) {
    if (name.empty()) return refuse(ErrorCode::invalid_request, "Broker id must not be empty");
    if (auto valid = metadata::validate_node_id(name, node_id); !valid)
        return std::unexpected(valid.error());
    if (!config::is_asked(wanted.configuration_keys, root_logger)) return {};
    return std::vector{Description{.name = std::string(root_logger),
                                   .value = std::string(log_level()),
                                   .source = config::Source::dynamic_broker_logger,
                                   .type = config::ConfigType::unknown_type,
                                   .documentation = ""}};
}

Described describe(const Wanted& wanted, const metadata::ClusterImage& image,
                   const config::BrokerConfig& broker) {
    const std::string name(wanted.resource_name);
    const auto& keys = wanted.configuration_keys;
    switch (const auto type = static_cast<ConfigResource>(wanted.resource_type)) {
        case ConfigResource::topic: return describe_topic(wanted, image, broker);
        case ConfigResource::broker: return describe_broker(wanted, name, broker);
        case ConfigResource::broker_logger: return describe_loggers(wanted, name, broker.node_id);
        case ConfigResource::client_metrics:
            if (name.empty())
                return refuse(ErrorCode::invalid_request,
                              "Client metrics subscription name must not be empty");
            return config::describe_client_metrics(keys, image.configs(type, name));
        case ConfigResource::group:
            if (name.empty())
                return refuse(ErrorCode::invalid_request, "Group name must not be empty");
            return config::describe_group(keys, image.configs(type, name), broker.values);
        default:
            return refuse(ErrorCode::invalid_request, "Configs of this resource are not served.");
    }
}

}  // namespace

Answer<DescribeConfigsResponse> describe_configs(RequestContext& context,
                                                 const DescribeConfigsRequest& request) {
    DescribeConfigsResponse response;
    for (const Wanted& wanted : request.resources) {
        auto& answer = response.results.emplace_back();
        answer.resource_type = wanted.resource_type;
        answer.resource_name = wanted.resource_name;
        auto described = describe(wanted, context.home.image, context.home.config);
        if (described) {
            add_entries(request, std::move(*described), answer);
        } else {
            answer.error_code = described.error().code;
            answer.error_message = std::move(described.error().message);
        }
    }
    co_return response;
}

}  // namespace broker::api
