#include "tools/bench/load/identity.h"

#include <thread>

#include "protocol/messages/end_txn.h"
#include "protocol/messages/find_coordinator.h"
#include "protocol/messages/init_producer_id.h"

namespace bench {

namespace {

using namespace std::chrono_literals;
using protocol::ErrorCode;

constexpr int16_t find_coordinator_version = 4;
constexpr int16_t init_producer_id_version = 5;

}  // namespace

void find_coordinator(Connection& connection, CoordinatorOf kind, const std::string& key) {
    const protocol::FindCoordinatorRequest request{.key_type = static_cast<int8_t>(kind),
                                                   .coordinator_keys = {key}};
    while (connection.call<protocol::FindCoordinatorResponse>(request, find_coordinator_version)
               .coordinators.at(0)
               .error_code != ErrorCode::none)
        std::this_thread::sleep_for(1ms);
}

ProducerIdentity init_producer_id(Connection& connection,
                                  const std::optional<std::string>& transactional_id) {
    if (transactional_id)
        find_coordinator(connection, CoordinatorOf::transaction, *transactional_id);
    const protocol::InitProducerIdRequest request{.transactional_id = transactional_id,
                                                  .transaction_timeout_ms = 60'000};
    for (;; std::this_thread::sleep_for(1ms)) {
        const auto answer =
            connection.call<protocol::InitProducerIdResponse>(request, init_producer_id_version);
        if (is_not_ready(answer.error_code)) continue;
        require(answer.error_code, "asking for a producer id");
        return {.id = answer.producer_id, .epoch = answer.producer_epoch};
    }
}

Blob end_txn_frame(const std::string& transactional_id, ProducerIdentity producer, bool committed,
                   int16_t version) {
    const protocol::EndTxnRequest request{.transactional_id = transactional_id,
                                          .producer_id = producer.id,
                                          .producer_epoch = producer.epoch,
                                          .committed = committed};
    return request_frame(protocol::EndTxnRequest::api_key, version,
                         protocol::encode_gathered(request, version));
}

ProducerIdentity identity_after(Bytes end_txn_answer, ProducerIdentity producer, int16_t version) {
    const auto ended = Connection::decode_answer<protocol::EndTxnResponse>(end_txn_answer, version);
    require(ended.error_code, "ending a transaction");
    if (version < end_txn_version) return producer;
    return {.id = ended.producer_id, .epoch = ended.producer_epoch};
}

}  // namespace bench
