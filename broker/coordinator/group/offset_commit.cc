// OffsetCommit and TxnOffsetCommit (KIP-447: a zombie is known by its generation and member id).
#include <algorithm>
#include <limits>
#include <utility>

#include "broker/coordinator/group/group_coordinator.h"
#include "broker/coordinator/group/group_records.h"
#include "broker/coordinator/group/validation.h"

namespace broker::coordinator::group {

using protocol::ErrorCode;
using protocol::OffsetCommitRequest;
using protocol::OffsetCommitResponse;
using protocol::TxnOffsetCommitRequest;
using protocol::TxnOffsetCommitResponse;

namespace {

// From these on, clients know what to do about GROUP_ID_NOT_FOUND (KIP-848).
constexpr int16_t first_offset_commit_with_group_not_found = 9;
constexpr int16_t first_txn_offset_commit_with_group_not_found = 6;

enum class CommitKind { ordinary, transactional };

// Who may commit to a group that exists.
template <class Request>
ErrorCode validate_committer(const ClassicGroup& group, const Request& request, CommitKind kind) {
    const int32_t generation = request.generation_id_or_member_epoch;
    if (generation < 0 && group.is(GroupState::empty)) return ErrorCode::none;
    if (generation >= 0 || !request.member_id.empty() || request.group_instance_id) {
        const auto error = validate_member(group, request.member_id, request.group_instance_id);
        if (error != ErrorCode::none) return error;
        if (generation != group.generation()) return ErrorCode::illegal_generation;
    } else if (kind == CommitKind::ordinary) {
        return ErrorCode::unknown_member_id;
    }
    // A transaction may end with the generation that it began in; an ordinary commit is told to
    // rejoin, as the partitions may already belong to somebody else.
    if (kind == CommitKind::ordinary && group.is(GroupState::completing_rebalance)) {
        return ErrorCode::rebalance_in_progress;
    }
    return ErrorCode::none;
}

template <class Request>
bool commits_older_assignment(const ConsumerMember& member, const Request& request) {
    const auto epoch_in = [](const PartitionEpochs& epochs, const protocol::Uuid& topic_id,
                             int32_t partition) -> std::optional<int32_t> {
        if (!contains(epochs, topic_id, partition)) return std::nullopt;
        return epochs.at(topic_id).at(partition);
    };
    for (const auto& topic : request.topics) {
        for (const auto& partition : topic.partitions) {
            const int32_t index = partition.partition_index;
            auto since = epoch_in(member.assigned, topic.topic_id, index);
            if (!since) since = epoch_in(member.pending_revocation, topic.topic_id, index);
            if (!since || request.generation_id_or_member_epoch < *since) return true;
        }
    }
    return false;
}

// Who may commit to a consumer group: a member with its epoch, or with an older one for partitions
// that it has had since then (KIP-1251).
template <class Request>
ErrorCode validate_committer(const ConsumerGroup& group, const Request& request, CommitKind kind,
                             int16_t version) {
    const int32_t epoch = request.generation_id_or_member_epoch;
    const bool is_transactional = kind == CommitKind::transactional;
    if (epoch < 0 && group.is_empty()) return ErrorCode::none;
    if (is_transactional && epoch == -1 && request.member_id.empty() && !request.group_instance_id)
        return ErrorCode::none;
    const auto* member = group.find_member(request.member_id);
    if (member == nullptr) return ErrorCode::unknown_member_id;
    if (!is_transactional && !member->classic && version < first_offset_commit_with_group_not_found)
        return ErrorCode::unsupported_version;
    if (epoch == member->member_epoch) return ErrorCode::none;
    if (epoch < member->member_epoch && !commits_older_assignment(*member, request))
        return ErrorCode::none;
    return member->classic ? ErrorCode::illegal_generation : ErrorCode::stale_member_epoch;
}

// The subtopology that reads the topic; nullptr: none does.
const std::string* reader_of(const StreamsTopology& topology, std::string_view topic) {
    for (const auto& [id, subtopology] : topology.subtopologies) {
        const bool reads =
            std::ranges::count(subtopology.source_topics, topic) > 0 ||
            std::ranges::any_of(subtopology.repartition_source_topics,
                                [&](const auto& source) { return source.name == topic; });
        if (reads) return &id;
    }
    return nullptr;
}

template <class Request>
bool commits_older_assignment(const StreamsTopology& topology, const StreamsMember& member,
                              const Request& request) {
    const auto epoch_in = [](const TaskEpochs& tasks, const std::string& id,
                             int32_t partition) -> std::optional<int32_t> {
        if (!contains(tasks, id, partition)) return std::nullopt;
        return tasks.at(id).at(partition);
    };
    for (const auto& topic : request.topics) {
        const auto* reader = reader_of(topology, topic.name);
        if (reader == nullptr) return true;
        for (const auto& partition : topic.partitions) {
            const int32_t index = partition.partition_index;
            auto since = epoch_in(member.assigned.active, *reader, index);
            if (!since) since = epoch_in(member.pending_revocation.active, *reader, index);
            if (!since || request.generation_id_or_member_epoch < *since) return true;
        }
    }
    return false;
}

// Who may commit to a streams group: a member with its epoch, or with an older one for tasks that
// it has had since then (KIP-1071).
template <class Request>
ErrorCode validate_committer(const StreamsGroup& group, const Request& request, CommitKind kind,
                             int16_t version) {
    const int32_t epoch = request.generation_id_or_member_epoch;
    const bool is_transactional = kind == CommitKind::transactional;
    if (epoch < 0 && group.is_empty()) return ErrorCode::none;
    if (is_transactional && epoch == -1 && request.member_id.empty() && !request.group_instance_id)
        return ErrorCode::none;
    const auto* member = group.find_member(request.member_id);
    if (member == nullptr) return ErrorCode::unknown_member_id;
    if (!is_transactional && version < first_offset_commit_with_group_not_found)
        return ErrorCode::unsupported_version;
    if (epoch == member->member_epoch) return ErrorCode::none;
    const bool is_known = epoch < member->member_epoch && group.topology() &&
                          !commits_older_assignment(*group.topology(), *member, request);
    return is_known ? ErrorCode::none : ErrorCode::stale_member_epoch;
}

// As Kafka counts: in UTF-16 units.
size_t utf16_length(std::string_view utf8) {
    size_t length = 0;
    for (const char c : utf8) {
        const auto byte = static_cast<uint8_t>(c);
        const bool continues = (byte & 0xc0) == 0x80;
        const bool takes_two = byte >= 0xf0;
        length += continues ? 0 : takes_two ? 2 : 1;
    }
    return length;
}

int64_t expire_timestamp_of(int64_t now_ms, int64_t retention_ms) {
    if (retention_ms == -1) return -1;
    if (retention_ms > std::numeric_limits<int64_t>::max() - now_ms) {
        return std::numeric_limits<int64_t>::max();
    }
    return now_ms + retention_ms;
}

// Makes a record for each partition that may be committed, and an answer for all. With `refusal`,
// for none.
template <class ResponseType, class Request>
ResponseType commit_partitions(const Request& request, ErrorCode refusal, int32_t metadata_max,
                               int64_t now_ms, int64_t expire_timestamp,
                               std::vector<Record>& records) {
    const std::string group_id(request.group_id);
    ResponseType response;
    for (const auto& topic : request.topics) {
        auto& answered = response.topics.emplace_back();
        answered.name = topic.name;
        answered.topic_id = topic.topic_id;
        for (const auto& partition : topic.partitions) {
            const auto metadata = partition.committed_metadata.value_or("");
            ErrorCode error = refusal;
            if (error == ErrorCode::none &&
                std::cmp_greater(utf16_length(metadata), metadata_max)) {
                error = ErrorCode::offset_metadata_too_large;
            }
            answered.partitions.push_back({partition.partition_index, error});
            if (error != ErrorCode::none) continue;
            records.push_back(offset_record(group_id,
                                            {std::string(topic.name), partition.partition_index},
                                            {.offset = partition.committed_offset,
                                             .leader_epoch = partition.committed_leader_epoch,
                                             .metadata = std::string(metadata),
                                             .commit_timestamp = now_ms,
                                             .expire_timestamp = expire_timestamp,
                                             .topic_id = topic.topic_id}));
        }
    }
    return response;
}

}  // namespace

Effects GroupCoordinator::offset_commit(const OffsetCommitRequest& request, const Caller& caller) {
    // The group id "" is allowed, for consumers of old that committed without one.
    const auto refusal = validate_commit(request, caller);
    Effects effects;
    auto response = commit_partitions<OffsetCommitResponse>(
        request, refusal, config_.offset_metadata_max_bytes, caller.now_ms,
        expire_timestamp_of(caller.now_ms, request.retention_time_ms), effects.records);
    effects.replies.push_back({caller.token, std::move(response)});
    return effects;
}

ErrorCode GroupCoordinator::validate_commit(const OffsetCommitRequest& request,
                                            const Caller& caller) {
    if (const auto* consumers = find_consumer_group(request.group_id))
        return validate_committer(*consumers, request, CommitKind::ordinary, caller.version);
    if (const auto* streams = find_streams_group(request.group_id))
        return validate_committer(*streams, request, CommitKind::ordinary, caller.version);
    if (find_share_group(request.group_id) != nullptr) return ErrorCode::group_id_not_found;
    const ClassicGroup* group = find_group(request.group_id);
    if (group == nullptr) {
        // Without a generation it is a consumer that divides its partitions itself: its group
        // comes into being with the offset's record.
        if (request.generation_id_or_member_epoch < 0) return ErrorCode::none;
        return caller.version >= first_offset_commit_with_group_not_found
                   ? ErrorCode::group_id_not_found
                   : ErrorCode::illegal_generation;
    }
    const auto error = validate_committer(*group, request, CommitKind::ordinary);
    if (error != ErrorCode::none) return error;
    // A commit while the group rebalances is a sign of life, too.
    const Member* member = group->find_member(request.member_id);
    if (member != nullptr && !member->is_new) restart_session(*group, *member, caller.now_ms);
    return ErrorCode::none;
}

Effects GroupCoordinator::txn_offset_commit(const TxnOffsetCommitRequest& request,
                                            const Caller& caller) {
    const auto refusal = validate_commit(request, caller);
    Effects effects;
    auto response = commit_partitions<TxnOffsetCommitResponse>(
        request, refusal, config_.offset_metadata_max_bytes, caller.now_ms, -1, effects.records);
    if (!effects.records.empty()) {
        effects.producer_id = request.producer_id;
        effects.producer_epoch = request.producer_epoch;
    }
    effects.replies.push_back({caller.token, std::move(response)});
    return effects;
}

ErrorCode GroupCoordinator::validate_commit(const TxnOffsetCommitRequest& request,
                                            const Caller& caller) const {
    if (request.group_id.empty()) return ErrorCode::invalid_group_id;
    const auto validate = [&](const auto& group) {
        const auto error =
            validate_committer(group, request, CommitKind::transactional, caller.version);
        // Clients of older versions know only of generations.
        const bool is_known = caller.version >= first_txn_offset_commit_with_group_not_found;
        return error == ErrorCode::stale_member_epoch && !is_known ? ErrorCode::illegal_generation
                                                                   : error;
    };
    if (const auto* consumers = find_consumer_group(request.group_id)) return validate(*consumers);
    if (const auto* streams = find_streams_group(request.group_id)) return validate(*streams);
    if (find_share_group(request.group_id) != nullptr) return ErrorCode::group_id_not_found;
    if (const ClassicGroup* group = find_group(request.group_id)) {
        return validate_committer(*group, request, CommitKind::transactional);
    }
    if (request.generation_id_or_member_epoch < 0) return ErrorCode::none;
    return caller.version >= first_txn_offset_commit_with_group_not_found
               ? ErrorCode::group_id_not_found
               : ErrorCode::illegal_generation;
}

}  // namespace broker::coordinator::group
