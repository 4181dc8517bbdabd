// Share sessions (KIP-932): which partitions a member of a share group consumes, so that a fetch
// carries only changes. With its session a member loses what it has acquired.
#pragma once

#include <atomic>
#include <compare>
#include <cstdint>
#include <expected>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/error.h"
#include "protocol/messages/share_fetch.h"
#include "protocol/types.h"

namespace broker {
struct ConnectionState;
}

namespace broker::api {

inline constexpr int32_t initial_share_epoch = 0;  // begins a session
inline constexpr int32_t final_share_epoch = -1;   // ends it

struct ShareSessionKey {
    std::string group_id;
    std::string member_id;
    auto operator<=>(const ShareSessionKey&) const = default;
};

struct ShareTarget {
    protocol::Uuid topic_id;
    int32_t partition = 0;
    // The next answer says something of it, be there records or not.
    bool must_answer = false;
};

// How many sessions there are on all shards: a group's are on one of them, and may be all.
class ShareSessionCount {
  public:
    explicit ShareSessionCount(int32_t count_max) : count_max_(count_max) {}
    // False: there are as many as there may be.
    bool try_add() {
        if (count_.fetch_add(1) < count_max_) return true;
        count_.fetch_sub(1);
        return false;
    }
    void remove() { count_.fetch_sub(1); }

  private:
    const int32_t count_max_;
    std::atomic<int32_t> count_ = 0;
};

// The sessions of the groups that one shard is the home of. Requires: used on the shard's thread.
class ShareSessions {
  public:
    // Of all sessions of a shard, be they there or not. Kafka has no limit.
    static constexpr size_t default_partitions_max = 500'000;

    explicit ShareSessions(ShareSessionCount& count, size_t partitions_max = default_partitions_max)
        : count_(count), partitions_max_(partitions_max) {}

    // Takes a fetch in: what it is to read, in order; nothing when it ends the session. A session
    // that is there already gives way to one that begins.
    // Errors: share_session_not_found, invalid_share_session_epoch, share_session_limit_reached (of
    // sessions, or of partitions in them).
    std::expected<std::vector<ShareTarget>, protocol::ErrorCode> begin(
        const ShareSessionKey& key, const protocol::ShareFetchRequest& request,
        const ConnectionState* connection);
    // Takes an acknowledgement in. Errors: share_session_not_found, invalid_share_session_epoch.
    protocol::ErrorCode acknowledge(const ShareSessionKey& key, int32_t epoch);
    // What the answer of a fetch has said: nothing more is owed.
    void answered(const ShareSessionKey& key, const ShareTarget& target, bool failed);

    // Takes the session out and gives what it consumed; with a connection only if it began there.
    std::vector<ShareTarget> end(const ShareSessionKey& key,
                                 const ConnectionState* connection = nullptr);
    bool has_group(std::string_view group_id) const;
    size_t count() const { return sessions_.size(); }

  private:
    using Partition = std::pair<protocol::Uuid, int32_t>;
    struct Session {
        int32_t next_epoch = 1;
        std::map<Partition, bool> targets;  // and whether the next answer must tell of it
        const ConnectionState* connection = nullptr;
    };
    using Sessions = std::map<ShareSessionKey, Session>;
    // False: there would be too many partitions, and nothing has changed.
    bool take(Session& session, const protocol::ShareFetchRequest& request, bool is_new_session);
    static std::vector<ShareTarget> list(const Session& session);
    void erase(Sessions::iterator session);

    ShareSessionCount& count_;
    size_t partitions_max_;
    size_t partition_count_ = 0;
    Sessions sessions_;
};

}  // namespace broker::api
