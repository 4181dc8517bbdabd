#include "broker/api/handlers.h"
#include "broker/coordinator/transaction/transaction_filter.h"
#include "broker/shard.h"

namespace broker::api {

Answer<protocol::ListTransactionsResponse> list_transactions(
    RequestContext& context, const protocol::ListTransactionsRequest& request) {
    protocol::ListTransactionsResponse response;
    const auto filter = coordinator::transaction::TransactionFilter::parse(request);
    if (!filter) {
        response.error_code = filter.error();
        co_return response;
    }
    response.unknown_state_filters = filter->unknown_states();
    for (const auto& shard : context.shards) {
        auto list = [&] {
            shard->transactions.for_each([&](int32_t, const auto& machine) {
                machine.list(*filter, shard->clock.now_ms(), response.transaction_states);
            });
        };
        co_await shard->run(std::move(list));
    }
    co_return response;
}

}  // namespace broker::api
