#include "broker/api/fetch_sessions.h"

#include <algorithm>

#include "broker/config/broker_config.h"

namespace broker::api {

namespace {

using protocol::ErrorCode;
using protocol::FetchRequest;

// The low part of a session id says which shard keeps it.
constexpr int32_t shard_count_max = config::thread_count_max;
constexpr int32_t topic_id_version = 13;
// A target with its places in the list and the map.
constexpr size_t target_bytes = 256;

FetchTarget target_of(const FetchRequest::FetchTopic& topic,
                      const FetchRequest::FetchTopic::FetchPartition& partition) {
    return {.topic = std::string(topic.topic),
            .topic_id = topic.topic_id,
            .partition = partition.partition,
            .fetch_offset = partition.fetch_offset,
            .bytes_max = partition.partition_max_bytes,
            .current_leader_epoch = partition.current_leader_epoch,
            .last_fetched_epoch = partition.last_fetched_epoch};
}

}  // namespace

void FetchSession::take(const FetchRequest& request) {
    for (const auto& topic : request.forgotten_topics_data) {
        for (const int32_t partition : topic.partitions) {
            const auto found = by_key.find({topic.topic, topic.topic_id, partition});
            if (found == by_key.end()) continue;
            const auto target = found->second;
            size_bytes -= target_bytes + target->topic.size();
            by_key.erase(found);  // its key views the target's name
            targets.erase(target);
        }
    }
    for (const auto& topic : request.topics) {
        for (const auto& partition : topic.partitions) {
            FetchTarget target = target_of(topic, partition);
            if (const auto found = by_key.find(target.key()); found != by_key.end()) {
                target.told_high_watermark = found->second->told_high_watermark;
                target.told_log_start_offset = found->second->told_log_start_offset;
                target.topic = std::move(found->second->topic);
                *found->second = std::move(target);
            } else {
                size_bytes += target_bytes + target.topic.size();
                targets.push_back(std::move(target));
                by_key.emplace(targets.back().key(), std::prev(targets.end()));
            }
        }
    }
}

std::expected<FetchSessions::Fetch, ErrorCode> FetchSessions::begin(const FetchRequest& request,
                                                                    int16_t version) {
    const bool uses_topic_ids = version >= topic_id_version;
    const bool is_full =
        request.session_epoch == initial_fetch_epoch || request.session_epoch == final_fetch_epoch;
    if (is_full) {
        forget(request.session_id);
        std::shared_ptr<FetchSession> session;
        if (request.session_epoch == initial_fetch_epoch && !request.topics.empty())
            session = create(uses_topic_ids);
        if (!session) session = std::make_shared<FetchSession>();
        if (session->id == no_fetch_session)
            session->take(request);
        else if (!take(*session, request))
            session->id = no_fetch_session;
        return Fetch{.session = std::move(session)};
    }
    const auto found = sessions_.find(request.session_id);
    if (found == sessions_.end()) return std::unexpected(ErrorCode::fetch_session_id_not_found);
    const auto session = found->second;
    if (session->next_epoch != request.session_epoch || session->is_in_use)
        return std::unexpected(ErrorCode::invalid_fetch_session_epoch);
    if (session->uses_topic_ids != uses_topic_ids)
        return std::unexpected(ErrorCode::fetch_session_topic_id_error);
    session->next_epoch =
        session->next_epoch == std::numeric_limits<int32_t>::max() ? 1 : session->next_epoch + 1;
    by_use_.splice(by_use_.end(), by_use_, session->place_by_use);
    if (!take(*session, request)) return std::unexpected(ErrorCode::fetch_session_id_not_found);
    return Fetch{.session = session, .is_incremental = true};
}

// Nullptr when sessions are turned off: the fetch then goes without one.
std::shared_ptr<FetchSession> FetchSessions::create(bool uses_topic_ids) {
    if (count_max_ <= 0) return nullptr;
    if (static_cast<int32_t>(sessions_.size()) >= count_max_) forget(by_use_.front());
    auto session = std::make_shared<FetchSession>();
    do {
        last_number_ = (last_number_ + 1) % (std::numeric_limits<int32_t>::max() / shard_count_max);
        session->id = last_number_ * shard_count_max + index_;
    } while (session->id == no_fetch_session || sessions_.contains(session->id));
    session->uses_topic_ids = uses_topic_ids;
    session->place_by_use = by_use_.insert(by_use_.end(), session->id);
    sessions_.emplace(session->id, session);
    return session;
}

// Requires: the session was used last. False: it has become too large, and is forgotten.
bool FetchSessions::take(FetchSession& session, const FetchRequest& request) {
    size_bytes_ -= session.size_bytes;
    session.take(request);
    size_bytes_ += session.size_bytes;
    if (session.size_bytes > bytes_max_) {
        forget(session.id);
        return false;
    }
    while (size_bytes_ > bytes_max_) forget(by_use_.front());
    return true;
}

void FetchSessions::forget(int32_t id) {
    const auto found = sessions_.find(id);
    if (found == sessions_.end()) return;
    size_bytes_ -= found->second->size_bytes;
    by_use_.erase(found->second->place_by_use);
    sessions_.erase(found);
}

}  // namespace broker::api
