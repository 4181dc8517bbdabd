#include "broker/maintenance.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "broker/shard.h"

namespace broker {

template <class Task>
void Maintenance::every(int64_t interval_ms, Task task) {
    // "Never" in Kafka's configs is the largest number.
    if (interval_ms <= 0 || interval_ms == std::numeric_limits<int64_t>::max()) return;
    shard_.timers.after(interval_ms, [this, interval_ms, task] {
        task();
        every(interval_ms, task);
    });
}

void Maintenance::start() {
    const auto& config = services_.config;
    if (&services_.shards.first() == &shard_) {
        every(config.log.recovery_point_checkpoint_interval_ms,
              [this] { shard_.spawn(sync_and_checkpoint()); });
        if (config.log.fsync == config::FsyncMode::interval)
            every(config.log.fsync_interval_ms, [this] { shard_.spawn(sync()); });
    }
    every(config.log.producer_id_expiration_check_interval_ms, [this] { expire_producers(); });
    every(config.log.flush_check_interval_ms, [this] { flush_due_logs(); });
    constexpr int64_t idle_checks = 4;  // within connections.max.idle.ms
    every(config.network.connection_idle_max_ms / idle_checks, [this] {
        shard_.connections.close_idle(services_.config.network.connection_idle_max_ms);
    });
}

// Brings what was written to the disk, so that a start after a crash has little to look through.
asio::awaitable<void> Maintenance::sync_and_checkpoint() {
    if (std::exchange(is_syncing_, true)) co_return;  // a slow disk: the round before is not over
    (void)co_await services_.durability.sync();       // what failed is offline, and was reported
    co_await write_checkpoints();
    is_syncing_ = false;
}

asio::awaitable<void> Maintenance::sync() { (void)co_await services_.durability.sync(); }

asio::awaitable<void> Maintenance::write_checkpoints() {
    std::vector<storage::PartitionCheckpoint> all;
    for (const auto& shard : services_.shards) {
        auto collect = [&shard] { return shard->replicas.checkpoints(); };
        const auto some = co_await shard->run(std::move(collect));
        std::ranges::copy(some, std::back_inserter(all));
    }
    if (const auto written = services_.directory.write_checkpoints(all); !written)
        spdlog::error("The checkpoints cannot be written: {}", protocol::name(written.error()));
}

void Maintenance::expire_producers() {
    const int64_t expiration_ms = services_.config.log.producer_id_expiration_ms;
    shard_.replicas.for_each([&](const auto&, int32_t, auto& replica) {
        replica.log().expire_producers(expiration_ms, shard_.clock.now_ms());
    });
}

void Maintenance::flush_due_logs() {
    shard_.replicas.for_each([&](const auto&, int32_t, auto& replica) {
        if (const auto flushed = replica.log().flush_if_due(shard_.clock.now_ms()); !flushed)
            spdlog::error("{}: cannot be flushed: {}", replica.log().directory(),
                          protocol::name(flushed.error()));
    });
}

}  // namespace broker
