#include "broker/api/handlers.h"
#include "broker/api/on_replica.h"
#include "broker/api/topic_lookup.h"
#include "broker/metadata/topic_changes.h"

namespace broker::api {

namespace {

using Answered = protocol::DescribeProducersResponse::TopicResponse::PartitionResponse;

Answered describe(const partition::Replica& replica, int32_t partition) {
    Answered answer{.partition_index = partition};
    for (const auto& [id, producer] : replica.log().producers().producers())
        answer.active_producers.push_back(
            {.producer_id = id,
             .producer_epoch = producer.producer_epoch,
             .last_sequence = producer.last_sequence(),
             .last_timestamp = producer.last_timestamp,
             .coordinator_epoch = producer.coordinator_epoch,
             .current_txn_start_offset = producer.current_transaction_first_offset.value_or(-1)});
    return answer;
}

}  // namespace

Answer<protocol::DescribeProducersResponse> describe_producers(
    RequestContext& context, const protocol::DescribeProducersRequest& request) {
    protocol::DescribeProducersResponse response;
    for (const auto& asked : request.topics) {
        auto& answered = response.topics.emplace_back();
        answered.name = asked.name;
        const auto topic = find_topic(context.home.image, /*by_id=*/false, asked.name, {});
        for (const int32_t partition : asked.partition_indexes) {
            Answered failed{.partition_index = partition};
            if (!topic) {
                failed.error_code = metadata::validate_topic_name(asked.name)
                                        ? topic.error()
                                        : protocol::ErrorCode::invalid_topic_exception;
                answered.partitions.push_back(std::move(failed));
                continue;
            }
            auto work = [partition](partition::Replica& replica, Shard&) {
                return describe(replica, partition);
            };
            auto found = co_await on_replica(context, *topic, partition, work);
            if (!found) failed.error_code = found.error();
            answered.partitions.push_back(found ? std::move(*found) : std::move(failed));
        }
    }
    co_return response;
}

}  // namespace broker::api
