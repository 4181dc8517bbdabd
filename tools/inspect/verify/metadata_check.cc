#include "tools/inspect/verify/metadata_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "broker/metadata/snapshot_file.h"
#include "storage/segment_files.h"
#include "tools/inspect/dump_log/file_kind.h"
#include "tools/inspect/verify/batch_file.h"
#include "tools/inspect/verify/image_difference.h"
#include "tools/inspect/verify/snapshot_check.h"

namespace inspect {

namespace {

using broker::metadata::SnapshotId;
using protocol::BatchView;
using storage::FileSystem;

class MetadataCheck {
  public:
    MetadataCheck(FileSystem& files, const std::string& directory, bool is_in_use,
                  Findings* findings)
        : files_(files), directory_(directory), is_in_use_(is_in_use), findings_(findings) {}

    std::optional<Metadata> run() {
        if (!list_files()) return std::nullopt;
        if (!segments_.empty()) next_offset_ = log_begin_ = segments_.front();
        is_exact_ = has_basis_ = log_begin_ == 0;
        for (const int64_t base_offset : segments_) replay_segment(base_offset);
        meet_snapshots(next_offset_);
        const int64_t log_end = next_offset_;
        while (next_snapshot_ < snapshots_.size()) {
            const SnapshotId id = snapshots_[next_snapshot_++];
            if (meet(id) && !is_damaged_ && !is_in_use_)
                violation(id, fmt::format("stands behind the end of the log at {}", log_end));
        }
        if (!has_basis_) {
            say_beginning_is_gone();
            return std::nullopt;
        }
        collect_compacted();
        return Metadata{.replay = std::move(replay_),
                        .compacted_topics = std::move(compacted_topics_),
                        .leader = leader_,
                        .epoch = epoch_,
                        .has_records = has_records_};
    }

  private:
    std::string path(std::string_view name) const { return fmt::format("{}/{}", directory_, name); }
    std::string path(const SnapshotId& id) const {
        return path(broker::metadata::snapshot_file_name(id));
    }
    void violation(const SnapshotId& id, std::string_view what) {
        if (findings_) findings_->violation(Rule::metadata_snapshot, {path(id)}, what);
    }

    bool list_files();
    void replay_segment(int64_t base_offset);
    void replay(const BatchView& batch, const Place& place);
    void meet_snapshots(int64_t end_offset);
    bool meet(const SnapshotId& id);
    void check_place(const SnapshotId& id);
    void begin_with(const SnapshotId& id, std::unique_ptr<ImageReplay> snapshot);
    void compare(const SnapshotId& id, const ImageReplay& snapshot);
    void collect_compacted();
    void say_beginning_is_gone();

    FileSystem& files_;
    const std::string& directory_;
    const bool is_in_use_;
    Findings* findings_;
    std::vector<int64_t> segments_;      // base offsets, rising
    std::vector<SnapshotId> snapshots_;  // rising
    size_t next_snapshot_ = 0;
    int64_t log_begin_ = 0;

    // All that is said below next_offset_; exactly that, or as far as it can be known.
    std::unique_ptr<ImageReplay> replay_ = std::make_unique<ImageReplay>();
    int64_t next_offset_ = 0;
    bool is_exact_ = false;
    bool has_basis_ = false;   // It began with a snapshot, or with the log's first record.
    bool is_damaged_ = false;  // The log cannot be read to its end.
    std::optional<int32_t> last_epoch_;  // of the batch that ends at next_offset_
    std::set<std::string> compacted_topics_;
    std::optional<broker::metadata::Leader> leader_;
    int32_t epoch_ = 0;
    bool has_records_ = false;
};

bool MetadataCheck::list_files() {
    const auto names = files_.list(directory_);
    if (!names) return false;
    for (const auto& name : *names) {
        const auto parsed = parse_file_name(name);
        if (!parsed.leftover.empty()) continue;
        if (parsed.kind == FileKind::log) segments_.push_back(parsed.offset);
        if (parsed.kind == FileKind::metadata_snapshot)
            snapshots_.push_back({.end_offset = parsed.offset, .epoch = parsed.epoch});
    }
    std::ranges::sort(segments_);
    std::ranges::sort(snapshots_);
    return !segments_.empty() || !snapshots_.empty();
}

void MetadataCheck::replay_segment(int64_t base_offset) {
    Place place{path(storage::segment_file_name(base_offset, storage::SegmentFile::log))};
    const auto extent =
        for_each_sound_batch(files_, place.file, [&](const BatchView& batch, uint64_t position) {
            place.position = position;
            meet_snapshots(batch.base_offset());
            replay(batch, place);
            return true;
        });
    if (extent && extent->is_sound()) return;
    is_damaged_ = true;
    is_exact_ = false;
}

void MetadataCheck::replay(const BatchView& batch, const Place& place) {
    has_records_ = true;
    if (batch.base_offset() != next_offset_) is_exact_ = false;
    next_offset_ = batch.next_offset();
    last_epoch_ = batch.partition_leader_epoch();
    epoch_ = std::max(epoch_, *last_epoch_);
    const auto replayed = replay_->replay(batch);
    if (replay_->leader()) leader_ = replay_->leader();
    if (replayed) return;
    // A snapshot says the same to those who do not know the batches before it.
    if (is_exact_ && findings_ && replayed.error().is_fault)
        findings_->violation(Rule::metadata_record, place, replayed.error().what);
    if (is_exact_ && findings_ && !replayed.error().is_fault)
        findings_->note(Rule::metadata_record, place, replayed.error().what);
    is_exact_ = false;
}

// Those that end at or before `end_offset`.
void MetadataCheck::meet_snapshots(int64_t end_offset) {
    while (next_snapshot_ < snapshots_.size() &&
           snapshots_[next_snapshot_].end_offset <= end_offset)
        (void)meet(snapshots_[next_snapshot_++]);
}

// Whether it is sound by itself.
bool MetadataCheck::meet(const SnapshotId& id) {
    auto snapshot = check_snapshot(files_, path(id), is_in_use_, findings_);
    if (!snapshot) return false;
    check_place(id);
    // What is older than the log, nobody begins with.
    if (id.end_offset < next_offset_) return true;
    // A new cluster's says what nobody has written into the log yet.
    if (is_exact_ && id.end_offset == next_offset_ && id.end_offset > 0)
        compare(id, *snapshot);
    else
        begin_with(id, std::move(snapshot));
    return true;
}

// Whether its name can be that of a snapshot of this log.
void MetadataCheck::check_place(const SnapshotId& id) {
    if (id.end_offset > log_begin_ && id.end_offset < next_offset_)
        violation(id, "ends inside of a batch of the log");
    else if (id.end_offset == next_offset_ && last_epoch_ && id.epoch != *last_epoch_)
        violation(id, fmt::format("is of leader epoch {}, while the record before its end is of {}",
                                  id.epoch, *last_epoch_));
}

void MetadataCheck::begin_with(const SnapshotId& id, std::unique_ptr<ImageReplay> snapshot) {
    collect_compacted();
    replay_ = std::move(snapshot);
    epoch_ = std::max(epoch_, id.epoch);
    next_offset_ = id.end_offset;
    last_epoch_.reset();
    is_exact_ = has_basis_ = true;
}

void MetadataCheck::compare(const SnapshotId& id, const ImageReplay& snapshot) {
    if (const auto differs = difference(snapshot.image(), replay_->image()))
        violation(id, *differs);
    if (const auto differs = difference(snapshot.voter_set(), replay_->voter_set()))
        violation(id, *differs);
}

void MetadataCheck::collect_compacted() {
    compacted_topics_.insert(replay_->compacted_topics().begin(),
                             replay_->compacted_topics().end());
}

void MetadataCheck::say_beginning_is_gone() {
    // One that is not sound was reported.
    const bool has_snapshot = !snapshots_.empty() && snapshots_.back().end_offset >= log_begin_;
    if (findings_ && !is_in_use_ && !has_snapshot)
        findings_->violation(
            Rule::metadata_snapshot, {directory_},
            fmt::format("the log begins at {}, and no snapshot says what was before", log_begin_));
}

}  // namespace

std::optional<Metadata> check_metadata(FileSystem& files, const std::string& directory,
                                       bool is_in_use, Findings* findings) {
    return MetadataCheck(files, directory, is_in_use, findings).run();
}

}  // namespace inspect
