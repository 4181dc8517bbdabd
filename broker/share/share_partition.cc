#include "broker/share/share_partition.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace broker::share {

namespace {

using coordinator::share::is_terminal;

// What a released record becomes: one that was delivered too often is given up.
DeliveryState after_release(int16_t delivery_count, const Limits& limits) {
    return delivery_count >= limits.delivery_count_max ? DeliveryState::archived
                                                       : DeliveryState::available;
}

DeliveryState after(AcknowledgeType type, int16_t delivery_count, const Limits& limits) {
    switch (type) {
        case AcknowledgeType::accept: return DeliveryState::acknowledged;
        case AcknowledgeType::release: return after_release(delivery_count, limits);
        default: return DeliveryState::archived;
    }
}

}  // namespace

bool SharePartition::Span::is_like(const Span& other) const {
    return state == other.state && delivery_count == other.delivery_count &&
           member_id == other.member_id && locked_until_ms == other.locked_until_ms &&
           batch_first == other.batch_first && change_id == other.change_id && next == other.next;
}

SharePartition::SharePartition(int64_t start_offset, std::span<const StateBatch> batches)
    : start_offset_(start_offset), end_offset_(start_offset) {
    const auto append = [&](int64_t last_offset, DeliveryState state, int16_t delivery_count) {
        spans_.emplace(end_offset_, Span{.last_offset = last_offset,
                                         .state = state,
                                         .delivery_count = delivery_count,
                                         .batch_first = end_offset_,
                                         .batch_record_count = last_offset - end_offset_ + 1});
        end_offset_ = last_offset + 1;
    };
    for (const StateBatch& batch : batches) {
        if (batch.last_offset < end_offset_) continue;
        // Acquired before, and never acknowledged.
        if (batch.first_offset > end_offset_)
            append(batch.first_offset - 1, DeliveryState::available, 0);
        const bool is_given_up = batch.delivery_state == DeliveryState::archiving;
        append(batch.last_offset, is_given_up ? DeliveryState::archived : batch.delivery_state,
               batch.delivery_count);
    }
    for (auto& [first, span] : spans_)
        if (span.state == DeliveryState::acquired) span.state = DeliveryState::available;
    advance();
}

int64_t SharePartition::next_fetch_offset() const {
    for (const auto& [first, span] : spans_)
        if (span.is_available()) return first;
    return end_offset_;
}

bool SharePartition::can_acquire(const Limits& limits) const {
    return in_flight() < limits.in_flight_max || next_fetch_offset() < end_offset_;
}

int32_t SharePartition::delivery_complete_count() const {
    int64_t count = 0;
    for (const auto& [first, span] : spans_)
        if (is_terminal(span.state) || (span.change_id != 0 && is_terminal(span.next)))
            count += span.last_offset - first + 1;
    return static_cast<int32_t>(count);
}

std::vector<SharePartition::View> SharePartition::view() const {
    std::vector<View> all;
    for (const auto& [first, span] : spans_)
        all.push_back({{first, span.last_offset},
                       span.state,
                       span.delivery_count,
                       span.member_id,
                       span.change_id != 0});
    return all;
}

// The first span from the offset on, which begins there if the offset is in flight.
SharePartition::Spans::iterator SharePartition::split_at(int64_t offset) {
    auto next = spans_.upper_bound(offset);
    if (next == spans_.begin()) return next;
    const auto at = std::prev(next);
    if (at->first == offset || at->second.last_offset < offset)
        return at->first == offset ? at : next;
    Span rest = at->second;
    at->second.last_offset = offset - 1;
    return spans_.emplace_hint(next, offset, std::move(rest));
}

// Spans that have become alike in and around the range are one again, so that their number follows
// that of the differences.
void SharePartition::unite(OffsetRange range) {
    auto at = spans_.lower_bound(range.first_offset);
    if (at != spans_.begin()) --at;
    while (at != spans_.end() && at->first <= range.last_offset) {
        const auto next = std::next(at);
        if (next != spans_.end() && at->second.is_like(next->second)) {
            at->second.last_offset = next->second.last_offset;
            spans_.erase(next);
        } else {
            at = next;
        }
    }
}

// What is done with at the beginning is forgotten.
void SharePartition::advance() {
    while (!spans_.empty()) {
        const auto first = spans_.begin();
        if (first->second.change_id != 0 || !is_terminal(first->second.state)) break;
        start_offset_ = first->second.last_offset + 1;
        spans_.erase(first);
    }
}

void SharePartition::log_starts_at(int64_t offset) {
    if (offset <= start_offset_) return;
    split_at(offset);
    spans_.erase(spans_.begin(), spans_.lower_bound(offset));
    start_offset_ = offset;
    end_offset_ = std::max(end_offset_, offset);
    advance();
}

StateChange SharePartition::begin_change() { return {.id = ++last_change_id_}; }

void SharePartition::end_change(StateChange& change) {
    change.start_offset = start_offset_;
    change.delivery_complete_count = delivery_complete_count();
    change.batches = coordinator::share::combine({}, change.batches, start_offset_);
}

ErrorCode SharePartition::check(std::string_view member_id, const Acknowledgement& what,
                                const Limits& limits) const {
    const OffsetRange& range = what.range;
    if (range.last_offset < start_offset_) return ErrorCode::none;  // done with already
    if (spans_.empty()) return ErrorCode::invalid_record_state;
    if (range.last_offset >= end_offset_) return ErrorCode::invalid_request;
    const bool renews =
        std::ranges::find(what.types, static_cast<int8_t>(AcknowledgeType::renew)) !=
        what.types.end();
    if (renews && !limits.renewal_is_enabled) return ErrorCode::invalid_record_state;
    auto at = std::prev(spans_.upper_bound(std::max(range.first_offset, start_offset_)));
    for (; at != spans_.end() && at->first <= range.last_offset; ++at)
        if (!at->second.is_locked() || at->second.member_id != member_id)
            return ErrorCode::invalid_record_state;
    return ErrorCode::none;
}

// Runs of offsets that are acknowledged alike are changed at once.
void SharePartition::apply(const Acknowledgement& what, StateChange& change, int64_t now_ms,
                           const Limits& limits) {
    const auto type_at = [&](int64_t offset) {
        const auto index = what.types.size() == 1 ? 0 : offset - what.range.first_offset;
        return static_cast<AcknowledgeType>(what.types[static_cast<size_t>(index)]);
    };
    int64_t first = std::max(what.range.first_offset, start_offset_);
    while (first <= what.range.last_offset) {
        const AcknowledgeType type = type_at(first);
        int64_t last = what.types.size() == 1 ? what.range.last_offset : first;
        while (last < what.range.last_offset && type_at(last + 1) == type) ++last;
        this->change({first, last}, [&](int64_t offset, Span& span) {
            if (type == AcknowledgeType::renew) {
                span.locked_until_ms = now_ms + limits.lock_duration_ms;
                return;
            }
            span.change_id = change.id;
            span.next = after(type, span.delivery_count, limits);
            change.batches.push_back({offset, span.last_offset, span.next, span.delivery_count});
        });
        first = last + 1;
    }
}

std::expected<StateChange, ErrorCode> SharePartition::acknowledge(
    std::string_view member_id, std::span<const Acknowledgement> what, int64_t now_ms,
    const Limits& limits) {
    for (const Acknowledgement& one : what)
        if (const auto error = check(member_id, one, limits); error != ErrorCode::none)
            return std::unexpected(error);
    StateChange change = begin_change();
    for (const Acknowledgement& one : what) apply(one, change, now_ms, limits);
    end_change(change);
    return change;
}

StateChange SharePartition::release(std::string_view member_id, const Limits& limits) {
    StateChange change = begin_change();
    for (auto& [first, span] : spans_) {
        if (!span.is_locked() || span.member_id != member_id) continue;
        span.change_id = change.id;
        span.next = after_release(span.delivery_count, limits);
        change.batches.push_back({first, span.last_offset, span.next, span.delivery_count});
    }
    end_change(change);
    return change;
}

void SharePartition::complete(uint64_t change_id, bool is_written) {
    if (change_id == 0) return;
    for (auto& [first, span] : spans_) {
        if (span.change_id != change_id) continue;
        span.change_id = 0;
        if (is_written) {
            span.state = span.next;
            span.member_id.clear();
            span.locked_until_ms = 0;
        }
        span.next = DeliveryState::available;
    }
    if (!spans_.empty()) unite({start_offset_, end_offset_});
    if (is_written) advance();
}

StateChange SharePartition::on_time(int64_t now_ms, const Limits& limits) {
    StateChange change;
    for (auto& [first, span] : spans_) {
        if (!span.is_locked() || span.locked_until_ms > now_ms) continue;
        span.state = after_release(span.delivery_count, limits);
        span.member_id.clear();
        span.locked_until_ms = 0;
        change.batches.push_back({first, span.last_offset, span.state, span.delivery_count});
    }
    if (change.empty()) return change;
    end_change(change);
    unite({start_offset_, end_offset_});
    advance();
    return change;
}

std::optional<int64_t> SharePartition::next_deadline() const {
    std::optional<int64_t> earliest;
    for (const auto& [first, span] : spans_)
        if (span.is_locked() && (!earliest || span.locked_until_ms < *earliest))
            earliest = span.locked_until_ms;
    return earliest;
}

}  // namespace broker::share
