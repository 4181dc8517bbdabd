#include "broker/coordinator/transaction_service.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cassert>
#include <utility>

#include "broker/coordinator/markers.h"
#include "broker/shard.h"

namespace broker::coordinator {

namespace {

using transaction::Effects;
using transaction::marker_retry_ms;
using transaction::TransactionCoordinator;
using transaction::WriteMarkers;

// How long a request waits for the transaction before its own to complete; then it is told to
// come again.
constexpr int64_t completion_wait_ms = 5'000;

transaction::Config machine_config(const config::BrokerConfig& config,
                                   const metadata::ClusterImage& image) {
    const auto level = image.features().find("transaction.version");
    return {.max_timeout_ms = config.transaction.max_timeout_ms,
            .id_expiration_ms = config.transaction.transactional_id_expiration_ms,
            .two_phase_commit = config.transaction.two_phase_commit,
            .transaction_version = level == image.features().end() ? int16_t{0} : level->second};
}

// Whether a marker that met this error is to be tried again.
bool is_passing(ErrorCode error) {
    switch (error) {
        case ErrorCode::none:
        // Deleted meanwhile: there is nothing to end there.
        case ErrorCode::unknown_topic_or_partition:
        // A newer producer or coordinator has been there: it ended this transaction.
        case ErrorCode::invalid_producer_epoch:
        case ErrorCode::transaction_coordinator_fenced: return false;
        default: return true;
    }
}

}  // namespace

std::expected<TransactionService::HostRef, ErrorCode> TransactionService::host(int32_t partition) {
    if (const auto found = hosts_.find(partition); found != hosts_.end()) {
        // What it knows may not be on the disk.
        if (found->second->log.is_offline())
            return std::unexpected(ErrorCode::coordinator_not_available);
        return found->second;
    }
    const auto opened = open(partition);
    if (!opened) return std::unexpected(opened.error());
    for (WriteMarkers& markers : (*opened)->machine.unfinished())
        shard_.spawn(complete(*opened, std::move(markers), services_.durability.mark()));
    arm();
    return *opened;
}

std::expected<TransactionService::HostRef, ErrorCode> TransactionService::open(int32_t partition) {
    const auto topic = shard_.image.find(metadata::transactions_topic);
    if (!topic || partition < 0 || partition >= topic->partition_count())
        return std::unexpected(ErrorCode::coordinator_not_available);
    const int32_t coordinator_epoch =
        topic->partitions[static_cast<size_t>(partition)].leader_epoch;
    auto host =
        std::make_shared<Host>(StateLog(shard_.replicas, topic, partition),
                               machine_config(services_.config, shard_.image), coordinator_epoch);
    const auto loaded = host->log.load(
        {.record = [&](const protocol::Record& record, int64_t) -> std::expected<void, ErrorCode> {
             if (!record.key || !host->machine.replay(*record.key, record.value))
                 spdlog::warn("{}-{}: the record at offset {} cannot be read", topic->name,
                              partition, record.offset);
             return {};
         },
         .marker = [](int64_t, bool) {}});
    if (!loaded) {
        spdlog::error("{}-{}: the coordinator cannot be loaded: {}", topic->name, partition,
                      protocol::name(loaded.error()));
        return std::unexpected(ErrorCode::coordinator_not_available);
    }
    return hosts_.emplace(partition, std::move(host)).first->second;
}

asio::awaitable<void> TransactionService::load(int32_t partition) {
    const auto opened = open(partition);
    if (!opened) co_return;
    for (WriteMarkers& markers : (*opened)->machine.unfinished())
        co_await complete(*opened, std::move(markers), services_.durability.mark());
    arm();
}

void TransactionService::configure() {
    for (const auto& [partition, host] : hosts_)
        host->machine.set_config(machine_config(services_.config, shard_.image));
}

std::expected<const TransactionCoordinator*, ErrorCode> TransactionService::coordinator(
    int32_t partition) {
    const auto found = host(partition);
    if (!found) return std::unexpected(found.error());
    return &(*found)->machine;
}

asio::awaitable<Effects> TransactionService::run(int32_t partition, Operation operation) {
    const auto found = host(partition);
    if (!found) co_return Effects{.error = found.error()};
    const HostRef host = *found;
    const int64_t give_up_ms = shard_.clock.now_ms() + completion_wait_ms;
    for (;;) {
        const auto supplied = co_await shard_.producer_ids.refill();
        if (!supplied) co_return Effects{.error = append_error(supplied.error())};
        if (host->is_gone) co_return Effects{.error = ErrorCode::not_coordinator};
        const int64_t now_ms = shard_.clock.now_ms();
        const Durability::Mark before = services_.durability.mark();
        Effects effects = operation(host->machine, now_ms, shard_.producer_ids.peek());
        if (effects.fresh_producer_id_used) shard_.producer_ids.take();
        if (const auto error = commit(*host, effects); error != ErrorCode::none)
            co_return Effects{.error = error};
        if (effects.markers)
            co_await complete(host, *effects.markers, before);
        else if (!effects.records.empty() && !co_await services_.durability.settle(before))
            co_return Effects{.error = ErrorCode::coordinator_not_available};
        arm();
        if (!effects.retry_after_markers || now_ms >= give_up_ms || shard_.is_stopping)
            co_return effects;
        if (!effects.markers) {
            auto completion = std::make_shared<Event>(shard_.io(), shard_.timers);
            host->waiting.insert(completion);
            co_await completion->wait_until(give_up_ms);
            host->waiting.erase(completion);
        }
    }
}

// Appends and replays: from here on the records are the coordinator's state.
ErrorCode TransactionService::commit(Host& host, const Effects& effects) {
    if (effects.records.empty()) return ErrorCode::none;
    const auto appended = host.log.append(effects.records, shard_.clock.now_ms());
    if (!appended) return appended.error();
    for (const Record& record : effects.records) {
        const bool is_known = host.machine.replay(
            record.key,
            record.value ? std::optional<protocol::Bytes>(*record.value) : std::nullopt);
        assert(is_known);
    }
    return ErrorCode::none;
}

// Writes the markers of a prepared transaction and completes it. What cannot be written now is
// tried again in the background: the outcome is decided, and the client need not wait for it.
// `before`: from before the decision.
asio::awaitable<void> TransactionService::complete(HostRef host, WriteMarkers markers,
                                                   Durability::Mark before) {
    if (host->is_gone) co_return;
    // What is decided must outlast the markers that tell of it, and the markers what says that
    // they are written. A decision that may be lost is no one's to tell any more.
    auto missing = markers.partitions;
    const bool is_decided = co_await services_.durability.settle(before) && !host->log.is_offline();
    if (is_decided) missing = co_await write_markers(markers);
    if (missing.empty() && !co_await services_.durability.settle(before))
        missing = markers.partitions;  // one of the markers may be lost
    if (missing.empty()) {
        const auto effects = host->machine.markers_written(markers, shard_.clock.now_ms());
        if (commit(*host, effects) == ErrorCode::none) {
            host->wake_all();
            co_return;
        }
    }
    // A partition that has its marker gets no second one.
    markers.partitions = std::move(missing);
    shard_.spawn(complete_later(host, std::move(markers)));
}

asio::awaitable<void> TransactionService::complete_later(HostRef host, WriteMarkers markers) {
    Event never(shard_.io(), shard_.timers);
    co_await never.wait_until(shard_.clock.now_ms() + marker_retry_ms);
    co_await complete(host, std::move(markers), services_.durability.mark());
}

// The partitions whose marker could not be written.
asio::awaitable<std::vector<TopicPartition>> TransactionService::write_markers(
    WriteMarkers markers) {
    const partition::Marker marker{.producer_id = markers.producer_id,
                                   .producer_epoch = markers.producer_epoch,
                                   .commit = markers.commit,
                                   .coordinator_epoch = markers.coordinator_epoch,
                                   .transaction_version = markers.transaction_version};
    std::vector<TopicPartition> missing;
    for (const TopicPartition& target : markers.partitions) {
        if (!marker_retries_.may_try(target, shard_.clock.now_ms())) {
            missing.push_back(target);
            continue;
        }
        ErrorCode error = ErrorCode::unknown_topic_or_partition;
        if (const auto topic = shard_.image.find(std::string_view(target.topic)))
            error = co_await write_marker(services_.shards, topic, target.partition, marker);
        if (is_passing(error)) {
            missing.push_back(target);
            marker_retries_.refused(target, shard_.clock.now_ms());
            continue;
        }
        marker_retries_.accepted(target);
        if (error != ErrorCode::none && error != ErrorCode::unknown_topic_or_partition)
            spdlog::warn("{}-{}: no marker for {}: {}", target.topic, target.partition,
                         markers.transactional_id, protocol::name(error));
    }
    co_return missing;
}

// Sets the timer to the earliest deadline, though not before `not_before_ms`.
void TransactionService::arm(int64_t not_before_ms) {
    std::optional<int64_t> earliest;
    for (const auto& [partition, host] : hosts_) {
        const auto deadline = host->machine.next_deadline_ms();
        if (deadline && (!earliest || *deadline < *earliest)) earliest = deadline;
    }
    if (earliest) earliest = std::max(*earliest, not_before_ms);
    if (is_expiring_ || earliest == armed_ms_) return;
    if (armed_ms_) shard_.timers.cancel(timer_);
    armed_ms_ = earliest;
    if (!earliest) return;
    timer_ = shard_.timers.at(*earliest, [this] {
        armed_ms_.reset();
        shard_.spawn(expire());
    });
}

asio::awaitable<void> TransactionService::expire() {
    is_expiring_ = true;
    bool has_failed = false;
    std::vector<int32_t> partitions;
    for (const auto& [partition, host] : hosts_) partitions.push_back(partition);
    for (const int32_t partition : partitions) {
        const Operation abort_late = [](const auto& machine, int64_t now_ms, int64_t fresh) {
            return machine.expire_transaction(now_ms, fresh);
        };
        const Operation forget_old = [](const auto& machine, int64_t now_ms, int64_t) {
            return machine.expire_transactional_ids(now_ms);
        };
        for (const Operation& operation : {abort_late, forget_old}) {
            for (;;) {
                const Effects effects = co_await run(partition, operation);
                has_failed |= effects.error != ErrorCode::none;
                if (effects.error != ErrorCode::none || effects.records.empty()) break;
            }
        }
    }
    is_expiring_ = false;
    // A full disk must not turn a deadline that has passed into a loop.
    arm(has_failed ? shard_.clock.now_ms() + marker_retry_ms : 0);
}

void TransactionService::Host::wake_all() {
    for (const auto& completion : waiting) completion->set();
}

void TransactionService::wake_all() {
    for (const auto& [partition, host] : hosts_) host->wake_all();
}

// Without their log the coordinators are gone; those of a new topic begin anew.
void TransactionService::forget_hosts() {
    for (const auto& [partition, host] : std::exchange(hosts_, {})) {
        host->is_gone = true;
        host->wake_all();
    }
    arm();
}

asio::awaitable<void> TransactionService::forget_topic(std::string topic) {
    if (topic == metadata::transactions_topic) co_return forget_hosts();
    std::vector<int32_t> partitions;
    for (const auto& [partition, host] : hosts_) partitions.push_back(partition);
    for (const int32_t partition : partitions) {
        const Operation forget = [topic](const auto& machine, int64_t, int64_t) {
            return machine.topic_deleted(topic);
        };
        co_await run(partition, forget);
    }
}

}  // namespace broker::coordinator
