#include "broker/api/share_state.h"

#include "broker/api/coordinator_home.h"
#include "broker/api/internal_topics.h"
#include "broker/broker.h"

namespace broker::api {

using coordinator::ShareService;
using coordinator::group::ShareStateToInitialize;
using coordinator::group::TopicPartitions;
using coordinator::share::Refusal;
using coordinator::share::SharePartitionKey;

namespace {

TopicPartitions partitions_of(const ShareStateToInitialize& wanted) {
    TopicPartitions partitions;
    for (const auto& [topic_id, offsets] : wanted.start_offsets)
        for (const auto& [partition, offset] : offsets) partitions[topic_id].insert(partition);
    return partitions;
}

asio::awaitable<ShareStateRefusals> initialize(Shard& here, const ShareStateToInitialize& wanted) {
    ShareStateRefusals refusals;
    for (const auto& [topic_id, offsets] : wanted.start_offsets) {
        for (const auto& [partition, start_offset] : offsets) {
            const SharePartitionKey key{wanted.group_id, topic_id, partition};
            auto ask = [&](ShareService& service, int32_t state_partition) {
                return service.initialize(state_partition, key, wanted.state_epoch, start_offset);
            };
            auto done = co_await at_share_coordinator(here, key, std::move(ask));
            if (!done) refusals[topic_id][partition] = std::move(done.error());
        }
    }
    co_return refusals;
}

asio::awaitable<void> note(Shard& here, std::string_view group_id,
                           const TopicPartitions& partitions, bool is_done) {
    const auto home = group_home(here, group_id);
    if (!home) co_return;
    auto tell = [&] {
        return home->owner->groups.change(home->partition, [&](const auto& machine) {
            return machine.share_state_initialized(group_id, partitions, is_done);
        });
    };
    // What is not noted is done again.
    (void)co_await home->owner->run(std::move(tell));
}

}  // namespace

asio::awaitable<ShareStateRefusals> initialize_share_state(Broker& broker, Shard& here,
                                                           ShareStateToInitialize wanted,
                                                           bool forgets) {
    if (!here.image.find(metadata::share_state_topic)) {
        auto topic = new_topic_named(metadata::share_state_topic, broker.config());
        // As in Kafka the broker makes it by itself, and no client's quota counts.
        quota::MutationQuota unlimited(here.shards.first().quota_meters, {}, std::nullopt, false);
        // Without it there is no share coordinator, which is what the partitions are told.
        (void)co_await broker.controller().ensure_topic(std::move(topic), unlimited);
    }
    auto refusals = co_await initialize(here, wanted);
    const bool is_done = refusals.empty();
    if (is_done || forgets) {
        const auto partitions = partitions_of(wanted);
        co_await note(here, wanted.group_id, partitions, is_done);
    }
    co_return refusals;
}

asio::awaitable<ShareStateRefusals> delete_share_state(Shard& here, std::string group_id,
                                                       TopicPartitions partitions) {
    ShareStateRefusals refusals;
    for (const auto& [topic_id, indexes] : partitions) {
        for (const int32_t partition : indexes) {
            const SharePartitionKey key{group_id, topic_id, partition};
            auto ask = [&](ShareService& service, int32_t state_partition) {
                return service.remove(state_partition, key);
            };
            auto done = co_await at_share_coordinator(here, key, std::move(ask));
            if (!done) refusals[topic_id][partition] = std::move(done.error());
        }
    }
    co_return refusals;
}

asio::awaitable<void> forget_share_group(Shard& here, std::string group_id) {
    for (const auto& shard : here.shards) {
        auto forget = [&] { shard->share_partitions.forget_group(group_id); };
        co_await shard->run(std::move(forget));
    }
}

}  // namespace broker::api
