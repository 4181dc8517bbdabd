#include <algorithm>

#include "broker/api/coordinator_home.h"
#include "broker/api/handlers.h"
#include "broker/shard.h"

namespace broker::api {

namespace {

using protocol::AddPartitionsToTxnRequest;
using protocol::AddPartitionsToTxnResponse;
using protocol::ErrorCode;
using Transaction = AddPartitionsToTxnRequest::AddPartitionsToTxnTransaction;
using Topics = std::vector<AddPartitionsToTxnRequest::AddPartitionsToTxnTopic>;
using TopicResults = std::vector<AddPartitionsToTxnResponse::AddPartitionsToTxnTopicResult>;
using coordinator::TopicPartition;
namespace transaction = coordinator::transaction;

std::vector<TopicPartition> partitions_of(const Topics& topics) {
    std::vector<TopicPartition> partitions;
    for (const auto& topic : topics)
        for (const int32_t partition : topic.partitions)
            partitions.push_back({std::string(topic.name), partition});
    return partitions;
}

// One error per partition, in the request's order.
TopicResults results_of(const Topics& topics, const std::vector<ErrorCode>& errors) {
    TopicResults results;
    auto error = errors.begin();
    for (const auto& topic : topics) {
        auto& result = results.emplace_back();
        result.name = topic.name;
        for (const int32_t partition : topic.partitions)
            result.results_by_partition.push_back(
                {.partition_index = partition, .partition_error_code = *error++});
    }
    return results;
}

// All partitions join the transaction, or none: one that does not exist keeps the others out.
std::vector<ErrorCode> missing_partitions(const metadata::ClusterImage& image,
                                          const std::vector<TopicPartition>& partitions) {
    std::vector<ErrorCode> errors;
    for (const auto& [name, partition] : partitions) {
        const auto topic = image.find(std::string_view(name));
        const bool is_there = topic && partition >= 0 && partition < topic->partition_count();
        errors.push_back(is_there ? ErrorCode::operation_not_attempted
                                  : ErrorCode::unknown_topic_or_partition);
    }
    if (std::ranges::find(errors, ErrorCode::unknown_topic_or_partition) == errors.end())
        errors.clear();
    return errors;
}

Answer<std::vector<ErrorCode>> add_or_verify(RequestContext& context, const Transaction& asked) {
    const auto partitions = partitions_of(asked.topics);
    if (auto missing = missing_partitions(context.home.image, partitions); !missing.empty())
        co_return missing;
    const auto home = transaction_home(context, asked.transactional_id);
    if (!home) co_return std::vector<ErrorCode>(partitions.size(), home.error());
    const transaction::Producer producer{asked.transactional_id, asked.producer_id,
                                         asked.producer_epoch};
    const auto client = transaction::ClientRequest::add_partitions_to_txn(context.version);
    auto& service = home->owner->transactions;
    if (asked.verify_only) {
        auto verify = [&] {
            const auto machine = service.coordinator(home->partition);
            return machine ? (*machine)->verify_partitions(producer, partitions, client)
                           : std::vector<ErrorCode>(partitions.size(), machine.error());
        };
        co_return co_await home->owner->run(std::move(verify));
    }
    auto add = [&] {
        return service.run(home->partition, [&](const auto& machine, int64_t now_ms, int64_t) {
            return machine.add_partitions(producer, partitions, client, now_ms);
        });
    };
    const auto effects = co_await home->owner->run(std::move(add));
    co_return std::vector<ErrorCode>(partitions.size(), effects.error);
}

}  // namespace

Answer<AddPartitionsToTxnResponse> add_partitions_to_txn(RequestContext& context,
                                                         const AddPartitionsToTxnRequest& request) {
    AddPartitionsToTxnResponse response;
    if (context.version < 4) {
        const Transaction only{.transactional_id = request.v3_and_below_transactional_id,
                               .producer_id = request.v3_and_below_producer_id,
                               .producer_epoch = request.v3_and_below_producer_epoch,
                               .topics = request.v3_and_below_topics};
        const auto errors = co_await add_or_verify(context, only);
        response.results_by_topic_v3_and_below = results_of(only.topics, errors);
        co_return response;
    }
    for (const Transaction& asked : request.transactions) {
        const auto errors = co_await add_or_verify(context, asked);
        response.results_by_transaction.push_back(
            {.transactional_id = std::string(asked.transactional_id),
             .topic_results = results_of(asked.topics, errors)});
    }
    co_return response;
}

}  // namespace broker::api
