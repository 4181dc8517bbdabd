// The end of transactions: EndTxn of both protocols (KIP-98, KIP-890), the coordinator's own
// aborts, and the step from Prepare to Complete.
#include <algorithm>
#include <cassert>

#include "broker/coordinator/transaction/transaction_coordinator.h"
#include "broker/coordinator/transaction/transaction_log.h"

namespace broker::coordinator::transaction {

using protocol::EndTxnRequest;
using protocol::ErrorCode;

namespace {

State prepared(bool commit) { return commit ? State::prepare_commit : State::prepare_abort; }
State complete(bool commit) { return commit ? State::complete_commit : State::complete_abort; }

// The producer of the transaction after a prepared one.
ProducerEpoch producer_after(const Transaction& prepared) {
    if (prepared.bumps_epoch() && prepared.next_producer_id != no_producer_id)
        return {prepared.next_producer_id, 0};
    return {prepared.producer_id, prepared.producer_epoch};
}

// The prepared state with the epoch that fences the transaction's writers. The last epoch is
// followed by another producer id, which takes over when the transaction is complete.
Transaction with_next_epoch(const Transaction& from, bool commit, int64_t now_ms,
                            int64_t fresh_producer_id) {
    assert(from.producer_epoch < max_epoch);
    Transaction next = from.then(prepared(commit), now_ms);
    // Without a transaction there is no start, but the state has one.
    if (from.state != State::ongoing) next.started_ms = next.updated_ms;
    if (is_exhausted(from.producer_epoch)) next.next_producer_id = fresh_producer_id;
    ++next.producer_epoch;
    next.client_transaction_version = epoch_bump_version;
    return next;
}

Effects success(const Transaction& ended) {
    return {.producer_id = ended.producer_id, .producer_epoch = ended.producer_epoch};
}

// KIP-890's answer to a retried EndTxn, which names the epoch before the present one.
Effects retried_end(const Transaction& ended, bool commit) {
    if (ended.state == complete(commit)) return success(ended);
    // A commit that finds its transaction aborted was overtaken by the coordinator's own abort: no
    // client changes its mind. INVALID_TXN_STATE would be fatal to it (KAFKA-20785).
    return {.error = commit ? ErrorCode::producer_fenced : ErrorCode::invalid_txn_state};
}

}  // namespace

Effects wait_for_markers() {
    return {.error = ErrorCode::concurrent_transactions, .retry_after_markers = true};
}

Effects TransactionCoordinator::end(const EndTxnRequest& request, int16_t version, int64_t now_ms,
                                    int64_t fresh_producer_id) const {
    if (request.transactional_id.empty()) return {.error = ErrorCode::invalid_request};
    const Entry* entry = find_entry(request.transactional_id);
    if (entry == nullptr) return {.error = ErrorCode::invalid_producer_id_mapping};
    const auto client = ClientRequest::end_txn(version);
    Effects effects = client.transaction_version() >= epoch_bump_version
                          ? end_with_epoch_bump(*entry, request, now_ms, fresh_producer_id)
                          : end_with_same_epoch(*entry, request, now_ms);
    effects.error = client.answer(effects.error);
    return effects;
}

Effects TransactionCoordinator::end_with_same_epoch(const Entry& entry,
                                                    const EndTxnRequest& request,
                                                    int64_t now_ms) const {
    if (entry.producer_id != request.producer_id)
        return {.error = ErrorCode::invalid_producer_id_mapping};
    if (entry.producer_epoch != request.producer_epoch)
        return {.error = ErrorCode::producer_fenced};
    if (entry.is_prepared()) return wait_for_markers();
    if (entry.state == State::ongoing) {
        Transaction next = entry.then(prepared(request.committed), now_ms);
        next.client_transaction_version = 0;
        return prepare(request.transactional_id, entry, next);
    }
    // Nothing tells a retry from the end of another transaction with the same epoch. Success is
    // right for the first; the second had no partitions, hence nothing to lose.
    if (entry.state == complete(request.committed)) return success(entry);
    return {.error = ErrorCode::invalid_txn_state};
}

Effects TransactionCoordinator::end_with_epoch_bump(const Entry& entry,
                                                    const EndTxnRequest& request, int64_t now_ms,
                                                    int64_t fresh_producer_id) const {
    // Even before the producer is looked at: what is under way may make its epoch the right one
    // (KAFKA-18464).
    if (entry.is_prepared()) return wait_for_markers();
    const ProducerEpoch producer{request.producer_id, request.producer_epoch};
    const ProducerEpoch current{entry.producer_id, entry.producer_epoch};
    if (producer != current) {
        const bool ended = entry.is_complete() && entry.bumps_epoch();
        if (ended && producer == entry.predecessor()) return retried_end(entry, request.committed);
        // An exhausted producer id is this producer's, even where another one followed it.
        const bool is_known = producer.producer_id == entry.producer_id ||
                              (producer.producer_id == entry.previous_producer_id &&
                               producer.epoch == last_epoch && entry.producer_epoch == 0);
        return {.error =
                    is_known ? ErrorCode::producer_fenced : ErrorCode::invalid_producer_id_mapping};
    }
    // No client has this epoch, and none follows it.
    if (entry.producer_epoch == max_epoch) return {.error = ErrorCode::producer_fenced};
    // A transaction that has written nothing may be aborted, as the client cannot always know.
    if (entry.state != State::ongoing && request.committed)
        return {.error = ErrorCode::invalid_txn_state};
    Effects effects = prepare(request.transactional_id, entry,
                              with_next_epoch(entry, request.committed, now_ms, fresh_producer_id));
    effects.fresh_producer_id_used = is_exhausted(entry.producer_epoch);
    return effects;
}

Effects TransactionCoordinator::prepare(std::string_view id, const Entry& entry,
                                        const Transaction& next) const {
    Entry prepared{next, entry.preparations + 1};
    const ProducerEpoch after = producer_after(next);
    return {.producer_id = after.producer_id,
            .producer_epoch = after.epoch,
            .records = {to_record(id, next)},
            .markers = markers_of(id, prepared)};
}

// Aborts an ongoing transaction so that its producer cannot go on: with an epoch that nobody gets.
Effects TransactionCoordinator::fence(std::string_view id, const Entry& entry, int64_t now_ms,
                                      int64_t fresh_producer_id) const {
    Transaction next;
    const bool bumps = config_.transaction_version >= epoch_bump_version;
    // A log written by an older broker may hold the very last epoch. Its transaction is aborted
    // without a bump, and InitProducerId then goes on to another producer id.
    if (bumps && entry.producer_epoch < max_epoch) {
        next = with_next_epoch(entry, /*commit=*/false, now_ms, fresh_producer_id);
    } else {
        next = entry.then(State::prepare_abort, now_ms);
        next.client_transaction_version = 0;
        if (next.producer_epoch < max_epoch) ++next.producer_epoch;
    }
    Effects effects = prepare(id, entry, next);
    effects.error = ErrorCode::concurrent_transactions;
    effects.retry_after_markers = true;
    effects.fresh_producer_id_used = next.next_producer_id != no_producer_id;
    return effects;
}

Effects TransactionCoordinator::markers_written(const WriteMarkers& markers, int64_t now_ms) const {
    const Entry* entry = find_entry(markers.transactional_id);
    if (entry == nullptr || entry->state != prepared(markers.commit) ||
        entry->producer_id != markers.producer_id ||
        entry->producer_epoch != markers.producer_epoch ||
        entry->preparations != markers.preparation ||
        coordinator_epoch_ != markers.coordinator_epoch)
        return {};
    const ProducerEpoch after = producer_after(*entry);
    Transaction next = entry->then(complete(markers.commit), now_ms);
    next.producer_id = after.producer_id;
    next.producer_epoch = after.epoch;
    next.next_producer_id = no_producer_id;
    next.partitions.clear();
    return {.producer_id = after.producer_id,
            .producer_epoch = after.epoch,
            .records = {to_record(markers.transactional_id, next)}};
}

}  // namespace broker::coordinator::transaction
