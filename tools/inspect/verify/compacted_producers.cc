#include "tools/inspect/verify/compacted_producers.h"

#include <fmt/format.h>

#include <algorithm>

namespace inspect {

namespace {

using protocol::BatchView;
using protocol::ControlType;
using storage::Producer;
using storage::ProducerBatch;
using storage::ProducerState;

constexpr int64_t sequence_count = int64_t{1} << 31;  // They are 0 .. 2^31-1, in a circle.

ProducerBatch remembered(const BatchView& batch) {
    return {.last_sequence = batch.last_sequence(),
            .last_offset = batch.last_offset(),
            .offset_delta = batch.last_offset_delta(),
            .timestamp = batch.max_timestamp()};
}

std::string describe(const ProducerBatch& batch) {
    return fmt::format("sequence {} at offset {}, {} after its batch's first", batch.last_sequence,
                       batch.last_offset, batch.offset_delta);
}

bool is_same(const ProducerBatch& stored, const ProducerBatch& left) {
    return stored.last_sequence == left.last_sequence && stored.last_offset == left.last_offset &&
           stored.offset_delta == left.offset_delta;
}

}  // namespace

bool can_follow(const ProducerBatch& last, const BatchView& next) {
    if (last.last_sequence < 0 || next.base_sequence() < 0) return true;
    const int64_t missing =
        (sequence_count + next.base_sequence() - last.last_sequence - 1) % sequence_count;
    return missing <= next.base_offset() - last.last_offset - 1;
}

void CompactedProducers::pass(const BatchView& batch) {
    Left& left = left_[batch.producer_id()];
    left.epoch_max = std::max(left.epoch_max, batch.producer_epoch());
    if (!batch.is_control()) {
        check_claim(batch, std::nullopt);
        pass_data(left, batch);
        return;
    }
    // Compaction may have emptied it: then nothing but its head is known.
    const auto marker = protocol::control_record(batch);
    if (!marker || (marker->type != ControlType::abort && marker->type != ControlType::commit))
        return;
    check_claim(batch, marker->coordinator_epoch);
    pass_marker(left, batch, marker->coordinator_epoch);
}

void CompactedProducers::pass_data(Left& left, const BatchView& batch) {
    left.was_long_idle |=
        left.epoch >= 0 && is_long_idle(left.last_timestamp, batch.max_timestamp());
    left.epoch = batch.producer_epoch();
    left.last_batch = remembered(batch);
    left.last_timestamp = batch.max_timestamp();
    if (!batch.is_transactional())
        left.closed_at = batch.last_offset();
    else if (!left.open_since)
        left.open_since = batch.base_offset();
}

void CompactedProducers::pass_marker(Left& left, const BatchView& batch,
                                     int32_t coordinator_epoch) {
    if (left.epoch != batch.producer_epoch()) left.last_batch.reset();
    left.epoch = batch.producer_epoch();
    left.coordinator_epoch = coordinator_epoch;
    left.last_timestamp = batch.max_timestamp();
    left.open_since.reset();
    left.closed_at = batch.base_offset();
}

void CompactedProducers::forget() {
    left_.clear();
    claims_.clear();
    is_whole_ = false;
}

// Whether what comes behind a snapshot can come behind what it says.
void CompactedProducers::check_claim(const BatchView& batch,
                                     std::optional<int32_t> coordinator_epoch) {
    const auto claim = claims_.find(batch.producer_id());
    if (claim == claims_.end()) return;
    const Producer& said = claim->second.producer;
    const bool is_known =
        !is_long_idle(said.last_timestamp, std::max(options_.now_ms, batch.max_timestamp()));
    std::string what;
    if (batch.producer_epoch() < said.producer_epoch)
        what = fmt::format("epoch {}, and then it wrote in epoch {}", said.producer_epoch,
                           batch.producer_epoch());
    else if (coordinator_epoch && *coordinator_epoch < said.coordinator_epoch)
        what = fmt::format("coordinator epoch {}, and then came a marker of {}",
                           said.coordinator_epoch, *coordinator_epoch);
    else if (!coordinator_epoch && batch.producer_epoch() == said.producer_epoch &&
             !said.batches.empty() && !can_follow(said.batches.back(), batch))
        what = fmt::format("{}, and then it wrote sequence {}", describe(said.batches.back()),
                           batch.base_sequence());
    if (is_known && !what.empty())
        findings_.violation(Rule::producer_snapshot, {*claim->second.path},
                            fmt::format("producer {}: {} at offset {}", batch.producer_id(), what,
                                        batch.base_offset()));
    // What it wrote now says more; of the coordinator only a marker does.
    claim->second.producer.batches.clear();
    if (coordinator_epoch || !what.empty()) claims_.erase(claim);
}

void CompactedProducers::compare(const std::string& path, const ProducerState& stored,
                                 int64_t offset, bool is_at_end) {
    paths_.push_back(path);
    for (const auto& [id, producer] : stored.producers()) {
        const auto found = left_.find(id);
        const Left left = found == left_.end() ? Left{} : found->second;
        auto fault = contradiction(producer, left, offset);
        if (!fault && is_at_end && is_whole_) fault = lost_at_end(producer, left);
        if (fault)
            findings_.violation(Rule::producer_snapshot, {path},
                                fmt::format("producer {}: {}", id, *fault));
        else
            claims_[id] = {&paths_.back(), producer};
    }
    check_missing(path, stored);
}

std::optional<std::string> CompactedProducers::contradiction(const Producer& stored,
                                                             const Left& left,
                                                             int64_t offset) const {
    const auto open = stored.current_transaction_first_offset;
    const auto* batch = stored.batches.empty() ? nullptr : &stored.batches.back();
    if ((open && *open >= offset) || (batch && batch->last_offset >= offset))
        return fmt::format("it tells of offset {} and ends at {}",
                           std::max(open.value_or(-1), batch ? batch->last_offset : -1), offset);
    if (stored.producer_epoch < left.epoch)
        return fmt::format("epoch {}, and it wrote in epoch {}", stored.producer_epoch, left.epoch);
    // One that was forgotten, and came back, has had no marker since.
    const bool was_forgotten =
        stored.coordinator_epoch < 0 &&
        (left.was_long_idle || is_long_idle(left.last_timestamp, options_.now_ms));
    if (stored.coordinator_epoch < left.coordinator_epoch && !was_forgotten)
        return fmt::format("coordinator epoch {}, and there was a marker of {}",
                           stored.coordinator_epoch, left.coordinator_epoch);
    if (open && *open <= left.closed_at)
        return fmt::format("a transaction is open since {}, and none was at {}", *open,
                           left.closed_at);
    if (left.open_since && open.value_or(offset) > *left.open_since)
        return fmt::format(
            "{}, and one is open since {}",
            open ? fmt::format("a transaction is open since {}", *open) : "no transaction is open",
            *left.open_since);
    if (stored.producer_epoch != left.epoch || !left.last_batch) return std::nullopt;
    if (!batch) return fmt::format("no sequence, and it wrote {}", describe(*left.last_batch));
    if (batch->last_offset < left.last_batch->last_offset ||
        (batch->last_offset == left.last_batch->last_offset && !is_same(*batch, *left.last_batch)))
        return fmt::format("{}, and it wrote {}", describe(*batch), describe(*left.last_batch));
    return std::nullopt;
}

// At the end of the log nothing has come since that lets compaction take the last batch.
std::optional<std::string> CompactedProducers::lost_at_end(const Producer& stored,
                                                           const Left& left) const {
    const auto open = stored.current_transaction_first_offset;
    if (open && *open >= log_begin_ && open != left.open_since)
        return fmt::format("a transaction is open since {}, and there is no such batch", *open);
    if (is_long_idle(stored.last_timestamp, options_.now_ms)) return std::nullopt;
    if (!stored.batches.empty()) {
        const auto& batch = stored.batches.back();
        const bool is_left = left.epoch == stored.producer_epoch && left.last_batch &&
                             is_same(batch, *left.last_batch);
        if (batch.last_offset >= log_begin_ && !is_left)
            return fmt::format("{}, and there is no such batch", describe(batch));
    } else if (log_begin_ == 0 && stored.producer_epoch > left.epoch_max) {
        return fmt::format("epoch {}, and there is nothing of it", stored.producer_epoch);
    }
    return std::nullopt;
}

void CompactedProducers::check_missing(const std::string& path, const ProducerState& stored) {
    for (const auto& [id, left] : left_) {
        const bool is_known =
            left.epoch >= 0 && !is_long_idle(left.last_timestamp, options_.now_ms);
        if ((is_known || left.open_since) && !stored.find(id))
            findings_.violation(
                Rule::producer_snapshot, {path},
                fmt::format("lacks producer {}, which wrote in epoch {}", id, left.epoch));
    }
}

}  // namespace inspect
