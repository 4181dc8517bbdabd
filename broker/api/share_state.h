// What a group coordinator has the share coordinator do (KIP-932): it makes and deletes the state
// of share-partitions.
#pragma once

#include <asio/awaitable.hpp>
#include <expected>
#include <map>
#include <string>
#include <utility>

#include "broker/coordinator/group/effects.h"
#include "broker/coordinator/share_service.h"
#include "broker/shard.h"
#include "protocol/error.h"

namespace broker {
class Broker;
}

namespace broker::api {

// What `ask(service, state_partition)` gives where the share coordinator of `key` is, or its
// refusal. Requires: called on the shard `here`.
template <class Ask>
auto at_share_coordinator(Shard& here, const coordinator::share::SharePartitionKey& key, Ask ask)
    -> asio::awaitable<std::invoke_result_t<Ask&, coordinator::ShareService&, int32_t>> {
    const auto home = coordinator::share_home(here, key);
    if (!home) co_return std::unexpected(coordinator::share::Refusal{home.error(), {}});
    auto work = [&] { return ask(home->owner->share_states, home->state_partition); };
    co_return co_await home->owner->run(std::move(work));
}

// Of the partitions with which it did not go well, why.
using ShareStateRefusals = std::map<protocol::Uuid, std::map<int32_t, coordinator::share::Refusal>>;

// Makes the share state topic, too, on first use; then tells the group coordinator how it went.
// When it failed, `forgets` says whether the partitions count as not begun with.
asio::awaitable<ShareStateRefusals> initialize_share_state(
    Broker& broker, Shard& here, coordinator::group::ShareStateToInitialize wanted, bool forgets);

// Deletes it; who tells the group coordinator is the caller.
asio::awaitable<ShareStateRefusals> delete_share_state(
    Shard& here, std::string group_id, coordinator::group::TopicPartitions partitions);

// What the shards have loaded of the group is not true any more.
asio::awaitable<void> forget_share_group(Shard& here, std::string group_id);

}  // namespace broker::api
