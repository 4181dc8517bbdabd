// Asks the group coordinator a question that is answered at once, where the group lives.
#pragma once

#include <asio/awaitable.hpp>
#include <expected>
#include <string_view>
#include <utility>

#include "broker/api/coordinator_home.h"
#include "broker/request_context.h"
#include "broker/shard.h"

namespace broker::api {

// What `work(machine, now_ms)` returns. Errors: not_coordinator, coordinator_not_available.
template <class Work>
auto on_group(RequestContext& context, std::string_view group_id, Work work) -> asio::awaitable<
    std::expected<std::invoke_result_t<Work&, coordinator::group::GroupCoordinator&, int64_t>,
                  protocol::ErrorCode>> {
    using Result = std::invoke_result_t<Work&, coordinator::group::GroupCoordinator&, int64_t>;
    const auto home = group_home(context, group_id);
    if (!home) co_return std::unexpected(home.error());
    auto step = [&]() -> std::expected<Result, protocol::ErrorCode> {
        const auto machine = home->owner->groups.coordinator(home->partition);
        if (!machine) return std::unexpected(machine.error());
        return work(**machine, home->owner->clock.now_ms());
    };
    co_return co_await home->owner->run(std::move(step));
}

}  // namespace broker::api
