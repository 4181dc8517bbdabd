// Deadlines by name: setting one again moves it. Time is handed in.
#pragma once

#include <algorithm>
#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace broker::coordinator::group {

struct TimerKey {
    enum class Kind : uint8_t {
        session,         // a member, or a member id given out, is heard of no more
        join,            // the group waits for members to join
        sync,            // the group waits for members to ask for their assignment
        offsets_expiry,  // of the whole partition
        // Of consumer groups. A timer of a member or group that is gone means nothing.
        consumer_session,  // a member is heard of no more
        revocation,        // a member does not let go of its partitions
        consumer_join,     // a member that speaks the classic protocol does not join again
        consumer_sync,     // nor fetches its assignment
        regex,             // regular expressions wait to be resolved
        share_session,     // a member of a share group is heard of no more
        // Of streams groups, likewise.
        streams_session,           // a member is heard of no more
        streams_revocation,        // a member does not let go of its tasks
        streams_first_assignment,  // the group waits for its first members
    };
    Kind kind = Kind::session;
    std::string group_id;
    std::string member_id;
    auto operator<=>(const TimerKey&) const = default;
};

class Timers {
  public:
    void set(const TimerKey& key, int64_t deadline_ms);
    void cancel(const TimerKey& key);
    // Drops every timer of the group and its members.
    void cancel_group(const std::string& group_id);
    // Drops what a member of a consumer group had to do in time; its session goes on.
    void cancel_steps(const std::string& group_id, const std::string& member_id);
    std::optional<int64_t> next_deadline() const;
    // Takes the earliest timer that is due, ties in key order.
    std::optional<TimerKey> pop_due(int64_t now_ms);
    std::optional<int64_t> deadline_of(const TimerKey& key) const;
    // The next millisecond that nobody has: for work that goes in turns, so that whatever else is
    // due comes in between, and none of those who work like that waits longer than the others.
    int64_t next_turn(int64_t now_ms) {
        return last_turn_ms_ = std::max(last_turn_ms_, now_ms) + 1;
    }

  private:
    std::map<TimerKey, int64_t> deadlines_;
    std::set<std::pair<int64_t, TimerKey>> queue_;
    int64_t last_turn_ms_ = 0;
};

}  // namespace broker::coordinator::group
