#include <algorithm>
#include <set>

#include "broker/api/authorized_operations.h"
#include "broker/api/handlers.h"
#include "broker/api/internal_topics.h"
#include "broker/api/throttle.h"
#include "broker/broker.h"

namespace broker::api {

namespace {

using protocol::ErrorCode;
using protocol::MetadataRequest;
using protocol::MetadataResponse;
using Topic = MetadataResponse::MetadataResponseTopic;

Topic describe(const metadata::TopicImage& topic, const MetadataRequest& request) {
    Topic described{.name = topic.name, .topic_id = topic.id, .is_internal = topic.is_internal};
    described.partitions.reserve(topic.partitions.size());
    int32_t index = 0;
    for (const auto& partition : topic.partitions)
        described.partitions.push_back({.partition_index = index++,
                                        .leader_id = partition.leader,
                                        .leader_epoch = partition.leader_epoch,
                                        .replica_nodes = partition.replicas,
                                        .isr_nodes = partition.isr});
    if (request.include_topic_authorized_operations)
        described.topic_authorized_operations = topic_operations;
    return described;
}

Topic unknown(ErrorCode error, std::optional<std::string_view> name, const protocol::Uuid& id,
              int16_t version) {
    Topic topic{.error_code = error, .topic_id = id};
    if (name)
        topic.name = std::string(*name);
    else if (version >= 12)
        topic.name.reset();
    else
        topic.name = "";
    if (name) topic.is_internal = metadata::is_internal_topic(*name);
    return topic;
}

Answer<Topic> find_or_create(RequestContext& context, const MetadataRequest& request,
                             std::string_view name) {
    if (const auto topic = context.home.image.find(name)) co_return describe(*topic, request);
    const auto valid = metadata::validate_topic_name(name);
    if (!valid) co_return unknown(valid.error().code, name, {}, context.version);
    const bool may_create =
        request.allow_auto_topic_creation && context.broker.config().auto_create_topics;
    if (!may_create)
        co_return unknown(ErrorCode::unknown_topic_or_partition, name, {}, context.version);
    auto wanted = new_topic_named(name, context.broker.config());
    auto quota = mutation_quota(context, /*strict_since=*/0);
    const auto created =
        co_await context.broker.controller().ensure_topic(std::move(wanted), quota);
    // A client does not expect to hear of a quota when it asks for metadata.
    if (!created && created.error().code == ErrorCode::throttling_quota_exceeded)
        co_return unknown(ErrorCode::unknown_topic_or_partition, name, {}, context.version);
    if (!created) co_return unknown(created.error().code, name, {}, context.version);
    co_return describe(**created, request);
}

Answer<Topic> find(RequestContext& context, const MetadataRequest& request,
                   const MetadataRequest::MetadataRequestTopic& wanted) {
    // Kafka's own clients send an empty name along with the id.
    if (wanted.name && wanted.topic_id.is_zero()) {
        Topic found = co_await find_or_create(context, request, *wanted.name);
        co_return found;
    }
    if (const auto topic = context.home.image.find(wanted.topic_id))
        co_return describe(*topic, request);
    co_return unknown(ErrorCode::unknown_topic_id, std::nullopt, wanted.topic_id, context.version);
}

// Before v12 an answer has no way to say that a topic has no name (KIP-516).
bool may_ask_so(const MetadataRequest& request, int16_t version) {
    return version >= 12 || std::ranges::all_of(*request.topics, [](const auto& topic) {
               return topic.name && topic.topic_id.is_zero();
           });
}

MetadataResponse refuse(const MetadataRequest& request, ErrorCode error) {
    MetadataResponse response;
    for (const auto& wanted : *request.topics)
        response.topics.push_back({.error_code = error,
                                   .name = std::string(wanted.name.value_or("")),
                                   .topic_id = wanted.topic_id});
    return response;
}

}  // namespace

Answer<MetadataResponse> metadata(RequestContext& context, const MetadataRequest& request) {
    const Broker& broker = context.broker;
    if (request.topics && !may_ask_so(request, context.version))
        co_return refuse(request, ErrorCode::invalid_request);
    MetadataResponse response;
    const config::Endpoint advertised = broker.advertised(context);
    response.brokers.push_back(
        {.node_id = broker.config().node_id, .host = advertised.host, .port = advertised.port});
    if (!broker.config().rack.empty()) response.brokers.back().rack = broker.config().rack;
    response.cluster_id = broker.cluster_id();
    response.controller_id = broker.config().node_id;
    if (request.include_cluster_authorized_operations)
        response.cluster_authorized_operations = cluster_operations;

    const bool all = !request.topics || (context.version == 0 && request.topics->empty());
    if (all) {
        context.home.image.for_each_topic([&](const metadata::TopicRef& topic) {
            response.topics.push_back(describe(*topic, request));
        });
        co_return response;
    }
    response.topics.reserve(request.topics->size());
    std::set<std::pair<std::string_view, protocol::Uuid>> answered;
    for (const auto& wanted : *request.topics) {
        if (!answered.emplace(wanted.name.value_or(""), wanted.topic_id).second) continue;
        Topic found = co_await find(context, request, wanted);
        response.topics.push_back(std::move(found));
    }
    co_return response;
}

}  // namespace broker::api
