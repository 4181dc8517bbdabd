#include "broker/api/handlers.h"
#include "broker/api/on_replica.h"
#include "broker/api/topic_lookup.h"

namespace broker::api {

namespace {

using protocol::ErrorCode;
using protocol::OffsetForLeaderEpochRequest;
using protocol::OffsetForLeaderEpochResponse;
using Wanted = OffsetForLeaderEpochRequest::OffsetForLeaderTopic::OffsetForLeaderPartition;
using Answered = OffsetForLeaderEpochResponse::OffsetForLeaderTopicResult::EpochEndOffset;

Answered look_up(const partition::Replica& replica, const Wanted& wanted) {
    Answered answer{.partition = wanted.partition};
    answer.error_code = replica.check_leader_epoch(wanted.current_leader_epoch);
    if (answer.error_code != ErrorCode::none) return answer;
    const auto end = replica.end_of_epoch(wanted.leader_epoch);
    answer.leader_epoch = end.epoch;
    answer.end_offset = end.end_offset;
    return answer;
}

}  // namespace

Answer<OffsetForLeaderEpochResponse> offset_for_leader_epoch(
    RequestContext& context, const OffsetForLeaderEpochRequest& request) {
    OffsetForLeaderEpochResponse response;
    for (const auto& asked : request.topics) {
        auto& answered = response.topics.emplace_back();
        answered.topic = asked.topic;
        const auto topic = find_topic(context.home.image, /*by_id=*/false, asked.topic, {});
        for (const auto& wanted : asked.partitions) {
            Answered failed{.partition = wanted.partition};
            if (!topic) {
                failed.error_code = topic.error();
                answered.partitions.push_back(failed);
                continue;
            }
            auto work = [&](partition::Replica& replica, Shard&) {
                return look_up(replica, wanted);
            };
            const auto found = co_await on_replica(context, *topic, wanted.partition, work);
            if (!found) failed.error_code = found.error();
            answered.partitions.push_back(found ? *found : failed);
        }
    }
    co_return response;
}

}  // namespace broker::api
