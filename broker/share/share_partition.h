// A partition as one share group consumes it (KIP-932): which records are available, who has
// acquired which of them and until when, and which are done with.
//
// A state machine without I/O or clock. Acquired records are in memory only, as in Kafka: after a
// start they are available again. What members acknowledge becomes a StateChange, which takes
// effect once the share coordinator has it. Times are milliseconds since the epoch.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "broker/coordinator/share/state_batch.h"
#include "protocol/error.h"

namespace broker::share {

using coordinator::share::DeliveryState;
using coordinator::share::StateBatch;
using protocol::ErrorCode;

// What a group may set for itself, share.*; times in ms.
struct Limits {
    int32_t delivery_count_max = 5;  // share.delivery.count.limit
    int32_t in_flight_max = 2000;    // share.partition.max.record.locks
    int32_t lock_duration_ms = 30'000;
    bool renewal_is_enabled = true;
};

struct OffsetRange {
    int64_t first_offset = 0;
    int64_t last_offset = 0;
    bool operator==(const OffsetRange&) const = default;
};

struct Acquired {
    int64_t first_offset = 0;
    int64_t last_offset = 0;
    int16_t delivery_count = 0;
    bool operator==(const Acquired&) const = default;
};

enum class AcquireMode : int8_t {
    batch_optimized = 0,  // whole batches, also beyond the most that was asked for
    record_limit = 1,     // KIP-1206: not one record more
};

enum class AcknowledgeType : int8_t { gap = 0, accept = 1, release = 2, reject = 3, renew = 4 };

// Of one range: a type for all of it, or one for each offset. Requires: of sound types and number,
// ranges of a request in ascending order.
struct Acknowledgement {
    OffsetRange range;
    std::span<const int8_t> types;
};

// What the share coordinator is to be told. Its records stay as they are, and nobody else's, until
// complete() says whether that went well.
struct StateChange {
    uint64_t id = 0;  // 0: took effect already
    int64_t start_offset = 0;
    int32_t delivery_complete_count = 0;
    std::vector<StateBatch> batches;
    bool empty() const { return batches.empty(); }
};

class SharePartition {
  public:
    // As the share coordinator had it; what it does not mention beyond the start has not been
    // acknowledged. Requires: batches are sorted and do not overlap.
    SharePartition(int64_t start_offset, std::span<const StateBatch> batches);

    // The first offset that is not done with, and the one after the last that was ever acquired.
    int64_t start_offset() const { return start_offset_; }
    int64_t end_offset() const { return end_offset_; }
    // Where a fetch is to read: the first available record, or the end.
    int64_t next_fetch_offset() const;
    bool can_acquire(const Limits& limits) const;

    struct Demand {
        std::string_view member_id;
        int32_t records_max = 0;
        int32_t batch_size = 0;  // the size of batches that is aimed at, in records
        AcquireMode mode = AcquireMode::batch_optimized;
        int64_t now_ms = 0;
    };
    // What was read from the log at fetch_offset: the offsets of its batches, in order, and among
    // them those of aborted transactions that the group is not to see.
    struct Read {
        int64_t fetch_offset = 0;
        std::vector<OffsetRange> batches;
        std::vector<OffsetRange> aborted;
    };
    // Locks records for the member. Those that fail again and again come in ever smaller numbers,
    // and for the last time alone.
    std::vector<Acquired> acquire(const Demand& demand, const Read& read, const Limits& limits);

    // All or nothing. Errors: invalid_record_state (not acquired by this member), invalid_request
    // (past what was ever acquired).
    std::expected<StateChange, ErrorCode> acknowledge(std::string_view member_id,
                                                      std::span<const Acknowledgement> what,
                                                      int64_t now_ms, const Limits& limits);
    // The member is gone: what it has acquired is available again, or archived after too many
    // deliveries.
    StateChange release(std::string_view member_id, const Limits& limits);
    // The coordinator has the change, or has not: then its records are acquired as before.
    void complete(uint64_t change_id, bool is_written);

    // Locks that ran out. The change has taken effect, whatever becomes of telling it.
    StateChange on_time(int64_t now_ms, const Limits& limits);
    // When on_time() has something to do; nullopt: nothing is locked.
    std::optional<int64_t> next_deadline() const;

    // The log begins later now: what lies before is done with.
    void log_starts_at(int64_t offset);

    // From the start on, those in a terminal state.
    int32_t delivery_complete_count() const;

    struct View {
        OffsetRange range;
        DeliveryState state = DeliveryState::available;
        int16_t delivery_count = 0;
        std::string member_id;
        bool is_changing = false;
        bool operator==(const View&) const = default;
    };
    std::vector<View> view() const;

  private:
    // Records next to each other that are alike. Together they cover [start_offset_, end_offset_).
    struct Span {
        int64_t last_offset = 0;
        DeliveryState state = DeliveryState::available;
        int16_t delivery_count = 0;
        std::string member_id;        // of acquired ones
        int64_t locked_until_ms = 0;  // of acquired ones
        int64_t batch_first = 0;      // they were acquired first in one batch with these
        int64_t batch_record_count = 0;
        uint64_t change_id = 0;  // not 0: what they are about to become is being written
        DeliveryState next = DeliveryState::available;

        bool is_available() const { return state == DeliveryState::available && change_id == 0; }
        bool is_locked() const { return state == DeliveryState::acquired && change_id == 0; }
        bool is_like(const Span& other) const;
    };
    using Spans = std::map<int64_t, Span>;  // by first offset

    Spans::iterator split_at(int64_t offset);
    // Calls change(first_offset, span) for all of the range that is in flight, and nothing beyond.
    template <class Change>
    void change(OffsetRange range, Change change) {
        if (range.first_offset > range.last_offset) return;
        auto at = split_at(range.first_offset);
        split_at(range.last_offset + 1);
        for (; at != spans_.end() && at->first <= range.last_offset; ++at)
            change(at->first, at->second);
        unite(range);
    }
    void unite(OffsetRange range);
    void advance();

    int64_t in_flight() const { return end_offset_ - start_offset_; }
    struct Progress;
    void archive_missing(const Read& read);
    void acquire_again(Progress& progress, OffsetRange within);
    void acquire_batch(Progress& progress, OffsetRange range);
    void acquire_new(Progress& progress, const Read& read, OffsetRange within);
    void skip_to(int64_t offset);
    void lock(Progress& progress, OffsetRange range);
    void lock_new(Progress& progress, OffsetRange range);
    void archive_aborted(Progress& progress, const Read& read);

    ErrorCode check(std::string_view member_id, const Acknowledgement& what,
                    const Limits& limits) const;
    void apply(const Acknowledgement& what, StateChange& change, int64_t now_ms,
               const Limits& limits);
    StateChange begin_change();
    void end_change(StateChange& change);

    int64_t start_offset_ = 0;
    int64_t end_offset_ = 0;
    Spans spans_;
    uint64_t last_change_id_ = 0;
};

}  // namespace broker::share
