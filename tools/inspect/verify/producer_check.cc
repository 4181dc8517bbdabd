#include "tools/inspect/verify/producer_check.h"

#include <fmt/format.h>

namespace inspect {

namespace {

using protocol::BatchView;
using protocol::ErrorCode;
using storage::Producer;
using storage::ProducerState;

std::string describe(const Producer& producer) {
    std::string text =
        fmt::format("epoch {}, coordinator epoch {}, last timestamp {}, open transaction {}",
                    producer.producer_epoch, producer.coordinator_epoch, producer.last_timestamp,
                    producer.current_transaction_first_offset.value_or(-1));
    if (!producer.batches.empty()) {
        const auto& last = producer.batches.back();
        text += fmt::format(", last sequence {} at offset {}, {} after its batch's first",
                            last.last_sequence, last.last_offset, last.offset_delta);
    }
    return text;
}

// Of the batches that a producer remembers, a snapshot has the last.
Producer as_stored(Producer producer) {
    if (producer.batches.size() > 1)
        producer.batches.erase(producer.batches.begin(), producer.batches.end() - 1);
    // The time of a marker is that of the producer, and a snapshot has just one.
    if (!producer.batches.empty()) producer.batches.back().timestamp = producer.last_timestamp;
    return producer;
}

}  // namespace

ProducerCheck::ProducerCheck(Findings& findings, const Options& options)
    : findings_(findings), options_(options) {
    if (options.may_be_compacted)
        compacted_.emplace(findings,
                           CompactedProducers::Options{.expiration_ms = options.expiration_ms,
                                                       .now_ms = options.now_ms});
}

void ProducerCheck::begin_at(int64_t offset) {
    is_known_ = offset == 0;
    if (compacted_) compacted_->begin_at(offset);
}

void ProducerCheck::begin_with(const std::string& path, ProducerState state, int64_t offset) {
    if (compacted_) compacted_->compare(path, state, offset, /*is_at_end=*/false);
    state_ = std::move(state);
    is_known_ = true;
}

std::optional<ProducerCheck::Aborted> ProducerCheck::pass(const BatchView& batch,
                                                          const Place& place) {
    if (!batch.has_producer() || has_overflowed_) return std::nullopt;
    const Producer* producer = state_.find(batch.producer_id());
    if (producer && is_long_idle(*producer, batch.max_timestamp()))
        perhaps_forgotten_.insert(batch.producer_id());
    if (batch.is_control())
        check_marker(batch, place);
    else
        check_data(batch, place);
    if (batch.is_transactional() && !batch.is_control() && batch.record_count() > 0)
        with_records_.insert(batch.producer_id());
    const auto aborted = state_.apply(batch);
    if (compacted_) compacted_->pass(batch);
    const bool has_records = with_records_.contains(batch.producer_id());
    if (batch.is_control()) with_records_.erase(batch.producer_id());
    if (state_.producers().size() > producers_max ||
        (compacted_ && compacted_->producer_count() > producers_max)) {
        findings_.note(Rule::sequence, place,
                       fmt::format("more than {} producers: from here on they are not followed",
                                   producers_max));
        forget();
        has_overflowed_ = true;
    }
    if (!aborted) return std::nullopt;
    return Aborted{*aborted, has_records};
}

void ProducerCheck::check_data(const BatchView& batch, const Place& place) {
    const Producer* producer = state_.find(batch.producer_id());
    if (!producer) return;
    if (batch.producer_epoch() < producer->producer_epoch) {
        findings_.violation(
            Rule::producer_epoch, place,
            fmt::format("producer {} wrote in epoch {} after epoch {}", batch.producer_id(),
                        batch.producer_epoch(), producer->producer_epoch));
        return;
    }
    if (producer->current_transaction_first_offset && !batch.is_transactional())
        findings_.violation(
            Rule::transaction, place,
            fmt::format("a batch of producer {} outside of its transaction, open since {}",
                        batch.producer_id(), *producer->current_transaction_first_offset));
    // What a coordinator writes for a producer (its offsets) has no sequence.
    if (batch.base_sequence() < 0) return;
    const auto checked = state_.check(batch, /*new_producer_starts_at_zero=*/false);
    if (checked && checked->has_value())
        findings_.violation(
            Rule::sequence, place,
            fmt::format("producer {} epoch {} sequences {} to {} again, as at offset {}",
                        batch.producer_id(), batch.producer_epoch(), batch.base_sequence(),
                        batch.last_sequence(), (*checked)->base_offset()));
    if (checked || checked.error() != ErrorCode::out_of_order_sequence_number ||
        may_follow(*producer, batch))
        return;
    const bool is_same_epoch = batch.producer_epoch() == producer->producer_epoch;
    findings_.violation(
        Rule::sequence, place,
        fmt::format("producer {} epoch {} sequence {} follows {}", batch.producer_id(),
                    batch.producer_epoch(), batch.base_sequence(),
                    is_same_epoch ? std::to_string(producer->last_sequence()) : "another epoch"));
}

// Though it is not the next one.
bool ProducerCheck::may_follow(const Producer& producer, const BatchView& batch) const {
    const bool was_forgotten = is_long_idle(producer, batch.max_timestamp());
    if (was_forgotten || !compacted_) return was_forgotten;
    const bool is_same_epoch = batch.producer_epoch() == producer.producer_epoch;
    return !is_same_epoch || producer.batches.empty() || can_follow(producer.batches.back(), batch);
}

void ProducerCheck::check_marker(const BatchView& batch, const Place& place) {
    const auto marker = protocol::control_record(batch);
    if (!marker) return;
    const auto checked =
        state_.check_marker(batch.producer_id(), batch.producer_epoch(), marker->coordinator_epoch,
                            /*transaction_version=*/0);
    if (checked) return;
    findings_.violation(
        Rule::producer_epoch, place,
        fmt::format(
            "a marker of producer {} in epoch {}, of coordinator epoch {}, " "follows a later one",
            batch.producer_id(), batch.producer_epoch(), marker->coordinator_epoch));
}

void ProducerCheck::forget() {
    state_ = {};
    with_records_.clear();
    perhaps_forgotten_.clear();
    is_known_ = false;
    if (compacted_) compacted_->forget();
}

void ProducerCheck::compare(const std::string& path, const ProducerState& stored, int64_t offset,
                            bool is_at_end) {
    if (has_overflowed_) return;
    if (compacted_) compacted_->compare(path, stored, offset, is_at_end);
    if (!is_known_) {
        state_ = stored;
        is_known_ = true;
        // Which of the open transactions have records is not known: those that do not are the
        // rare ones, and compaction's.
        for (const auto& [id, producer] : state_.producers())
            if (producer.current_transaction_first_offset) with_records_.insert(id);
        return;
    }
    if (compacted_) return;
    for (const auto& [id, producer] : stored.producers()) compare_producer(path, producer);
    for (const auto& [id, producer] : state_.producers()) {
        const bool may_be_missing =
            !producer.current_transaction_first_offset && is_long_idle(producer, options_.now_ms);
        if (may_be_missing || stored.find(id)) continue;
        findings_.violation(Rule::producer_snapshot, {path},
                            fmt::format("lacks producer {}: {}", id, describe(producer)));
    }
}

void ProducerCheck::compare_producer(const std::string& path, Producer stored) {
    const Producer* replayed = state_.find(stored.producer_id);
    // A producer that was forgotten, and came back, has had no marker since. The batch that it came
    // back with may have been long on its way: its time does not tell.
    const bool may_be_back = replayed && (perhaps_forgotten_.contains(stored.producer_id) ||
                                          is_long_idle(*replayed, options_.now_ms));
    if (may_be_back && stored.coordinator_epoch < 0)
        stored.coordinator_epoch = replayed->coordinator_epoch;
    if (replayed && as_stored(*replayed) == as_stored(stored)) return;
    findings_.violation(Rule::producer_snapshot, {path},
                        replayed
                            ? fmt::format("producer {}: {}; in the log: {}", stored.producer_id,
                                          describe(stored), describe(*replayed))
                            : fmt::format("producer {}, of which the log knows nothing: {}",
                                          stored.producer_id, describe(stored)));
}

}  // namespace inspect
