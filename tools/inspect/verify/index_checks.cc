#include "tools/inspect/verify/index_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace inspect {

namespace {

using protocol::AbortedTxn;
using storage::BatchHeader;
using storage::FileSystem;
using storage::IndexEntry;
using storage::TimeIndexEntry;
using storage::TransactionIndexEntry;

template <class Entry>
std::optional<EntryReader<Entry>> open_entries(const IndexContext& context,
                                               const std::string& path) {
    if (!context.files.exists(path)) return std::nullopt;
    const auto file = context.files.open(path, FileSystem::Open::read);
    if (file) return EntryReader<Entry>(*file);
    if (!context.is_in_use)
        context.findings.violation(Rule::unreadable_file, {path}, file.error().message());
    return std::nullopt;
}

// Once a segment is rolled, its indexes are complete and stay.
void require_file(const IndexContext& context, const std::string& path) {
    if (context.is_active || context.is_in_use || context.files.exists(path)) return;
    context.findings.violation(Rule::missing_file, {path}, "the segment has no such index");
}

template <class Entry>
void check_size(const IndexContext& context, const std::string& path, Rule rule,
                const EntryReader<Entry>& entries) {
    if (entries.left_over_bytes() == 0 || context.is_in_use) return;
    context.findings.violation(
        rule, {path, entries.size_bytes() - entries.left_over_bytes()},
        fmt::format("{} bytes are left over behind the last entry", entries.left_over_bytes()));
}

}  // namespace

IndexCheck::IndexCheck(const IndexContext& context, std::string path)
    : context_(context), path_(std::move(path)) {
    require_file(context_, path_);
    entries_ = open_entries<IndexEntry>(context_, path_);
    if (entries_) advance();
}

// Behind its entries Apache Kafka's index of a segment that is written to is filled with zeros,
// which no entry consists of, as the first batch is never indexed.
void IndexCheck::advance() {
    while ((next_ = entries_->next())) {
        const bool is_unused = next_->relative_offset == 0 && next_->position == 0;
        if (is_unused) continue;
        if (next_->relative_offset > last_.relative_offset && next_->position > last_.position) {
            last_ = *next_;
            return;
        }
        violation(fmt::format("entry {} at {} does not rise above entry {} at {}",
                              context_.base_offset + next_->relative_offset, next_->position,
                              context_.base_offset + last_.relative_offset, last_.position));
    }
}

void IndexCheck::pass(const BatchHeader& batch, bool is_sound) {
    while (next_ && static_cast<uint64_t>(next_->position) < batch.position) {
        violation(fmt::format("points at {}, where no batch begins", next_->position));
        advance();
    }
    if (!next_ || static_cast<uint64_t>(next_->position) != batch.position) return;
    const int64_t offset = context_.base_offset + next_->relative_offset;
    if (is_sound && offset != batch.last_offset)
        violation(fmt::format("says offset {} of the batch at {}, which ends at offset {}", offset,
                              batch.position, batch.last_offset));
    advance();
}

void IndexCheck::finish(const SegmentEnd& end) {
    if (!entries_) return;
    check_size(context_, path_, Rule::index, *entries_);
    if (!end.is_whole || (context_.is_active && context_.is_in_use)) return;
    for (; next_; advance())
        violation(fmt::format("points at {}, behind the end of the log at {}", next_->position,
                              end.position));
}

void IndexCheck::violation(std::string_view what) {
    context_.findings.violation(Rule::index, {path_, entries_->position()}, what);
}

TimeIndexCheck::TimeIndexCheck(const IndexContext& context, std::string path)
    : context_(context), path_(std::move(path)) {
    require_file(context_, path_);
    entries_ = open_entries<TimeIndexEntry>(context_, path_);
    if (entries_) advance();
}

void TimeIndexCheck::advance() {
    while ((next_ = entries_->next())) {
        const bool is_unused = next_->relative_offset == 0 && next_->timestamp == 0;
        if (is_unused) continue;
        const bool rises = next_->timestamp >= 0 && next_->relative_offset >= 0 &&
                           (!last_ || (next_->timestamp > last_->timestamp &&
                                       next_->relative_offset > last_->relative_offset));
        if (rises) {
            last_ = *next_;
            return;
        }
        violation(fmt::format("timestamp {} of offset {} does not rise above the entry before",
                              next_->timestamp, offset_of(*next_)));
    }
}

void TimeIndexCheck::pass(const BatchHeader& batch, bool is_sound) {
    // Of a damaged batch the offsets may be wrong as well, so its entry is passed by with the next.
    if (!is_sound) {
        is_after_damage_ = true;
        return;
    }
    max_timestamp_ = std::max(max_timestamp_, batch.max_timestamp);
    for (; next_ && offset_of(*next_) < batch.last_offset; advance()) {
        if (is_after_damage_ && offset_of(*next_) < batch.base_offset) continue;
        violation(fmt::format("offset {} is that of no batch's last record", offset_of(*next_)));
    }
    is_after_damage_ = false;
    if (!next_ || offset_of(*next_) != batch.last_offset) return;
    // Kafka's cleaner enters the time that an emptied batch had, which is no record's any more.
    const bool may_be_emptied = context_.may_be_compacted && batch.max_timestamp < 0;
    if ((next_->timestamp != batch.max_timestamp && !may_be_emptied) ||
        next_->timestamp < max_timestamp_)
        violation(fmt::format(
            "says timestamp {} of offset {}, where it is {}, and the largest up to there {}",
            next_->timestamp, batch.last_offset, batch.max_timestamp, max_timestamp_));
    advance();
}

void TimeIndexCheck::finish(const SegmentEnd& end) {
    if (!entries_) return;
    check_size(context_, path_, Rule::time_index, *entries_);
    if (!end.is_whole || is_after_damage_ || (context_.is_active && context_.is_in_use)) return;
    const bool had_more = next_.has_value();
    for (; next_; advance())
        violation(fmt::format("offset {} is behind the end of the log", offset_of(*next_)));
    const int64_t indexed = last_ ? last_->timestamp : protocol::no_timestamp;
    if (!context_.is_active && !had_more && indexed < max_timestamp_)
        context_.findings.violation(Rule::time_index, {path_, entries_->size_bytes()},
                                    fmt::format("ends with timestamp {}, while the segment has {}",
                                                indexed, max_timestamp_));
}

void TimeIndexCheck::violation(std::string_view what) {
    context_.findings.violation(Rule::time_index, {path_, entries_->position()}, what);
}

TransactionIndexCheck::TransactionIndexCheck(const IndexContext& context, std::string path)
    : context_(context), path_(std::move(path)) {
    entries_ = open_entries<TransactionIndexEntry>(context_, path_);
    if (entries_) advance();
}

void TransactionIndexCheck::advance() {
    while ((next_ = entries_->next())) {
        const bool is_sound = next_->version == 0 && next_->first_offset >= 0 &&
                              next_->first_offset <= next_->last_offset &&
                              next_->last_offset > last_offset_ &&
                              next_->last_offset >= context_.base_offset &&
                              next_->last_stable_offset <= next_->last_offset + 1;
        if (is_sound) {
            last_offset_ = next_->last_offset;
            return;
        }
        violation(Rule::transaction_index,
                  fmt::format("version {}, {} to {}, stable to {}: no entry after one up to {}",
                              next_->version, next_->first_offset, next_->last_offset,
                              next_->last_stable_offset, last_offset_));
    }
}

// Passes by the entries of transactions that end before `last_offset`.
void TransactionIndexCheck::skip_to(int64_t last_offset) {
    for (; next_ && next_->last_offset < last_offset; advance()) {
        if (!is_known_ || context_.may_be_compacted) continue;
        violation(Rule::transaction_index,
                  fmt::format("producer {} aborted no transaction from {} to {}",
                              next_->producer_id, next_->first_offset, next_->last_offset));
    }
}

void TransactionIndexCheck::pass(const AbortedTxn& aborted, bool is_required) {
    skip_to(aborted.last_offset);
    if (!next_ || next_->last_offset != aborted.last_offset) {
        if (!is_required) return;
        context_.findings.violation(
            Rule::transaction_index, {path_},
            fmt::format("lacks the transaction that producer {} aborted, from {} to {}",
                        aborted.producer_id, aborted.first_offset, aborted.last_offset));
        return;
    }
    compare(aborted, *next_);
    advance();
}

void TransactionIndexCheck::compare(const AbortedTxn& aborted, const TransactionIndexEntry& entry) {
    // What compaction took may be where the transaction began.
    const bool begins_right = context_.may_be_compacted
                                  ? entry.first_offset <= aborted.first_offset
                                  : entry.first_offset == aborted.first_offset;
    if (entry.producer_id != aborted.producer_id || !begins_right)
        violation(
            Rule::transaction_index,
            fmt::format(
                "says producer {} from {} to {}, where the log has producer {} from " "{} to {}",
                entry.producer_id, entry.first_offset, entry.last_offset, aborted.producer_id,
                aborted.first_offset, aborted.last_offset));
    else if (!context_.may_be_compacted && entry.last_stable_offset != aborted.last_stable_offset)
        violation(
            Rule::last_stable_offset,
            fmt::format("says last stable offset {} after the abort at {}, where it is {}",
                        entry.last_stable_offset, aborted.last_offset, aborted.last_stable_offset));
}

void TransactionIndexCheck::finish(const SegmentEnd& end) {
    if (!entries_) return;
    check_size(context_, path_, Rule::transaction_index, *entries_);
    if (!end.is_whole || (context_.is_active && context_.is_in_use)) return;
    skip_to(std::numeric_limits<int64_t>::max());
}

void TransactionIndexCheck::violation(Rule rule, std::string_view what) {
    context_.findings.violation(rule, {path_, entries_->position()}, what);
}

}  // namespace inspect
