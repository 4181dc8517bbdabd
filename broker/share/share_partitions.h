// The share-partitions of the partitions that one shard owns (KIP-932): loaded from the share
// coordinator when first asked for, fed from the log, their changes told to the coordinator, and
// their locks' time kept.
//
// Requires: called on the shard.
#pragma once

#include <asio/awaitable.hpp>
#include <cstddef>
#include <expected>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/clock.h"
#include "broker/config/share_group_config.h"
#include "broker/coordinator/share/share_state.h"
#include "broker/event.h"
#include "broker/metadata/cluster_image.h"
#include "broker/partition/replica.h"
#include "broker/share/share_partition.h"

namespace broker {
struct Shard;
}  // namespace broker

namespace broker::share {

using coordinator::share::SharePartitionKey;

// A share-partition, with what it is of the partition that its records come from.
class LoadedPartition {
  public:
    LoadedPartition(SharePartitionKey key, metadata::TopicRef topic)
        : key(std::move(key)), topic(std::move(topic)) {}

    const SharePartitionKey key;
    const metadata::TopicRef topic;
    std::optional<SharePartition> machine;  // once it is loaded
    int32_t state_epoch = 0;
    int32_t leader_epoch = 0;
    // Taken out: whatever is under way with it still ends, and comes to nothing.
    bool is_gone = false;
    ErrorCode failure = ErrorCode::none;  // why it could not be loaded

    // Fetches, to look again when records have come back, or there is room for more.
    partition::FetchWaiters waiters;

  private:
    friend class SharePartitions;
    std::vector<std::shared_ptr<Event>> waiting_for_load_;
    std::optional<int64_t> armed_ms_;
    TimerQueue::Id timer_;
};

class SharePartitions {
  public:
    explicit SharePartitions(Shard& shard) : shard_(shard) {}

    using Ref = std::shared_ptr<LoadedPartition>;
    // Errors: unknown_topic_or_partition, coordinator_not_available, not_leader_or_follower (the
    // state belongs to a later epoch), unknown_server_error (nobody has initialized it), and why
    // the log cannot be opened.
    asio::awaitable<std::expected<Ref, ErrorCode>> get(std::string group_id,
                                                       metadata::TopicRef topic, int32_t partition);
    // Nullptr: not loaded, and so nobody has acquired anything.
    Ref find(const SharePartitionKey& key);

    // How many bytes an acquisition would read, up to bytes_max or of one batch. `waiter` is woken
    // when there may be more.
    std::expected<size_t, ErrorCode> measure(LoadedPartition& loaded, size_t bytes_max,
                                             std::shared_ptr<partition::FetchWaiter> waiter);

    struct Fetched {
        ErrorCode error = ErrorCode::none;
        std::unique_ptr<std::byte[]> buffer;
        protocol::Bytes records;  // in the buffer: the batches that have acquired records
        std::vector<Acquired> acquired;
    };
    // Reads and locks records in one step.
    Fetched acquire(LoadedPartition& loaded, const SharePartition::Demand& demand,
                    size_t bytes_max);

    // Returns when the share coordinator has it. Errors: those of SharePartition::acknowledge(),
    // and of get() when the coordinator refuses it.
    asio::awaitable<ErrorCode> acknowledge(Ref loaded, std::string member_id,
                                           std::vector<Acknowledgement> what);
    // The member's session is over.
    asio::awaitable<ErrorCode> release(Ref loaded, std::string member_id);

    void stop_waiting(const SharePartitionKey& key, const partition::FetchWaiter* waiter);
    // What is loaded of the group is not true any more: it is loaded again when somebody comes.
    void forget_group(std::string_view group_id);
    // Nobody of the group seemed to be here any more. Where a member has records, somebody is.
    void forget_unused(std::string_view group_id);
    void forget_topic(const protocol::Uuid& topic_id);
    void wake_all_waiters();

    const config::ShareGroupConfig& config_of(const std::string& group_id);

  private:
    asio::awaitable<ErrorCode> load(Ref loaded);
    std::expected<int64_t, ErrorCode> initial_offset(const LoadedPartition& loaded,
                                                     const partition::Replica& replica);
    asio::awaitable<ErrorCode> tell(Ref loaded, StateChange change);
    asio::awaitable<void> tell_later(Ref loaded, StateChange change);
    std::expected<partition::Replica*, ErrorCode> replica_of(LoadedPartition& loaded);
    void forget(const Ref& loaded);
    void forget_if(std::string_view group_id, auto is_to_go);
    void on_time(const Ref& loaded);
    void arm(const Ref& loaded);
    Limits limits_of(const LoadedPartition& loaded);

    struct CachedConfig {
        int64_t image_offset = -1;
        config::ShareGroupConfig config;
    };
    Shard& shard_;
    std::map<SharePartitionKey, Ref> partitions_;
    std::map<std::string, CachedConfig, std::less<>> configs_;  // of the groups that are here
};

}  // namespace broker::share
