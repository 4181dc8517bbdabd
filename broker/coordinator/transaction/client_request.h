// Which request asks the coordinator to add or verify partitions: the client's transaction version
// and the error codes that it understands follow from it.
#pragma once

#include <cstdint>
#include <string_view>

#include "protocol/error.h"

namespace broker::coordinator::transaction {

// The producer that a request names.
struct Producer {
    std::string_view transactional_id;
    int64_t id = -1;
    int16_t epoch = -1;
};

// An API and its version, as in `ClientRequest::produce(12)`.
class ClientRequest {
  public:
    static constexpr ClientRequest produce(int16_t version) { return {Api::produce, version}; }
    static constexpr ClientRequest txn_offset_commit(int16_t version) {
        return {Api::txn_offset_commit, version};
    }
    static constexpr ClientRequest init_producer_id(int16_t version) {
        return {Api::init_producer_id, version};
    }
    static constexpr ClientRequest add_partitions_to_txn(int16_t version) {
        return {Api::add_partitions_to_txn, version};
    }
    static constexpr ClientRequest add_offsets_to_txn(int16_t version) {
        return {Api::add_offsets_to_txn, version};
    }
    static constexpr ClientRequest end_txn(int16_t version) { return {Api::end_txn, version}; }

    // KIP-890: writing to a partition adds it to the transaction. Otherwise the write is verified.
    bool adds_implicitly() const;

    // 2 or 0, which Kafka stores for every older client.
    int16_t transaction_version() const;

    // The code that this version of the API has for what the coordinator found.
    protocol::ErrorCode answer(protocol::ErrorCode found) const;

  private:
    enum class Api : int16_t {
        produce = 0,
        init_producer_id = 22,
        add_partitions_to_txn = 24,
        add_offsets_to_txn = 25,
        end_txn = 26,
        txn_offset_commit = 28,
    };
    constexpr ClientRequest(Api api, int16_t version) : api_(api), version_(version) {}

    static protocol::ErrorCode fencing_answer(protocol::ErrorCode found, bool knows_fenced);
    static protocol::ErrorCode write_answer(protocol::ErrorCode found, bool knows_abortable);

    Api api_;
    int16_t version_;
};

}  // namespace broker::coordinator::transaction
