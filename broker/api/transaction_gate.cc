#include "broker/api/transaction_gate.h"

#include "broker/shard.h"

namespace broker::api {

namespace transaction = coordinator::transaction;

namespace {

using Errors = std::vector<protocol::ErrorCode>;

Errors verify(coordinator::TransactionService& service, int32_t coordinator_partition,
              const transaction::Producer& producer,
              const std::vector<coordinator::TopicPartition>& partitions,
              transaction::ClientRequest request) {
    const auto machine = service.coordinator(coordinator_partition);
    if (!machine) return Errors(partitions.size(), machine.error());
    return (*machine)->verify_partitions(producer, partitions, request);
}

}  // namespace

asio::awaitable<Errors> pass_transaction_gate(
    RequestContext& context, transaction::Producer producer,
    const std::vector<coordinator::TopicPartition>& partitions,
    transaction::ClientRequest request) {
    const auto home = transaction_home(context, producer.transactional_id);
    if (!home) co_return Errors(partitions.size(), request.answer(home.error()));
    auto& service = home->owner->transactions;
    if (request.adds_implicitly()) {
        auto add = [&] {
            return service.run(home->partition, [&](const auto& machine, int64_t now_ms, int64_t) {
                return machine.add_partitions(producer, partitions, request, now_ms);
            });
        };
        const auto effects = co_await home->owner->run(std::move(add));
        co_return Errors(partitions.size(), effects.error);
    }
    auto look_up = [&] { return verify(service, home->partition, producer, partitions, request); };
    co_return co_await home->owner->run(std::move(look_up));
}

}  // namespace broker::api
