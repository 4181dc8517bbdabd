#include <fmt/format.h>

#include "broker/api/error_message.h"
#include "broker/api/handlers.h"
#include "broker/broker.h"
#include "broker/metadata/partition_changes.h"

namespace broker::api {

namespace {

using metadata::ElectionType;
using protocol::ElectLeadersRequest;
using protocol::ElectLeadersResponse;
using protocol::ErrorCode;
using Wanted = ElectLeadersRequest::TopicPartitions;
using Answered = ElectLeadersResponse::ReplicaElectionResult;

Answered::PartitionResult result(int32_t partition, const metadata::ApiError& error) {
    return {
        .partition_id = partition, .error_code = error.code, .error_message = message_of(error)};
}

metadata::ApiError elect(const RequestContext& context, std::string_view name, int32_t partition,
                         ElectionType type) {
    const auto topic = context.home.image.find(name);
    if (!topic)
        return {ErrorCode::unknown_topic_or_partition, fmt::format("No such topic as {}", name)};
    if (partition < 0 || partition >= topic->partition_count())
        return {ErrorCode::unknown_topic_or_partition,
                fmt::format("No such partition as {}-{}", name, partition)};
    return metadata::elect_leader(topic->partitions[static_cast<size_t>(partition)], type,
                                  context.broker.config().node_id);
}

// Every topic is named, with those of its partitions that should have another leader.
ElectLeadersResponse elect_all(const RequestContext& context, ElectionType type) {
    ElectLeadersResponse response;
    context.home.image.for_each_topic([&](const metadata::TopicRef& topic) {
        Answered& answered = response.replica_election_results.emplace_back();
        answered.topic = topic->name;
        for (int32_t partition = 0; partition < topic->partition_count(); ++partition) {
            const auto error = elect(context, topic->name, partition, type);
            if (error.code != ErrorCode::election_not_needed)
                answered.partition_result.push_back(result(partition, error));
        }
    });
    return response;
}

}  // namespace

Answer<ElectLeadersResponse> elect_leaders(RequestContext& context,
                                           const ElectLeadersRequest& request) {
    const auto type = static_cast<ElectionType>(request.election_type);
    const bool is_known = type == ElectionType::preferred || type == ElectionType::unclean;
    if (is_known && !request.topic_partitions) co_return elect_all(context, type);
    ElectLeadersResponse response;
    const metadata::ApiError unknown_type{
        ErrorCode::invalid_request, fmt::format("Unknown election type {}", request.election_type)};
    for (const Wanted& wanted : request.topic_partitions.value_or(std::vector<Wanted>{})) {
        Answered& answered = response.replica_election_results.emplace_back();
        answered.topic = wanted.topic;
        if (!is_known) response.error_code = unknown_type.code;
        for (const int32_t partition : wanted.partitions)
            answered.partition_result.push_back(
                result(partition,
                       is_known ? elect(context, wanted.topic, partition, type) : unknown_type));
    }
    co_return response;
}

}  // namespace broker::api
