// Runs a GroupCoordinator over a log in memory, as the broker's shell runs it over a real one.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/coordinator/group/group_coordinator.h"

namespace tests {

namespace group = broker::coordinator::group;

class GroupShell {
  public:
    explicit GroupShell(const group::GroupConfig& config = {});

    // One entry of the partition's log: a record, or the marker that ends a transaction.
    struct Entry {
        broker::coordinator::Record record;
        int64_t producer_id = -1;
        std::optional<bool> commits;  // set: a marker
    };

    group::GroupCoordinator& coordinator() { return *coordinator_; }
    const group::GroupCoordinator& coordinator() const { return *coordinator_; }
    const std::vector<Entry>& log() const { return log_; }
    int64_t now_ms() const { return now_ms_; }
    group::Caller caller(group::Token token, int16_t version);
    // Never the same twice.
    protocol::Uuid make_uuid();

    // Appends, replays, and keeps the replies for take_replies(); or fails the append.
    void apply(group::Effects effects);
    std::vector<group::Reply> take_replies() { return std::exchange(replies_, {}); }
    void fail_next_append(protocol::ErrorCode error) { failure_ = error; }
    // The process dies within the next append, after that many of its records (or all of them).
    void crash_next_append(size_t records_kept) { crash_after_ = records_kept; }
    size_t crash_count() const { return crash_count_; }
    void end_transaction(int64_t producer_id, bool commit);
    // Lets time pass, with everything that becomes due on the way.
    void wait(int64_t ms);
    // The process is gone and with it everything but the log.
    void restart();
    // A coordinator that has read the log and nothing else.
    group::GroupCoordinator reloaded() const;

  private:
    void replay(group::GroupCoordinator& coordinator, const Entry& entry, int64_t log_offset) const;

    group::GroupConfig config_;
    std::optional<group::GroupCoordinator> coordinator_;
    std::vector<Entry> log_;
    std::vector<group::Reply> replies_;
    std::optional<protocol::ErrorCode> failure_;
    std::optional<size_t> crash_after_;
    size_t crash_count_ = 0;
    int64_t now_ms_ = 1'700'000'000'000;
    uint64_t uuids_ = 0;
};

}  // namespace tests
