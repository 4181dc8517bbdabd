#include "tools/inspect/verify/batch_check.h"

#include <fmt/format.h>

#include <algorithm>

#include "protocol/legacy_records.h"
#include "storage/segment_files.h"

namespace inspect {

namespace {

using protocol::BatchView;
using protocol::ErrorCode;
using protocol::Record;
using storage::BatchHeader;
using storage::Bytes;

// What is wrong with the records inside a batch.
std::optional<std::string> fault_of_records(const BatchHeader& header, Bytes bytes,
                                            uint64_t& record_count) {
    int64_t previous = header.magic < 2 ? -1 : header.base_offset - 1;
    std::optional<std::string> fault;
    const auto visit = [&](const Record& record) {
        if (record.offset <= previous || record.offset > header.last_offset)
            fault = fmt::format("the record of offset {} follows {} in a batch up to {}",
                                record.offset, previous, header.last_offset);
        previous = record.offset;
        ++record_count;
        return !fault;
    };
    std::expected<void, ErrorCode> read;
    if (header.magic < 2) {
        const auto message = protocol::LegacyMessage::first_in(bytes);
        read = message ? for_each_legacy_record(*message, visit)
                       : std::unexpected(ErrorCode::invalid_record);
    } else {
        const auto batch = BatchView::first_in(bytes);
        read = batch ? for_each_record(*batch, visit) : std::unexpected(ErrorCode::invalid_record);
    }
    if (!read) return fmt::format("the records cannot be read: {}", protocol::name(read.error()));
    return fault;
}

}  // namespace

bool BatchCheck::enter_segment(int64_t base_offset, const Place& place) {
    const bool overlaps = has_begun_ && base_offset < next_offset_;
    const bool leaves_gap =
        has_begun_ && base_offset > next_offset_ && !is_gap_open_ && !may_be_compacted_;
    if (overlaps || leaves_gap)
        findings_.violation(overlaps ? Rule::offsets : Rule::offset_gap, place,
                            fmt::format("the segment before ends at {}", next_offset_));
    next_offset_ = std::max(next_offset_, base_offset);
    has_begun_ = true;
    is_gap_open_ = false;
    return !overlaps && !leaves_gap;
}

bool BatchCheck::pass(const BatchHeader& header, Bytes bytes, const Place& place) {
    ++findings_.totals.batches;
    if (!storage::has_valid_checksum(bytes)) {
        findings_.violation(Rule::batch_checksum, place,
                            fmt::format("the batch of offsets {} to {} has a wrong checksum",
                                        header.base_offset, header.last_offset));
        is_gap_open_ = true;
        return false;
    }
    const bool is_sound = is_in_order(header, place) && check_records(header, bytes, place) &&
                          check_epoch(header, place);
    if (is_sound) next_offset_ = header.next_offset();
    is_gap_open_ = !is_sound;
    return is_sound;
}

bool BatchCheck::is_in_order(const BatchHeader& header, const Place& place) {
    // A message of magic 0 or 1 may stand for those before it, and says only where it ends.
    const int64_t first = header.magic < 2 ? header.last_offset : header.base_offset;
    if (first < next_offset_) {
        findings_.violation(Rule::offsets, place,
                            fmt::format("offset {} comes where {} is the least that can come",
                                        first, next_offset_));
        return false;
    }
    const bool may_be_gap = header.magic < 2 || may_be_compacted_ || is_gap_open_;
    if (first == next_offset_ || may_be_gap) return true;
    findings_.violation(Rule::offset_gap, place,
                        fmt::format("offset {} comes where {} is next", first, next_offset_));
    return false;
}

bool BatchCheck::check_records(const BatchHeader& header, Bytes bytes, const Place& place) {
    uint64_t count = 0;
    auto fault = fault_of_records(header, bytes, count);
    const int64_t span = header.last_offset - header.base_offset + 1;
    if (!fault && header.magic == 2 && !may_be_compacted_ && std::cmp_not_equal(count, span))
        fault = fmt::format("{} records at {} offsets", count, span);
    findings_.totals.records += count;
    if (!fault) return true;
    findings_.violation(Rule::batch_records, place, *fault);
    return false;
}

bool BatchCheck::check_epoch(const BatchHeader& header, const Place& place) {
    if (header.magic < 2 || header.leader_epoch < 0) return true;
    if (header.leader_epoch < leader_epoch_) {
        findings_.violation(
            Rule::leader_epoch, place,
            fmt::format("leader epoch {} comes after {}", header.leader_epoch, leader_epoch_));
        return false;
    }
    const auto expected = epochs_ ? epochs_->epoch_of(header.base_offset) : std::nullopt;
    if (expected && *expected != header.leader_epoch) {
        findings_.violation(Rule::leader_epoch, place,
                            fmt::format("offset {} was written in leader epoch {}, and in {} by {}",
                                        header.base_offset, header.leader_epoch, *expected,
                                        storage::leader_epoch_file_name));
        return false;
    }
    leader_epoch_ = header.leader_epoch;
    return true;
}

}  // namespace inspect
