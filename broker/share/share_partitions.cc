#include "broker/share/share_partitions.h"

#include <spdlog/spdlog.h>

#include <limits>
#include <utility>

#include "broker/shard.h"
#include "broker/share/read_batches.h"

namespace broker::share {

namespace {

using coordinator::share::Refusal;
using coordinator::share::ShareCoordinator;
using coordinator::share::ShareState;

// Of one partition in one fetch: the records that one acquisition is about are fewer.
constexpr size_t read_bytes_max = 4 << 20;
// Groups whose configs are remembered.
constexpr size_t config_count_max = 1'000;

// What a member is told when the share coordinator refuses: Kafka's mapping.
ErrorCode error_of(const Refusal& refusal) {
    switch (refusal.error) {
        case ErrorCode::not_coordinator:
        case ErrorCode::coordinator_not_available:
        case ErrorCode::coordinator_load_in_progress: return ErrorCode::coordinator_not_available;
        case ErrorCode::fenced_leader_epoch:
        case ErrorCode::fenced_state_epoch: return ErrorCode::not_leader_or_follower;
        case ErrorCode::group_id_not_found:
        case ErrorCode::unknown_topic_or_partition: return refusal.error;
        default: return ErrorCode::unknown_server_error;
    }
}

// The state is somebody else's by now: what is known here is worth nothing.
bool is_superseded(ErrorCode error) {
    return error == ErrorCode::not_leader_or_follower || error == ErrorCode::group_id_not_found ||
           error == ErrorCode::unknown_topic_or_partition;
}

partition::Isolation isolation_of(const config::ShareGroupConfig& config) {
    return config.is_read_committed ? partition::Isolation::read_committed
                                    : partition::Isolation::read_uncommitted;
}

}  // namespace

const config::ShareGroupConfig& SharePartitions::config_of(const std::string& group_id) {
    if (configs_.size() > config_count_max) configs_.clear();
    CachedConfig& cached = configs_[group_id];
    if (cached.image_offset != shard_.image.offset()) {
        cached.image_offset = shard_.image.offset();
        cached.config = config::resolve_share_group_config(
            shard_.image.configs(metadata::ConfigResource::group, group_id), shard_.config.values);
    }
    return cached.config;
}

Limits SharePartitions::limits_of(const LoadedPartition& loaded) {
    const auto& config = config_of(loaded.key.group_id);
    return {.delivery_count_max = config.delivery_count_limit,
            .in_flight_max = config.partition_max_record_locks,
            .lock_duration_ms = config.record_lock_duration_ms,
            .renewal_is_enabled = config.renew_acknowledge_enable};
}

SharePartitions::Ref SharePartitions::find(const SharePartitionKey& key) {
    const auto found = partitions_.find(key);
    return found == partitions_.end() || !found->second->machine ? nullptr : found->second;
}

asio::awaitable<std::expected<SharePartitions::Ref, ErrorCode>> SharePartitions::get(
    std::string group_id, metadata::TopicRef topic, int32_t partition) {
    const SharePartitionKey key{std::move(group_id), topic->id, partition};
    // What is given back is not taken out: whoever has waited looks again.
    for (auto found = partitions_.find(key); found != partitions_.end();
         found = partitions_.find(key)) {
        const Ref loaded = found->second;
        if (loaded->machine) co_return loaded;
        const auto event = std::make_shared<Event>(shard_.io(), shard_.timers);
        loaded->waiting_for_load_.push_back(event);
        co_await event->wait_until(std::numeric_limits<int64_t>::max());
        if (loaded->failure != ErrorCode::none) co_return std::unexpected(loaded->failure);
    }
    const auto loaded = std::make_shared<LoadedPartition>(key, std::move(topic));
    partitions_.emplace(key, loaded);
    loaded->failure = co_await load(loaded);
    if (loaded->failure != ErrorCode::none) forget(loaded);
    for (const auto& event : std::exchange(loaded->waiting_for_load_, {})) event->set();
    if (loaded->failure != ErrorCode::none) co_return std::unexpected(loaded->failure);
    co_return loaded;
}

asio::awaitable<ErrorCode> SharePartitions::load(Ref loaded) {
    const auto replica = replica_of(*loaded);
    if (!replica) co_return replica.error();
    loaded->leader_epoch = (*replica)->leader_epoch();
    const auto home = coordinator::share_home(shard_, loaded->key);
    if (!home) co_return home.error();
    auto read = [home, loaded] {
        return home->owner->share_states.read(home->state_partition, loaded->key,
                                              loaded->leader_epoch);
    };
    const std::expected<ShareState, Refusal> state = co_await home->owner->run(std::move(read));
    if (!state) {
        spdlog::warn("{}-{}: group {} cannot be loaded: {} {}", loaded->topic->name,
                     loaded->key.partition, loaded->key.group_id,
                     protocol::name(state.error().error), state.error().message);
        co_return error_of(state.error());
    }
    // The topic may have gone meanwhile.
    const auto again = replica_of(*loaded);
    if (!again) co_return again.error();
    int64_t start_offset = state->start_offset;
    if (start_offset == coordinator::share::uninitialized_start_offset) {
        const auto initial = initial_offset(*loaded, **again);
        if (!initial) co_return initial.error();
        start_offset = *initial;
    }
    loaded->state_epoch = state->state_epoch;
    loaded->machine.emplace(start_offset, state->batches);
    co_return ErrorCode::none;
}

std::expected<int64_t, ErrorCode> SharePartitions::initial_offset(
    const LoadedPartition& loaded, const partition::Replica& replica) {
    using Kind = config::ShareOffsetReset::Kind;
    const auto reset = config_of(loaded.key.group_id).auto_offset_reset;
    if (reset.kind == Kind::latest) return replica.high_watermark();
    if (reset.kind == Kind::earliest) return replica.log().log_start_offset();
    const auto found = replica.log().find_timestamp(shard_.clock.now_ms() - reset.duration_ms);
    if (!found) return std::unexpected(found.error());
    return *found ? (*found)->offset : replica.high_watermark();
}

std::expected<partition::Replica*, ErrorCode> SharePartitions::replica_of(LoadedPartition& loaded) {
    return shard_.replicas.get(*loaded.topic, loaded.key.partition);
}

std::expected<size_t, ErrorCode> SharePartitions::measure(
    LoadedPartition& loaded, size_t bytes_max, std::shared_ptr<partition::FetchWaiter> waiter) {
    const auto replica = replica_of(loaded);
    if (!replica) return std::unexpected(replica.error());
    if (waiter) {
        (*replica)->add_waiter(waiter);
        loaded.waiters.add(std::move(waiter));
    }
    SharePartition& machine = *loaded.machine;
    machine.log_starts_at((*replica)->log().log_start_offset());
    if (!machine.can_acquire(limits_of(loaded))) return 0;
    const auto measured =
        (*replica)->measure({.offset = machine.next_fetch_offset(),
                             .bytes_max = bytes_max,
                             .at_least_one = true,
                             .isolation = isolation_of(config_of(loaded.key.group_id))});
    // Past the end: the group's offset was set to what is not there yet.
    if (measured.error == ErrorCode::offset_out_of_range) return 0;
    if (measured.error != ErrorCode::none) return std::unexpected(measured.error);
    return measured.size;
}

void SharePartitions::stop_waiting(const SharePartitionKey& key,
                                   const partition::FetchWaiter* waiter) {
    if (const Ref loaded = find(key)) loaded->waiters.remove(waiter);
    // The group may have been forgotten meanwhile; the log has not.
    if (auto* replica = shard_.replicas.find_open(key.topic_id, key.partition))
        replica->remove_waiter(waiter);
}

SharePartitions::Fetched SharePartitions::acquire(LoadedPartition& loaded,
                                                  const SharePartition::Demand& demand,
                                                  size_t bytes_max) {
    const auto replica = replica_of(loaded);
    if (!replica) return {.error = replica.error()};
    SharePartition& machine = *loaded.machine;
    machine.log_starts_at((*replica)->log().log_start_offset());
    const Limits limits = limits_of(loaded);
    if (!machine.can_acquire(limits)) return {};
    const int64_t fetch_offset = machine.next_fetch_offset();
    auto read = (*replica)->fetch({.offset = fetch_offset,
                                   .bytes_max = std::min(bytes_max, read_bytes_max),
                                   .at_least_one = true,
                                   .isolation = isolation_of(config_of(loaded.key.group_id))});
    if (read.error == ErrorCode::offset_out_of_range) return {};
    Fetched fetched{.error = read.error};
    if (read.size == 0) return fetched;
    const protocol::Bytes records{read.buffer.get(), read.size};
    fetched.acquired =
        machine.acquire(demand, read_batches(records, fetch_offset, read.aborted), limits);
    if (fetched.acquired.empty()) return fetched;
    fetched.records = batches_of(
        records, {fetched.acquired.front().first_offset, fetched.acquired.back().last_offset});
    fetched.buffer = std::move(read.buffer);
    arm(partitions_.at(loaded.key));
    return fetched;
}

asio::awaitable<ErrorCode> SharePartitions::acknowledge(Ref loaded, std::string member_id,
                                                        std::vector<Acknowledgement> what) {
    auto change =
        loaded->machine->acknowledge(member_id, what, shard_.clock.now_ms(), limits_of(*loaded));
    if (!change) co_return change.error();
    co_return co_await tell(loaded, std::move(*change));
}

asio::awaitable<ErrorCode> SharePartitions::release(Ref loaded, std::string member_id) {
    auto change = loaded->machine->release(member_id, limits_of(*loaded));
    co_return co_await tell(loaded, std::move(change));
}

// Has the share coordinator write the change, which then takes effect.
asio::awaitable<ErrorCode> SharePartitions::tell(Ref loaded, StateChange change) {
    if (change.empty()) co_return ErrorCode::none;
    const uint64_t change_id = change.id;
    ErrorCode error = ErrorCode::coordinator_not_available;
    if (const auto home = coordinator::share_home(shard_, loaded->key)) {
        auto write = [home, loaded, change = std::move(change)] {
            return home->owner->share_states.write(
                home->state_partition, loaded->key,
                {.state_epoch = loaded->state_epoch,
                 .leader_epoch = loaded->leader_epoch,
                 .start_offset = change.start_offset,
                 .delivery_complete_count = change.delivery_complete_count,
                 .batches = change.batches});
        };
        const auto written = co_await home->owner->run(std::move(write));
        error = written ? ErrorCode::none : error_of(written.error());
    }
    loaded->machine->complete(change_id, error == ErrorCode::none);
    if (is_superseded(error)) forget(loaded);
    loaded->waiters.wake_all();
    if (!loaded->is_gone) arm(loaded);
    co_return error;
}

asio::awaitable<void> SharePartitions::tell_later(Ref loaded, StateChange change) {
    (void)co_await tell(std::move(loaded), std::move(change));
}

void SharePartitions::forget(const Ref& loaded) {
    if (std::exchange(loaded->is_gone, true)) return;
    if (loaded->armed_ms_) shard_.timers.cancel(loaded->timer_);
    loaded->armed_ms_.reset();
    partitions_.erase(loaded->key);
    loaded->waiters.wake_all();
}

void SharePartitions::forget_if(std::string_view group_id, auto is_to_go) {
    const auto first = partitions_.lower_bound({.group_id = std::string(group_id)});
    std::vector<Ref> gone;
    for (auto at = first; at != partitions_.end() && at->first.group_id == group_id; ++at)
        if (at->second->machine && is_to_go(*at->second->machine)) gone.push_back(at->second);
    for (const Ref& loaded : gone) forget(loaded);
    configs_.erase(std::string(group_id));
}

void SharePartitions::forget_group(std::string_view group_id) {
    forget_if(group_id, [](const SharePartition&) { return true; });
}

void SharePartitions::forget_unused(std::string_view group_id) {
    forget_if(group_id, [](const SharePartition& machine) { return !machine.next_deadline(); });
}

void SharePartitions::forget_topic(const protocol::Uuid& topic_id) {
    std::vector<Ref> gone;
    for (const auto& [key, loaded] : partitions_)
        if (key.topic_id == topic_id && loaded->machine) gone.push_back(loaded);
    for (const Ref& loaded : gone) forget(loaded);
}

void SharePartitions::wake_all_waiters() {
    for (const auto& [key, loaded] : partitions_) loaded->waiters.wake_all();
}

// Locks that ran out count as released at once; that the coordinator learns of it can wait.
void SharePartitions::on_time(const Ref& loaded) {
    auto change = loaded->machine->on_time(shard_.clock.now_ms(), limits_of(*loaded));
    if (!change.empty()) {
        loaded->waiters.wake_all();
        shard_.spawn(tell_later(loaded, std::move(change)));
    }
    arm(loaded);
}

// A timer that is too early looks again; one that would be too late is set anew.
void SharePartitions::arm(const Ref& loaded) {
    const auto deadline = loaded->machine->next_deadline();
    if (!deadline || (loaded->armed_ms_ && *loaded->armed_ms_ <= *deadline)) return;
    if (loaded->armed_ms_) shard_.timers.cancel(loaded->timer_);
    loaded->armed_ms_ = deadline;
    loaded->timer_ = shard_.timers.at(*deadline, [this, loaded] {
        loaded->armed_ms_.reset();
        if (!loaded->is_gone) on_time(loaded);
    });
}

}  // namespace broker::share
