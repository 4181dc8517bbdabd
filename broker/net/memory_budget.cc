#include "broker/net/memory_budget.h"

#include <limits>
#include <utility>

namespace broker::net {

// Closes the connections that hold up the others.
void MemoryBudget::watch() {
    if (std::exchange(is_watched_, true)) return;
    timers_.after(patience_ms, [this] {
        is_watched_ = false;
        for (MemoryShare* share : shares_) {
            if (!share->is_filling_) continue;
            if (std::exchange(share->was_seen_filling_, true)) share->stalled_();
        }
        if (!waiting_.empty()) watch();
    });
}

MemoryShare::MemoryShare(MemoryBudget& budget, std::function<void()> stalled)
    : budget_(budget),
      stalled_(std::move(stalled)),
      place_(budget.shares_.insert(budget.shares_.end(), this)) {}

MemoryShare::~MemoryShare() {
    give_back();
    budget_.shares_.erase(place_);
}

bool MemoryShare::may_grow_by(int64_t bytes) const {
    if (budget_.fits(bytes)) return true;
    return bytes_ > 0 && (!budget_.overdrawn_by_ || budget_.overdrawn_by_ == this);
}

bool MemoryShare::try_grow_to(int64_t bytes) {
    const int64_t more_bytes = bytes - bytes_;
    if (more_bytes <= 0) return true;
    if (!may_grow_by(more_bytes)) return false;
    if (!budget_.fits(more_bytes)) budget_.overdrawn_by_ = this;
    budget_.used_bytes_ += more_bytes;
    bytes_ = bytes;
    is_filling_ = true;
    was_seen_filling_ = false;
    return true;
}

asio::awaitable<void> MemoryShare::grow_to(int64_t bytes) {
    while (!try_grow_to(bytes)) {
        is_filling_ = false;  // it waits for memory, not for its peer
        auto turn = std::make_shared<Event>(budget_.io_, budget_.timers_);
        budget_.waiting_.push_back(turn);
        budget_.watch();
        co_await turn->wait_until(std::numeric_limits<int64_t>::max());
    }
}

void MemoryShare::give_back() {
    is_filling_ = false;
    if (bytes_ == 0) return;
    if (budget_.overdrawn_by_ == this) budget_.overdrawn_by_ = nullptr;
    budget_.used_bytes_ -= std::exchange(bytes_, 0);
    if (budget_.waiting_.empty()) return;
    for (const auto& turn : std::exchange(budget_.waiting_, {})) turn->set();
}

}  // namespace broker::net
