// Transactions as records of __transaction_state, in Kafka's format: TransactionLogKey v0,
// TransactionLogValue v1.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "broker/coordinator/record.h"
#include "broker/coordinator/transaction/transaction.h"

namespace broker::coordinator::transaction {

Record to_record(std::string_view transactional_id, const Transaction& transaction);
Record tombstone(std::string_view transactional_id);

// Nullopt: of a type or version that is not known, or damaged.
std::optional<std::string> read_key(protocol::Bytes key);
std::optional<Transaction> read_value(protocol::Bytes value);

}  // namespace broker::coordinator::transaction
