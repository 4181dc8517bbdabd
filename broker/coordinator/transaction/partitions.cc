// The partitions of open transactions: added, verified (KIP-890), and dropped with their topic.
#include <algorithm>

#include "broker/coordinator/transaction/transaction_coordinator.h"
#include "broker/coordinator/transaction/transaction_log.h"

namespace broker::coordinator::transaction {

using protocol::ErrorCode;

namespace {

ErrorCode check(const Transaction& transaction, const Producer& producer) {
    if (transaction.producer_id != producer.id) return ErrorCode::invalid_producer_id_mapping;
    if (transaction.producer_epoch != producer.epoch) return ErrorCode::producer_fenced;
    return ErrorCode::none;
}

}  // namespace

Effects TransactionCoordinator::add_partitions(const Producer& producer,
                                               std::span<const TopicPartition> partitions,
                                               ClientRequest request, int64_t now_ms) const {
    if (producer.transactional_id.empty()) return {.error = ErrorCode::invalid_request};
    const Entry* entry = find_entry(producer.transactional_id);
    if (entry == nullptr) return {.error = ErrorCode::invalid_producer_id_mapping};
    if (entry->is_prepared()) {
        Effects effects = wait_for_markers();
        effects.error = request.answer(effects.error);
        return effects;
    }
    if (const auto error = check(*entry, producer); error != ErrorCode::none)
        return {.error = request.answer(error)};

    const bool is_ongoing = entry->state == State::ongoing;
    const auto is_added = [&](const TopicPartition& p) { return entry->partitions.contains(p); };
    if (is_ongoing && std::ranges::all_of(partitions, is_added)) return {};
    Transaction next = entry->then(State::ongoing, now_ms);
    if (!is_ongoing) {
        next.started_ms = next.updated_ms;
    }
    next.partitions.insert(partitions.begin(), partitions.end());
    next.client_transaction_version = request.transaction_version();
    return {.records = {to_record(producer.transactional_id, next)}};
}

std::vector<ErrorCode> TransactionCoordinator::verify_partitions(
    const Producer& producer, std::span<const TopicPartition> partitions,
    ClientRequest request) const {
    const auto all = [&](ErrorCode error) {
        return std::vector<ErrorCode>(partitions.size(), request.answer(error));
    };
    if (producer.transactional_id.empty()) return all(ErrorCode::invalid_request);
    const Entry* entry = find_entry(producer.transactional_id);
    if (entry == nullptr) return all(ErrorCode::invalid_producer_id_mapping);
    if (const auto error = check(*entry, producer); error != ErrorCode::none) return all(error);
    if (entry->is_prepared()) return all(ErrorCode::concurrent_transactions);

    std::vector<ErrorCode> errors;
    errors.reserve(partitions.size());
    for (const TopicPartition& partition : partitions)
        errors.push_back(entry->partitions.contains(partition)
                             ? ErrorCode::none
                             : request.answer(ErrorCode::transaction_abortable));
    return errors;
}

Effects TransactionCoordinator::topic_deleted(std::string_view topic) const {
    Effects effects;
    for (const auto& [id, entry] : transactions_) {
        const auto of_topic = [&](const TopicPartition& p) { return p.topic == topic; };
        if (std::ranges::none_of(entry.partitions, of_topic)) continue;
        Transaction next = entry;
        std::erase_if(next.partitions, of_topic);
        effects.records.push_back(to_record(id, next));
    }
    return effects;
}

}  // namespace broker::coordinator::transaction
