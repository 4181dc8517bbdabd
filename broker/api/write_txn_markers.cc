#include "broker/api/handlers.h"
#include "broker/coordinator/markers.h"
#include "broker/shard.h"

namespace broker::api {

// Ends a transaction on single partitions, whatever its coordinator thinks: what an administrator
// does about a hanging one (KIP-664).
Answer<protocol::WriteTxnMarkersResponse> write_txn_markers(
    RequestContext& context, const protocol::WriteTxnMarkersRequest& request) {
    context.is_work_counted = false;  // as between brokers
    protocol::WriteTxnMarkersResponse response;
    for (const auto& asked : request.markers) {
        const partition::Marker marker{.producer_id = asked.producer_id,
                                       .producer_epoch = asked.producer_epoch,
                                       .commit = asked.transaction_result,
                                       .coordinator_epoch = asked.coordinator_epoch,
                                       .transaction_version = asked.transaction_version};
        protocol::WriteTxnMarkersResponse::WritableTxnMarkerResult answered{.producer_id =
                                                                                asked.producer_id};
        for (const auto& asked_topic : asked.topics) {
            if (asked_topic.partition_indexes.empty()) continue;
            auto& topic_answer = answered.topics.emplace_back();
            topic_answer.name = asked_topic.name;
            const auto topic = context.home.image.find(asked_topic.name);
            for (const int32_t partition : asked_topic.partition_indexes) {
                protocol::ErrorCode error = protocol::ErrorCode::unknown_topic_or_partition;
                if (topic)
                    error = co_await coordinator::write_marker(context.shards, topic, partition,
                                                               marker);
                topic_answer.partitions.push_back(
                    {.partition_index = partition, .error_code = error});
            }
        }
        // As in Kafka an answer is made of partitions.
        if (!answered.topics.empty()) response.markers.push_back(std::move(answered));
    }
    co_return response;
}

}  // namespace broker::api
