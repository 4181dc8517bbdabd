#include "broker/coordinator/transaction/client_request.h"

#include "broker/coordinator/transaction/transaction.h"

namespace broker::coordinator::transaction {

using protocol::ErrorCode;

bool ClientRequest::adds_implicitly() const {
    return (api_ == Api::produce && version_ >= 12) ||
           (api_ == Api::txn_offset_commit && version_ >= 5);
}

int16_t ClientRequest::transaction_version() const {
    const bool bumps = adds_implicitly() || (api_ == Api::add_partitions_to_txn && version_ >= 4) ||
                       (api_ == Api::end_txn && version_ >= 5);
    return bumps ? epoch_bump_version : int16_t{0};
}

ErrorCode ClientRequest::answer(ErrorCode found) const {
    switch (api_) {
        case Api::produce:
            // Old clients do not retry a write for this code, but they do for that one.
            if (found == ErrorCode::concurrent_transactions && !adds_implicitly())
                return ErrorCode::not_enough_replicas;
            return write_answer(found, /*knows_abortable=*/version_ >= 11);
        case Api::txn_offset_commit: return write_answer(found, /*knows_abortable=*/version_ >= 4);
        case Api::init_producer_id:
            return fencing_answer(found, /*knows_fenced=*/version_ >= 4);  // KIP-588
        case Api::add_partitions_to_txn:
        case Api::add_offsets_to_txn:
        case Api::end_txn:
            return fencing_answer(found, /*knows_fenced=*/version_ >= 2);  // KAFKA-9911
    }
    return found;
}

ErrorCode ClientRequest::fencing_answer(ErrorCode found, bool knows_fenced) {
    if (found == ErrorCode::producer_fenced && !knows_fenced)
        return ErrorCode::invalid_producer_epoch;
    return found;
}

ErrorCode ClientRequest::write_answer(ErrorCode found, bool knows_abortable) {
    switch (found) {
        case ErrorCode::producer_fenced:  // never for a write, in any version (KAFKA-10687)
            return ErrorCode::invalid_producer_epoch;
        case ErrorCode::transaction_abortable:  // KAFKA-16314
            return knows_abortable ? found : ErrorCode::invalid_txn_state;
        default: return found;
    }
}

}  // namespace broker::coordinator::transaction
