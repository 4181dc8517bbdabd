// Acquiring: which of the records that were read a member gets.
#include <algorithm>
#include <limits>
#include <utility>

#include "broker/share/share_partition.h"

namespace broker::share {

// One call of acquire() on its way.
struct SharePartition::Progress {
    const Demand& demand;
    const Limits& limits;
    int64_t records_max = 0;
    int64_t count = 0;
    bool is_over = false;  // whatever is left is for another fetch
    std::vector<Acquired> acquired = {};

    bool goes_on() const { return !is_over && count < records_max; }
    bool is_record_limit() const { return demand.mode == AcquireMode::record_limit; }
    void add(const Acquired& more) {
        acquired.push_back(more);
        count += more.last_offset - more.first_offset + 1;
    }
};

namespace {

// From this delivery count on records come in smaller numbers: one that cannot be processed must
// not spoil the deliveries of the others.
int32_t throttled_from(int32_t delivery_count_max) {
    return std::max(2, (delivery_count_max + 1) / 2);
}

// Half of their batch, then a quarter, and so on.
int64_t throttled_count(int64_t batch_record_count, int32_t delivery_count, int32_t from) {
    return std::max<int64_t>(1, batch_record_count >> std::min(delivery_count - from + 1, 62));
}

// The last offset of the batch that has this one in it; the offset itself if there is none.
int64_t end_of_batch_at(int64_t offset, const std::vector<OffsetRange>& batches) {
    const auto next = std::ranges::upper_bound(batches, offset, {}, &OffsetRange::first_offset);
    return next == batches.begin() ? offset : std::max(offset, std::prev(next)->last_offset);
}

// What is left of the acquired ones without the range.
std::vector<Acquired> without(const std::vector<Acquired>& acquired, const OffsetRange& range) {
    std::vector<Acquired> left;
    for (const Acquired& one : acquired) {
        Acquired before = one;
        Acquired after = one;
        before.last_offset = std::min(one.last_offset, range.first_offset - 1);
        after.first_offset = std::max(one.first_offset, range.last_offset + 1);
        if (before.first_offset <= before.last_offset) left.push_back(before);
        if (after.first_offset <= after.last_offset) left.push_back(after);
    }
    return left;
}

}  // namespace

std::vector<Acquired> SharePartition::acquire(const Demand& demand, const Read& read,
                                              const Limits& limits) {
    if (demand.records_max <= 0 || read.batches.empty()) return {};
    int64_t last_offset = read.batches.back().last_offset;
    if (last_offset < start_offset_) return {};
    Progress progress{
        .demand = demand,
        .limits = limits,
        .records_max = std::min<int64_t>(demand.records_max, limits.in_flight_max - in_flight())};
    if (progress.records_max <= 0 && read.fetch_offset < end_offset_) {
        // Nothing new while so much is in flight; what has come back is given out all the same.
        progress.records_max =
            std::min<int64_t>(demand.records_max, end_offset_ - read.fetch_offset);
        last_offset = std::min(last_offset, end_offset_ - 1);
    }
    if (progress.records_max <= 0) return {};
    archive_missing(read);
    const int64_t first_offset = std::max(read.batches.front().first_offset, start_offset_);
    acquire_again(progress, {first_offset, last_offset});
    if (progress.goes_on()) acquire_new(progress, read, {first_offset, last_offset});
    archive_aborted(progress, read);
    return std::move(progress.acquired);
}

// What compaction has taken out of the log since can be delivered to nobody.
void SharePartition::archive_missing(const Read& read) {
    const OffsetRange missing{std::max(read.fetch_offset, start_offset_),
                              std::min(read.batches.front().first_offset, end_offset_) - 1};
    change(missing, [](int64_t, Span& span) {
        if (span.is_available()) span.state = DeliveryState::archived;
    });
}

// Batch by batch, as they were acquired for the first time.
void SharePartition::acquire_again(Progress& progress, OffsetRange within) {
    auto at = spans_.upper_bound(within.first_offset);
    if (at != spans_.begin()) --at;
    while (at != spans_.end() && at->first <= within.last_offset && progress.goes_on()) {
        const int64_t batch = at->second.batch_first;
        OffsetRange range{at->first, at->second.last_offset};
        while (++at != spans_.end() && at->second.batch_first == batch)
            range.last_offset = at->second.last_offset;
        acquire_batch(progress, {std::max(range.first_offset, within.first_offset),
                                 std::min(range.last_offset, within.last_offset)});
        at = spans_.upper_bound(range.last_offset);  // the batch may have been split
    }
}

void SharePartition::acquire_batch(Progress& progress, OffsetRange range) {
    struct Available {
        OffsetRange range;
        int32_t delivery_count;
    };
    std::vector<Available> available;
    int64_t batch_record_count = 0;
    auto at = spans_.upper_bound(range.first_offset);
    if (at != spans_.begin()) --at;
    for (; at != spans_.end() && at->first <= range.last_offset; ++at) {
        const auto& [first, span] = *at;
        if (!span.is_available() || span.last_offset < range.first_offset) continue;
        batch_record_count = span.batch_record_count;
        available.push_back(
            {{std::max(first, range.first_offset), std::min(span.last_offset, range.last_offset)},
             span.delivery_count});
    }
    const int32_t count_max = progress.limits.delivery_count_max;
    const int32_t threshold = throttled_from(count_max);
    const bool is_throttled = std::ranges::any_of(
        available, [&](const Available& one) { return one.delivery_count >= threshold; });
    progress.is_over = is_throttled && progress.count > 0;
    if (progress.is_over) return;

    int64_t room = progress.is_record_limit() ? progress.records_max - progress.count
                                              : std::numeric_limits<int64_t>::max();
    bool has_met_throttled = false;
    int64_t count = 0;
    for (const Available& one : available) {
        // The last attempt is made alone.
        const bool is_last_attempt = count_max > 2 && one.delivery_count == count_max - 1;
        if (one.delivery_count >= threshold && !std::exchange(has_met_throttled, true))
            room =
                std::min(room, throttled_count(batch_record_count, one.delivery_count, threshold));
        if ((is_last_attempt && count > 0) || count >= room) break;
        OffsetRange taken = one.range;
        const int64_t most = is_last_attempt ? 1 : room - count;
        if (taken.last_offset - taken.first_offset >= most)
            taken.last_offset = taken.first_offset + most - 1;
        lock(progress, taken);
        count += taken.last_offset - taken.first_offset + 1;
        if (is_last_attempt) break;
    }
    progress.is_over = is_throttled && count > 0;
}

// Requires: all of the range is available.
void SharePartition::lock(Progress& progress, OffsetRange range) {
    change(range, [&](int64_t first, Span& span) {
        constexpr int most = std::numeric_limits<int16_t>::max();
        span.state = DeliveryState::acquired;
        span.delivery_count = static_cast<int16_t>(std::min(span.delivery_count + 1, most));
        span.member_id = progress.demand.member_id;
        span.locked_until_ms = progress.demand.now_ms + progress.limits.lock_duration_ms;
        progress.add({first, span.last_offset, span.delivery_count});
    });
}

void SharePartition::acquire_new(Progress& progress, const Read& read, OffsetRange within) {
    const int64_t first_offset = std::max(within.first_offset, end_offset_);
    int64_t last_offset = within.last_offset;
    if (first_offset > last_offset) return;
    skip_to(first_offset);
    const int64_t remaining = progress.records_max - progress.count;
    if (last_offset - first_offset >= remaining) {
        const int64_t wanted = first_offset + remaining - 1;
        last_offset = progress.is_record_limit()
                          ? wanted
                          : std::min(last_offset, end_of_batch_at(wanted, read.batches));
    }
    int64_t begin = first_offset;
    if (!progress.is_record_limit()) {
        for (const OffsetRange& batch : read.batches) {
            if (batch.first_offset > last_offset) break;
            if (batch.first_offset - begin < std::max(progress.demand.batch_size, 1)) continue;
            lock_new(progress, {begin, batch.first_offset - 1});
            begin = batch.first_offset;
        }
    }
    lock_new(progress, {begin, last_offset});
}

// There is nothing in the log between what is in flight and this offset.
void SharePartition::skip_to(int64_t offset) {
    if (spans_.empty()) {
        start_offset_ = offset;
    } else if (end_offset_ < offset) {
        spans_.emplace(end_offset_, Span{.last_offset = offset - 1,
                                         .state = DeliveryState::archived,
                                         .batch_first = end_offset_,
                                         .batch_record_count = offset - end_offset_});
    }
    end_offset_ = offset;
}

void SharePartition::lock_new(Progress& progress, OffsetRange range) {
    spans_.emplace(
        range.first_offset,
        Span{.last_offset = range.last_offset,
             .state = DeliveryState::acquired,
             .delivery_count = 1,
             .member_id = std::string(progress.demand.member_id),
             .locked_until_ms = progress.demand.now_ms + progress.limits.lock_duration_ms,
             .batch_first = range.first_offset,
             .batch_record_count = range.last_offset - range.first_offset + 1});
    end_offset_ = range.last_offset + 1;
    progress.add({range.first_offset, range.last_offset, 1});
}

// Records of aborted transactions are done with before anybody gets them.
void SharePartition::archive_aborted(Progress& progress, const Read& read) {
    for (const OffsetRange& range : read.aborted) {
        for (const Acquired& one : progress.acquired) {
            const OffsetRange both{std::max(one.first_offset, range.first_offset),
                                   std::min(one.last_offset, range.last_offset)};
            change(both, [](int64_t, Span& span) {
                span.state = DeliveryState::archived;
                span.member_id.clear();
                span.locked_until_ms = 0;
            });
        }
        progress.acquired = without(progress.acquired, range);
    }
    advance();
}

}  // namespace broker::share
