#include "broker/maintenance.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <iterator>
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
    every(config.share.prune_interval_ms, [this] { shard_.share_states.prune(); });
    every(config.share.cold_snapshot_interval_ms, [this] { shard_.share_states.snapshot_cold(); });
    every(config.log.retention_check_interval_ms, [this] { shard_.spawn(retain()); });
    constexpr int64_t removal_interval_ms = 1000;
    every(removal_interval_ms, [this] { shard_.spawn(remove_deleted_files()); });
    every(config.log.flush_check_interval_ms, [this] { flush_due_logs(); });
    constexpr int64_t idle_checks = 4;  // within connections.max.idle.ms
    every(config.network.connection_idle_max_ms / idle_checks, [this] {
        shard_.connections.close_idle(services_.config.network.connection_idle_max_ms);
    });
}

// Brings what was written to the disk, so that a start after a crash has little to look through.
asio::awaitable<void> Maintenance::sync_and_checkpoint() {
    if (std::exchange(is_syncing_, true)) co_return;  // a slow disk: the round before is not over
    co_await services_.durability.sync();             // what failed is offline, and was reported
    co_await write_checkpoints();
    is_syncing_ = false;
}

asio::awaitable<void> Maintenance::sync() { co_await services_.durability.sync(); }

asio::awaitable<std::vector<storage::PartitionCheckpoint>> Maintenance::collect_checkpoints() {
    std::vector<storage::PartitionCheckpoint> all;
    for (const auto& shard : services_.shards) {
        auto collect = [&shard] { return shard->replicas.checkpoints(); };
        const auto some = co_await shard->run(std::move(collect));
        std::ranges::copy(some, std::back_inserter(all));
    }
    co_return all;
}

asio::awaitable<void> Maintenance::write_checkpoints() {
    const auto all = co_await collect_checkpoints();
    if (const auto written = services_.directory.write_checkpoints(all); !written)
        spdlog::error("The checkpoints cannot be written: {}", protocol::name(written.error()));
}

std::vector<std::pair<metadata::TopicRef, int32_t>> Maintenance::found_partitions() const {
    std::vector<std::pair<metadata::TopicRef, int32_t>> found;
    for (const auto& [name, topic_id] : services_.directory.partitions()) {
        auto topic = shard_.image.find(std::string_view(name.topic));
        if (topic && &services_.shards.owner_of(topic->id, name.partition) == &shard_)
            found.emplace_back(std::move(topic), name.partition);
    }
    return found;
}

asio::awaitable<void> Maintenance::retain() {
    if (std::exchange(is_retaining_, true)) co_return;
    // After a clean stop a log is opened when it is first asked for; but it grows old anyway.
    if (!std::exchange(has_opened_found_, true)) {
        for (const auto& [topic, partition] : found_partitions()) {
            (void)shard_.replicas.get(*topic, partition);
            co_await asio::post(shard_.io(), asio::use_awaitable);
        }
    }
    std::vector<std::pair<protocol::Uuid, int32_t>> open;
    shard_.replicas.for_each([&](const auto& topic_id, int32_t partition, auto&) {
        open.emplace_back(topic_id, partition);
    });
    for (const auto& [topic_id, partition] : open) {
        partition::Replica* replica = shard_.replicas.find_open(topic_id, partition);
        if (!replica) continue;
        retain_log(replica->log(), shard_.clock.now_ms());
        // Requests wait for one log at most.
        co_await asio::post(shard_.io(), asio::use_awaitable);
    }
    is_retaining_ = false;
}

void Maintenance::retain_log(storage::Log& log, int64_t now_ms) {
    auto expired = log.apply_retention(now_ms);
    if (expired && *expired > 0)
        spdlog::info("{}: retention deleted {} segment(s), the log begins at {}", log.directory(),
                     *expired, log.log_start_offset());
    if (const auto rolled = log.roll_if_due(now_ms); !rolled)
        expired = std::unexpected(rolled.error());
    if (!expired)
        spdlog::error("{}: retention failed: {}", log.directory(), protocol::name(expired.error()));
}

void Maintenance::remove_later(std::string set_aside, int64_t delay_ms) {
    shard_.timers.after(delay_ms, [this, directory = std::move(set_aside)] {
        shard_.spawn(remove_set_aside(directory));
    });
}

asio::awaitable<void> Maintenance::remove_set_aside(std::string directory) {
    auto remove = [this, &directory] { return services_.directory.remove_set_aside(directory); };
    const auto removed = co_await services_.background.run(std::move(remove));
    if (!removed)
        spdlog::error("{}: cannot be removed: {}", directory, protocol::name(removed.error()));
}

asio::awaitable<void> Maintenance::remove_deleted_files() {
    if (std::exchange(is_removing_, true)) co_return;
    std::vector<std::string> paths;
    shard_.replicas.for_each([&](const auto&, int32_t, auto& replica) {
        std::ranges::move(replica.log().take_deleted_files(shard_.clock.now_ms()),
                          std::back_inserter(paths));
    });
    // A topic that is deleted meanwhile takes its files elsewhere: then they are not there any
    // more.
    auto remove = [this, &paths] {
        for (const std::string& path : paths) (void)services_.files.remove(path);
    };
    if (!paths.empty()) co_await services_.background.run(std::move(remove));
    is_removing_ = false;
}

void Maintenance::expire_producers() {
    const int64_t expiration_ms = shard_.config.log.producer_id_expiration_ms;
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
