#include "broker/coordinator/share_service.h"

#include <spdlog/spdlog.h>

#include <cassert>

#include "broker/coordinator/coordinator_partition.h"
#include "broker/shard.h"

namespace broker::coordinator {

using share::Refusal;
using share::ShareCoordinator;
using share::SharePartitionKey;
using share::ShareState;

namespace {

std::optional<protocol::Bytes> view(const std::optional<protocol::Blob>& blob) {
    return blob ? std::optional<protocol::Bytes>(*blob) : std::nullopt;
}

}  // namespace

std::expected<ShareService::Host*, ErrorCode> ShareService::host(int32_t state_partition) {
    if (const auto found = hosts_.find(state_partition); found != hosts_.end()) {
        // What it knows may not be on the disk.
        if (found->second->log.is_offline())
            return std::unexpected(ErrorCode::coordinator_not_available);
        return found->second.get();
    }
    const auto topic = shard_.image.find(metadata::share_state_topic);
    if (!topic || state_partition < 0 || state_partition >= topic->partition_count())
        return std::unexpected(ErrorCode::coordinator_not_available);
    const config::ShareSettings& settings = services_.config.share;
    auto host = std::make_unique<Host>(
        StateLog(shard_.replicas, topic, state_partition),
        share::Config{.updates_per_snapshot = settings.updates_per_snapshot,
                      .cold_snapshot_interval_ms = settings.cold_snapshot_interval_ms});
    const auto loaded = host->log.load(
        {.record = [&](const protocol::Record& record, int64_t) -> std::expected<void, ErrorCode> {
             if (!record.key || !host->machine.replay(*record.key, record.value, record.offset))
                 spdlog::warn("{}-{}: the record at offset {} cannot be read", topic->name,
                              state_partition, record.offset);
             return {};
         },
         .marker = [](int64_t, bool) {}});
    if (!loaded) {
        spdlog::error("{}-{}: the coordinator cannot be loaded: {}", topic->name, state_partition,
                      protocol::name(loaded.error()));
        return std::unexpected(ErrorCode::coordinator_not_available);
    }
    return hosts_.emplace(state_partition, std::move(host)).first->second.get();
}

ShareService::Outcome ShareService::commit(Host& host, const std::vector<Record>& records) {
    if (records.empty()) return {};
    const auto base_offset = host.log.append(records, shard_.clock.now_ms());
    if (!base_offset) return std::unexpected(Refusal{base_offset.error(), {}});
    int64_t offset = *base_offset;
    for (const Record& record : records) {
        const auto replayed = host.machine.replay(record.key, view(record.value), offset++);
        assert(replayed);
    }
    return {};
}

ShareCoordinator::Caller ShareService::caller(const SharePartitionKey& key) const {
    const auto topic = shard_.image.find(key.topic_id);
    return {.now_ms = shard_.clock.now_ms(),
            .partition_exists = topic && key.partition < topic->partition_count()};
}

ShareService::Outcome ShareService::decide(int32_t state_partition, const SharePartitionKey& key,
                                           const Decide& decide) {
    const auto found = host(state_partition);
    if (!found) return std::unexpected(Refusal{found.error(), {}});
    const auto decision = decide((*found)->machine, caller(key));
    if (!decision) return std::unexpected(decision.error());
    return commit(**found, *decision);
}

ShareService::Outcome ShareService::initialize(int32_t state_partition,
                                               const SharePartitionKey& key, int32_t state_epoch,
                                               int64_t start_offset) {
    return decide(state_partition, key, [&](const auto& machine, const auto& caller) {
        return machine.initialize(key, state_epoch, start_offset, caller);
    });
}

ShareService::Outcome ShareService::write(int32_t state_partition, const SharePartitionKey& key,
                                          const ShareCoordinator::Write& write) {
    return decide(state_partition, key, [&](const auto& machine, const auto& caller) {
        return machine.write(key, write, caller);
    });
}

ShareService::Outcome ShareService::remove(int32_t state_partition, const SharePartitionKey& key) {
    return decide(state_partition, key, [&](const auto& machine, const auto& caller) {
        return machine.remove(key, caller);
    });
}

std::expected<ShareState, Refusal> ShareService::read(int32_t state_partition,
                                                      const SharePartitionKey& key,
                                                      int32_t leader_epoch) {
    const auto found = host(state_partition);
    if (!found) return std::unexpected(Refusal{found.error(), {}});
    const auto answer = (*found)->machine.read(key, leader_epoch, caller(key));
    if (!answer) return std::unexpected(answer.error());
    ShareState state = *answer->state;
    if (const auto committed = commit(**found, answer->records); !committed)
        return std::unexpected(committed.error());
    return state;
}

std::expected<std::optional<ShareState>, Refusal> ShareService::read_summary(
    int32_t state_partition, const SharePartitionKey& key) {
    const auto found = host(state_partition);
    if (!found) return std::unexpected(Refusal{found.error(), {}});
    const auto state = (*found)->machine.read_summary(key, caller(key));
    if (!state) return std::unexpected(state.error());
    return *state ? std::optional(**state) : std::nullopt;
}

void ShareService::forget_topic(const metadata::TopicImage& topic) {
    if (topic.name == metadata::share_state_topic) {
        hosts_.clear();
        return;
    }
    // What cannot be written now is found again as long as the state topic lives; nobody asks for
    // a topic that is gone.
    for (const auto& [partition, host] : hosts_)
        (void)commit(*host, host->machine.topic_deleted(topic.id));
}

void ShareService::prune() {
    for (const auto& [partition, host] : hosts_) {
        const auto offset = host->machine.redundant_before();
        const auto replica = host->log.replica();
        if (!offset || !replica || *offset <= (*replica)->log().log_start_offset()) continue;
        if (const auto raised = (*replica)->log().raise_log_start_offset(*offset); !raised)
            spdlog::warn("{}-{}: what is redundant cannot be cut off: {}", host->log.topic().name,
                         partition, protocol::name(raised.error()));
    }
}

void ShareService::snapshot_cold() {
    for (const auto& [partition, host] : hosts_)
        (void)commit(*host, host->machine.snapshot_cold(shard_.clock.now_ms()));
}

std::expected<ShareHome, ErrorCode> share_home(Shard& here, const SharePartitionKey& key) {
    const auto topic = here.image.find(metadata::share_state_topic);
    if (!topic) return std::unexpected(ErrorCode::coordinator_not_available);
    const int32_t partition =
        coordinator_partition(key.coordinator_key(), topic->partition_count());
    return ShareHome{&here.shards.owner_of(topic->id, partition), partition};
}

}  // namespace broker::coordinator
