// Runs an operation of the group coordinator where the group lives, and waits for its answer.
#pragma once

#include <asio/awaitable.hpp>
#include <expected>
#include <optional>
#include <string_view>
#include <utility>

#include "broker/api/coordinator_home.h"
#include "broker/request_context.h"
#include "broker/shard.h"

namespace broker::api {

// Errors: not_coordinator, coordinator_not_available.
template <class Response>
asio::awaitable<std::expected<Response, protocol::ErrorCode>> run_group(
    RequestContext& context, std::string_view group_id,
    coordinator::GroupService::Operation operation,
    std::optional<coordinator::TransactionalProducer> producer = std::nullopt) {
    const auto home = group_home(context, group_id);
    if (!home) co_return std::unexpected(home.error());
    const coordinator::group::Caller caller{.version = context.version,
                                            .client_id = context.client_id,
                                            .client_host = context.client_host};
    auto work = [&] {
        return home->owner->groups.run<Response>(home->partition, caller, operation, producer);
    };
    co_return co_await home->owner->run(std::move(work));
}

}  // namespace broker::api
