#include "tools/inspect/verify/verify_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <vector>

#include "protocol/uuid.h"
#include "storage/batch_scanner.h"
#include "storage/leader_epochs.h"
#include "storage/partition_metadata.h"
#include "storage/segment_files.h"
#include "tools/inspect/dump_log/file_kind.h"
#include "tools/inspect/verify/batch_check.h"
#include "tools/inspect/verify/index_checks.h"
#include "tools/inspect/verify/producer_check.h"

namespace inspect {

namespace {

using protocol::BatchView;
using protocol::ErrorCode;
using storage::BatchHeader;
using storage::FileSystem;
using storage::ProducerState;
using storage::SegmentFile;

class LogVerifier {
  public:
    LogVerifier(FileSystem& files, const std::string& directory, const LogOptions& options,
                Findings& findings)
        : files_(files),
          directory_(directory),
          options_(options),
          findings_(findings),
          batches_(findings, options.may_be_compacted),
          producers_(findings, {.may_be_compacted = options.may_be_compacted,
                                .expiration_ms = options.producer_expiration_ms,
                                .now_ms = options.now_ms}) {}

    LogExtent verify() {
        if (!read_directory()) return {.is_end_known = false};
        ++findings_.totals.partitions;
        check_topic_id();
        read_epochs();
        if (!segments_.empty()) start_producers(segments_.front());
        for (const int64_t base_offset : segments_) verify_segment(base_offset);
        const LogExtent extent{.start_offset = segments_.empty() ? 0 : segments_.front(),
                               .end_offset = batches_.next_offset(),
                               .is_end_known = is_end_known_ && !batches_.is_gap_open()};
        check_end(extent);
        return extent;
    }

  private:
    std::string path(std::string_view name) const { return fmt::format("{}/{}", directory_, name); }
    std::string path(int64_t offset, SegmentFile kind) const {
        return path(storage::segment_file_name(offset, kind));
    }
    bool is_last(int64_t base_offset) const { return base_offset == segments_.back(); }
    IndexContext index_context(int64_t base_offset) const {
        return {.files = files_,
                .findings = findings_,
                .base_offset = base_offset,
                .is_active = is_last(base_offset),
                .is_in_use = options_.is_in_use,
                .may_be_compacted = options_.may_be_compacted};
    }

    bool read_directory();
    void note_file(const std::string& file, std::vector<int64_t>& indexes);
    void check_topic_id();
    void read_epochs();
    void start_producers(int64_t base_offset);
    std::optional<ProducerState> read_snapshot(int64_t offset);
    void compare_snapshots(int64_t end, bool is_at_end);
    void verify_segment(int64_t base_offset);
    void verify_batch(const BatchHeader& header, storage::Bytes bytes, const Place& place);
    void report_tail(const Place& place, uint64_t size);
    void check_end(const LogExtent& extent);

    FileSystem& files_;
    const std::string& directory_;
    const LogOptions& options_;
    Findings& findings_;
    BatchCheck batches_;
    ProducerCheck producers_;
    std::vector<int64_t> segments_;   // base offsets, rising
    std::vector<int64_t> snapshots_;  // rising; those still to be compared
    std::optional<storage::LeaderEpochs> epochs_;
    bool is_end_known_ = true;

    // Of the segment that is being read.
    std::optional<IndexCheck> index_;
    std::optional<TimeIndexCheck> times_;
    std::optional<TransactionIndexCheck> transactions_;
};

bool LogVerifier::read_directory() {
    const auto names = files_.list(directory_);
    if (!names) {
        if (!options_.is_in_use)
            findings_.violation(Rule::unreadable_file, {directory_}, names.error().message());
        return false;
    }
    std::vector<int64_t> indexes;
    for (const auto& file : *names) note_file(file, indexes);
    std::ranges::sort(segments_);
    std::ranges::sort(snapshots_);
    for (const int64_t offset : indexes)
        if (!std::ranges::binary_search(segments_, offset))
            findings_.note(
                Rule::leftover, {directory_},
                fmt::format("an index of {} without its log: the next start removes it", offset));
    return true;
}

void LogVerifier::note_file(const std::string& file, std::vector<int64_t>& indexes) {
    const auto parsed = parse_file_name(file);
    if (!parsed.leftover.empty()) {
        findings_.note(Rule::leftover, {path(file)}, "left by an operation that has not ended");
        return;
    }
    switch (parsed.kind) {
        case FileKind::log: segments_.push_back(parsed.offset); break;
        case FileKind::producer_snapshot: snapshots_.push_back(parsed.offset); break;
        case FileKind::index:
        case FileKind::time_index:
        case FileKind::transaction_index: indexes.push_back(parsed.offset); break;
        case FileKind::leader_epochs:
        case FileKind::partition_metadata: break;
        case FileKind::metadata_snapshot:
        case FileKind::quorum_state:
            // They are looked at with the metadata as a whole.
            if (options_.is_metadata) break;
            [[fallthrough]];
        default: findings_.note(Rule::unknown_file, {path(file)}, "is none of a partition's");
    }
}

void LogVerifier::check_topic_id() {
    const Place place{path(storage::partition_metadata_file)};
    const auto topic_id = storage::read_topic_id(files_, directory_);
    if (!topic_id && topic_id.error() != std::errc::no_such_file_or_directory) {
        findings_.violation(Rule::topic_id, place, "is damaged");
    } else if (!topic_id && options_.topic_id && !options_.is_in_use && !segments_.empty()) {
        // Without a log the start that uses the directory writes it.
        findings_.violation(Rule::missing_file, place, "nothing tells whose partition this is");
    } else if (topic_id && options_.topic_id && *topic_id != *options_.topic_id) {
        findings_.violation(
            Rule::topic_id, place,
            fmt::format("says {}, while the metadata log has {}", protocol::to_string(*topic_id),
                        protocol::to_string(*options_.topic_id)));
    }
}

void LogVerifier::read_epochs() {
    const std::string file = path(storage::leader_epoch_file_name);
    if (!files_.exists(file)) return;
    const auto bytes = read_side_file(files_, file);
    if (bytes) epochs_ = storage::LeaderEpochs::decode(std::string(storage::as_text(*bytes)));
    if (!epochs_)
        findings_.violation(Rule::leader_epoch, {file},
                            bytes ? "is damaged, or its epochs do not rise" : bytes.error());
    batches_.set_epochs(epochs_);
}

void LogVerifier::start_producers(int64_t base_offset) {
    const auto first = std::ranges::lower_bound(snapshots_, base_offset);
    const bool is_exact = first != snapshots_.end() && *first == base_offset;
    auto state = is_exact ? read_snapshot(base_offset) : std::nullopt;
    snapshots_.erase(snapshots_.begin(), is_exact ? first + 1 : first);
    producers_.begin_at(base_offset);
    if (state)
        producers_.begin_with(path(base_offset, SegmentFile::snapshot), *std::move(state),
                              base_offset);
}

std::optional<ProducerState> LogVerifier::read_snapshot(int64_t offset) {
    const Place place{path(offset, SegmentFile::snapshot)};
    const auto bytes = read_side_file(files_, place.file);
    if (!bytes) {
        if (!options_.is_in_use || files_.exists(place.file))
            findings_.violation(Rule::unreadable_file, place, bytes.error());
        return std::nullopt;
    }
    auto state = ProducerState::decode_snapshot(*bytes);
    if (!state) findings_.violation(Rule::producer_snapshot, place, "is damaged");
    return state;
}

// The snapshots up to `end`, which the replay has come to.
void LogVerifier::compare_snapshots(int64_t end, bool is_at_end) {
    while (!snapshots_.empty() && snapshots_.front() <= end) {
        const int64_t offset = snapshots_.front();
        snapshots_.erase(snapshots_.begin());
        const auto stored = read_snapshot(offset);
        // Between this one and `end` there may be what could not be read.
        if (!stored || (!producers_.is_known() && offset < end)) continue;
        producers_.compare(path(offset, SegmentFile::snapshot), *stored, offset,
                           is_at_end && offset == end);
    }
}

void LogVerifier::verify_segment(int64_t base_offset) {
    Place place{path(base_offset, SegmentFile::log)};
    const auto file = files_.open(place.file, FileSystem::Open::read);
    const auto size = file ? (*file)->size() : std::unexpected(file.error());
    if (!size) {
        // Retention may have been quicker.
        if (!options_.is_in_use)
            findings_.violation(Rule::unreadable_file, place, size.error().message());
        batches_.skip();
        producers_.forget();
        return;
    }
    ++findings_.totals.segments;
    if (!batches_.enter_segment(base_offset, place)) producers_.forget();
    const auto context = index_context(base_offset);
    index_.emplace(context, path(base_offset, SegmentFile::index));
    times_.emplace(context, path(base_offset, SegmentFile::time_index));
    transactions_.emplace(context, path(base_offset, SegmentFile::transaction_index));

    storage::BatchScanner scanner(**file, 0, *size, storage::BatchScanner::bulk_window_bytes);
    while (true) {
        place.position = scanner.position();
        const auto header = scanner.next();
        if (!header || !*header) break;
        const bool is_too_large = *header && (*header)->size_bytes > batch_bytes_max;
        const auto bytes =
            is_too_large ? std::unexpected(ErrorCode::message_too_large) : scanner.bytes();
        if (!bytes) break;
        verify_batch(**header, *bytes, place);
    }
    const SegmentEnd end{.position = *place.position, .is_whole = *place.position == *size};
    if (!end.is_whole) report_tail(place, *size);
    index_->finish(end);
    times_->finish(end);
    if (!producers_.is_known()) transactions_->forget();
    transactions_->finish(end);
}

void LogVerifier::verify_batch(const BatchHeader& header, storage::Bytes bytes,
                               const Place& place) {
    const bool is_sound = batches_.pass(header, bytes, place);
    index_->pass(header, is_sound);
    times_->pass(header, is_sound);
    if (!is_sound) {
        producers_.forget();
    } else {
        compare_snapshots(header.base_offset, /*is_at_end=*/false);
        const auto batch = BatchView::first_in(bytes);
        if (!batch) return;  // from before there were producers
        const auto aborted = producers_.pass(*batch, place);
        if (aborted) transactions_->pass(aborted->range, aborted->has_records);
    }
    if (!producers_.is_known()) transactions_->forget();
}

void LogVerifier::report_tail(const Place& place, uint64_t size) {
    const bool is_at_end = is_last(parse_file_name(file_name_of(place.file)).offset);
    const auto what =
        fmt::format("no whole batch begins here, {} bytes before the end", size - *place.position);
    if (is_at_end && options_.is_in_use) {
        findings_.note(Rule::batch_framing, place, what + ": it is being written");
        return;
    }
    findings_.violation(Rule::batch_framing, place, what);
    batches_.skip();
    producers_.forget();
    if (is_at_end) is_end_known_ = false;
}

void LogVerifier::check_end(const LogExtent& extent) {
    if (!extent.is_end_known) return;
    compare_snapshots(extent.end_offset, /*is_at_end=*/true);
    if (options_.is_in_use) return;
    for (const int64_t offset : snapshots_)
        findings_.violation(
            Rule::producer_snapshot, {path(offset, SegmentFile::snapshot)},
            fmt::format("stands behind the end of the log at {}", extent.end_offset));
    if (!epochs_) return;
    for (const auto& entry : epochs_->entries())
        if (entry.start_offset > extent.end_offset)
            findings_.violation(
                Rule::leader_epoch, {path(storage::leader_epoch_file_name)},
                fmt::format("leader epoch {} begins at {}, behind the end of the log at {}",
                            entry.epoch, entry.start_offset, extent.end_offset));
}

}  // namespace

LogExtent verify_log(FileSystem& files, const std::string& directory, const LogOptions& options,
                     Findings& findings) {
    return LogVerifier(files, directory, options, findings).verify();
}

}  // namespace inspect
