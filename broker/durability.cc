#include "broker/durability.h"

#include <spdlog/spdlog.h>

#include <limits>
#include <utility>
#include <vector>

#include "broker/shard.h"

namespace broker {

// A log with what it has to sync.
struct Durability::Pending {
    protocol::Uuid topic_id;
    int32_t partition;
    storage::SyncJob job;
};

asio::awaitable<bool> Durability::settle(Mark since) {
    if (!precedes_answers()) co_return true;
    co_await sync();
    co_return failure_count_ == since;
}

asio::awaitable<void> Durability::sync() {
    auto join = [this] { return join_round(); };
    co_await shards_.first().run(std::move(join));
}

asio::awaitable<void> Durability::join_round() {
    Shard& first = shards_.first();
    auto done = std::make_shared<Event>(first.io(), first.timers);
    waiting_.push_back(done);
    if (!std::exchange(is_running_, true)) first.spawn(run_rounds());
    co_await done->wait_until(std::numeric_limits<int64_t>::max());
}

asio::awaitable<void> Durability::run_rounds() {
    while (!waiting_.empty()) {
        const auto round = std::exchange(waiting_, {});
        co_await sync_all();
        for (const auto& done : round) done->set();
    }
    is_running_ = false;
}

asio::awaitable<void> Durability::sync_all() {
    std::vector<std::pair<Shard*, std::vector<Pending>>> work;
    for (const auto& shard : shards_) {
        auto find = [&shard, this] { return collect(*shard); };
        auto pending = co_await shard->run(std::move(find));
        if (!pending.empty()) work.emplace_back(shard.get(), std::move(pending));
    }
    for (const auto& [shard, pending] : work) {
        // The files stay open as long as this is at work.
        auto run = [this, &pending] {
            std::vector<bool> succeeded;
            for (const Pending& one : pending) succeeded.push_back(one.job.run(files_));
            return succeeded;
        };
        const std::vector<bool> succeeded = co_await background_.run(std::move(run));
        auto tell = [&] { report(*shard, pending, succeeded); };
        co_await shard->run(std::move(tell));
    }
}

std::vector<Durability::Pending> Durability::collect(Shard& shard) {
    std::vector<Pending> collected;
    shard.replicas.for_each([&](const auto& topic_id, int32_t partition, auto& replica) {
        storage::Log& log = replica.log();
        if (log.needs_sync()) {
            if (auto job = log.begin_sync())
                collected.push_back({topic_id, partition, *std::move(job)});
            else if (precedes_answers())
                log.take_offline();  // else nobody would be answered until it can be synced
        }
        // Also of a log whose own flush failed.
        note_failure(replica);
    });
    return collected;
}

void Durability::report(Shard& shard, const std::vector<Pending>& synced,
                        const std::vector<bool>& succeeded) {
    for (size_t i = 0; i < synced.size(); ++i) {
        const auto& [topic_id, partition, job] = synced[i];
        // A log that was deleted meanwhile has nothing to lose.
        auto* replica = shard.replicas.find_open(topic_id, partition);
        if (!replica) continue;
        replica->log().end_sync(job, succeeded[i]);
        note_failure(*replica);
    }
}

// After the log is offline: whoever takes a mark from here on sees nothing of it.
void Durability::note_failure(partition::Replica& replica) {
    if (!replica.has_newly_failed()) return;
    ++failure_count_;
    spdlog::error("{}: cannot be synced; it is offline until the next start",
                  replica.log().directory());
}

}  // namespace broker
