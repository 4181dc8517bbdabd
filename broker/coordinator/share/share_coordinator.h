// The share-partitions of one partition of __share_group_state (KIP-932): how far each group has
// got, and which records beyond that are done with. A pure state machine: operations are const and
// decide, replay() alone changes the state.
//
// The log is not compacted, since updates build on the snapshot before them; what lies before the
// last snapshot of every share-partition is redundant and cut off.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/coordinator/share/share_state.h"
#include "protocol/error.h"

namespace broker::coordinator::share {

struct Config {
    // share.coordinator.snapshot.update.records.per.snapshot
    int32_t updates_per_snapshot = 500;
    // share.coordinator.cold.partition.snapshot.interval.ms
    int64_t cold_snapshot_interval_ms = 300'000;
};

// How a request is refused.
struct Refusal {
    protocol::ErrorCode error = protocol::ErrorCode::none;
    std::string message;
};

class ShareCoordinator {
  public:
    explicit ShareCoordinator(const Config& config) : config_(config) {}

    // Applies a record that stands at `offset` in the log. Errors: corrupt_message when key or
    // value cannot be read.
    std::expected<void, protocol::ErrorCode> replay(protocol::Bytes key,
                                                    std::optional<protocol::Bytes> value,
                                                    int64_t offset);

    // When, and whether the partition that is asked for exists.
    struct Caller {
        int64_t now_ms = 0;
        bool partition_exists = true;
    };
    using Decision = std::expected<std::vector<Record>, Refusal>;

    // Makes the state anew, or for the first time. Errors: invalid_request, fenced_state_epoch,
    // unknown_topic_or_partition.
    Decision initialize(const SharePartitionKey& key, int32_t state_epoch, int64_t start_offset,
                        const Caller& caller) const;

    // What a leader has found out. -1 as the count: it does not say. Errors: as initialize(), and
    // fenced_leader_epoch.
    struct Write {
        int32_t state_epoch = 0;
        int32_t leader_epoch = 0;
        int64_t start_offset = uninitialized_start_offset;
        int32_t delivery_complete_count = -1;
        std::vector<StateBatch> batches;
    };
    Decision write(const SharePartitionKey& key, const Write& write, const Caller& caller) const;

    // What a new leader begins with; a leader of an earlier epoch can write no more. Errors:
    // invalid_request, fenced_leader_epoch, unknown_topic_or_partition.
    struct Read {
        const ShareState* state = nullptr;  // until the next replay()
        std::vector<Record> records;
    };
    std::expected<Read, Refusal> read(const SharePartitionKey& key, int32_t leader_epoch,
                                      const Caller& caller) const;
    // The same without taking over; a null state was never initialized. Errors: invalid_request,
    // unknown_topic_or_partition.
    std::expected<const ShareState*, Refusal> read_summary(const SharePartitionKey& key,
                                                           const Caller& caller) const;
    // No records: there is nothing to delete. Errors: invalid_request, unknown_topic_or_partition.
    Decision remove(const SharePartitionKey& key, const Caller& caller) const;

    std::vector<Record> topic_deleted(const protocol::Uuid& topic_id) const;
    // Snapshots of what has not changed for long, so that the log before them can go.
    std::vector<Record> snapshot_cold(int64_t now_ms) const;
    // Nothing before this offset matters any more; nullopt: there is nothing in the log.
    std::optional<int64_t> redundant_before() const;

  private:
    struct Entry {
        ShareState state;
        int32_t state_epoch_max = 0;
        int32_t leader_epoch_max = 0;
        int32_t update_count = 0;
        int64_t snapshot_offset = 0;
    };
    const Entry* find(const SharePartitionKey& key) const;
    void replay_snapshot(Entry& entry, ShareState state, int64_t offset);
    void replay_update(Entry& entry, const ShareUpdate& update);
    Record next_record(const SharePartitionKey& key, const Entry& entry, const Write& write,
                       int64_t now_ms) const;

    Config config_;
    std::map<SharePartitionKey, Entry> entries_;
    int64_t end_offset_ = -1;  // after the last record
};

}  // namespace broker::coordinator::share
