#include "broker/api/handlers.h"
#include "broker/api/on_replica.h"
#include "broker/api/topic_lookup.h"

namespace broker::api {

namespace {

using protocol::DeleteRecordsRequest;
using protocol::DeleteRecordsResponse;
using protocol::ErrorCode;
using Wanted = DeleteRecordsRequest::DeleteRecordsTopic::DeleteRecordsPartition;
using Answered = DeleteRecordsResponse::DeleteRecordsTopicResult::DeleteRecordsPartitionResult;

constexpr int64_t high_watermark = -1;  // the offset that stands for it

Answered remove(partition::Replica& replica, const Wanted& wanted, bool deletes) {
    Answered answer{.partition_index = wanted.partition_index, .low_watermark = -1};
    // Of a compacted topic only compaction may remove records.
    if (!deletes) {
        answer.error_code = ErrorCode::policy_violation;
        return answer;
    }
    const int64_t offset =
        wanted.offset == high_watermark ? replica.high_watermark() : wanted.offset;
    if (offset < 0) {
        answer.error_code = ErrorCode::offset_out_of_range;
        return answer;
    }
    const auto raised = replica.log().raise_log_start_offset(offset);
    if (raised)
        answer.low_watermark = replica.log().log_start_offset();
    else
        answer.error_code = raised.error();
    return answer;
}

}  // namespace

Answer<DeleteRecordsResponse> delete_records(RequestContext& context,
                                             const DeleteRecordsRequest& request) {
    DeleteRecordsResponse response;
    for (const auto& asked : request.topics) {
        auto& answered = response.topics.emplace_back();
        answered.name = asked.name;
        const auto topic = find_topic(context.home.image, /*by_id=*/false, asked.name, {});
        for (const Wanted& wanted : asked.partitions) {
            Answered failed{.partition_index = wanted.partition_index, .low_watermark = -1};
            if (!topic || (*topic)->is_internal) {
                failed.error_code = topic ? ErrorCode::invalid_topic_exception : topic.error();
                answered.partitions.push_back(failed);
                continue;
            }
            auto work = [&](partition::Replica& replica, Shard&) {
                return remove(replica, wanted, (*topic)->config.log.deletes);
            };
            const auto removed = co_await on_replica(context, *topic, wanted.partition_index, work);
            if (!removed) failed.error_code = removed.error();
            answered.partitions.push_back(removed ? *removed : failed);
        }
    }
    co_return response;
}

}  // namespace broker::api
