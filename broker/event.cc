#include "broker/event.h"

#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>

#include "broker/work_time.h"

namespace broker {

asio::awaitable<void> Event::wait_until(int64_t deadline_ms) {
    if (is_set_) co_return;
    const WorkTime::Pause pause;
    bool is_late = false;
    const auto deadline = timers_.at(deadline_ms, [this, &is_late] {
        is_late = true;
        sleep_.cancel();
    });
    while (!is_set_ && !is_late) {
        std::error_code cancelled;
        sleep_.expires_at(asio::steady_timer::time_point::max());
        co_await sleep_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    }
    if (!is_late) timers_.cancel(deadline);
}

}  // namespace broker
