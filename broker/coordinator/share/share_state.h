// A share-partition as the share coordinator knows it, and the records of __share_group_state that
// say so, in Kafka's format: a snapshot of all of it, or an update of what changed.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "broker/coordinator/record.h"
#include "broker/coordinator/share/state_batch.h"
#include "protocol/types.h"

namespace broker::coordinator::share {

// A topic's partition as one share group consumes it.
struct SharePartitionKey {
    std::string group_id;
    protocol::Uuid topic_id;
    int32_t partition = 0;
    auto operator<=>(const SharePartitionKey&) const = default;

    // What FindCoordinator and the choice of the state topic's partition go by.
    std::string coordinator_key() const;
};

inline constexpr int64_t uninitialized_start_offset = -1;  // share.auto.offset.reset will say

struct ShareState {
    int32_t snapshot_epoch = 0;
    int32_t state_epoch = 0;   // of the group when the share-partition was initialized
    int32_t leader_epoch = 0;  // of the partition's leader that read it
    int64_t start_offset = uninitialized_start_offset;
    // How many from start_offset on are in a terminal state (KIP-1226); -1: not known.
    int32_t delivery_complete_count = -1;
    int64_t created_ms = 0;
    int64_t written_ms = 0;
    std::vector<StateBatch> batches;
    bool operator==(const ShareState&) const = default;
};

// The part of a state that an update carries.
struct ShareUpdate {
    int32_t snapshot_epoch = 0;
    int32_t leader_epoch = 0;
    int64_t start_offset = uninitialized_start_offset;
    int32_t delivery_complete_count = -1;
    std::vector<StateBatch> batches;
};

Record snapshot_record(const SharePartitionKey& key, const ShareState& state);
Record update_record(const SharePartitionKey& key, const ShareUpdate& update);
Record tombstone(const SharePartitionKey& key);

// Nullopt: of another type, a later version, or damaged.
struct ShareRecord {
    SharePartitionKey key;
    std::optional<ShareState> snapshot;
    std::optional<ShareUpdate> update;  // neither: a tombstone
};
std::optional<ShareRecord> read_record(protocol::Bytes key, std::optional<protocol::Bytes> value);

}  // namespace broker::coordinator::share
