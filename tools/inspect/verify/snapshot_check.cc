#include "tools/inspect/verify/snapshot_check.h"

#include <fmt/format.h>

#include "tools/inspect/dump_log/file_kind.h"
#include "tools/inspect/verify/batch_file.h"

namespace inspect {

namespace {

using protocol::BatchView;
using storage::FileSystem;

class SnapshotCheck {
  public:
    explicit SnapshotCheck(const FileName& name)
        : is_bootstrap_(name.kind == FileKind::bootstrap), epoch_(is_bootstrap_ ? 0 : name.epoch) {}

    // Whether to go on: up to the first problem.
    bool pass(const BatchView& batch) {
        if (has_ended_) return fail("the snapshot goes on behind its footer");
        if (batch.base_offset() != next_offset_)
            return fail(
                fmt::format("offset {} comes where {} is next", batch.base_offset(), next_offset_));
        next_offset_ = batch.next_offset();
        if (batch.partition_leader_epoch() != epoch_)
            return fail(fmt::format("is of leader epoch {}, in a snapshot of epoch {}",
                                    batch.partition_leader_epoch(), epoch_));
        if (const auto replayed = replay_->replay(batch); !replayed) {
            problem_ = replayed.error();
            return false;
        }
        // The files that early versions were formatted with have neither header nor footer.
        if (!replay_->has_snapshot_header() && !is_bootstrap_)
            return fail("does not begin with a header");
        has_ended_ = replay_->is_at_snapshot_footer();
        return true;
    }

    void finish() {
        const bool is_open = replay_->has_snapshot_header() || !is_bootstrap_;
        if (is_open && !has_ended_) fail("does not end with a footer");
    }

    const std::optional<ImageReplay::Problem>& problem() const { return problem_; }
    std::unique_ptr<ImageReplay> take() { return std::move(replay_); }

  private:
    bool fail(std::string what) {
        problem_ = {.what = std::move(what)};
        return false;
    }

    const bool is_bootstrap_;
    const int32_t epoch_;
    std::unique_ptr<ImageReplay> replay_ = std::make_unique<ImageReplay>();
    std::optional<ImageReplay::Problem> problem_;
    int64_t next_offset_ = 0;
    bool has_ended_ = false;
};

}  // namespace

std::unique_ptr<ImageReplay> check_snapshot(FileSystem& files, const std::string& path,
                                            bool is_in_use, Findings* findings) {
    SnapshotCheck check(parse_file_name(file_name_of(path)));
    Place place{path};
    const auto extent =
        for_each_sound_batch(files, path, [&](const BatchView& batch, uint64_t position) {
            place.position = position;
            return check.pass(batch);
        });
    const auto say = [&](bool is_fault, Rule rule, std::string_view what) {
        if (findings && is_fault) findings->violation(rule, place, what);
        if (findings && !is_fault) findings->note(rule, place, what);
        return nullptr;
    };
    if (!extent) {
        if (is_in_use && !files.exists(path)) return nullptr;
        return say(true, Rule::unreadable_file, extent.error());
    }
    if (!check.problem() && !extent->is_sound()) {
        place.position = extent->sound_bytes;
        return say(true, Rule::metadata_snapshot,
                   "no whole batch with a right checksum begins here");
    }
    if (!check.problem()) {
        check.finish();
        place.position = extent->size_bytes;
    }
    if (const auto& problem = check.problem())
        return say(problem->is_fault, Rule::metadata_snapshot, problem->what);
    return check.take();
}

}  // namespace inspect
