// Drives a storage::Log through random work, faults, crashes and power cuts, and compares it with
// a model of what it should hold: log_simulation FIRST_SEED COUNT.
#include <fmt/format.h>

#include <map>
#include <random>
#include <set>
#include <stdexcept>

#include "storage/log.h"
#include "tests/simulation/left_behind.h"
#include "tests/simulation/log_model.h"
#include "tests/simulation/seeds.h"
#include "tests/support/batches.h"
#include "tests/support/simulated_file_system.h"

namespace {

using protocol::BatchView;
using protocol::Blob;
using protocol::Bytes;
using protocol::ControlType;
using protocol::ErrorCode;
using simulation::Aborted;
using simulation::LogModel;
using storage::Log;

constexpr int64_t producer_count = 4;
constexpr int steps = 60;
constexpr int64_t never_ms = int64_t{1} << 50;  // producers do not expire
const std::string directory = "topic-0";

class Simulation {
  public:
    explicit Simulation(uint64_t seed) : random_(seed), files_(seed) {
        config_.segment_bytes = static_cast<int32_t>(pick(300, 2500));
        config_.index_interval_bytes = static_cast<int32_t>(pick(1, 400));
        if (one_in(3)) config_.flush_messages = pick(1, 30);
        if (one_in(4)) config_.segment_ms = pick(1, 5000);
        config_.retention_ms = one_in(3) ? pick(500, 10'000) : -1;
        config_.retention_bytes = one_in(3) ? pick(0, 4000) : -1;
        config_.file_delete_delay_ms = one_in(2) ? pick(1, 3000) : 0;
    }

    void run() {
        open(false);
        for (int i = 0; i < steps; ++i) step();
        files_.heal();
        check_space();
        crash(support::Crash::process_kill);
    }
    const std::vector<std::string>& history() const { return history_; }

  private:
    int64_t pick(int64_t low, int64_t high) {
        return low + static_cast<int64_t>(random_() % static_cast<uint64_t>(high - low + 1));
    }
    bool one_in(int64_t n) { return pick(1, n) == 1; }
    template <class... Parts>
    void tell(fmt::format_string<Parts...> format, Parts&&... parts) {
        history_.push_back(fmt::format(format, std::forward<Parts>(parts)...));
    }
    static void require(bool holds, const std::string& what) {
        if (!holds) throw std::runtime_error(what);
    }

    void step();
    Blob next_batches();
    Blob next_batch(std::map<int64_t, int32_t>& sequences, std::map<int64_t, int64_t>& open);
    bool append();
    void append_with_fault();
    bool append_together();
    void append_together_with_fault();
    void take_in_unacknowledged(int64_t end);
    bool truncate();
    void flush();
    void find_start();
    bool delete_records();
    bool retain();
    bool remove_files();
    bool shorten();
    void shorten_with_fault();
    void die_at_work();
    void close();
    void crash(support::Crash how);
    void open(bool clean);
    void reconcile(support::Crash how);
    void reconcile_start();
    void begin_anew(int64_t offset, int64_t lowest);
    bool knows_as_much_as(const LogModel& model) const;
    void look_after_fault();
    void check(bool after_open);
    void check_bytes();
    void check_space();
    std::set<std::string> deleted_files() const;

    std::mt19937_64 random_;
    support::SimulatedFileSystem files_;
    storage::LogConfig config_;
    std::unique_ptr<Log> log_;
    LogModel model_;
    Blob unacknowledged_;                 // what a dying append may have left
    std::optional<int64_t> cutting_to_;   // where a dying truncation was to cut
    std::optional<int64_t> deleting_to_;  // where a dying DeleteRecords was to begin the log
    bool has_lost_files_ = false;         // the removal of some that were deleted has failed
    int64_t recovery_point_ = 0;          // as checkpointed
    int64_t start_checkpoint_ = 0;
    int64_t now_ms_ = 1'000'000;
    int32_t leader_epoch_ = 0;
    std::vector<std::string> history_;
};

void Simulation::step() {
    now_ms_ += pick(0, 500);
    const auto dice = pick(0, 99);
    if (dice < 40)
        require(append(), "append failed");
    else if (dice < 52)
        require(append_together(), "appends with one write failed");
    else if (dice < 56)
        append_with_fault();
    else if (dice < 60)
        append_together_with_fault();
    else if (dice < 64)
        flush();
    else if (dice < 67) {
        require(truncate(), "truncation failed");
        check(false);
    } else if (dice < 75) {
        require(shorten(), "the log cannot be shortened");
        check(false);
    } else if (dice < 78)
        shorten_with_fault();
    else if (dice < 80) {
        tell("roll");
        require(log_->roll(now_ms_).has_value(), "roll failed");
    } else if (dice < 83)
        close();
    else if (dice < 88)
        die_at_work();
    else if (dice < 92)
        crash(support::Crash::process_kill);
    else if (dice < 96)
        crash(support::Crash::power_cut);
    else if (dice < 98)
        leader_epoch_ += static_cast<int32_t>(pick(1, 3));
    else
        check(false);
}

Blob Simulation::next_batch(std::map<int64_t, int32_t>& sequences,
                            std::map<int64_t, int64_t>& open) {
    const int64_t id = pick(0, producer_count);
    support::BatchSpec spec{.record_count = static_cast<int32_t>(pick(1, 4)),
                            .timestamp = now_ms_ - pick(0, 3000),
                            .value_bytes = static_cast<size_t>(pick(0, 60))};
    if (id == producer_count) return support::build_batch(spec);
    if (open.contains(id) && one_in(2)) {
        open.erase(id);
        return support::build_marker(
            {.producer_id = id,
             .outcome = one_in(2) ? ControlType::abort : ControlType::commit,
             .timestamp = now_ms_});
    }
    spec.producer_id = id;
    spec.producer_epoch = 0;
    spec.base_sequence = sequences[id];
    spec.transactional = open.contains(id) || one_in(2);
    if (spec.transactional) open.emplace(id, 0);
    sequences[id] += spec.record_count;
    return support::build_batch(spec);
}

Blob Simulation::next_batches() {
    std::map<int64_t, int32_t> sequences;
    for (const auto& [id, producer] : log_->producers().producers())
        sequences[id] = producer.last_sequence() + 1;
    std::vector<Aborted> aborted;
    auto open = model_.transactions(aborted);
    Blob batches;
    for (int64_t n = one_in(4) ? pick(2, 4) : 1; n > 0; --n) {
        const Blob batch = next_batch(sequences, open);
        batches.insert(batches.end(), batch.begin(), batch.end());
    }
    return batches;
}

// False: it failed.
bool Simulation::append() {
    unacknowledged_ = next_batches();
    const auto appended = log_->append(unacknowledged_, leader_epoch_, now_ms_);
    if (!appended && appended.error() != ErrorCode::record_list_too_large) return false;
    if (appended) {
        require(appended->base_offset == model_.end, "append at another offset than the log's end");
        model_.add(unacknowledged_);
        tell("append up to {}", model_.end);
        require(appended->last_offset + 1 == model_.end, "append ends elsewhere");
        if (one_in(2)) recovery_point_ = log_->recovery_point();
    }
    unacknowledged_.clear();
    return true;
}

void Simulation::append_with_fault() {
    Blob batches = next_batches();
    tell("append with a fault");
    files_.fail_at(static_cast<uint64_t>(pick(1, 8)));
    const int64_t end = log_->log_end_offset();
    const auto appended = log_->append(batches, leader_epoch_, now_ms_);
    files_.heal();
    if (appended || log_->log_end_offset() > end) {
        // Only a flush that fails leaves the records behind.
        require(appended || log_->refuses_writes(), "a failed append left records");
        model_.add(batches);
    } else {
        require(log_->log_end_offset() == model_.end, "a failed append moved the log's end");
    }
    look_after_fault();
}

// Appends that one write follows. False: it failed, and the model has none of them.
bool Simulation::append_together() {
    const LogModel before = model_;
    constexpr size_t part_count_max = 5;
    std::vector<Blob> parts;
    parts.reserve(part_count_max);
    bool done = true;
    for (auto n = static_cast<size_t>(pick(2, part_count_max)); n > 0 && done; --n) {
        Blob& part = parts.emplace_back(next_batches());
        const auto appended = log_->append(part, leader_epoch_, now_ms_, storage::Write::later);
        done = appended || appended.error() == ErrorCode::record_list_too_large;
        if (appended) {
            require(appended->base_offset == model_.end, "append at another offset than the end");
            model_.add(part);
        } else if (done) {
            parts.pop_back();
        }
    }
    done = log_->write_out() && done;
    tell("{} appends with one write up to {}", parts.size(), model_.end);
    if (done) return true;
    for (const Blob& part : parts)
        unacknowledged_.insert(unacknowledged_.end(), part.begin(), part.end());
    model_ = before;
    return false;
}

void Simulation::append_together_with_fault() {
    tell("appends with one write, and a fault");
    files_.fail_at(static_cast<uint64_t>(pick(1, 12)));
    const bool done = append_together();
    files_.heal();
    if (!done) take_in_unacknowledged(log_->log_end_offset());
    unacknowledged_.clear();
    require(log_->log_end_offset() == model_.end, "failed appends moved the log's end");
    look_after_fault();
}

// What of it is there: all that begins below `end`.
void Simulation::take_in_unacknowledged(int64_t end) {
    LogModel with_rest = model_;
    Bytes rest = unacknowledged_;
    while (const auto view = BatchView::first_in(rest)) {
        if (with_rest.end >= end) break;
        with_rest.add(view->bytes());
        rest = rest.subspan(view->size_bytes());
    }
    require(with_rest.end == end, "more than was written");
    model_ = with_rest;
}

void Simulation::flush() {
    tell("flush");
    require(log_->flush().has_value(), "flush failed");
    recovery_point_ = log_->recovery_point();
    require(recovery_point_ == model_.end, "a flush does not cover the whole log");
}

// False: it failed.
bool Simulation::truncate() {
    const int64_t offset = pick(std::max(model_.start, model_.end - 15), model_.end);
    tell("truncate to {}", offset);
    cutting_to_ = offset;
    recovery_point_ = std::min(recovery_point_, model_.end_if_cut(offset));
    if (!log_->truncate_to(offset)) return false;
    cutting_to_.reset();
    const int64_t end = log_->log_end_offset();
    require(end <= offset, "truncation left something");
    model_.cut(end);
    require(model_.ends_with_a_batch(), "truncation ends inside a batch");
    recovery_point_ = std::min(recovery_point_, log_->recovery_point());
    start_checkpoint_ = std::min(start_checkpoint_, log_->log_start_offset());
    return true;
}

// The log may begin later than before, but only where something allows it.
void Simulation::find_start() {
    const int64_t start = log_->log_start_offset();
    const bool is_allowed = start == model_.start || start <= deleting_to_.value_or(-1) ||
                            model_.may_expire(start, config_, now_ms_);
    require(start >= model_.start, "the log start offset went back");
    require(is_allowed, fmt::format("the log begins at {} instead of {}", start, model_.start));
    model_.start = start;
}

bool Simulation::delete_records() {
    const int64_t offset = pick(std::max<int64_t>(model_.start - 5, 0), model_.end);
    tell("delete records below {}", offset);
    deleting_to_ = offset;
    if (!log_->raise_log_start_offset(offset)) return false;
    find_start();
    require(model_.start >= offset, "records that were to be deleted are left");
    deleting_to_.reset();
    return true;
}

bool Simulation::retain() {
    tell("retain");
    if (!log_->apply_retention(now_ms_)) return false;
    find_start();
    const auto segments = log_->segments();
    if (!segments || segments->empty()) return segments.has_value();
    const int64_t next = segments->size() > 1 ? (*segments)[1].base_offset : model_.end;
    require(!model_.must_expire(segments->front().base_offset, next, config_, now_ms_),
            "retention leaves what is too old, or too much");
    return true;
}

bool Simulation::remove_files() {
    tell("remove files");
    for (const std::string& path : log_->take_deleted_files(now_ms_)) {
        if (const auto removed = files_.remove(path)) continue;
        require(files_.exists(path), "a file to be removed is not there");
        has_lost_files_ = true;
        return false;
    }
    return true;
}

// One of the things that make a log begin later, or are done by the clock. False: it failed.
bool Simulation::shorten() {
    bool done = false;
    switch (pick(0, 4)) {
        case 0: done = log_->roll_if_due(now_ms_).has_value(); break;
        case 1: done = remove_files(); break;
        case 2: done = delete_records(); break;
        default: done = retain(); break;
    }
    if (done && one_in(2)) start_checkpoint_ = model_.start;
    return done;
}

void Simulation::shorten_with_fault() {
    tell("a fault while the log is shortened");
    files_.fail_at(static_cast<uint64_t>(pick(1, 8)));
    const bool done = shorten();
    files_.heal();
    if (!done) find_start();
    deleting_to_.reset();
    look_after_fault();
}

void Simulation::die_at_work() {
    const auto nth = static_cast<uint64_t>(pick(1, 25));
    tell("die at operation {}", nth);
    files_.die_at(nth);
    for (bool alive = true; alive;) {
        now_ms_ += pick(0, 500);
        switch (pick(0, 11)) {
            case 0: alive = log_->flush().has_value(); break;
            case 1: alive = log_->roll(now_ms_).has_value(); break;
            case 2: alive = truncate(); break;
            case 3:
            case 4:
            case 5: alive = shorten(); break;
            case 6:
            case 7: alive = append_together(); break;
            default: alive = append(); break;
        }
    }
    crash(one_in(2) ? support::Crash::process_kill : support::Crash::power_cut);
}

void Simulation::close() {
    tell("close");
    require(log_->close().has_value(), "close failed");
    const std::string wrong = simulation::violations_in(files_, directory, now_ms_, never_ms);
    require(wrong.empty(), "a clean stop leaves\n" + wrong);
    recovery_point_ = log_->recovery_point();
    start_checkpoint_ = model_.start;
    open(true);
    require(log_->log_end_offset() == model_.end, "another end after a clean stop");
    check(true);
}

void Simulation::crash(support::Crash how) {
    const bool is_kill = how == support::Crash::process_kill;
    tell("{}, recovery point {}", is_kill ? "kill" : "power cut", recovery_point_);
    log_.reset();
    files_.crash(how);
    open(false);
    reconcile(how);
    // Whoever was cutting does it again, which makes it last.
    if (cutting_to_) flush();
    unacknowledged_.clear();
    cutting_to_.reset();
    deleting_to_.reset();
    check(true);
}

void Simulation::open(bool clean) {
    auto log = Log::open(files_, directory,
                         {.config = config_,
                          .log_start_offset = start_checkpoint_,
                          .recovery_point = recovery_point_,
                          .clean_shutdown = clean,
                          .now_ms = now_ms_,
                          .compacted_to = 0});
    if (!log) throw std::runtime_error(fmt::format("open: {}", name(log.error())));
    log_ = std::move(*log);
    has_lost_files_ = false;
}

// Brings the model to what the crash left, where that is allowed.
void Simulation::reconcile(support::Crash how) {
    const int64_t found = log_->log_end_offset();
    const bool is_kill = how == support::Crash::process_kill;
    tell("found {} to {}", log_->log_start_offset(), found);
    int64_t lowest = is_kill ? model_.end : recovery_point_;
    if (cutting_to_) lowest = std::min(lowest, *cutting_to_ - 3);
    if (log_->recovery().began_anew) {
        const bool may_be_below = !is_kill && recovery_point_ <= start_checkpoint_;
        const bool was_empty = model_.start == model_.end;
        require((may_be_below || cutting_to_ || was_empty) && found == start_checkpoint_,
                "began anew without a reason");
        begin_anew(found, lowest);
        return;
    }
    if (found > model_.end) take_in_unacknowledged(found);
    reconcile_start();
    require(found >= lowest, fmt::format("lost records: ends at {}, not {}", found, lowest));
    require(!is_kill || cutting_to_ || found == model_.end, "another end than before");
    if (found < model_.end) model_.cut(found);
    require(model_.ends_with_a_batch(), "ends inside a batch");
    recovery_point_ = std::min(recovery_point_, log_->recovery_point());
}

// Everything was deleted, or is lost; but of whoever wrote what was on the disk the log still
// knows.
void Simulation::begin_anew(int64_t offset, int64_t lowest) {
    LogModel left = model_;
    left.add(unacknowledged_);
    left.begin_anew(offset);
    while (!knows_as_much_as(left)) {
        require(!left.batches.empty() && left.batches.back().next() > lowest,
                "a log that begins anew forgets its producers");
        left.batches.pop_back();
    }
    model_ = left;
    recovery_point_ = offset;
}

// Snapshots keep only the last batch of each producer.
bool Simulation::knows_as_much_as(const LogModel& model) const {
    return storage::ProducerState::decode_snapshot(log_->producers().encode_snapshot()) ==
           storage::ProducerState::decode_snapshot(model.producers().encode_snapshot());
}

// What was deleted may be back where nobody had made the new start last, or more may be gone, if
// the process died at that.
void Simulation::reconcile_start() {
    const int64_t start = log_->log_start_offset();
    require(start >= std::min(start_checkpoint_, log_->log_end_offset()),
            "what was deleted for good is back");
    if (start > model_.start) find_start();
    model_.start = start;
}

void Simulation::check_bytes() {
    size_t next = 0;
    while (next < model_.batches.size() && model_.batches[next].next() <= model_.start) ++next;
    for (int64_t offset = model_.start; offset < model_.end;) {
        const auto slice = log_->read(offset, static_cast<size_t>(pick(1, 800)), model_.end, true);
        require(slice && slice->size > 0, "nothing to read");
        Blob bytes(slice->size);
        require(slice->file->read_at(bytes, slice->position) == bytes.size(), "short slice");
        for (size_t done = 0; done < bytes.size(); ++next) {
            require(next < model_.batches.size(), "more batches than there should be");
            const Blob& expected = model_.batches[next].bytes;
            const size_t size = std::min(expected.size(), bytes.size() - done);
            require(std::equal(expected.begin(), expected.begin() + static_cast<ptrdiff_t>(size),
                               bytes.begin() + static_cast<ptrdiff_t>(done)),
                    "other bytes");
            done += size;
            if (size < expected.size()) break;
            offset = model_.batches[next].next();
        }
    }
}

// What a fault left is whole, and goes on; or it refuses to, until it is opened again.
void Simulation::look_after_fault() {
    if (!log_->is_offline()) check(false);
    if (log_->refuses_writes()) crash(support::Crash::process_kill);
}

void Simulation::check(bool after_open) {
    require(log_->log_end_offset() == model_.end, "another end");
    require(log_->log_start_offset() == model_.start, "another start");
    check_bytes();

    require(log_->last_stable_offset() == model_.last_stable_offset(),
            "another last stable offset");
    std::vector<Aborted> expected;
    (void)model_.transactions(expected);
    std::erase_if(expected, [&](const Aborted& a) { return a.last_offset < model_.start; });
    std::vector<Aborted> found;
    for (const auto& entry : log_->aborted_transactions(model_.start, model_.end).value())
        found.push_back({entry.producer_id, entry.first_offset, entry.last_offset});
    require(found == expected, "other aborted transactions");

    if (after_open) {
        require(knows_as_much_as(model_), "other producers than a replay gives");
        return;
    }
    const auto producers = model_.producers();
    for (const auto& [id, producer] : producers.producers()) {
        const auto* known = log_->producers().find(id);
        require(known && known->last_sequence() == producer.last_sequence(),
                "another last sequence");
    }
}

std::set<std::string> Simulation::deleted_files() const {
    std::set<std::string> paths;
    const auto names = files_.list(directory);
    if (!names) return paths;
    for (const std::string& name : *names)
        if (name.ends_with(".deleted")) paths.insert(directory + "/" + name);
    return paths;
}

// What was deleted is gone after its delay, unless its removal failed; then the next start does it.
void Simulation::check_space() {
    require(retain(), "retention fails");  // takes up what a fault has kept from being deleted
    require(remove_files(), "deleted files cannot be removed");
    now_ms_ += config_.file_delete_delay_ms;
    require(remove_files(), "deleted files cannot be removed");
    require(has_lost_files_ || deleted_files().empty(), "deleted files are left");
}

}  // namespace

int main(int argc, char** argv) {
    return simulation::run_seeds(argc, argv, [](uint64_t seed, bool) {
        Simulation simulation(seed);
        try {
            simulation.run();
        } catch (const std::runtime_error&) {
            for (const std::string& line : simulation.history()) fmt::print("  {}\n", line);
            throw;
        }
    });
}
