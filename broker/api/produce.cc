#include "broker/api/produce.h"

#include <algorithm>

#include "broker/api/handlers.h"
#include "broker/api/throttle.h"
#include "broker/api/topic_lookup.h"
#include "broker/api/transaction_gate.h"
#include "broker/broker.h"

namespace broker::api {

namespace {

using protocol::BatchView;
using protocol::ErrorCode;
using protocol::ProduceRequest;
using protocol::ProduceResponse;
using Answered = ProduceResponse::TopicProduceResponse::PartitionProduceResponse;

// The name by which Kafka's own admin client may write to internal topics.
constexpr std::string_view admin_client_id = "__admin_client";
constexpr int16_t acks_all = -1;

// One partition of the request on its way.
struct Write {
    const ProduceRequest::TopicProduceData::PartitionProduceData* data = nullptr;
    metadata::TopicRef topic;
    Shard* owner = nullptr;
    partition::Produced outcome;
    partition::Replica::Ticket ticket = 0;

    bool is_refused() const { return outcome.error != ErrorCode::none; }
    protocol::Bytes records() const {
        return data->records ? data->records->bytes : protocol::Bytes{};
    }
};

ErrorCode refusal_of(const RequestContext& context, const metadata::TopicImage& topic) {
    // Only the coordinators write their topics: __consumer_offsets may be repaired by an admin.
    const bool is_admin = context.client_id == admin_client_id;
    if (topic.name == metadata::transactions_topic || (topic.is_internal && !is_admin))
        return ErrorCode::invalid_topic_exception;
    return ErrorCode::none;
}

std::vector<Write> resolve(RequestContext& context, const ProduceRequest& request) {
    std::vector<Write> writes;
    for (const auto& topic_data : request.topic_data) {
        const auto topic = find_topic(context.home.image, context.version >= 13, topic_data.name,
                                      topic_data.topic_id);
        ErrorCode error = topic ? refusal_of(context, **topic) : topic.error();
        if (!topic && context.version < 13)
            if (const auto valid = metadata::validate_topic_name(topic_data.name); !valid)
                error = valid.error().code;
        for (const auto& data : topic_data.partition_data) {
            Write& write = writes.emplace_back();
            write.data = &data;
            write.outcome.error = error;
            if (error != ErrorCode::none) continue;
            write.topic = *topic;
            write.owner = &context.shards.owner_of((*topic)->id, data.index);
        }
    }
    return writes;
}

bool has_transactional_batch(const ProduceRequest& request) {
    for (const auto& topic : request.topic_data)
        for (const auto& partition : topic.partition_data)
            if (partition.records)
                if (const auto batch = BatchView::first_in(partition.records->bytes))
                    if (batch->is_transactional()) return true;
    return false;
}

// Zstandard came with v7 (KIP-110): an older client could not read such a topic itself.
bool may_use_codec(const Write& write, int16_t version) {
    const auto batch = BatchView::first_in(write.records());
    return version >= 7 || !batch || batch->compression() != protocol::Compression::zstd;
}

void refuse_all(std::vector<Write>& writes, ErrorCode error) {
    for (Write& write : writes) write.outcome = {.error = error};
}

// Kafka's answers to what the coordinator said: a client must not take a passing trouble of the
// coordinator for one of the partition's.
partition::Produced gate_refusal(ErrorCode error) {
    switch (error) {
        case ErrorCode::invalid_txn_state:
            return {.error = error, .message = "Partition was not added to the transaction"};
        case ErrorCode::coordinator_load_in_progress:
        case ErrorCode::coordinator_not_available:
        case ErrorCode::not_coordinator:
            return {.error = ErrorCode::not_enough_replicas,
                    .message = "The transaction could not be verified: " +
                               std::string(protocol::name(error))};
        default: return {.error = error};
    }
}

asio::awaitable<void> begin_verification(Write& write, const BatchView& batch) {
    auto begin = [&write, &batch] {
        const auto replica = write.owner->replicas.get(*write.topic, write.data->index);
        if (!replica)
            write.outcome.error = replica.error();
        else
            write.ticket =
                (*replica)->begin_verification(batch.producer_id(), batch.producer_epoch());
    };
    co_await write.owner->run(std::move(begin));
}

// Asks the coordinator about those partitions where the transaction is not open yet.
asio::awaitable<void> verify(RequestContext& context, const ProduceRequest& request,
                             std::vector<Write>& writes) {
    std::vector<Write*> asked;
    std::vector<coordinator::TopicPartition> partitions;
    coordinator::transaction::Producer producer{.transactional_id = *request.transactional_id};
    for (Write& write : writes) {
        const auto batch = BatchView::first_in(write.records());
        if (write.is_refused() || !batch || !batch->is_transactional()) continue;
        co_await begin_verification(write, *batch);
        if (write.is_refused() || write.ticket == 0) continue;
        // The coordinator's word is about one producer: it must not let another one's batch pass.
        const bool is_other =
            producer.id != batch->producer_id() || producer.epoch != batch->producer_epoch();
        if (!asked.empty() && is_other)
            co_return refuse_all(writes, ErrorCode::invalid_producer_id_mapping);
        producer.id = batch->producer_id();
        producer.epoch = batch->producer_epoch();
        asked.push_back(&write);
        partitions.push_back({write.topic->name, write.data->index});
    }
    if (asked.empty()) co_return;
    const auto client = coordinator::transaction::ClientRequest::produce(context.version);
    const auto errors = co_await pass_transaction_gate(context, producer, partitions, client);
    for (size_t i = 0; i < asked.size(); ++i)
        if (errors[i] != ErrorCode::none) asked[i]->outcome = gate_refusal(errors[i]);
}

// Requires: called on the owner's shard.
void append_here(const RequestContext& context, Write& write) {
    const auto replica = write.owner->replicas.get(*write.topic, write.data->index);
    if (!replica) {
        write.outcome.error = replica.error();
        return;
    }
    const auto records = write.records();
    // The frame's buffer is this connection's own: the log stamps offsets into it in place.
    const protocol::MutableBytes stamped(const_cast<std::byte*>(records.data()), records.size());
    write.outcome = (*replica)->append(
        stamped, {.topic = write.topic->config,
                  .now_ms = write.owner->clock.now_ms(),
                  .must_be_verified = context.home.config.transaction.partition_verification,
                  .ticket = write.ticket,
                  .has_epoch_per_transaction = context.version >= 12,
                  .group = context.appends});
}

asio::awaitable<void> append(RequestContext& context, Write& write) {
    auto work = [&context, &write] { append_here(context, write); };
    co_await write.owner->run(std::move(work));
}

// What append() did not use up, as the batch was refused.
asio::awaitable<void> drop_ticket(Write& write) {
    const auto batch = BatchView::first_in(write.records());
    auto drop = [&write, producer_id = batch->producer_id()] {
        if (const auto replica = write.owner->replicas.get(*write.topic, write.data->index))
            (*replica)->end_verification(producer_id, write.ticket);
    };
    co_await write.owner->run(std::move(drop));
}

Answered answered(Write& write) {
    auto& outcome = write.outcome;
    Answered answer{.index = write.data->index,
                    .error_code = outcome.error,
                    .base_offset = outcome.base_offset,
                    .log_append_time_ms = outcome.log_append_time_ms,
                    .log_start_offset = outcome.log_start_offset};
    if (!outcome.message.empty()) answer.error_message = std::move(outcome.message);
    for (auto& error : outcome.record_errors)
        answer.record_errors.push_back(
            {.batch_index = error.index, .batch_index_error_message = std::move(error.message)});
    return answer;
}

ProduceResponse respond(const ProduceRequest& request, std::vector<Write>& writes) {
    ProduceResponse response;
    response.responses.reserve(request.topic_data.size());
    auto write = writes.begin();
    for (const auto& topic_data : request.topic_data) {
        auto& topic = response.responses.emplace_back();
        topic.name = topic_data.name;
        topic.topic_id = topic_data.topic_id;
        topic.partition_responses.reserve(topic_data.partition_data.size());
        for (size_t i = 0; i < topic_data.partition_data.size(); ++i)
            topic.partition_responses.push_back(answered(*write++));
    }
    return response;
}

// acks=all asks for more replicas than are in sync: of partitions that another cluster replicated.
void refuse_under_min_in_sync(std::vector<Write>& writes) {
    for (Write& write : writes)
        if (!write.is_refused() && !metadata::has_enough_in_sync(*write.topic, write.data->index))
            write.outcome.error = ErrorCode::not_enough_replicas;
}

// The writes, and which of them are refused before anything is asked of a partition.
std::vector<Write> begin(RequestContext& context, const ProduceRequest& request,
                         bool is_transactional) {
    auto writes = resolve(context, request);
    if (request.acks == acks_all) refuse_under_min_in_sync(writes);
    for (Write& write : writes)
        if (!write.is_refused() && !may_use_codec(write, context.version))
            write.outcome.error = ErrorCode::unsupported_compression_type;
    if (request.acks < acks_all || request.acks > 1)
        refuse_all(writes, ErrorCode::invalid_required_acks);
    else if (is_transactional && !request.transactional_id)
        refuse_all(writes, ErrorCode::transactional_id_authorization_failed);
    return writes;
}

// Newer clients' partitions join the transaction by it, whether or not it is enforced.
bool verifies(const RequestContext& context) {
    return context.home.config.transaction.partition_verification ||
           coordinator::transaction::ClientRequest::produce(context.version).adds_implicitly();
}

// Whether the coordinator has nothing to say: the transaction is open in the partition already.
bool is_open_here(const Write& write, const BatchView& batch) {
    const auto replica = write.owner->replicas.get(*write.topic, write.data->index);
    if (!replica) return false;
    const auto ticket = (*replica)->begin_verification(batch.producer_id(), batch.producer_epoch());
    if (ticket != 0) (*replica)->end_verification(batch.producer_id(), ticket);
    return ticket == 0;
}

bool is_done_here(const RequestContext& context, const Write& write, bool is_transactional) {
    if (write.is_refused()) return true;
    if (write.owner != &context.home) return false;
    if (!is_transactional || !verifies(context)) return true;
    const auto batch = BatchView::first_in(write.records());
    return !batch || !batch->is_transactional() || is_open_here(write, *batch);
}

ProduceResponse end(RequestContext& context, const ProduceRequest& request,
                    std::vector<Write>& writes) {
    if (request.acks == 0) {
        context.respond = false;
        context.is_work_counted = false;  // it cannot be told to wait
        context.close = std::ranges::any_of(writes, &Write::is_refused);
    }
    return respond(request, writes);
}

}  // namespace

std::optional<ProduceResponse> produce_at_once(RequestContext& context,
                                               const ProduceRequest& request) {
    if (is_limited(context, quota::Kind::produce)) return std::nullopt;
    const bool is_transactional = has_transactional_batch(request);
    auto writes = begin(context, request, is_transactional);
    const auto is_here = [&](const Write& write) {
        return is_done_here(context, write, is_transactional);
    };
    if (!std::ranges::all_of(writes, is_here)) return std::nullopt;
    for (Write& write : writes)
        if (!write.is_refused()) append_here(context, write);
    return end(context, request, writes);
}

Answer<ProduceResponse> produce(RequestContext& context, const ProduceRequest& request) {
    const bool is_transactional = has_transactional_batch(request);
    auto writes = begin(context, request, is_transactional);
    if (is_transactional && verifies(context)) co_await verify(context, request, writes);
    for (Write& write : writes) {
        if (!write.is_refused()) co_await append(context, write);
        if (write.ticket != 0 && write.is_refused()) co_await drop_ticket(write);
    }
    if (is_limited(context, quota::Kind::produce)) co_await charge_produce(context);
    co_return end(context, request, writes);
}

}  // namespace broker::api
