#include "broker/api/handlers.h"
#include "broker/broker.h"

namespace broker::api {

namespace {

using protocol::DescribeQuorumRequest;
using protocol::DescribeQuorumResponse;
using protocol::ErrorCode;

// As Kafka's configuration usually calls a controller's listener.
constexpr std::string_view controller_listener = "CONTROLLER";

// The metadata log is asked for by itself, or nothing is answered.
bool is_metadata_log(const DescribeQuorumRequest& request) {
    return request.topics.size() == 1 &&
           request.topics.front().topic_name == metadata::metadata_topic &&
           request.topics.front().partitions.size() == 1 &&
           request.topics.front().partitions.front().partition_index == 0;
}

DescribeQuorumResponse refuse(const DescribeQuorumRequest& request) {
    DescribeQuorumResponse response;
    for (const auto& asked : request.topics) {
        auto& topic = response.topics.emplace_back();
        topic.topic_name = asked.topic_name;
        for (const auto& partition : asked.partitions)
            topic.partitions.push_back(
                {.partition_index = partition.partition_index,
                 .error_code = ErrorCode::unknown_topic_or_partition,
                 .error_message = "This server does not host this topic-partition."});
    }
    return response;
}

}  // namespace

Answer<DescribeQuorumResponse> describe_quorum(RequestContext& context,
                                               const DescribeQuorumRequest& request) {
    if (!is_metadata_log(request)) co_return refuse(request);
    const metadata::Quorum quorum = co_await context.broker.controller().describe_quorum();
    DescribeQuorumResponse response;
    auto& topic = response.topics.emplace_back();
    topic.topic_name = metadata::metadata_topic;
    auto& partition = topic.partitions.emplace_back();
    partition.leader_id = quorum.node_id;
    partition.leader_epoch = quorum.leader_epoch;
    partition.high_watermark = quorum.end_offset;
    const int64_t now_ms = context.home.clock.now_ms();
    partition.current_voters.push_back({.replica_id = quorum.node_id,
                                        .replica_directory_id = quorum.directory_id,
                                        .log_end_offset = quorum.end_offset,
                                        .last_fetch_timestamp = now_ms,
                                        .last_caught_up_timestamp = now_ms});
    const config::Endpoint here = context.broker.advertised(context);
    auto& node = response.nodes.emplace_back();
    node.node_id = quorum.node_id;
    node.listeners.push_back({.name = std::string(controller_listener),
                              .host = here.host,
                              .port = static_cast<uint16_t>(here.port)});
    co_return response;
}

}  // namespace broker::api
