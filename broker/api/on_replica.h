// Runs a step on one partition, on the shard where it lives.
#pragma once

#include <asio/awaitable.hpp>
#include <expected>
#include <utility>

#include "broker/request_context.h"
#include "broker/shard.h"

namespace broker::api {

// What `work(replica, owner)` returns. Errors: unknown_topic_or_partition, or why the log cannot
// be opened. Requires: `work` does not suspend.
template <class Work>
auto on_replica(RequestContext& context, metadata::TopicRef topic, int32_t partition, Work work)
    -> asio::awaitable<std::expected<std::invoke_result_t<Work&, partition::Replica&, Shard&>,
                                     protocol::ErrorCode>> {
    using Result = std::invoke_result_t<Work&, partition::Replica&, Shard&>;
    Shard& owner = context.shards.owner_of(topic->id, partition);
    auto step = [&]() -> std::expected<Result, protocol::ErrorCode> {
        const auto replica = owner.replicas.get(*topic, partition);
        if (!replica) return std::unexpected(replica.error());
        return work(**replica, owner);
    };
    co_return co_await owner.run(std::move(step));
}

}  // namespace broker::api
