// Runs the transaction coordinators of one shard: appends what the state machines decide, replays
// it, has the markers written, and keeps their time. One coordinator per partition of
// __transaction_state that the shard owns.
//
// Requires: called on the shard.
#pragma once

#include <asio/awaitable.hpp>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "broker/clock.h"
#include "broker/coordinator/state_log.h"
#include "broker/coordinator/transaction/marker_retries.h"
#include "broker/coordinator/transaction/transaction_coordinator.h"
#include "broker/durability.h"
#include "broker/event.h"

namespace broker {
struct Services;
struct Shard;
}  // namespace broker

namespace broker::coordinator {

class TransactionService {
  public:
    TransactionService(Shard& shard, const Services& services)
        : shard_(shard), services_(services) {}

    // Loads one partition, and finishes what a crash left prepared. Nothing is served before. One
    // that cannot be read is reported, and tried again when asked for.
    asio::awaitable<void> load(int32_t partition);

    // Decides with `operation` on the coordinator of `partition`, carries the effects out, and
    // gives them back once the records are appended and any transaction that they end is complete.
    // Errors, in the effects: coordinator_not_available.
    using Operation = std::function<transaction::Effects(
        const transaction::TransactionCoordinator&, int64_t now_ms, int64_t fresh_producer_id)>;
    asio::awaitable<transaction::Effects> run(int32_t partition, Operation operation);

    // The coordinator of a partition, for questions that change nothing.
    // Errors: coordinator_not_available.
    std::expected<const transaction::TransactionCoordinator*, ErrorCode> coordinator(
        int32_t partition);
    // Those that are loaded, by partition.
    void for_each(auto visit) const {
        for (const auto& [partition, host] : hosts_) visit(partition, host->machine);
    }

    // Takes over the features that the cluster is finalized at now.
    void configure();
    asio::awaitable<void> forget_topic(std::string topic);
    // Whoever waits for a transaction to complete is answered: the broker is going away.
    void wake_all();

  private:
    struct Host {
        Host(StateLog state_log, const transaction::Config& config, int32_t coordinator_epoch)
            : log(std::move(state_log)), machine(config, coordinator_epoch) {}
        StateLog log;
        transaction::TransactionCoordinator machine;
        std::set<std::shared_ptr<Event>> waiting;  // for some transaction to complete
        bool is_gone = false;                      // its topic was deleted
        void wake_all();
    };
    // What is under way on a host keeps it.
    using HostRef = std::shared_ptr<Host>;

    std::expected<HostRef, ErrorCode> host(int32_t partition);
    std::expected<HostRef, ErrorCode> open(int32_t partition);
    ErrorCode commit(Host& host, const transaction::Effects& effects);
    asio::awaitable<void> complete(HostRef host, transaction::WriteMarkers markers,
                                   Durability::Mark before);
    asio::awaitable<std::vector<TopicPartition>> write_markers(transaction::WriteMarkers markers);
    asio::awaitable<void> complete_later(HostRef host, transaction::WriteMarkers markers);
    asio::awaitable<void> expire();
    void arm(int64_t not_before_ms = 0);
    void forget_hosts();

    Shard& shard_;
    const Services& services_;
    std::map<int32_t, HostRef> hosts_;
    transaction::MarkerRetries marker_retries_;
    std::optional<int64_t> armed_ms_;
    TimerQueue::Id timer_;
    bool is_expiring_ = false;
};

}  // namespace broker::coordinator
