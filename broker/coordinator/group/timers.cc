#include "broker/coordinator/group/timers.h"

namespace broker::coordinator::group {

void Timers::set(const TimerKey& key, int64_t deadline_ms) {
    auto [entry, is_new] = deadlines_.try_emplace(key, deadline_ms);
    if (!is_new) {
        queue_.erase({entry->second, key});
        entry->second = deadline_ms;
    }
    queue_.emplace(deadline_ms, key);
}

void Timers::cancel(const TimerKey& key) {
    auto entry = deadlines_.find(key);
    if (entry == deadlines_.end()) return;
    queue_.erase({entry->second, key});
    deadlines_.erase(entry);
}

void Timers::cancel_group(const std::string& group_id) {
    using Kind = TimerKey::Kind;
    cancel({Kind::join, group_id, ""});
    cancel({Kind::sync, group_id, ""});
    auto entry = deadlines_.lower_bound({Kind::session, group_id, ""});
    while (entry != deadlines_.end() && entry->first.kind == Kind::session &&
           entry->first.group_id == group_id) {
        queue_.erase({entry->second, entry->first});
        entry = deadlines_.erase(entry);
    }
}

void Timers::cancel_steps(const std::string& group_id, const std::string& member_id) {
    using Kind = TimerKey::Kind;
    for (const Kind kind : {Kind::revocation, Kind::consumer_join, Kind::consumer_sync})
        cancel({kind, group_id, member_id});
}

std::optional<int64_t> Timers::next_deadline() const {
    if (queue_.empty()) return std::nullopt;
    return queue_.begin()->first;
}

std::optional<TimerKey> Timers::pop_due(int64_t now_ms) {
    if (queue_.empty() || queue_.begin()->first > now_ms) return std::nullopt;
    TimerKey key = queue_.begin()->second;
    queue_.erase(queue_.begin());
    deadlines_.erase(key);
    return key;
}

std::optional<int64_t> Timers::deadline_of(const TimerKey& key) const {
    auto entry = deadlines_.find(key);
    if (entry == deadlines_.end()) return std::nullopt;
    return entry->second;
}

}  // namespace broker::coordinator::group
