#include "tests/simulation/admin.h"

#include "protocol/messages/create_topics.h"
#include "protocol/messages/delete_topics.h"
#include "protocol/messages/list_transactions.h"

namespace simulation {

using namespace protocol;

namespace {

constexpr int64_t patience_ms = 60'000;

}  // namespace

asio::awaitable<void> Admin::create(std::string topic, int32_t partition_count) {
    CreateTopicsRequest request{
        .topics = {{.name = topic, .num_partitions = partition_count, .replication_factor = -1}}};
    request.topics.front().configs = {
        {.name = "internal.segment.bytes", .value = std::string_view(segment_bytes_)},
        {.name = "index.interval.bytes", .value = "100"}};
    const auto created = co_await ask<CreateTopicsResponse>(
        request, 7,
        [](const CreateTopicsResponse& response) { return response.topics.at(0).error_code; },
        machine().clock.now_ms() + patience_ms);
    if (!created) co_return;
    const ErrorCode error = (*created)->topics.at(0).error_code;
    require(error == ErrorCode::none || error == ErrorCode::topic_already_exists,
            "a topic cannot be made: " + std::string(name(error)));
}

asio::awaitable<void> Admin::create_topics() {
    co_await create(input_topic, input_partition_count);
    co_await create(output_topic, input_partition_count);
    co_await create(audit_topic, 1);
    co_await create(scratch_topic, 1);
}

asio::awaitable<void> Admin::run() {
    while (!scene_.is_over) {
        co_await machine().pause(dice().between(1'000, 20'000));
        if (scene_.is_over) co_return;
        scene_.is_deleting = true;
        machine().tell("delete a topic");
        co_await ask<DeleteTopicsResponse>(
            DeleteTopicsRequest{.topics = {{.name = scratch_topic}}}, 6,
            [](const DeleteTopicsResponse& response) {
                const ErrorCode error = response.responses.at(0).error_code;
                // A try before this one may have deleted it.
                return error == ErrorCode::unknown_topic_or_partition ? ErrorCode::none : error;
            },
            machine().clock.now_ms() + patience_ms);
        co_await create(scratch_topic, 1);
    }
}

asio::awaitable<void> Admin::check_rest() {
    const auto listed = co_await ask<ListTransactionsResponse>(
        ListTransactionsRequest{}, 1, [](const auto& response) { return response.error_code; },
        machine().clock.now_ms() + patience_ms);
    require(listed.has_value(), "transactions cannot be listed");
    for (const auto& transaction : (*listed)->transaction_states) {
        const std::string& state = transaction.transaction_state;
        require(state == "Empty" || state == "CompleteCommit" || state == "CompleteAbort",
                transaction.transactional_id + " hangs: " + state);
    }
    for (int32_t partition = 0; partition < input_partition_count; ++partition) {
        const auto offset = co_await committed_offset(partition);
        require(offset.has_value(), "an offset hangs");
    }
}

}  // namespace simulation
