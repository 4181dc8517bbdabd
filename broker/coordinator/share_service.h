// Runs the share coordinators of one shard: appends what the state machines decide, replays it, and
// cuts off what is redundant. One coordinator per partition of __share_group_state that the shard
// owns. What a partition does not know of itself, its topic says: whether a partition exists.
//
// Requires: called on the shard.
#pragma once

#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "broker/coordinator/share/share_coordinator.h"
#include "broker/coordinator/state_log.h"

namespace broker {
struct Services;
struct Shard;
}  // namespace broker

namespace broker::coordinator {

class ShareService {
  public:
    ShareService(Shard& shard, const Services& services) : shard_(shard), services_(services) {}

    // So that a topic that is deleted before anybody asks leaves no state behind. What cannot be
    // loaded is reported, and tried again with each request.
    void load(int32_t state_partition) { (void)host(state_partition); }

    // Each on the coordinator of a partition of the state topic, which is loaded when first asked
    // for. Errors: those of ShareCoordinator, and coordinator_not_available.
    using Outcome = std::expected<void, share::Refusal>;
    Outcome initialize(int32_t state_partition, const share::SharePartitionKey& key,
                       int32_t state_epoch, int64_t start_offset);
    Outcome write(int32_t state_partition, const share::SharePartitionKey& key,
                  const share::ShareCoordinator::Write& write);
    Outcome remove(int32_t state_partition, const share::SharePartitionKey& key);
    std::expected<share::ShareState, share::Refusal> read(int32_t state_partition,
                                                          const share::SharePartitionKey& key,
                                                          int32_t leader_epoch);
    // Nullopt: never initialized.
    std::expected<std::optional<share::ShareState>, share::Refusal> read_summary(
        int32_t state_partition, const share::SharePartitionKey& key);

    // Tombstones, or all of it with the state topic itself.
    void forget_topic(const metadata::TopicImage& topic);
    // What is done by the clock.
    void prune();
    void snapshot_cold();

  private:
    struct Host {
        Host(StateLog state_log, const share::Config& config)
            : log(std::move(state_log)), machine(config) {}
        StateLog log;
        share::ShareCoordinator machine;
    };
    std::expected<Host*, ErrorCode> host(int32_t state_partition);
    Outcome commit(Host& host, const std::vector<Record>& records);
    using Decide = std::function<share::ShareCoordinator::Decision(
        const share::ShareCoordinator&, const share::ShareCoordinator::Caller&)>;
    Outcome decide(int32_t state_partition, const share::SharePartitionKey& key,
                   const Decide& decide);
    share::ShareCoordinator::Caller caller(const share::SharePartitionKey& key) const;

    Shard& shard_;
    const Services& services_;
    std::map<int32_t, std::unique_ptr<Host>> hosts_;
};

// Where the share coordinator of a share-partition is. Errors: coordinator_not_available (the state
// topic is not there: initializing a share-partition makes it).
struct ShareHome {
    Shard* owner = nullptr;
    int32_t state_partition = -1;
};
std::expected<ShareHome, ErrorCode> share_home(Shard& here, const share::SharePartitionKey& key);

}  // namespace broker::coordinator
