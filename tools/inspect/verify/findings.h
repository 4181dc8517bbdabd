// What verification has to say: violations, and notes on what is sound and yet worth knowing.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "tools/inspect/dump_log/printer.h"

namespace inspect {

// Which invariant a finding is about.
enum class Rule : uint8_t {
    unreadable_file,
    missing_file,
    unknown_file,
    leftover,
    batch_framing,  // a whole batch begins where the one before ends
    batch_checksum,
    batch_records,      // as many as the batch says, readable, at rising offsets
    offsets,            // rise from batch to batch and segment to segment
    offset_gap,         // only compaction leaves one
    leader_epoch,       // rises, and is that of leader-epoch-checkpoint
    index,              // rises, and points at batches
    time_index,         // rises, and has the batches' timestamps
    sequence,           // follows the producer's one before, and comes once
    producer_epoch,     // never falls
    transaction,        // all of an open transaction's producer belongs to it
    transaction_index,  // has the aborted transactions, and nothing else
    last_stable_offset,
    producer_snapshot,  // equals a replay of the log
    checkpoint,         // lies within its log, which is there
    topic_id,
    duplicate,        // a partition has one directory
    metadata_record,  // can be understood
    metadata_snapshot,
    quorum,  // leader, epoch and voters of the metadata log
    properties,
};
// "batch-checksum", …
std::string_view name(Rule rule);

// Where: a file, and how many bytes into it.
struct Place {
    std::string file;
    std::optional<uint64_t> position;
};

// What was looked at.
struct Totals {
    uint64_t partitions = 0;
    uint64_t segments = 0;
    uint64_t batches = 0;
    uint64_t records = 0;
};

class Findings {
  public:
    explicit Findings(Printer& printer) : printer_(printer) {}

    void violation(Rule rule, const Place& place, std::string_view what);
    void note(Rule rule, const Place& place, std::string_view what);
    // The last line: what was counted.
    void summarise();

    uint64_t violation_count() const { return violation_count_; }
    uint64_t note_count() const { return note_count_; }
    Totals totals;

  private:
    // Of one rule in one file; what a wholly damaged file gives more is only counted.
    static constexpr uint64_t printed_max = 20;

    void print(std::string_view type, Rule rule, const Place& place, std::string_view what);

    Printer& printer_;
    uint64_t violation_count_ = 0;
    uint64_t note_count_ = 0;
    std::map<std::pair<std::string, Rule>, uint64_t> printed_;
};

}  // namespace inspect
