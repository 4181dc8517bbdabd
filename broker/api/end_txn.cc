#include "broker/api/coordinator_home.h"
#include "broker/api/handlers.h"
#include "broker/shard.h"

namespace broker::api {

// Answered when the transaction is complete: its markers are written and its offsets visible, so
// that the next one begins at once.
Answer<protocol::EndTxnResponse> end_txn(RequestContext& context,
                                         const protocol::EndTxnRequest& request) {
    const auto home = transaction_home(context, request.transactional_id);
    if (!home) co_return protocol::EndTxnResponse{.error_code = home.error()};
    auto work = [&] {
        return home->owner->transactions.run(
            home->partition, [&](const auto& machine, int64_t now_ms, int64_t fresh_producer_id) {
                return machine.end(request, context.version, now_ms, fresh_producer_id);
            });
    };
    const auto effects = co_await home->owner->run(std::move(work));
    co_return protocol::EndTxnResponse{.error_code = effects.error,
                                       .producer_id = effects.producer_id,
                                       .producer_epoch = effects.producer_epoch};
}

}  // namespace broker::api
