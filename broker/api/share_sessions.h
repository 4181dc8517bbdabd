// Share sessions (KIP-932): which partitions a member of a share group consumes, so that a fetch
// carries only changes. With its session a member loses what it has acquired.
#pragma once

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

// The sessions of the groups that one shard is the home of. Requires: used on the shard's thread.
class ShareSessions {
  public:
    explicit ShareSessions(int32_t count_max) : count_max_(count_max) {}

    // Takes a fetch in: what it is to read, in order; nothing when it ends the session. A session
    // that is there already gives way to one that begins.
    // Errors: share_session_not_found, invalid_share_session_epoch, share_session_limit_reached.
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
    static void take(Session& session, const protocol::ShareFetchRequest& request,
                     bool is_new_session);
    static std::vector<ShareTarget> list(const Session& session);
    int32_t count_max_;
    std::map<ShareSessionKey, Session> sessions_;
};

}  // namespace broker::api
