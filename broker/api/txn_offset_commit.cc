#include "broker/api/committed_topics.h"
#include "broker/api/handlers.h"
#include "broker/api/run_group.h"
#include "broker/api/transaction_gate.h"

namespace broker::api {

namespace {

using coordinator::TransactionalProducer;
using protocol::ErrorCode;
using protocol::TxnOffsetCommitRequest;
using protocol::TxnOffsetCommitResponse;
namespace transaction = coordinator::transaction;

asio::awaitable<void> drop_ticket(const CoordinatorHome& group,
                                  const TransactionalProducer& producer) {
    auto drop = [&] { group.owner->groups.end_verification(group.partition, producer); };
    co_await group.owner->run(std::move(drop));
}

// The group's partition of __consumer_offsets has to be in the producer's open transaction.
Answer<std::expected<TransactionalProducer, ErrorCode>> verify(
    RequestContext& context, const TxnOffsetCommitRequest& request) {
    if (request.group_id.empty()) co_return std::unexpected(ErrorCode::invalid_group_id);
    TransactionalProducer producer{request.producer_id, request.producer_epoch};
    const auto group = group_home(context, request.group_id);
    if (!group) co_return std::unexpected(group.error());
    auto begin = [&] {
        return group->owner->groups.begin_verification(group->partition, producer.producer_id,
                                                       producer.producer_epoch);
    };
    const auto ticket = co_await group->owner->run(std::move(begin));
    if (!ticket) co_return std::unexpected(ticket.error());
    producer.ticket = *ticket;
    if (producer.ticket == 0) co_return producer;

    const std::vector<coordinator::TopicPartition> partitions = {
        {std::string(metadata::offsets_topic), group->partition}};
    const auto errors = co_await pass_transaction_gate(
        context, {request.transactional_id, request.producer_id, request.producer_epoch},
        partitions, transaction::ClientRequest::txn_offset_commit(context.version));
    if (errors.front() == ErrorCode::none) co_return producer;
    co_await drop_ticket(*group, producer);
    co_return std::unexpected(errors.front());
}

}  // namespace

Answer<TxnOffsetCommitResponse> txn_offset_commit(RequestContext& context,
                                                  const TxnOffsetCommitRequest& request) {
    const CommittedTopics<TxnOffsetCommitRequest, TxnOffsetCommitResponse> topics(
        context.home.image, request, /*by_id=*/context.version >= 6);
    // With nothing to commit the group does not join the transaction.
    if (topics.known().topics.empty()) co_return topics.refuse(ErrorCode::none);
    const auto producer = co_await verify(context, request);
    if (!producer) co_return topics.refuse(producer.error());
    const coordinator::GroupService::Operation commit = [&](auto& machine, const auto& caller) {
        return machine.txn_offset_commit(topics.known(), caller);
    };
    const auto answered =
        co_await run_group<TxnOffsetCommitResponse>(context, request.group_id, commit, *producer);
    co_return answered ? topics.join(*answered) : topics.refuse(answered.error());
}

}  // namespace broker::api
