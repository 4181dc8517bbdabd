#include <map>
#include <utility>

#include "broker/api/handlers.h"
#include "broker/api/on_replica.h"
#include "broker/api/topic_lookup.h"

namespace broker::api {

namespace {

using protocol::ErrorCode;
using protocol::ListOffsetsRequest;
using protocol::ListOffsetsResponse;
using Wanted = ListOffsetsRequest::ListOffsetsTopic::ListOffsetsPartition;
using Answered = ListOffsetsResponse::ListOffsetsTopicResponse::ListOffsetsPartitionResponse;

// Negative timestamps ask for a place instead of a time, each from some version on.
enum Place : int64_t {
    latest = -1,
    earliest = -2,
    max_timestamp = -3,            // v7, KIP-734
    earliest_local = -4,           // v8, KIP-405
    latest_tiered = -5,            // v9, KIP-1005
    earliest_pending_upload = -6,  // v11, KIP-1023
};

bool is_served(int64_t timestamp, int16_t version) {
    switch (timestamp) {
        case max_timestamp: return version >= 7;
        case earliest_local: return version >= 8;
        case latest_tiered: return version >= 9;
        case earliest_pending_upload: return version >= 11;
        default: return timestamp >= earliest;
    }
}

void answer_found(const std::expected<std::optional<storage::TimestampOffset>, ErrorCode>& found,
                  int64_t end, Answered& answer) {
    if (!found) {
        answer.error_code = found.error();
    } else if (*found && (*found)->offset < end) {
        answer.timestamp = (*found)->timestamp;
        answer.offset = (*found)->offset;
        answer.leader_epoch = (*found)->leader_epoch;
    }
}

Answered look_up(const partition::Replica& replica, const Wanted& wanted,
                 partition::Isolation isolation) {
    Answered answer{.partition_index = wanted.partition_index};
    answer.error_code = replica.check_leader_epoch(wanted.current_leader_epoch);
    if (answer.error_code != ErrorCode::none) return answer;
    const storage::Log& log = replica.log();
    const int64_t end = replica.end_offset(isolation);
    switch (wanted.timestamp) {
        case latest:
            answer.offset = end;
            answer.leader_epoch = replica.leader_epoch();
            break;
        case earliest:
        case earliest_local:
            answer.offset = log.log_start_offset();
            answer.leader_epoch =
                log.leader_epochs().epoch_of(answer.offset).value_or(replica.leader_epoch());
            break;
        case latest_tiered:
        case earliest_pending_upload: break;  // there is no remote storage: no such offset
        case max_timestamp: answer_found(log.find_max_timestamp(), end, answer); break;
        default: answer_found(log.find_timestamp(wanted.timestamp), end, answer);
    }
    return answer;
}

Answer<Answered> answer_one(RequestContext& context, const ListOffsetsRequest& request,
                            std::string_view topic_name, const Wanted& wanted) {
    Answered failed{.partition_index = wanted.partition_index};
    const auto topic = find_topic(context.home.image, /*by_id=*/false, topic_name, {});
    failed.error_code = !topic ? topic.error()
                        : !is_served(wanted.timestamp, context.version)
                            ? ErrorCode::unsupported_version
                            : ErrorCode::none;
    if (failed.error_code != ErrorCode::none) co_return failed;
    const auto isolation = request.isolation_level == 1 ? partition::Isolation::read_committed
                                                        : partition::Isolation::read_uncommitted;
    auto work = [&](partition::Replica& replica, Shard&) {
        return look_up(replica, wanted, isolation);
    };
    const auto found = co_await on_replica(context, *topic, wanted.partition_index, work);
    if (found) co_return *found;
    failed.error_code = found.error();
    co_return failed;
}

// Kafka refuses a partition that is asked for more than once, in one answer.
std::map<std::pair<std::string_view, int32_t>, int> count_partitions(
    const ListOffsetsRequest& request) {
    std::map<std::pair<std::string_view, int32_t>, int> times_asked;
    for (const auto& topic : request.topics)
        for (const auto& partition : topic.partitions)
            ++times_asked[{topic.name, partition.partition_index}];
    return times_asked;
}

}  // namespace

Answer<ListOffsetsResponse> list_offsets(RequestContext& context,
                                         const ListOffsetsRequest& request) {
    ListOffsetsResponse response;
    auto times_asked = count_partitions(request);
    for (const auto& topic : request.topics) {
        auto& answered = response.topics.emplace_back();
        answered.name = topic.name;
        for (const auto& wanted : topic.partitions) {
            const int times = std::exchange(times_asked[{topic.name, wanted.partition_index}], 0);
            if (times == 0) continue;
            if (times > 1) {
                answered.partitions.push_back({.partition_index = wanted.partition_index,
                                               .error_code = ErrorCode::invalid_request});
                continue;
            }
            Answered one = co_await answer_one(context, request, topic.name, wanted);
            answered.partitions.push_back(one);
        }
    }
    co_return response;
}

}  // namespace broker::api
