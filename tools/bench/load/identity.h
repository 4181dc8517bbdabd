// How a producer finds its coordinator, gets its id, and ends its transactions.
#pragma once

#include <optional>
#include <string>

#include "tools/bench/load/connection.h"
#include "tools/bench/load/produce_frame.h"

namespace bench {

enum class CoordinatorOf : int8_t { group = 0, transaction = 1 };

// Waits for it: a broker creates the coordinators' log when it is first asked.
void find_coordinator(Connection& connection, CoordinatorOf kind, const std::string& key);

// What a coordinator says while it loads its log.
inline bool is_not_ready(protocol::ErrorCode error) {
    return error == protocol::ErrorCode::coordinator_load_in_progress ||
           error == protocol::ErrorCode::coordinator_not_available ||
           error == protocol::ErrorCode::not_coordinator;
}

// With a transactional id it finds the coordinator first. Throws std::runtime_error where the
// broker refuses.
ProducerIdentity init_producer_id(Connection& connection,
                                  const std::optional<std::string>& transactional_id = {});

// The last version of EndTxn, each of which gives the next epoch (KIP-890), and the one before.
inline constexpr int16_t end_txn_version = 5;
inline constexpr int16_t end_txn_same_epoch_version = 4;

Blob end_txn_frame(const std::string& transactional_id, ProducerIdentity producer,
                   bool committed = true, int16_t version = end_txn_version);

// Whose the next transaction is, as the answer says, or the same.
// Throws std::runtime_error for an answer with an error.
ProducerIdentity identity_after(Bytes end_txn_answer, ProducerIdentity producer,
                                int16_t version = end_txn_version);

}  // namespace bench
