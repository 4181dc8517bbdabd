// What KRaft itself writes into the metadata log and its snapshots: control batches of who leads,
// who votes, and where a snapshot begins and ends (KIP-595, KIP-630, KIP-853).
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "broker/metadata/metadata_record.h"
#include "protocol/record_batch.h"
#include "protocol/stored/control_records.h"

namespace broker::metadata {

// Who votes, as far as the log says: nothing of it at kraft.version 0, where the configuration
// does.
struct VoterSet {
    int16_t kraft_version = 0;
    std::optional<protocol::VotersRecord> voters;
};

// Who leads, and since which epoch.
struct Leader {
    int32_t epoch = 0;
    int32_t id = -1;
};

// One control batch.
class ControlBatch {
  public:
    ControlBatch(int32_t epoch, int64_t base_offset, int64_t now_ms)
        : builder_({.base_offset = base_offset, .partition_leader_epoch = epoch, .control = true}),
          now_ms_(now_ms) {}

    void add(const protocol::LeaderChangeMessage& message);
    void add(const protocol::SnapshotHeaderRecord& record);
    void add(const protocol::SnapshotFooterRecord& record);
    // Nothing at kraft.version 0.
    void add(const VoterSet& voter_set);
    protocol::Blob build() { return builder_.build(); }

  private:
    template <class Message>
    void add_as(protocol::ControlType type, const Message& message);

    protocol::BatchBuilder builder_;
    int64_t now_ms_;
};

// Reads the batches of the log, or of a snapshot, in their order.
class BatchReplay {
  public:
    // Who votes before the first batch is not always said in a batch.
    explicit BatchReplay(std::function<void(const MetadataRecord&)> visit, VoterSet voter_set = {})
        : visit_(std::move(visit)), voter_set_(std::move(voter_set)) {}

    // Visits the records that are in force: those of a metadata transaction (KIP-868) when it ends,
    // and never when it is aborted. Errors: in words, for what is damaged or not understood.
    std::expected<void, std::string> replay(const protocol::BatchView& batch);

    const VoterSet& voter_set() const { return voter_set_; }
    // By the last LeaderChange; nullopt before the first, and when it cannot be read.
    const std::optional<Leader>& leader() const { return leader_; }
    // A transaction that has begun and not ended.
    bool is_in_transaction() const { return is_in_transaction_; }
    bool has_snapshot_header() const { return has_header_; }
    // The last batch was the end of a snapshot.
    bool is_at_snapshot_footer() const { return is_at_footer_; }
    // When the last record was written.
    int64_t last_timestamp_ms() const { return last_timestamp_ms_; }

  private:
    std::expected<void, std::string> replay_control(const protocol::Record& record, int32_t epoch);
    std::expected<void, std::string> replay_record(const protocol::Record& record);

    std::function<void(const MetadataRecord&)> visit_;
    VoterSet voter_set_;
    std::optional<Leader> leader_;
    bool is_in_transaction_ = false;
    bool has_header_ = false;
    bool is_at_footer_ = false;
    int64_t last_timestamp_ms_ = 0;
    std::vector<MetadataRecord> held_back_;
};

}  // namespace broker::metadata
