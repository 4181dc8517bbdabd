// Share-partitions from a seed: members that acquire, acknowledge, lose their locks and go, a
// coordinator that takes changes or does not, and starts after a crash. Checked after every step
// against what a client may rely on (KIP-932).
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "broker/coordinator/share/share_coordinator.h"
#include "broker/share/share_partition.h"
#include "tests/simulation/dice.h"
#include "tests/simulation/seeds.h"

namespace {

using namespace broker::share;
using broker::coordinator::Record;
using broker::coordinator::share::Config;
using broker::coordinator::share::ShareCoordinator;
using broker::coordinator::share::SharePartitionKey;
using simulation::Dice;
using simulation::require;

constexpr int step_count = 400;
constexpr int64_t log_length_max = 400;

// What has become of one record, as its clients know it.
struct Fate {
    std::string owner;  // who has acquired it
    int64_t locked_until_ms = 0;
    bool is_changing = false;
    bool is_done = false;  // accepted or rejected, and that is written
    int16_t delivery_count = 0;
};

class World {
  public:
    explicit World(uint64_t seed) : dice_(seed), coordinator_(Config{.updates_per_snapshot = 3}) {
        limits_.delivery_count_max = static_cast<int32_t>(dice_.between(2, 6));
        limits_.in_flight_max = static_cast<int32_t>(dice_.between(10, 60));
        settle(coordinator_.initialize(key_, 0, 0, {}));
        start();
    }

    void run() {
        for (int step = 0; step < step_count; ++step) {
            now_ms_ += dice_.between(0, 3'000);
            let_locks_run_out();
            take_step();
            check();
        }
        drain();
    }

  private:
    struct Pending {
        StateChange change;
        std::vector<OffsetRange> done;  // of them, what becomes accepted or rejected
    };

    void take_step() {
        const auto what = dice_.below(100);
        if (what < 20) return produce();
        if (what < 45) return acquire(member(), dice_.between(1, 30));
        if (what < 70) return acknowledge(member());
        if (what < 90) return complete_one(dice_.happens(85));
        if (what < 94) return release(member());
        if (what < 97) return move_log_start();
        restart();
    }

    std::string member() { return fmt::format("m{}", dice_.below(3)); }

    void produce() {
        const int64_t end = log_end();
        if (end >= log_length_max) return;
        batches_.push_back({end, end + dice_.between(0, 9)});
        is_aborted_.push_back(dice_.happens(10));
    }
    int64_t log_end() const { return batches_.empty() ? 0 : batches_.back().last_offset + 1; }

    SharePartition::Read read_from(int64_t offset) {
        SharePartition::Read read{.fetch_offset = offset};
        const int64_t batch_count_max = dice_.between(1, 8);
        for (size_t i = 0; i < batches_.size(); ++i) {
            if (batches_[i].last_offset < offset) continue;
            if (std::cmp_equal(read.batches.size(), batch_count_max)) break;
            read.batches.push_back(batches_[i]);
            if (is_aborted_[i]) read.aborted.push_back(batches_[i]);
        }
        return read;
    }

    void acquire(const std::string& who, int64_t records_max) {
        partition_->log_starts_at(log_start_);
        if (!partition_->can_acquire(limits_)) return;
        const auto mode =
            dice_.happens(30) ? AcquireMode::record_limit : AcquireMode::batch_optimized;
        const auto got =
            partition_->acquire({who, static_cast<int32_t>(records_max),
                                 static_cast<int32_t>(dice_.between(1, 20)), mode, now_ms_},
                                read_from(partition_->next_fetch_offset()), limits_);
        int64_t count = 0;
        for (const Acquired& one : got) {
            for (int64_t offset = one.first_offset; offset <= one.last_offset; ++offset, ++count) {
                Fate& fate = fates_[offset];
                require(fate.owner.empty(), fmt::format("offset {} has an owner already", offset));
                require(!fate.is_done, fmt::format("offset {} is delivered once more", offset));
                require(offset >= log_start_, fmt::format("offset {} is not in the log", offset));
                require(!is_aborted(offset), fmt::format("offset {} was aborted", offset));
                require(one.delivery_count == fate.delivery_count + 1,
                        fmt::format("offset {} is delivered for the {}th time, not the {}th",
                                    offset, one.delivery_count, fate.delivery_count + 1));
                require(one.delivery_count <= limits_.delivery_count_max, "one delivery too many");
                fate = {.owner = who,
                        .locked_until_ms = now_ms_ + limits_.lock_duration_ms,
                        .delivery_count = one.delivery_count};
            }
        }
        if (mode == AcquireMode::record_limit)
            require(count <= records_max, "more than the record limit");
    }

    bool is_aborted(int64_t offset) const {
        for (size_t i = 0; i < batches_.size(); ++i)
            if (batches_[i].first_offset <= offset && offset <= batches_[i].last_offset)
                return is_aborted_[i];
        return false;
    }

    // A run of what the member has; sometimes of what it has not.
    std::optional<OffsetRange> some_range(const std::string& who) {
        std::vector<int64_t> owned;
        for (const auto& [offset, fate] : fates_)
            if (fate.owner == who && !fate.is_changing) owned.push_back(offset);
        if (owned.empty()) return std::nullopt;
        const int64_t first = owned[dice_.below(owned.size())];
        int64_t last = first;
        while (dice_.happens(80) && std::ranges::binary_search(owned, last + 1)) ++last;
        return OffsetRange{first, last};
    }

    void acknowledge(const std::string& who) {
        const auto range = some_range(who);
        if (!range) return;
        const bool is_somebody_elses = dice_.happens(5);
        const auto length = static_cast<size_t>(range->last_offset - range->first_offset) + 1;
        std::vector<int8_t> types(dice_.happens(50) ? 1 : length);
        for (int8_t& type : types) type = static_cast<int8_t>(dice_.below(5));
        const Acknowledgement what{*range, types};
        const auto change = partition_->acknowledge(is_somebody_elses ? "other" : who, {&what, 1},
                                                    now_ms_, limits_);
        if (is_somebody_elses) {
            require(!change || range->last_offset < partition_->start_offset(),
                    "somebody else's record is acknowledged");
            return;
        }
        require(change.has_value(), "a member cannot acknowledge what it has");
        note(*range, types, *change);
    }

    void note(OffsetRange range, const std::vector<int8_t>& types, const StateChange& change) {
        Pending pending{.change = change};
        for (int64_t offset = range.first_offset; offset <= range.last_offset; ++offset) {
            const auto index = types.size() == 1 ? 0 : offset - range.first_offset;
            const auto type = static_cast<AcknowledgeType>(types[static_cast<size_t>(index)]);
            Fate& fate = fates_[offset];
            if (offset < partition_->start_offset()) continue;
            if (type == AcknowledgeType::renew) {
                fate.locked_until_ms = now_ms_ + limits_.lock_duration_ms;
                continue;
            }
            fate.is_changing = true;
            const bool is_given_up = fate.delivery_count >= limits_.delivery_count_max;
            if (type != AcknowledgeType::release || is_given_up)
                pending.done.push_back({offset, offset});
        }
        if (!pending.change.empty()) pending_.push_back(std::move(pending));
    }

    void release(const std::string& who) {
        Pending pending{.change = partition_->release(who, limits_)};
        for (auto& [offset, fate] : fates_) {
            if (fate.owner != who || fate.is_changing || offset < partition_->start_offset())
                continue;
            fate.is_changing = true;
            if (fate.delivery_count >= limits_.delivery_count_max)
                pending.done.push_back({offset, offset});
        }
        if (!pending.change.empty()) pending_.push_back(std::move(pending));
    }

    void complete_one(bool is_written) {
        if (pending_.empty()) return;
        const Pending pending = std::move(pending_.front());
        pending_.erase(pending_.begin());
        if (is_written) write(pending.change);
        partition_->complete(pending.change.id, is_written);
        for (const StateBatch& batch : pending.change.batches) {
            for (int64_t offset = batch.first_offset; offset <= batch.last_offset; ++offset) {
                fates_[offset].is_changing = false;
                if (is_written) fates_[offset].owner.clear();
            }
        }
        if (!is_written) return;
        for (const OffsetRange& one : pending.done) fates_[one.first_offset].is_done = true;
    }

    void write(const StateChange& change) {
        settle(coordinator_.write(key_,
                                  {.start_offset = change.start_offset,
                                   .delivery_complete_count = change.delivery_complete_count,
                                   .batches = change.batches},
                                  {}));
    }

    void let_locks_run_out() {
        const auto deadline = partition_->next_deadline();
        const StateChange change = partition_->on_time(now_ms_, limits_);
        require(change.empty() == (!deadline || *deadline > now_ms_), "a deadline that is none");
        if (change.empty()) return;
        write(change);
        for (auto& [offset, fate] : fates_) {
            if (fate.owner.empty() || fate.is_changing || fate.locked_until_ms > now_ms_) continue;
            fate.owner.clear();
            fate.is_done = fate.delivery_count >= limits_.delivery_count_max;
        }
    }

    void move_log_start() {
        if (log_end() == 0) return;
        log_start_ = std::max(log_start_, dice_.between(0, log_end() / 2));
        partition_->log_starts_at(log_start_);
        for (auto& [offset, fate] : fates_)
            if (offset < log_start_) fate = {.is_done = true};
    }

    // Whatever was not written did not happen.
    void restart() {
        pending_.clear();
        coordinator_ = ShareCoordinator(Config{.updates_per_snapshot = 3});
        for (size_t offset = 0; offset < log_.size(); ++offset) replay(offset);
        start();
        for (auto& [offset, fate] : fates_) {
            fate.owner.clear();
            fate.is_changing = false;
            fate.delivery_count = 0;
        }
        const auto state = *coordinator_.read_summary(key_, {});
        for (const StateBatch& batch : state->batches)
            for (int64_t offset = batch.first_offset; offset <= batch.last_offset; ++offset)
                fates_[offset].delivery_count = batch.delivery_count;
        for (auto& [offset, fate] : fates_)
            if (offset < log_start_) fate = {.is_done = true};
    }

    void start() {
        const auto read = coordinator_.read(key_, 0, {});
        partition_ =
            std::make_unique<SharePartition>(read->state->start_offset, read->state->batches);
        partition_->log_starts_at(log_start_);
    }

    void settle(const ShareCoordinator::Decision& decision) {
        require(decision.has_value(), "the coordinator refuses");
        for (const Record& record : *decision) {
            log_.push_back(record);
            replay(log_.size() - 1);
        }
    }
    void replay(size_t offset) {
        const Record& record = log_[offset];
        const auto replayed = coordinator_.replay(
            record.key, record.value ? std::optional<protocol::Bytes>(*record.value) : std::nullopt,
            static_cast<int64_t>(offset));
        require(replayed.has_value(), "a record cannot be replayed");
    }

    void check() const {
        int64_t next = partition_->start_offset();
        for (const auto& span : partition_->view()) {
            require(span.range.first_offset == next, "a gap in what is in flight");
            require(span.range.first_offset <= span.range.last_offset, "an empty span");
            next = span.range.last_offset + 1;
            for (int64_t offset = span.range.first_offset; offset <= span.range.last_offset;
                 ++offset)
                check_offset(offset, span);
        }
        require(next == partition_->end_offset(), "the end is elsewhere");
        for (const auto& [offset, fate] : fates_)
            if (offset < partition_->start_offset() && offset >= log_start_)
                require(fate.is_done || is_aborted(offset),
                        fmt::format("offset {} was passed over", offset));
    }

    void check_offset(int64_t offset, const SharePartition::View& span) const {
        const auto found = fates_.find(offset);
        const Fate fate = found == fates_.end() ? Fate{} : found->second;
        require(span.member_id == fate.owner,
                fmt::format("offset {} is {}'s, not {}'s", offset, span.member_id, fate.owner));
        require(span.is_changing == fate.is_changing, "a change that nobody knows of");
        const bool is_terminal = broker::coordinator::share::is_terminal(span.state);
        require(!is_terminal || fate.is_done || is_aborted(offset),
                fmt::format("offset {} was given up", offset));
    }

    // Nobody fails any more: each record is delivered until it is done with.
    void drain() {
        while (!pending_.empty()) complete_one(true);
        for (int round = 0; round < 2'000 && partition_->start_offset() < log_end(); ++round) {
            now_ms_ += limits_.lock_duration_ms + 1;
            let_locks_run_out();
            acquire("m0", 500);
            for (auto range = some_range("m0"); range; range = some_range("m0")) {
                const std::vector<int8_t> accept{1};
                const Acknowledgement what{*range, accept};
                const auto change = partition_->acknowledge("m0", {&what, 1}, now_ms_, limits_);
                require(change.has_value(), "a member cannot accept what it has");
                note(*range, accept, *change);
                while (!pending_.empty()) complete_one(true);
            }
            check();
        }
        require(partition_->start_offset() >= log_end(), "a record is never delivered");
        require(partition_->view().empty(), "something stays in flight");
    }

    Dice dice_;
    Limits limits_;
    SharePartitionKey key_{.group_id = "group"};
    ShareCoordinator coordinator_;
    std::vector<Record> log_;  // the coordinator's
    std::unique_ptr<SharePartition> partition_;
    std::vector<OffsetRange> batches_;  // the topic's log
    std::vector<bool> is_aborted_;      // of each batch
    int64_t log_start_ = 0;
    std::map<int64_t, Fate> fates_;
    std::vector<Pending> pending_;
    int64_t now_ms_ = 0;
};

}  // namespace

int main(int argument_count, char** arguments) {
    return simulation::run_seeds(argument_count, arguments,
                                 [](uint64_t seed, bool) { World(seed).run(); });
}
