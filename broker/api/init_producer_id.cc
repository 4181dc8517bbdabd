#include "broker/api/coordinator_home.h"
#include "broker/api/handlers.h"
#include "broker/shard.h"

namespace broker::api {

namespace {

using protocol::ErrorCode;
using protocol::InitProducerIdRequest;
using protocol::InitProducerIdResponse;
namespace transaction = coordinator::transaction;

InitProducerIdResponse respond(const transaction::Effects& effects) {
    if (effects.error != ErrorCode::none)
        return {.error_code = effects.error, .producer_id = -1, .producer_epoch = -1};
    return {.producer_id = effects.producer_id, .producer_epoch = effects.producer_epoch};
}

// Without a transactional id any broker gives out an id, and remembers nothing.
Answer<InitProducerIdResponse> init_idempotent(RequestContext& context,
                                               const InitProducerIdRequest& request) {
    ProducerIds& ids = context.home.producer_ids;
    const auto supplied = co_await ids.refill();
    if (!supplied) co_return respond({.error = coordinator::append_error(supplied.error())});
    const auto effects = transaction::init_idempotent_producer(request, ids.peek());
    if (effects.fresh_producer_id_used) ids.take();
    co_return respond(effects);
}

}  // namespace

Answer<InitProducerIdResponse> init_producer_id(RequestContext& context,
                                                const InitProducerIdRequest& request) {
    if (!request.transactional_id) {
        InitProducerIdResponse response = co_await init_idempotent(context, request);
        co_return response;
    }
    const auto home = transaction_home(context, *request.transactional_id);
    if (!home) co_return respond({.error = home.error()});
    auto work = [&] {
        return home->owner->transactions.run(
            home->partition, [&](const auto& machine, int64_t now_ms, int64_t fresh_producer_id) {
                return machine.init_producer_id(request, context.version, now_ms,
                                                fresh_producer_id);
            });
    };
    const auto effects = co_await home->owner->run(std::move(work));
    co_return respond(effects);
}

}  // namespace broker::api
