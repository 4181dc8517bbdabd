// OffsetFetch for one group; KIP-447: who asks for stable offsets waits for open transactions.
#include "broker/coordinator/group/group_coordinator.h"

namespace broker::coordinator::group {

using protocol::ErrorCode;
using GroupRequest = protocol::OffsetFetchRequest::OffsetFetchRequestGroup;
using GroupResponse = protocol::OffsetFetchResponse::OffsetFetchResponseGroup;
using PartitionResponse = GroupResponse::OffsetFetchResponseTopics::OffsetFetchResponsePartitions;

namespace {

PartitionResponse nothing_committed(int32_t partition, ErrorCode error = ErrorCode::none) {
    return {.partition_index = partition, .committed_offset = -1, .error_code = error};
}

PartitionResponse committed(int32_t partition, const CommittedOffset& offset) {
    return {.partition_index = partition,
            .committed_offset = offset.offset,
            .committed_leader_epoch = offset.leader_epoch,
            .metadata = offset.metadata};
}

// Who does not say who it is need not be a member (KIP-848).
ErrorCode validate_fetch(const ConsumerGroup& group, const GroupRequest& request) {
    if (!request.member_id && request.member_epoch < 0) return ErrorCode::none;
    const auto* member = group.find_member(request.member_id.value_or(""));
    if (member == nullptr) return ErrorCode::unknown_member_id;
    if (request.member_epoch == member->member_epoch) return ErrorCode::none;
    return member->classic ? ErrorCode::illegal_generation : ErrorCode::stale_member_epoch;
}

// A streams group's likewise (KIP-1071).
ErrorCode validate_fetch(const StreamsGroup& group, const GroupRequest& request) {
    if (!request.member_id && request.member_epoch < 0) return ErrorCode::none;
    const auto* member = group.find_member(request.member_id.value_or(""));
    if (member == nullptr) return ErrorCode::unknown_member_id;
    return request.member_epoch == member->member_epoch ? ErrorCode::none
                                                        : ErrorCode::stale_member_epoch;
}

// The offset was committed for another topic of that name.
bool is_of_another_topic(const CommittedOffset& offset, const protocol::Uuid& topic_id) {
    return !topic_id.is_zero() && !offset.topic_id.is_zero() && offset.topic_id != topic_id;
}

}  // namespace

GroupResponse GroupCoordinator::offset_fetch(const GroupRequest& request,
                                             bool require_stable) const {
    GroupResponse response{.group_id = std::string(request.group_id)};
    if (const auto* group = find_consumer_group(request.group_id)) {
        response.error_code = validate_fetch(*group, request);
    } else if (const auto* streams = find_streams_group(request.group_id)) {
        response.error_code = validate_fetch(*streams, request);
    }
    if (response.error_code != ErrorCode::none) return response;
    auto is_unstable = [&](std::string_view topic, int32_t partition) {
        return require_stable && offsets_.is_pending(request.group_id, topic, partition);
    };
    if (!request.topics) {
        const OffsetStore::Topics* topics = offsets_.of_group(request.group_id);
        if (topics == nullptr) return response;
        for (const auto& [topic, partitions] : *topics) {
            auto& answered = response.topics.emplace_back();
            answered.name = topic;
            for (const auto& [partition, offset] : partitions) {
                answered.partitions.push_back(
                    is_unstable(topic, partition)
                        ? nothing_committed(partition, ErrorCode::unstable_offset_commit)
                        : committed(partition, offset));
            }
        }
        return response;
    }
    for (const auto& topic : *request.topics) {
        auto& answered = response.topics.emplace_back();
        answered.name = topic.name;
        answered.topic_id = topic.topic_id;
        for (const int32_t partition : topic.partition_indexes) {
            if (is_unstable(topic.name, partition)) {
                answered.partitions.push_back(
                    nothing_committed(partition, ErrorCode::unstable_offset_commit));
                continue;
            }
            const auto* offset = offsets_.find(request.group_id, topic.name, partition);
            const bool found = offset != nullptr && !is_of_another_topic(*offset, topic.topic_id);
            answered.partitions.push_back(found ? committed(partition, *offset)
                                                : nothing_committed(partition));
        }
    }
    return response;
}

}  // namespace broker::coordinator::group
