#include "broker/api/share_sessions.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace broker::api {

namespace {

using protocol::ErrorCode;

int32_t epoch_after(int32_t epoch) {
    return epoch == std::numeric_limits<int32_t>::max() ? 1 : epoch + 1;
}

}  // namespace

bool ShareSessions::take(Session& session, const protocol::ShareFetchRequest& request,
                         bool is_new_session) {
    size_t new_count = 0;
    for (const auto& topic : request.topics)
        for (const auto& partition : topic.partitions)
            new_count += !session.targets.contains({topic.topic_id, partition.partition_index});
    if (partition_count_ + new_count > partitions_max_) return false;
    partition_count_ -= session.targets.size();
    for (const auto& topic : request.topics)
        for (const auto& partition : topic.partitions)
            session.targets.try_emplace({topic.topic_id, partition.partition_index},
                                        !is_new_session);
    if (!is_new_session)  // which has nothing to forget yet
        for (const auto& topic : request.forgotten_topics_data)
            for (const int32_t partition : topic.partitions)
                session.targets.erase({topic.topic_id, partition});
    partition_count_ += session.targets.size();
    return true;
}

void ShareSessions::erase(Sessions::iterator session) {
    partition_count_ -= session->second.targets.size();
    sessions_.erase(session);
    count_.remove();
}

std::vector<ShareTarget> ShareSessions::list(const Session& session) {
    std::vector<ShareTarget> targets;
    for (const auto& [partition, must_answer] : session.targets)
        targets.push_back({partition.first, partition.second, must_answer});
    return targets;
}

std::expected<std::vector<ShareTarget>, ErrorCode> ShareSessions::begin(
    const ShareSessionKey& key, const protocol::ShareFetchRequest& request,
    const ConnectionState* connection) {
    const int32_t epoch = request.share_session_epoch;
    const auto found = sessions_.find(key);
    if (epoch == initial_share_epoch) {
        if (found != sessions_.end()) erase(found);
        if (!count_.try_add()) return std::unexpected(ErrorCode::share_session_limit_reached);
        const auto begun = sessions_.try_emplace(key).first;
        begun->second.connection = connection;
        if (take(begun->second, request, /*is_new_session=*/true)) return list(begun->second);
        erase(begun);
        return std::unexpected(ErrorCode::share_session_limit_reached);
    }
    if (found == sessions_.end()) return std::unexpected(ErrorCode::share_session_not_found);
    if (epoch == final_share_epoch) return std::vector<ShareTarget>{};
    Session& session = found->second;
    if (session.next_epoch != epoch) return std::unexpected(ErrorCode::invalid_share_session_epoch);
    if (!take(session, request, /*is_new_session=*/false))
        return std::unexpected(ErrorCode::share_session_limit_reached);
    session.next_epoch = epoch_after(epoch);
    auto targets = list(session);
    // Each comes first once in a while.
    if (!targets.empty())
        std::ranges::rotate(targets, targets.begin() + epoch % static_cast<int>(targets.size()));
    return targets;
}

ErrorCode ShareSessions::acknowledge(const ShareSessionKey& key, int32_t epoch) {
    if (epoch == initial_share_epoch) return ErrorCode::invalid_share_session_epoch;
    const auto found = sessions_.find(key);
    if (found == sessions_.end()) return ErrorCode::share_session_not_found;
    if (epoch == final_share_epoch) return ErrorCode::none;
    if (found->second.next_epoch != epoch) return ErrorCode::invalid_share_session_epoch;
    found->second.next_epoch = epoch_after(epoch);
    return ErrorCode::none;
}

void ShareSessions::answered(const ShareSessionKey& key, const ShareTarget& target, bool failed) {
    const auto found = sessions_.find(key);
    if (found == sessions_.end()) return;
    auto& targets = found->second.targets;
    const auto at = targets.find({target.topic_id, target.partition});
    if (at != targets.end()) at->second = failed;
}

std::vector<ShareTarget> ShareSessions::end(const ShareSessionKey& key,
                                            const ConnectionState* connection) {
    const auto found = sessions_.find(key);
    if (found == sessions_.end()) return {};
    if (connection && found->second.connection != connection) return {};
    auto targets = list(found->second);
    erase(found);
    return targets;
}

bool ShareSessions::has_group(std::string_view group_id) const {
    const auto first = sessions_.lower_bound({std::string(group_id), ""});
    return first != sessions_.end() && first->first.group_id == group_id;
}

}  // namespace broker::api
