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

void ShareSessions::take(Session& session, const protocol::ShareFetchRequest& request,
                         bool is_new_session) {
    for (const auto& topic : request.topics)
        for (const auto& partition : topic.partitions)
            session.targets.try_emplace({topic.topic_id, partition.partition_index},
                                        !is_new_session);
    if (is_new_session) return;  // which has nothing to forget yet
    for (const auto& topic : request.forgotten_topics_data)
        for (const int32_t partition : topic.partitions)
            session.targets.erase({topic.topic_id, partition});
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
        if (found != sessions_.end()) sessions_.erase(found);
        if (std::cmp_greater_equal(sessions_.size(), count_max_))
            return std::unexpected(ErrorCode::share_session_limit_reached);
        Session& session = sessions_[key];
        session.connection = connection;
        take(session, request, /*is_new_session=*/true);
        return list(session);
    }
    if (found == sessions_.end()) return std::unexpected(ErrorCode::share_session_not_found);
    if (epoch == final_share_epoch) return std::vector<ShareTarget>{};
    Session& session = found->second;
    if (session.next_epoch != epoch) return std::unexpected(ErrorCode::invalid_share_session_epoch);
    take(session, request, /*is_new_session=*/false);
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
    sessions_.erase(found);
    return targets;
}

bool ShareSessions::has_group(std::string_view group_id) const {
    const auto first = sessions_.lower_bound({std::string(group_id), ""});
    return first != sessions_.end() && first->first.group_id == group_id;
}

}  // namespace broker::api
