#include "broker/api/fetch_sessions.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "broker/config/broker_config.h"

namespace broker::api {

namespace {

using protocol::ErrorCode;
using protocol::FetchRequest;

// The low part of a session id says which shard keeps it.
constexpr int32_t shard_count_max = config::thread_count_max;
constexpr int32_t topic_id_version = 13;
// A target with its places in lists, maps and among the waiters of its replica.
constexpr size_t target_bytes = 416;

}  // namespace

void FetchSession::take(const FetchRequest& request) {
    // What is at its end for one isolation level need not be for another.
    if (std::exchange(isolation_level, request.isolation_level) != request.isolation_level)
        while (!quiet.empty()) unsettle(quiet.begin());
    for (const auto& topic : request.forgotten_topics_data) forget(topic);
    for (const auto& topic : request.topics) {
        for (const auto& partition : topic.partitions) {
            const FetchTarget::Key key{topic.topic, topic.topic_id, partition.partition};
            auto found = by_key.find(key);
            if (found == by_key.end()) {
                const auto added =
                    changed.insert(changed.end(), {.number = ++last_number,
                                                   .topic = std::string(topic.topic),
                                                   .topic_id = topic.topic_id,
                                                   .partition = partition.partition});
                size_bytes += target_bytes + added->topic.size();
                found = by_key.emplace(added->key(), added).first;
                by_number.emplace(added->number, added);
            }
            FetchTarget& target = *found->second;
            target.fetch_offset = partition.fetch_offset;
            target.bytes_max = partition.partition_max_bytes;
            target.current_leader_epoch = partition.current_leader_epoch;
            target.last_fetched_epoch = partition.last_fetched_epoch;
            unsettle(found->second);
        }
    }
}

void FetchSession::forget(const FetchRequest::ForgottenTopic& topic) {
    for (const int32_t partition : topic.partitions) {
        const auto found = by_key.find({topic.topic, topic.topic_id, partition});
        if (found == by_key.end()) continue;
        const auto target = found->second;
        size_bytes -= target_bytes + target->topic.size();
        by_key.erase(found);  // its key views the target's name
        by_number.erase(target->number);
        (target->is_quiet ? quiet : changed).erase(target);
    }
}

void FetchSession::note_changes() {
    if (!waiter) return;
    waiter->take_changed([this](partition::FetchWaiter::Number number) {
        const auto found = by_number.find(number);
        if (found == by_number.end()) return;
        found->second->watch.forget();
        unsettle(found->second);
    });
}

void FetchSession::unsettle(Targets::iterator target) {
    if (std::exchange(target->is_quiet, false)) changed.splice(changed.end(), quiet, target);
}

void FetchSession::settle(FetchTarget& target) {
    assert(target.watch);
    target.is_quiet = true;
    quiet.splice(quiet.end(), changed, by_number.at(target.number));
}

void FetchSession::move_to_end(FetchTarget& target) {
    changed.splice(changed.end(), changed, by_number.at(target.number));
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

void FetchSessions::clear() {
    sessions_.clear();
    by_use_.clear();
    size_bytes_ = 0;
}

void FetchSessions::forget(int32_t id) {
    const auto found = sessions_.find(id);
    if (found == sessions_.end()) return;
    size_bytes_ -= found->second->size_bytes;
    by_use_.erase(found->second->place_by_use);
    sessions_.erase(found);
}

}  // namespace broker::api
