#include "broker/api/coordinator_home.h"
#include "broker/api/handlers.h"
#include "broker/shard.h"

namespace broker::api {

namespace {

using State = protocol::DescribeTransactionsResponse::TransactionState;

Answer<State> describe(RequestContext& context, std::string_view transactional_id) {
    State failed{.transactional_id = std::string(transactional_id)};
    const auto home = transaction_home(context, transactional_id);
    if (!home) {
        failed.error_code = home.error();
        co_return failed;
    }
    auto look = [&] {
        const auto machine = home->owner->transactions.coordinator(home->partition);
        if (machine) return (*machine)->describe(transactional_id);
        failed.error_code = machine.error();
        return failed;
    };
    co_return co_await home->owner->run(std::move(look));
}

}  // namespace

Answer<protocol::DescribeTransactionsResponse> describe_transactions(
    RequestContext& context, const protocol::DescribeTransactionsRequest& request) {
    protocol::DescribeTransactionsResponse response;
    for (const std::string_view transactional_id : request.transactional_ids) {
        State state = co_await describe(context, transactional_id);
        response.transaction_states.push_back(std::move(state));
    }
    co_return response;
}

}  // namespace broker::api
