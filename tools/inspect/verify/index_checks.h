// Compares the indexes of a segment with its batches, while these go by: each file is read once,
// from front to back, side by side with the log.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "protocol/stored/aborted_transaction.h"
#include "storage/batch_scanner.h"
#include "storage/index.h"
#include "storage/time_index.h"
#include "storage/transaction_index.h"
#include "tools/inspect/dump_log/entry_reader.h"
#include "tools/inspect/verify/findings.h"

namespace inspect {

// What all of a segment's indexes are checked with.
struct IndexContext {
    storage::FileSystem& files;
    Findings& findings;
    int64_t base_offset = 0;
    // Of the segment that is written to: there the entries may be fewer.
    bool is_active = false;
    // A broker is writing: there may be entries for batches that came after the log was read.
    bool is_in_use = false;
    // Entries may be about batches that compaction took.
    bool may_be_compacted = false;
};

// How the batches of a segment ended.
struct SegmentEnd {
    uint64_t position = 0;
    bool is_whole = true;  // every byte was understood
};

class IndexCheck {
  public:
    IndexCheck(const IndexContext& context, std::string path);

    // A batch that is damaged itself is only passed by.
    void pass(const storage::BatchHeader& batch, bool is_sound);
    void finish(const SegmentEnd& end);

  private:
    void advance();
    void violation(std::string_view what);

    IndexContext context_;
    std::string path_;
    std::optional<EntryReader<storage::IndexEntry>> entries_;
    std::optional<storage::IndexEntry> next_;
    storage::IndexEntry last_;
};

class TimeIndexCheck {
  public:
    TimeIndexCheck(const IndexContext& context, std::string path);

    void pass(const storage::BatchHeader& batch, bool is_sound);
    void finish(const SegmentEnd& end);

  private:
    void advance();
    void violation(std::string_view what);
    int64_t offset_of(const storage::TimeIndexEntry& entry) const {
        return context_.base_offset + entry.relative_offset;
    }

    IndexContext context_;
    std::string path_;
    std::optional<EntryReader<storage::TimeIndexEntry>> entries_;
    std::optional<storage::TimeIndexEntry> next_;
    std::optional<storage::TimeIndexEntry> last_;
    int64_t max_timestamp_ = protocol::no_timestamp;
    bool is_after_damage_ = false;
};

class TransactionIndexCheck {
  public:
    TransactionIndexCheck(const IndexContext& context, std::string path);

    // An abort marker has ended a transaction. One of which compaction left no record may be
    // missing in the index: it is not `required` then.
    void pass(const protocol::AbortedTxn& aborted, bool is_required);
    // From now on nothing is known of the transactions that are open, since a batch is damaged or
    // the beginning of the log is gone: entries that were not passed are no fault.
    void forget() { is_known_ = false; }
    void finish(const SegmentEnd& end);

  private:
    void advance();
    void skip_to(int64_t last_offset);
    void compare(const protocol::AbortedTxn& aborted, const storage::TransactionIndexEntry& entry);
    void violation(Rule rule, std::string_view what);

    IndexContext context_;
    std::string path_;
    std::optional<EntryReader<storage::TransactionIndexEntry>> entries_;
    std::optional<storage::TransactionIndexEntry> next_;
    int64_t last_offset_ = -1;
    bool is_known_ = true;
};

}  // namespace inspect
