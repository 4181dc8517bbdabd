#include "broker/coordinator/group_service.h"

#include <fmt/ranges.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cassert>
#include <limits>
#include <utility>

#include "broker/shard.h"

namespace broker::coordinator {

namespace {

// A deadline that could not be met for want of disk space is tried again after this.
constexpr int64_t retry_ms = 100;

group::GroupConfig machine_config(const config::BrokerConfig& config) {
    const config::GroupSettings& settings = config.group;
    const config::ShareSettings& share = config.share;
    const config::StreamsSettings& streams = config.streams;
    return {.group_min_session_timeout_ms = settings.min_session_timeout_ms,
            .group_max_session_timeout_ms = settings.max_session_timeout_ms,
            .group_initial_rebalance_delay_ms = settings.initial_rebalance_delay_ms,
            .group_max_size = settings.max_size,
            .offset_metadata_max_bytes = settings.offset_metadata_max_bytes,
            .offsets_retention_ms = settings.offsets_retention_ms,
            .offsets_retention_check_interval_ms = settings.offsets_retention_check_interval_ms,
            .group_consumer_session_timeout_ms = settings.consumer_session_timeout_ms,
            .group_consumer_heartbeat_interval_ms = settings.consumer_heartbeat_interval_ms,
            .group_consumer_assignment_interval_ms = settings.consumer_assignment_interval_ms,
            .group_consumer_max_size = settings.consumer_max_size,
            .group_consumer_regex_refresh_interval_ms = settings.consumer_regex_refresh_interval_ms,
            .group_consumer_assignors = settings.consumer_assignors,
            .group_consumer_migration_policy = {.may_upgrade = settings.may_upgrade,
                                                .may_downgrade = settings.may_downgrade},
            .group_share_session_timeout_ms = share.session_timeout_ms,
            .group_share_heartbeat_interval_ms = share.heartbeat_interval_ms,
            .group_share_assignment_interval_ms = share.assignment_interval_ms,
            .group_share_max_size = share.max_size,
            .group_share_initialize_retry_interval_ms = share.initialize_retry_interval_ms,
            .group_streams_session_timeout_ms = streams.session_timeout_ms,
            .group_streams_heartbeat_interval_ms = streams.heartbeat_interval_ms,
            .group_streams_assignment_interval_ms = streams.assignment_interval_ms,
            .group_streams_initial_rebalance_delay_ms = streams.initial_rebalance_delay_ms,
            .group_streams_num_standby_replicas = streams.num_standby_replicas,
            .group_streams_task_offset_interval_ms = streams.task_offset_interval_ms,
            .group_streams_acceptable_recovery_lag = streams.acceptable_recovery_lag,
            .group_streams_rack_aware_assignment_tags =
                fmt::format("{}", fmt::join(streams.rack_aware_assignment_tags, ",")),
            .group_streams_max_size = streams.max_size,
            .group_streams_keeps_topology_descriptions = streams.keeps_topology_descriptions};
}

std::optional<protocol::Bytes> view(const std::optional<protocol::Blob>& blob) {
    return blob ? std::optional<protocol::Bytes>(*blob) : std::nullopt;
}

// The topic of the coordinators' logs; nullptr when it has no such partition.
metadata::TopicRef topic_of(const metadata::ClusterImage& image, int32_t partition) {
    auto topic = image.find(metadata::offsets_topic);
    const bool is_there = topic && partition >= 0 && partition < topic->partition_count();
    return is_there ? std::move(topic) : nullptr;
}

}  // namespace

GroupService::GroupService(Shard& shard, const Services& services)
    : shard_(shard), services_(services), cluster_(shard.image, shard.config.values) {}

int64_t GroupService::now_ms() const { return shard_.clock.now_ms(); }

std::expected<GroupService::Host*, ErrorCode> GroupService::host(int32_t partition) {
    // What was unloaded is empty: it must not tell another shard's client that it has no offsets.
    if (shard_.is_stopping) return std::unexpected(ErrorCode::not_coordinator);
    if (const auto found = hosts_.find(partition); found != hosts_.end()) {
        // What it knows may not be on the disk.
        if (found->second->log.is_offline())
            return std::unexpected(ErrorCode::coordinator_not_available);
        return found->second.get();
    }
    const auto topic = topic_of(shard_.image, partition);
    if (!topic) return std::unexpected(ErrorCode::coordinator_not_available);
    auto host = std::make_unique<Host>(StateLog(shard_.replicas, topic, partition),
                                       machine_config(shard_.config), cluster_);
    const auto loaded = host->log.load(
        {.record = [&](const protocol::Record& record,
                       int64_t producer_id) -> std::expected<void, ErrorCode> {
             if (!record.key ||
                 !host->machine.replay(*record.key, record.value, producer_id, record.offset))
                 spdlog::warn("{}-{}: the record at offset {} cannot be read", topic->name,
                              partition, record.offset);
             return {};
         },
         .marker = [&](int64_t producer_id,
                       bool commit) { host->machine.complete_transaction(producer_id, commit); }});
    if (!loaded) {
        spdlog::error("{}-{}: the coordinator cannot be loaded: {}", topic->name, partition,
                      protocol::name(loaded.error()));
        return std::unexpected(ErrorCode::coordinator_not_available);
    }
    host->machine.loaded(now_ms());
    Host* ready = hosts_.emplace(partition, std::move(host)).first->second.get();
    arm();
    return ready;
}

void GroupService::configure() {
    for (const auto& [partition, host] : hosts_)
        host->machine.set_config(machine_config(shard_.config));
}

std::expected<group::GroupCoordinator*, ErrorCode> GroupService::coordinator(int32_t partition) {
    const auto found = host(partition);
    if (!found) return std::unexpected(found.error());
    return &(*found)->machine;
}

// The order that Effects asks for: records into the log, into the state, then the answers.
bool GroupService::settle(Host& host, group::Effects effects,
                          const std::optional<TransactionalProducer>& producer) {
    if (!effects.records.empty()) {
        const auto base_offset = host.log.append(effects.records, now_ms(), producer);
        if (!base_offset) {
            answer(host.machine.fail(std::move(effects), base_offset.error(), now_ms()));
            arm();
            return false;
        }
        int64_t offset = *base_offset;
        for (const Record& record : effects.records) {
            const auto replayed = host.machine.replay(
                record.key, view(record.value),
                producer ? producer->producer_id : protocol::no_producer_id, offset++);
            assert(replayed);
        }
    } else if (producer) {
        end_verification(host.log.partition(), *producer);
    }
    host.machine.appended(effects, now_ms());
    answer(std::move(effects.replies));
    arm();
    return true;
}

group::Token GroupService::expect_answer() {
    waiting_.emplace(++last_token_, std::make_shared<Waiting>(shard_.io(), shard_.timers));
    return last_token_;
}

void GroupService::answer(std::vector<group::Reply> replies) {
    for (group::Reply& reply : replies) {
        const auto found = waiting_.find(reply.token);
        if (found == waiting_.end()) continue;
        found->second->response = std::move(reply.response);
        found->second->answered.set();
    }
}

asio::awaitable<group::Response> GroupService::wait_for(group::Token token) {
    const auto waiting = waiting_.at(token);
    co_await waiting->answered.wait_until(std::numeric_limits<int64_t>::max());
    waiting_.erase(token);
    co_return std::move(*waiting->response);
}

ErrorCode GroupService::change(int32_t partition, const Decision& decide) {
    const auto found = host(partition);
    if (!found) return found.error();
    auto effects = decide((*found)->machine);
    if (!effects) return effects.error();
    return settle(**found, std::move(*effects), std::nullopt)
               ? ErrorCode::none
               : ErrorCode::coordinator_not_available;
}

ErrorCode GroupService::end_transaction(int32_t partition, const partition::Marker& marker) {
    if (!topic_of(shard_.image, partition)) return ErrorCode::unknown_topic_or_partition;
    const auto found = host(partition);
    if (!found) return ErrorCode::kafka_storage_error;
    const auto replica = (*found)->log.replica();
    if (!replica) return replica.error();
    const auto written = (*replica)->append_marker(marker, now_ms());
    if (!written) return written.error();
    (*found)->machine.complete_transaction(marker.producer_id, marker.commit);
    return ErrorCode::none;
}

std::expected<partition::Replica::Ticket, ErrorCode> GroupService::begin_verification(
    int32_t partition, int64_t producer_id, int16_t producer_epoch) {
    const auto found = host(partition);
    if (!found) return std::unexpected(found.error());
    const auto replica = (*found)->log.replica();
    if (!replica) return std::unexpected(append_error(replica.error()));
    return (*replica)->begin_verification(producer_id, producer_epoch);
}

void GroupService::end_verification(int32_t partition, const TransactionalProducer& producer) {
    const auto found = hosts_.find(partition);
    if (producer.ticket == 0 || found == hosts_.end()) return;
    if (const auto replica = found->second->log.replica())
        (*replica)->end_verification(producer.producer_id, producer.ticket);
}

void GroupService::forget_topic(const metadata::TopicImage& topic) {
    // Without their log the coordinators are gone; those of a new topic begin anew.
    if (topic.name == metadata::offsets_topic) {
        unload();
        hosts_.clear();
        return arm();
    }
    for (const auto& [partition, host] : hosts_)
        settle(*host, host->machine.topic_deleted(topic.name, topic.id), std::nullopt);
}

void GroupService::unload() {
    for (const auto& [partition, host] : hosts_) answer(host->machine.unload());
}

void GroupService::on_time() {
    const int64_t now = now_ms();
    for (const auto& [partition, host] : hosts_) {
        // Bounded: whatever is left comes with the next tick; so does what the disk refused.
        for (int round = 0; round < 1000; ++round) {
            const auto deadline = host->machine.next_deadline();
            if (!deadline || *deadline > now) break;
            if (!settle(*host, host->machine.on_time(now), std::nullopt)) break;
        }
    }
}

void GroupService::arm() {
    std::optional<int64_t> earliest;
    for (const auto& [partition, host] : hosts_) {
        const auto deadline = host->machine.next_deadline();
        if (deadline && (!earliest || *deadline < *earliest)) earliest = deadline;
    }
    if (earliest == armed_ms_) return;
    if (armed_ms_) shard_.timers.cancel(timer_);
    armed_ms_ = earliest;
    if (!earliest) return;
    // A deadline in the past is one that failed just now: it must not become a loop.
    const int64_t now = now_ms();
    timer_ = shard_.timers.at(*earliest <= now ? now + retry_ms : *earliest, [this] {
        armed_ms_.reset();
        on_time();
        arm();
    });
}

}  // namespace broker::coordinator
