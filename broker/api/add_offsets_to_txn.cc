#include "broker/api/coordinator_home.h"
#include "broker/api/handlers.h"
#include "broker/shard.h"

namespace broker::api {

namespace transaction = coordinator::transaction;

// The group's partition of __consumer_offsets joins the transaction. Clients before KIP-890 look
// for the group's coordinator, which makes that topic, only afterwards.
Answer<protocol::AddOffsetsToTxnResponse> add_offsets_to_txn(
    RequestContext& context, const protocol::AddOffsetsToTxnRequest& request) {
    const auto home = transaction_home(context, request.transactional_id);
    if (!home) co_return protocol::AddOffsetsToTxnResponse{.error_code = home.error()};
    const std::vector<coordinator::TopicPartition> partitions = {
        {std::string(metadata::offsets_topic), group_partition(context, request.group_id)}};
    const transaction::Producer producer{request.transactional_id, request.producer_id,
                                         request.producer_epoch};
    const auto client = transaction::ClientRequest::add_offsets_to_txn(context.version);
    auto add = [&] {
        return home->owner->transactions.run(
            home->partition, [&](const auto& machine, int64_t now_ms, int64_t) {
                return machine.add_partitions(producer, partitions, client, now_ms);
            });
    };
    const auto effects = co_await home->owner->run(std::move(add));
    co_return protocol::AddOffsetsToTxnResponse{.error_code = effects.error};
}

}  // namespace broker::api
