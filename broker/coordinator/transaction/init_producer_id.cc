// InitProducerId: a producer id and epoch for a transactional id, and the fencing of who had it
// before (KIP-98, KIP-360, KIP-588).
#include "broker/coordinator/transaction/transaction_coordinator.h"
#include "broker/coordinator/transaction/transaction_log.h"

namespace broker::coordinator::transaction {

using protocol::ErrorCode;
using protocol::InitProducerIdRequest;

namespace {

// Both or neither: a producer that wants to continue names what it had.
bool is_half_known(const InitProducerIdRequest& request) {
    return (request.producer_id == no_producer_id) != (request.producer_epoch == no_epoch);
}

ErrorCode check(const InitProducerIdRequest& request, const Config& config) {
    if (is_half_known(request) || request.transactional_id->empty())
        return ErrorCode::invalid_request;
    if (request.enable2_pc && !config.two_phase_commit)
        return ErrorCode::transactional_id_authorization_failed;
    // KIP-939 reserves it; Kafka 4.4 refuses it as well.
    if (request.keep_prepared_txn) return ErrorCode::unsupported_version;
    const bool has_valid_timeout = request.transaction_timeout_ms > 0 &&
                                   request.transaction_timeout_ms <= config.max_timeout_ms;
    if (!request.enable2_pc && !has_valid_timeout) return ErrorCode::invalid_transaction_timeout;
    return ErrorCode::none;
}

// The state in which a producer starts, whatever it is based on.
Transaction idle(const Transaction& from, int32_t timeout_ms, int64_t now_ms) {
    Transaction next = from.then(State::empty, now_ms);
    next.timeout_ms = timeout_ms;
    next.partitions.clear();
    next.started_ms = -1;
    return next;
}

Effects give(std::string_view id, const Transaction& next, bool fresh_producer_id_used) {
    return {.producer_id = next.producer_id,
            .producer_epoch = next.producer_epoch,
            .records = {to_record(id, next)},
            .fresh_producer_id_used = fresh_producer_id_used};
}

// The next epoch; after the last one, epoch 0 of another producer id.
Effects bump(std::string_view id, const Transaction& from, bool is_continued, int32_t timeout_ms,
             int64_t now_ms, int64_t fresh_producer_id) {
    Transaction next = idle(from, timeout_ms, now_ms);
    if (is_continued) next.last_producer_epoch = from.producer_epoch;
    const bool rotates = is_exhausted(from.producer_epoch);
    if (rotates) {
        next.producer_id = fresh_producer_id;
        next.producer_epoch = 0;
    } else {
        ++next.producer_epoch;
    }
    return give(id, next, rotates);
}

Effects create(std::string_view id, int32_t timeout_ms, int64_t now_ms, int64_t fresh_producer_id) {
    return give(id,
                {.producer_id = fresh_producer_id,
                 .previous_producer_id = fresh_producer_id,
                 .producer_epoch = 0,
                 .timeout_ms = timeout_ms,
                 .updated_ms = now_ms},
                /*fresh_producer_id_used=*/true);
}

// The producer may have missed the answer to what it asked: it gets that answer again.
Effects repeat(std::string_view id, const Transaction& from, int32_t timeout_ms, int64_t now_ms) {
    Transaction next = idle(from, timeout_ms, now_ms);
    next.previous_producer_id = from.previous_producer_id;
    next.last_producer_epoch = from.predecessor().epoch;
    return give(id, next, /*fresh_producer_id_used=*/false);
}

}  // namespace

Effects TransactionCoordinator::init_producer_id(const InitProducerIdRequest& request,
                                                 int16_t version, int64_t now_ms,
                                                 int64_t fresh_producer_id) const {
    const auto client = ClientRequest::init_producer_id(version);
    if (const auto error = check(request, config_); error != ErrorCode::none)
        return {.error = error};

    const std::string_view id = *request.transactional_id;
    const int32_t timeout_ms = request.enable2_pc ? no_timeout_ms : request.transaction_timeout_ms;
    const Entry* entry = find_entry(id);
    if (entry == nullptr) return create(id, timeout_ms, now_ms, fresh_producer_id);
    if (entry->is_prepared()) return wait_for_markers();

    const ProducerEpoch expected{request.producer_id, request.producer_epoch};
    const ProducerEpoch current{entry->producer_id, entry->producer_epoch};
    const bool is_continued = expected != ProducerEpoch{};
    const bool may_continue = !is_continued || expected == current;
    if (entry->state == State::ongoing) {
        // Kafka looks at the id alone here, so a zombie that asks with its old epoch aborts the
        // transaction of its successor. Only the producer itself may do that.
        if (!may_continue) return {.error = client.answer(ErrorCode::producer_fenced)};
        return fence(id, *entry, now_ms, fresh_producer_id);
    }
    if (may_continue) return bump(id, *entry, is_continued, timeout_ms, now_ms, fresh_producer_id);
    if (expected == entry->predecessor()) return repeat(id, *entry, timeout_ms, now_ms);
    return {.error = client.answer(ErrorCode::producer_fenced)};
}

Effects init_idempotent_producer(const InitProducerIdRequest& request, int64_t fresh_producer_id) {
    if (is_half_known(request)) return {.error = ErrorCode::invalid_request};
    return {.producer_id = fresh_producer_id, .producer_epoch = 0, .fresh_producer_id_used = true};
}

}  // namespace broker::coordinator::transaction
