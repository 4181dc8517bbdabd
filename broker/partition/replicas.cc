#include "broker/partition/replicas.h"

#include <spdlog/spdlog.h>

namespace broker::partition {

std::expected<Replica*, ErrorCode> Replicas::get(const metadata::TopicImage& topic,
                                                 int32_t partition) {
    const auto found = replicas_.find({topic.id, partition});
    if (found != replicas_.end()) return found->second.replica.get();
    // A request may hold a topic that was deleted while it waited: to open its log again would
    // take the directory from a new topic of that name. Or one that was configured anew.
    const auto current = image_.find(topic.id);
    if (partition < 0 || partition >= topic.partition_count() || !current)
        return std::unexpected(ErrorCode::unknown_topic_or_partition);
    return adopt(topic, partition,
                 directory_.open_log({topic.name, partition}, topic.id, current->config.log,
                                     clock_.now_ms()));
}

std::expected<Replica*, ErrorCode> Replicas::adopt(
    const metadata::TopicImage& topic, int32_t partition,
    std::expected<std::unique_ptr<storage::Log>, ErrorCode> log) {
    if (!log) {
        spdlog::error("{}-{}: the log cannot be opened: {}", topic.name, partition,
                      protocol::name(log.error()));
        return std::unexpected(log.error());
    }
    const storage::LogRecovery& recovery = (*log)->recovery();
    if (recovery.bytes_cut > 0 || recovery.segments_dropped > 0)
        spdlog::warn("{}-{}: cut {} bytes of unfinished writes, dropped {} segment(s) behind them",
                     topic.name, partition, recovery.bytes_cut, recovery.segments_dropped);
    const int32_t leader_epoch = topic.partitions[static_cast<size_t>(partition)].leader_epoch;
    auto& open = replicas_[{topic.id, partition}];
    open = {topic.name, std::make_unique<Replica>(std::move(*log), leader_epoch)};
    return open.replica.get();
}

std::string Replicas::remove(const metadata::TopicImage& topic, int32_t partition) {
    const auto found = replicas_.find({topic.id, partition});
    if (found != replicas_.end()) {
        found->second.replica->wake_waiters();
        replicas_.erase(found);
    }
    auto set_aside = directory_.set_aside_log({topic.name, partition}, topic.id);
    if (set_aside) return *std::move(set_aside);
    if (set_aside.error() != ErrorCode::unknown_topic_or_partition)
        spdlog::error("{}-{}: the log cannot be deleted: {}", topic.name, partition,
                      protocol::name(set_aside.error()));
    return {};
}

void Replicas::configure(const metadata::TopicImage& topic) {
    for (auto it = replicas_.lower_bound({topic.id, 0});
         it != replicas_.end() && it->first.first == topic.id; ++it)
        it->second.replica->log().configure(topic.config.log);
}

Replica* Replicas::find_open(const protocol::Uuid& topic_id, int32_t partition) {
    const auto found = replicas_.find({topic_id, partition});
    return found == replicas_.end() ? nullptr : found->second.replica.get();
}

void Replicas::wake_all_waiters() {
    for (auto& [id, open] : replicas_) open.replica->wake_waiters();
}

std::vector<storage::PartitionCheckpoint> Replicas::checkpoints() const {
    std::vector<storage::PartitionCheckpoint> all;
    for (const auto& [id, open] : replicas_)
        all.push_back({.name = {open.topic, id.second},
                       .topic_id = id.first,
                       .recovery_point = open.replica->log().recovery_point(),
                       .log_start_offset = open.replica->log().log_start_offset(),
                       .high_watermark = open.replica->high_watermark()});
    return all;
}

bool Replicas::close_all() {
    bool all_closed = true;
    for (auto& [id, open] : replicas_) {
        const auto closed = open.replica->log().close();
        if (closed) continue;
        all_closed = false;
        spdlog::error("{}-{}: the log cannot be closed: {}", open.topic, id.second,
                      protocol::name(closed.error()));
    }
    return all_closed;
}

}  // namespace broker::partition
