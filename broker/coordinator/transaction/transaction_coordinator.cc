#include "broker/coordinator/transaction/transaction_coordinator.h"

#include <algorithm>
#include <utility>

#include "broker/coordinator/transaction/transaction_log.h"

namespace broker::coordinator::transaction {

using protocol::ErrorCode;

const Entry* TransactionCoordinator::find_entry(std::string_view transactional_id) const {
    const auto found = transactions_.find(transactional_id);
    return found == transactions_.end() ? nullptr : &found->second;
}

const Transaction* TransactionCoordinator::find(std::string_view transactional_id) const {
    return find_entry(transactional_id);
}

bool TransactionCoordinator::replay(protocol::Bytes key, std::optional<protocol::Bytes> value) {
    auto id = read_key(key);
    if (!id) return false;
    std::optional<Transaction> transaction;
    if (value) {
        transaction = read_value(*value);
        if (!transaction) return false;
    }

    const auto found = transactions_.find(*id);
    Entry next;
    if (found != transactions_.end()) {
        const bool was_prepared = found->second.is_prepared();
        next.preparations = found->second.preparations;
        if (transaction && transaction->is_prepared() && !was_prepared) ++next.preparations;
        unindex(*id, found->second);
        if (!transaction) transactions_.erase(found);
    } else if (transaction && transaction->is_prepared()) {
        next.preparations = 1;
    }
    if (!transaction) return true;
    static_cast<Transaction&>(next) = std::move(*transaction);
    index(*id, next);
    transactions_.insert_or_assign(std::move(*id), std::move(next));
    return true;
}

void TransactionCoordinator::index(const std::string& id, const Transaction& transaction) {
    if (transaction.can_time_out()) timeouts_.emplace(transaction.deadline_ms(), id);
    if (transaction.can_expire()) last_updates_.emplace(transaction.updated_ms, id);
}

void TransactionCoordinator::unindex(const std::string& id, const Transaction& transaction) {
    timeouts_.erase({transaction.deadline_ms(), id});
    last_updates_.erase({transaction.updated_ms, id});
}

WriteMarkers TransactionCoordinator::markers_of(std::string_view id, const Entry& entry) const {
    return {.transactional_id = std::string(id),
            .producer_id = entry.producer_id,
            .producer_epoch = entry.producer_epoch,
            .coordinator_epoch = coordinator_epoch_,
            .commit = entry.state == State::prepare_commit,
            .partitions = {entry.partitions.begin(), entry.partitions.end()},
            .transaction_version = entry.client_transaction_version,
            .preparation = entry.preparations};
}

std::vector<WriteMarkers> TransactionCoordinator::unfinished() const {
    std::vector<WriteMarkers> unfinished;
    for (const auto& [id, entry] : transactions_)
        if (entry.is_prepared()) unfinished.push_back(markers_of(id, entry));
    return unfinished;
}

protocol::DescribeTransactionsResponse::TransactionState TransactionCoordinator::describe(
    std::string_view transactional_id) const {
    protocol::DescribeTransactionsResponse::TransactionState described;
    described.transactional_id = transactional_id;
    if (transactional_id.empty()) {
        described.error_code = ErrorCode::invalid_request;
        return described;
    }
    const Transaction* transaction = find(transactional_id);
    if (transaction == nullptr) {
        described.error_code = ErrorCode::transactional_id_not_found;
        return described;
    }
    described.transaction_state = name(transaction->state);
    described.transaction_timeout_ms = transaction->timeout_ms;
    described.transaction_start_time_ms = transaction->started_ms;
    described.producer_id = transaction->producer_id;
    described.producer_epoch = transaction->producer_epoch;
    for (const auto& [topic, partition] : transaction->partitions) {
        if (described.topics.empty() || described.topics.back().topic != topic)
            described.topics.push_back({.topic = topic});
        described.topics.back().partitions.push_back(partition);
    }
    return described;
}

void TransactionCoordinator::list(
    const TransactionFilter& filter, int64_t now_ms,
    std::vector<protocol::ListTransactionsResponse::TransactionState>& found) const {
    for (const auto& [id, entry] : transactions_)
        if (filter.matches(id, entry, now_ms))
            found.push_back({.transactional_id = id,
                             .producer_id = entry.producer_id,
                             .transaction_state = std::string(name(entry.state))});
}

}  // namespace broker::coordinator::transaction
