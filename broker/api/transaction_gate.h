// What a write in a transaction has to pass before its append (KIP-890): the coordinator's word
// that the partition belongs to the producer's open transaction.
#pragma once

#include <asio/awaitable.hpp>
#include <vector>

#include "broker/api/coordinator_home.h"
#include "broker/coordinator/record.h"
#include "broker/coordinator/transaction/client_request.h"
#include "broker/request_context.h"

namespace broker::api {

// One error per partition. Newer clients' partitions join the transaction by being asked for;
// those of older ones are looked up.
asio::awaitable<std::vector<protocol::ErrorCode>> pass_transaction_gate(
    RequestContext& context, coordinator::transaction::Producer producer,
    const std::vector<coordinator::TopicPartition>& partitions,
    coordinator::transaction::ClientRequest request);

}  // namespace broker::api
