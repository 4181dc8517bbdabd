#include "broker/net/memory_budget.h"

#include <limits>
#include <utility>

namespace broker::net {

asio::awaitable<void> MemoryBudget::take(int64_t bytes) {
    while (!fits(bytes)) {
        auto turn = std::make_shared<Event>(io_, timers_);
        waiting_.push_back(turn);
        co_await turn->wait_until(std::numeric_limits<int64_t>::max());
    }
    used_bytes_ += bytes;
}

void MemoryBudget::give_back(int64_t bytes) {
    used_bytes_ -= bytes;
    for (const auto& turn : std::exchange(waiting_, {})) turn->set();
}

}  // namespace broker::net
