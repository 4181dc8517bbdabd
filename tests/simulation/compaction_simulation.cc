// Compacts random logs, with transactions, tombstones, crashes and power cuts, and compares what
// consumers see of them before and after: compaction_simulation FIRST_SEED COUNT.
//
// At any time a reader that starts at the beginning ends up with the same last value of each key,
// read committed and uncommitted, as if nothing had been compacted; a replay of the log from its
// first batch knows the same producers; and verification finds nothing wrong at each clean stop.
#include <fmt/format.h>

#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>

#include "storage/compaction.h"
#include "storage/log.h"
#include "tests/simulation/dice.h"
#include "tests/simulation/left_behind.h"
#include "tests/simulation/seeds.h"
#include "tests/support/batches.h"
#include "tests/support/simulated_file_system.h"

namespace {

using protocol::BatchView;
using protocol::Blob;
using protocol::Bytes;
using protocol::ControlType;
using protocol::ErrorCode;
using storage::Log;

constexpr int64_t producer_count = 4;
constexpr int64_t key_count = 8;
constexpr int steps = 80;
constexpr int64_t never_ms = 1'000'000'000;
const std::string directory = "topic-0";

// The last value of each key; a key whose last record is a tombstone is not there.
using Values = std::map<std::string, std::string>;

// What was appended, in the order of the log. Never compacted.
struct Written {
    int64_t offset;
    int64_t producer_id;  // -1: not in a transaction
    std::string key;
    std::optional<std::string> value;
    bool is_aborted = false;
};

struct Writer {
    int16_t epoch = 0;
    int32_t next_sequence = 0;
    std::optional<int64_t> open_since;  // of its transaction, first offset
    bool bumps_epochs = false;          // KIP-890
};

std::string text_of(Bytes bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

void put(Values& values, const std::string& key, const std::optional<std::string>& value) {
    if (value)
        values[key] = *value;
    else
        values.erase(key);
}

class Simulation {
  public:
    explicit Simulation(uint64_t seed) : dice_(seed), files_(seed) {
        config_.segment_bytes = static_cast<int32_t>(dice_.between(300, 2500));
        config_.index_interval_bytes = static_cast<int32_t>(dice_.between(1, 400));
        config_.compacts = true;
        config_.deletes = dice_.happens(20);
        config_.retention_ms = -1;
        config_.delete_retention_ms = dice_.happens(30) ? 0 : dice_.between(1, 20'000);
        if (dice_.happens(30)) config_.min_compaction_lag_ms = dice_.between(1, 10'000);
        if (dice_.happens(30)) config_.segment_ms = dice_.between(500, 8'000);
        // Few slots: then a round ends in the middle.
        key_memory_bytes_ = dice_.happens(40) ? 24 * dice_.between(2, 8) : 1 << 20;
        expiration_ms_ = dice_.happens(30) ? 8'000 : never_ms;
        for (Writer& writer : writers_) writer.bumps_epochs = dice_.happens(50);
    }

    void run() {
        open(/*clean=*/false);
        for (int i = 0; i < steps; ++i) step();
        files_.heal();
        close();
        end_transactions();
        compact_all();
        crash(support::Crash::process_kill);
        close();
    }
    const std::vector<std::string>& history() const { return history_; }

  private:
    template <class... Parts>
    void tell(fmt::format_string<Parts...> format, Parts&&... parts) {
        history_.push_back(fmt::format(format, std::forward<Parts>(parts)...));
    }
    static void require(bool holds, const std::string& what) {
        if (!holds) throw std::runtime_error(what);
    }

    void step();
    void append();
    void append_plain(Blob batch);
    Blob build(int64_t id, const std::vector<Written>& records);
    std::vector<Written> random_records(int64_t id);
    void end_transaction(int64_t id);
    void end_transactions();
    void raise_start();
    void expire_producers(int64_t expiration_ms);
    bool compact();
    std::vector<int64_t> segment_bases() const;
    bool run_round(storage::CompactionRound& round, int64_t end_offset);
    void compact_all();
    void die_at_compaction();
    void close();
    void crash(support::Crash how);
    void open(bool clean);
    void check();
    void check_all();
    void tell_batches();
    Values expected(bool committed, int64_t end, int64_t aborted_gone_to = 0) const;
    Values found(bool committed, int64_t end);
    void check_producers();
    void check_bytes();

    simulation::Dice dice_;
    support::SimulatedFileSystem files_;
    storage::LogConfig config_;
    std::unique_ptr<Log> log_;
    std::map<int64_t, Written> written_;  // by offset
    Writer writers_[producer_count];
    std::set<int64_t> expired_;  // A crash may bring them back, without their last batch.
    int64_t key_memory_bytes_ = 0;
    int64_t expiration_ms_ = 0;
    int64_t shortest_expiration_ms_ = never_ms;
    int64_t compacted_to_ = 0;
    int64_t aborted_gone_to_ = 0, aborted_may_be_gone_to_ = 0;
    int64_t recovery_point_ = 0;
    int64_t start_checkpoint_ = 0;
    int64_t now_ms_ = 1'000'000;
    int64_t value_number_ = 0;
    bool is_quiet_ = false;  // nothing is appended
    std::vector<std::string> history_;
};

void Simulation::step() {
    now_ms_ += dice_.between(0, 600);
    const auto dice = dice_.below(100);
    if (dice < 66)
        append();
    else if (dice < 80)
        compact();
    else if (dice < 84)
        die_at_compaction();
    else if (dice < 86)
        close();
    else if (dice < 89)
        crash(support::Crash::process_kill);
    else if (dice < 92) {
        require(log_->flush().has_value(), "flush failed");
        recovery_point_ = log_->recovery_point();
        crash(support::Crash::power_cut);
    } else if (dice < 94)
        require(log_->roll_if_due(now_ms_).has_value(), "roll failed");
    else if (dice < 96)
        require(log_->roll(now_ms_).has_value(), "roll failed");
    else if (dice < 97)
        raise_start();
    else if (dice < 98)
        expire_producers(expiration_ms_);
    else
        check();
}

std::vector<Written> Simulation::random_records(int64_t id) {
    std::vector<Written> records;
    for (int64_t n = dice_.between(1, 4); n > 0; --n) {
        Written record{.offset = log_->log_end_offset() + static_cast<int64_t>(records.size()),
                       .producer_id = id,
                       .key = fmt::format("key-{}", dice_.below(key_count)),
                       .value = std::nullopt};
        if (!dice_.happens(25))
            record.value = fmt::format("value-{}{}", ++value_number_,
                                       std::string(static_cast<size_t>(dice_.between(0, 30)), '.'));
        records.push_back(std::move(record));
    }
    return records;
}

Blob Simulation::build(int64_t id, const std::vector<Written>& records) {
    protocol::BatchBuilder::Options options;
    if (dice_.happens(30))
        options.compression = static_cast<protocol::Compression>(dice_.between(1, 4));
    if (id >= 0) {
        Writer& writer = writers_[id];
        options.producer_id = id;
        options.producer_epoch = writer.epoch;
        options.base_sequence = writer.next_sequence;
        options.transactional = writer.open_since.has_value();
        writer.next_sequence += static_cast<int32_t>(records.size());
    }
    protocol::BatchBuilder builder(options);
    for (const Written& record : records)
        builder.add(
            now_ms_ - dice_.between(0, 2000), std::as_bytes(std::span(record.key)),
            record.value ? std::optional(std::as_bytes(std::span(*record.value))) : std::nullopt);
    return builder.build();
}

void Simulation::append_plain(Blob batch) {
    expired_.erase(support::view_of(batch).producer_id());
    const int64_t end = log_->log_end_offset();
    const auto appended = log_->append(batch, 0, now_ms_);
    require(appended && appended->base_offset == end, "append failed");
}

void Simulation::append() {
    const int64_t id = dice_.between(-1, producer_count - 1);
    if (id >= 0 && writers_[id].open_since && dice_.happens(40)) return end_transaction(id);
    auto records = random_records(id);
    if (id >= 0 && !writers_[id].open_since && dice_.happens(60))
        writers_[id].open_since = log_->log_end_offset();
    const bool in_transaction = id >= 0 && writers_[id].open_since;
    append_plain(build(id, records));
    for (Written& record : records) {
        if (!in_transaction) record.producer_id = -1;
        written_[record.offset] = std::move(record);
    }
    tell("append up to {} by {}{}", log_->log_end_offset(), id,
         in_transaction ? " in a transaction" : "");
}

void Simulation::end_transaction(int64_t id) {
    Writer& writer = writers_[id];
    const bool aborts = dice_.happens(50);
    tell("{} {} at {}", id, aborts ? "aborts" : "commits", log_->log_end_offset());
    if (writer.bumps_epochs) {
        ++writer.epoch;
        writer.next_sequence = 0;
    }
    append_plain(
        support::build_marker({.producer_id = id,
                               .producer_epoch = writer.epoch,
                               .outcome = aborts ? ControlType::abort : ControlType::commit,
                               .timestamp = now_ms_}));
    for (auto it = written_.lower_bound(*writer.open_since); it != written_.end(); ++it) {
        if (it->second.producer_id != id) continue;
        it->second.is_aborted = aborts;
        it->second.producer_id = -1;
    }
    writer.open_since.reset();
}

void Simulation::end_transactions() {
    for (int64_t id = 0; id < producer_count; ++id)
        if (writers_[id].open_since) end_transaction(id);
}

void Simulation::raise_start() {
    const int64_t offset = dice_.between(log_->log_start_offset(), log_->last_stable_offset());
    tell("raise start to {}", offset);
    require(log_->raise_log_start_offset(offset).has_value(), "raising the start failed");
    start_checkpoint_ = offset;
    check();
}

void Simulation::expire_producers(int64_t expiration_ms) {
    shortest_expiration_ms_ = std::min(shortest_expiration_ms_, expiration_ms);
    log_->expire_producers(expiration_ms, now_ms_);
    for (int64_t id = 0; id < producer_count; ++id)
        if (!log_->producers().find(id)) expired_.insert(id);
}

// False: it failed, which it may only if the process is to die.
bool Simulation::run_round(storage::CompactionRound& round, int64_t end_offset) {
    if (!round.read_keys()) return false;
    for (;;) {
        const auto cleaned = round.clean_next();
        if (!cleaned) return false;
        if (!*cleaned) break;
        // What goes on in the log meanwhile.
        if (!is_quiet_ && dice_.happens(30)) append();
        if (!is_quiet_ && dice_.happens(5)) raise_start();
        const auto swapped = log_->swap_in(round);
        if (!swapped) return false;
        if (!*swapped) return true;
    }
    compacted_to_ = round.end_offset();
    for (const auto& segment : log_->segments().value()) {
        if (segment.base_offset < std::min(compacted_to_, end_offset)) continue;
        aborted_gone_to_ = std::max(aborted_gone_to_, segment.base_offset);
        break;
    }
    tell("compacted to {}", compacted_to_);
    return true;
}

bool Simulation::compact() {
    const auto cleanable = log_->cleanable(compacted_to_, now_ms_);
    if (!cleanable) return false;
    require(cleanable->end_offset <= std::max(log_->last_stable_offset(), log_->log_start_offset()),
            "it would compact beyond the last stable offset");
    tell("compact {} to {}, {} of {} bytes", cleanable->first_dirty_offset, cleanable->end_offset,
         cleanable->dirty_bytes, cleanable->clean_bytes + cleanable->dirty_bytes);
    aborted_may_be_gone_to_ = std::max(aborted_may_be_gone_to_, cleanable->end_offset);
    // What has been compacted, and noted in the checkpoint, stays so.
    const bool cuts_power = !is_quiet_ && dice_.happens(20);
    if (cuts_power) {
        require(log_->flush().has_value(), "flush failed");
        recovery_point_ = log_->recovery_point();
    }
    const auto round = log_->begin_compaction(
        *cleanable, {.now_ms = now_ms_,
                     .keys = {.memory_bytes = static_cast<uint64_t>(key_memory_bytes_),
                              .hash_key = {.low = 1, .high = 2}}});
    if (!round) return false;
    const bool succeeded = run_round(**round, cleanable->end_offset);
    require(succeeded || files_.has_died(), "compaction failed");
    if (!succeeded) return false;
    if (cuts_power && log_->log_end_offset() == recovery_point_) {
        const auto segments_before = segment_bases();
        crash(support::Crash::power_cut);
        require(segment_bases() == segments_before, "a compaction was undone");
        return true;
    }
    if (dice_.happens(50)) {
        for (const std::string& path : log_->take_deleted_files(now_ms_)) (void)files_.remove(path);
        for (const std::string& path : log_->take_deleted_files(now_ms_ + 60'000))
            if (!files_.remove(path)) return false;
    }
    if (!files_.has_died()) check();
    return true;
}

std::vector<int64_t> Simulation::segment_bases() const {
    std::vector<int64_t> bases;
    for (const auto& segment : log_->segments().value()) bases.push_back(segment.base_offset);
    return bases;
}

// Until nothing obsolete is left: then it has to be small.
void Simulation::compact_all() {
    key_memory_bytes_ = 1 << 20;
    config_.min_compaction_lag_ms = 0;
    log_->configure(config_);
    is_quiet_ = true;
    require(log_->roll(now_ms_).has_value(), "roll failed");
    for (int i = 0; i < 4; ++i) {
        now_ms_ += config_.delete_retention_ms + 1;
        expire_producers(0);
        compact();
        tell("now {}", now_ms_);
        tell_batches();
    }
    // What is below the start, in the same segment, is compacted as well.
    const bool starts_inside = log_->segments()->front().base_offset < log_->log_start_offset();
    int64_t record_count = 0;
    std::set<int64_t> open;  // transactions that a marker is still to end
    for (int64_t offset = log_->log_start_offset(); offset < log_->log_end_offset();) {
        const auto slice = log_->read(offset, 1 << 20, log_->log_end_offset(), true);
        require(slice.has_value(), "nothing to read");
        Blob bytes(slice->size);
        if (slice->size == 0) break;
        require(slice->file->read_at(bytes, slice->position) == bytes.size(), "short slice");
        protocol::BatchCursor cursor(bytes);
        while (const auto batch = cursor.next()) {
            // Only the last one, which tells how far the log goes, stays for nothing.
            const bool is_last = batch->next_offset() == log_->log_end_offset();
            offset = batch->next_offset();
            if (is_last) continue;
            require(batch->record_count() > 0, "an empty batch stayed");
            if (batch->is_control()) {
                require(starts_inside || open.erase(batch->producer_id()) > 0,
                        "a marker stayed that ends nothing");
                continue;
            }
            if (batch->is_transactional()) open.insert(batch->producer_id());
            record_count += batch->record_count();
        }
    }
    require(record_count <= key_count,
            fmt::format("{} records of {} keys", record_count, key_count));
}

void Simulation::die_at_compaction() {
    const auto nth = static_cast<uint64_t>(dice_.between(1, 120));
    tell("die at operation {}", nth);
    // Synced, so that nothing but compaction may lose something.
    require(log_->flush().has_value(), "flush failed");
    recovery_point_ = log_->recovery_point();
    const auto how = dice_.happens(50) ? support::Crash::process_kill : support::Crash::power_cut;
    files_.die_at(nth);
    const auto cleanable = log_->cleanable(compacted_to_, now_ms_);
    if (cleanable) {
        aborted_may_be_gone_to_ = std::max(aborted_may_be_gone_to_, cleanable->end_offset);
        const auto round = log_->begin_compaction(
            *cleanable, {.now_ms = now_ms_,
                         .keys = {.memory_bytes = static_cast<uint64_t>(key_memory_bytes_)}});
        if (round && (*round)->read_keys()) {
            for (;;) {
                const auto cleaned = (*round)->clean_next();
                if (!cleaned || !*cleaned || !log_->swap_in(**round)) break;
            }
        }
    }
    crash(how);
}

void Simulation::close() {
    tell("close");
    require(log_->close().has_value(), "close failed");
    const std::string wrong =
        simulation::violations_in_compacted(files_, directory, now_ms_, shortest_expiration_ms_);
    require(wrong.empty(), "a clean stop leaves\n" + wrong);
    recovery_point_ = log_->recovery_point();
    open(/*clean=*/true);
    check();
}

void Simulation::crash(support::Crash how) {
    tell("{}", how == support::Crash::process_kill ? "kill" : "power cut");
    const int64_t start = log_->log_start_offset(), end = log_->log_end_offset();
    log_.reset();
    files_.crash(how);
    open(/*clean=*/false);
    require(log_->log_end_offset() == end, "another end after a crash");
    require(log_->log_start_offset() <= start, "a later start after a crash");
    for (const std::string& name : files_.list(directory).value_or(std::vector<std::string>{}))
        require(!name.ends_with(".cleaned") && !name.ends_with(".swap"), "a leftover: " + name);
    start_checkpoint_ = log_->log_start_offset();
    check();
}

void Simulation::open(bool clean) {
    auto log = Log::open(files_, directory,
                         {.config = config_,
                          .log_start_offset = start_checkpoint_,
                          .recovery_point = recovery_point_,
                          .clean_shutdown = clean,
                          .now_ms = now_ms_});
    if (!log) throw std::runtime_error(fmt::format("open: {}", name(log.error())));
    log_ = std::move(*log);
}

Values Simulation::expected(bool committed, int64_t end, int64_t aborted_gone_to) const {
    Values values;
    for (auto it = written_.lower_bound(log_->log_start_offset());
         it != written_.end() && it->first < end; ++it)
        if (!it->second.is_aborted || (!committed && it->first >= aborted_gone_to))
            put(values, it->second.key, it->second.value);
    return values;
}

// As a consumer sees it that filters by the list of aborted transactions and by markers.
Values Simulation::found(bool committed, int64_t end) {
    Values values;
    auto aborted = log_->aborted_transactions(log_->log_start_offset(), end);
    require(aborted.has_value(), "no list of aborted transactions");
    std::ranges::sort(*aborted, {}, &protocol::AbortedTxn::first_offset);
    size_t next = 0;
    std::map<int64_t, bool> is_aborting;
    for (int64_t offset = log_->log_start_offset(); offset < end;) {
        const auto slice =
            log_->read(offset, static_cast<size_t>(dice_.between(1, 800)), end, true);
        require(slice.has_value(), "nothing to read");
        if (slice->size == 0) break;
        Blob bytes(slice->size);
        require(slice->file->read_at(bytes, slice->position) == bytes.size(), "short slice");
        protocol::BatchCursor cursor(bytes);
        const int64_t before = offset;
        while (const auto batch = cursor.next()) {
            require(batch->has_valid_crc(), "a wrong checksum");
            require(batch->next_offset() > offset, "offsets do not rise");
            const int64_t low = offset;
            offset = batch->next_offset();
            for (; next < aborted->size() && (*aborted)[next].first_offset <= batch->last_offset();
                 ++next)
                is_aborting[(*aborted)[next].producer_id] = true;
            if (batch->is_control()) {
                const auto marker = protocol::control_record(*batch);
                if (marker && marker->type == ControlType::abort)
                    is_aborting.erase(batch->producer_id());
                continue;
            }
            if (committed && batch->is_transactional() &&
                is_aborting.contains(batch->producer_id()))
                continue;
            const auto walked = protocol::for_each_record(*batch, [&](const auto& record) {
                if (record.offset >= low && record.offset >= log_->log_start_offset())
                    put(values, text_of(*record.key),
                        record.value ? std::optional(text_of(*record.value)) : std::nullopt);
                return true;
            });
            require(walked.has_value(), "a batch cannot be read");
        }
        require(offset > before, "no whole batch");
    }
    return values;
}

// For the one who looks into a failure.
void Simulation::tell_batches() {
    for (int64_t offset = log_->log_start_offset(); offset < log_->log_end_offset();) {
        const auto slice = log_->read(offset, 1 << 20, log_->log_end_offset(), true);
        if (!slice || slice->size == 0) return;
        Blob bytes(slice->size);
        if (!slice->file->read_at(bytes, slice->position)) return;
        protocol::BatchCursor cursor(bytes);
        while (const auto batch = cursor.next()) {
            tell("{} to {} of producer {}, epoch {}: {} records{}{}", batch->base_offset(),
                 batch->last_offset(), batch->producer_id(), batch->producer_epoch(),
                 batch->record_count(), batch->is_transactional() ? ", transactional" : "",
                 batch->is_control() ? ", control" : "");
            if (batch->has_delete_horizon()) tell("  until {}", batch->base_timestamp());
            offset = batch->next_offset();
        }
    }
}

void Simulation::check() {
    try {
        check_all();
    } catch (const std::runtime_error&) {
        tell_batches();
        throw;
    }
}

void Simulation::check_all() {
    const int64_t end = log_->log_end_offset();
    const int64_t stable = log_->last_stable_offset();
    require(found(true, stable) == expected(true, stable), "another view, read committed");
    // Aborted records go with the first compaction, and a crash may come before or after it.
    const Values seen = found(false, end);
    bool is_possible = false;
    for (int64_t gone_to = aborted_gone_to_; gone_to <= aborted_may_be_gone_to_; ++gone_to)
        is_possible |= seen == expected(false, end, gone_to);
    require(is_possible, "another view, read uncommitted");
    int64_t first_open = end;
    for (const Writer& writer : writers_)
        if (writer.open_since) first_open = std::min(first_open, *writer.open_since);
    require(stable == std::max(first_open, log_->log_start_offset()),
            fmt::format("the last stable offset is {}, not {}", stable, first_open));
    check_producers();
}

// A replay without snapshots, which is what recovery does when they are damaged.
void Simulation::check_producers() {
    if (log_->log_start_offset() > 0) return;  // Snapshots know more by then.
    storage::ProducerState replayed;
    for (int64_t offset = log_->log_start_offset(); offset < log_->log_end_offset();) {
        const auto slice = log_->read(offset, 1 << 20, log_->log_end_offset(), true);
        require(slice && slice->size > 0, "nothing to read");
        Blob bytes(slice->size);
        require(slice->file->read_at(bytes, slice->position) == bytes.size(), "short slice");
        protocol::BatchCursor cursor(bytes);
        while (const auto batch = cursor.next()) {
            (void)replayed.apply(*batch);
            offset = batch->next_offset();
        }
    }
    for (const auto& [id, producer] : log_->producers().producers()) {
        const auto* known = replayed.find(id);
        if (!known && expired_.contains(id)) continue;
        require(known != nullptr, fmt::format("producer {} is forgotten", id));
        if (expired_.contains(id)) continue;
        require(known->producer_epoch == producer.producer_epoch, "another epoch");
        require(known->last_sequence() == producer.last_sequence(), "another last sequence");
        require(known->current_transaction_first_offset.has_value() ==
                    producer.current_transaction_first_offset.has_value(),
                fmt::format("producer {} hangs in a transaction", id));
    }
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
