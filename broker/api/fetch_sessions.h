// Fetch sessions (KIP-227): what a client reads is remembered, so that a fetch carries only
// changes, and costs what has changed: replicas tell a session of theirs which of them did.
#pragma once

#include <cstdint>
#include <expected>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "broker/partition/fetch_waiter.h"
#include "protocol/error.h"
#include "protocol/messages/fetch.h"
#include "protocol/types.h"

namespace broker::api {

// A partition that a fetch asks for.
struct FetchTarget {
    partition::FetchWaiter::Number number = 0;  // within its session
    std::string topic;                          // empty when the client names topics by id
    protocol::Uuid topic_id;                    // zero when it names them by name
    int32_t partition = 0;

    int64_t fetch_offset = 0;
    int32_t bytes_max = 0;
    int32_t current_leader_epoch = -1;
    int32_t last_fetched_epoch = -1;

    // What the client was told last; an incremental answer leaves out a partition with no news.
    int64_t told_high_watermark = -1;
    int64_t told_log_start_offset = -1;

    // While it is there the replica tells of the next change.
    partition::Watch watch;
    bool is_quiet = false;
    size_t available_bytes = 0;  // as the last look found

    using Key = std::tuple<std::string_view, protocol::Uuid, int32_t>;
    Key key() const { return {topic, topic_id, partition}; }
};

inline constexpr int32_t no_fetch_session = 0;
inline constexpr int32_t initial_fetch_epoch = 0;  // a full fetch that wants a session
inline constexpr int32_t final_fetch_epoch = -1;   // a full fetch, without or to end a session

struct FetchSession {
    int32_t id = no_fetch_session;
    int32_t next_epoch = 1;
    bool uses_topic_ids = false;
    bool is_in_use = false;      // by a request that is being answered
    int8_t isolation_level = 0;  // of the last request
    std::list<int32_t>::iterator place_by_use;

    // Each target is in one of two lists: those that may have something new, in the order in which
    // they are read, and those that are watched and had nothing to tell.
    using Targets = std::list<FetchTarget>;
    Targets changed;
    Targets quiet;
    std::map<FetchTarget::Key, Targets::iterator> by_key;
    std::unordered_map<partition::FetchWaiter::Number, Targets::iterator> by_number;
    partition::FetchWaiter::Number last_number = 0;
    std::shared_ptr<partition::FetchWaiter> waiter;  // made when something is to be watched

    size_t size_bytes = 0;  // what the targets take in memory, about

    // Adds and changes what the request names, and drops what it forgets.
    void take(const protocol::FetchRequest& request);
    // Those that replicas told of since the last call may have something new.
    void note_changes();
    // There is nothing to tell until the replica says so. Requires: it is watched since the last
    // look.
    void settle(FetchTarget& target);
    // To the end of the line, so that none starves.
    void move_to_end(FetchTarget& target);

  private:
    void forget(const protocol::FetchRequest::ForgottenTopic& topic);
    void unsettle(Targets::iterator target);
};

// The sessions of the connections of one shard. Requires: used on the shard's thread.
class FetchSessions {
  public:
    // Of all sessions of a shard, about 160,000 partitions. Kafka has no limit.
    static constexpr size_t default_bytes_max = 64 << 20;

    // Ids are unique over all shards: index is this one's.
    FetchSessions(int index, int32_t count_max, size_t bytes_max = default_bytes_max)
        : index_(index), count_max_(count_max), bytes_max_(bytes_max) {}

    // What a fetch works on: a session, or the targets of a fetch without one.
    struct Fetch {
        std::shared_ptr<FetchSession> session;
        bool is_incremental = false;
    };
    // Takes the request in. A session that grows too large is over: the client begins anew, and
    // goes without one. Where all together do, those go that were not used for longest.
    // Errors: fetch_session_id_not_found, invalid_fetch_session_epoch,
    // fetch_session_topic_id_error.
    std::expected<Fetch, protocol::ErrorCode> begin(const protocol::FetchRequest& request,
                                                    int16_t version);
    // Ends a session, if it is one.
    void forget(int32_t id);
    // Ends all.
    void clear();
    size_t count() const { return sessions_.size(); }
    size_t size_bytes() const { return size_bytes_; }

  private:
    std::shared_ptr<FetchSession> create(bool uses_topic_ids);
    bool take(FetchSession& session, const protocol::FetchRequest& request);

    int index_;
    int32_t count_max_;
    size_t bytes_max_;
    size_t size_bytes_ = 0;
    int32_t last_number_ = 0;
    std::unordered_map<int32_t, std::shared_ptr<FetchSession>> sessions_;
    std::list<int32_t> by_use_;  // least recently used first
};

}  // namespace broker::api
