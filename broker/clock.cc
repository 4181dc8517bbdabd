#include "broker/clock.h"

#include <algorithm>

namespace broker {

const Clock& system_clock() {
    static const Clock clock;
    return clock;
}

TimerQueue::Id TimerQueue::at(int64_t deadline_ms, std::function<void()> callback) {
    const Id id{deadline_ms, ++last_number_};
    const auto entry = entries_.emplace(id, std::move(callback)).first;
    if (entry == entries_.begin()) arm();
    return id;
}

void TimerQueue::cancel(Id id) {
    const auto entry = entries_.find(id);
    if (entry == entries_.end()) return;
    const bool was_first = entry == entries_.begin();
    entries_.erase(entry);
    if (was_first) arm();
}

void TimerQueue::arm() {
    timer_.cancel();
    if (entries_.empty()) return;
    const auto ahead_ms = clock_.ms_until(entries_.begin()->first.deadline_ms);
    if (!ahead_ms) return;
    // At least a millisecond ahead, so that a callback that asks for "now" again cannot spin.
    // At most an hour: "never" would not fit into the timer's nanoseconds.
    constexpr int64_t wait_max_ms = 3'600'000;
    const auto wait = std::clamp<int64_t>(*ahead_ms, 1, wait_max_ms);
    timer_.expires_after(std::chrono::milliseconds(wait));
    timer_.async_wait([this](std::error_code error) {
        if (!error) fire();
    });
}

std::optional<int64_t> TimerQueue::next_deadline_ms() const {
    if (entries_.empty()) return std::nullopt;
    return entries_.begin()->first.deadline_ms;
}

void TimerQueue::fire() {
    const int64_t now_ms = clock_.now_ms();
    while (!entries_.empty() && entries_.begin()->first.deadline_ms <= now_ms) {
        const auto callback = std::move(entries_.begin()->second);
        entries_.erase(entries_.begin());
        callback();
    }
    arm();
}

}  // namespace broker
