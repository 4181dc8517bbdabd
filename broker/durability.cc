#include "broker/durability.h"

#include <spdlog/spdlog.h>

#include <limits>
#include <utility>
#include <vector>

#include "broker/event.h"
#include "broker/shard.h"

namespace broker {

namespace {

// A log with what it has to sync.
struct Pending {
    protocol::Uuid topic_id;
    int32_t partition;
    storage::SyncJob job;
};

struct Collected {
    std::vector<Pending> pending;
    bool is_whole = true;
};

Collected collect(Shard& shard) {
    Collected collected;
    shard.replicas.for_each([&](const auto& topic_id, int32_t partition, auto& replica) {
        storage::Log& log = replica.log();
        if (log.recovery_point() == log.log_end_offset() || log.refuses_writes()) return;
        auto job = log.begin_sync();
        collected.is_whole &= job.has_value();
        if (job) collected.pending.push_back({topic_id, partition, *std::move(job)});
    });
    return collected;
}

void report(Shard& shard, const std::vector<Pending>& synced, const std::vector<bool>& succeeded) {
    for (size_t i = 0; i < synced.size(); ++i) {
        const auto& [topic_id, partition, job] = synced[i];
        auto* replica = shard.replicas.find_open(topic_id, partition);
        if (!replica) continue;
        replica->log().end_sync(job, succeeded[i]);
        if (!succeeded[i])
            spdlog::error("{}: cannot be synced; it is offline until the next start",
                          replica->log().directory());
    }
}

}  // namespace

struct Durability::Round {
    std::vector<std::shared_ptr<Event>> waiting;
    bool succeeded = false;
};

asio::awaitable<bool> Durability::settle() {
    if (!precedes_answers()) co_return true;
    co_return co_await sync();
}

asio::awaitable<bool> Durability::sync() {
    auto join = [this] { return join_round(); };
    co_return co_await shards_.first().run(std::move(join));
}

asio::awaitable<bool> Durability::join_round() {
    Shard& first = shards_.first();
    if (!next_) next_ = std::make_shared<Round>();
    const auto round = next_;
    auto done = std::make_shared<Event>(first.io(), first.timers);
    round->waiting.push_back(done);
    if (!std::exchange(is_running_, true)) first.spawn(run_rounds());
    co_await done->wait_until(std::numeric_limits<int64_t>::max());
    co_return round->succeeded;
}

asio::awaitable<void> Durability::run_rounds() {
    while (next_) {
        const auto round = std::exchange(next_, nullptr);
        round->succeeded = co_await sync_all();
        for (const auto& done : round->waiting) done->set();
    }
    is_running_ = false;
}

asio::awaitable<bool> Durability::sync_all() {
    bool all_synced = true;
    std::vector<std::pair<Shard*, std::vector<Pending>>> work;
    for (const auto& shard : shards_) {
        auto find = [&shard] { return collect(*shard); };
        auto collected = co_await shard->run(std::move(find));
        all_synced &= collected.is_whole;
        if (!collected.pending.empty())
            work.emplace_back(shard.get(), std::move(collected.pending));
    }
    for (const auto& [shard, pending] : work) {
        // The files stay open as long as this is at work.
        auto run = [this, &pending] {
            std::vector<bool> succeeded;
            for (const Pending& one : pending) succeeded.push_back(one.job.run(files_));
            return succeeded;
        };
        const std::vector<bool> succeeded = co_await background_.run(std::move(run));
        for (const bool one : succeeded) all_synced &= one;
        auto tell = [&] { report(*shard, pending, succeeded); };
        co_await shard->run(std::move(tell));
    }
    co_return all_synced;
}

}  // namespace broker
