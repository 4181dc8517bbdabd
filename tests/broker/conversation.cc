#include "tests/broker/conversation.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "protocol/messages/add_offsets_to_txn.h"
#include "protocol/messages/add_partitions_to_txn.h"
#include "protocol/messages/create_topics.h"
#include "protocol/messages/delete_records.h"
#include "protocol/messages/delete_topics.h"
#include "protocol/messages/describe_transactions.h"
#include "protocol/messages/end_txn.h"
#include "protocol/messages/fetch.h"
#include "protocol/messages/find_coordinator.h"
#include "protocol/messages/init_producer_id.h"
#include "protocol/messages/offset_commit.h"
#include "protocol/messages/offset_fetch.h"
#include "protocol/messages/produce.h"
#include "protocol/messages/txn_offset_commit.h"
#include "tests/support/batches.h"

namespace broker_fixture {

using namespace protocol;

namespace {

constexpr int16_t fetch_version = 12;
constexpr int32_t request_timeout_ms = 30'000;

Fetched read_fetched(const FetchResponse& response) {
    Fetched fetched{.error = response.error_code};
    if (response.responses.empty()) return fetched;
    const auto& partition = response.responses.front().partitions.front();
    fetched.error = partition.error_code;
    fetched.high_watermark = partition.high_watermark;
    fetched.last_stable_offset = partition.last_stable_offset;
    fetched.log_start_offset = partition.log_start_offset;
    if (partition.aborted_transactions)
        for (const auto& aborted : *partition.aborted_transactions)
            fetched.aborted.emplace_back(aborted.producer_id, aborted.first_offset);
    if (!partition.records) return fetched;
    fetched.records.assign(partition.records->bytes.begin(), partition.records->bytes.end());
    BatchCursor batches(fetched.records);
    while (const auto batch = batches.next()) {
        CHECK(batch->has_valid_crc());
        fetched.base_offsets.push_back(batch->base_offset());
        if (!batch->is_control()) fetched.record_count += batch->record_count();
    }
    return fetched;
}

}  // namespace

int64_t now_ms() {
    using namespace std::chrono;
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

std::ostream& operator<<(std::ostream& out, const Producer& producer) {
    return out << fmt::format("producer {} epoch {}", producer.id, producer.epoch);
}

std::ostream& operator<<(std::ostream& out, const Produced& produced) {
    return out << fmt::format("{} at {}", name(produced.error), produced.base_offset);
}

std::ostream& operator<<(std::ostream& out, const Committed& committed) {
    return out << fmt::format("{}: {}", name(committed.error), committed.offset);
}

Uuid create_topic(Client& client, const std::string& name, int32_t partition_count,
                  const std::map<std::string, std::string>& configs) {
    CreateTopicsRequest request{
        .topics = {{.name = name, .num_partitions = partition_count, .replication_factor = -1}}};
    for (const auto& [key, value] : configs)
        request.topics.front().configs.push_back({.name = key, .value = value});
    const auto created = client.call<CreateTopicsResponse>(request, 7);
    REQUIRE(created->topics.size() == 1);
    REQUIRE(created->topics.front().error_code == ErrorCode::none);
    return created->topics.front().topic_id;
}

ErrorCode try_to_create_topic(Client& client, const std::string& name) {
    const CreateTopicsRequest request{
        .topics = {{.name = name, .num_partitions = 1, .replication_factor = -1}}};
    return client.call<CreateTopicsResponse>(request, 7)->topics.at(0).error_code;
}

void delete_topic(Client& client, const std::string& name) {
    const auto deleted =
        client.call<DeleteTopicsResponse>(DeleteTopicsRequest{.topics = {{.name = name}}}, 6);
    REQUIRE(deleted->responses.front().error_code == ErrorCode::none);
}

Blob plain_batch(int32_t record_count, size_t value_bytes) {
    return support::build_batch(
        {.record_count = record_count, .timestamp = now_ms(), .value_bytes = value_bytes});
}

Blob idempotent_batch(Producer producer, int32_t sequence, int32_t record_count) {
    return support::build_batch({.record_count = record_count,
                                 .timestamp = now_ms(),
                                 .producer_id = producer.id,
                                 .producer_epoch = producer.epoch,
                                 .base_sequence = sequence});
}

Blob transactional_batch(Producer producer, int32_t sequence, int32_t record_count) {
    return support::build_batch({.record_count = record_count,
                                 .timestamp = now_ms(),
                                 .producer_id = producer.id,
                                 .producer_epoch = producer.epoch,
                                 .base_sequence = sequence,
                                 .transactional = true});
}

void send_produce(Client& client, const Partition& partition, Bytes batch,
                  const ProduceOptions& options) {
    ProduceRequest request{.acks = options.acks, .timeout_ms = request_timeout_ms};
    if (options.transactional_id) request.transactional_id = *options.transactional_id;
    request.topic_data = {
        {.name = partition.topic,
         .partition_data = {{.index = partition.index, .records = Records{batch}}}}};
    client.send(request, options.version);
}

Produced receive_produced(Client& client, int16_t version) {
    const auto response = client.receive<ProduceResponse>(version);
    const auto& answer = response->responses.at(0).partition_responses.at(0);
    return {answer.error_code, answer.base_offset};
}

Produced produce(Client& client, const Partition& partition, Bytes batch,
                 const ProduceOptions& options) {
    send_produce(client, partition, batch, options);
    return receive_produced(client, options.version);
}

void send_fetch(Client& client, const Partition& partition, int64_t offset,
                const FetchOptions& options) {
    FetchRequest request{.max_wait_ms = options.max_wait_ms,
                         .min_bytes = options.min_bytes,
                         .max_bytes = options.max_bytes,
                         .isolation_level = options.isolation};
    request.topics = {{.topic = partition.topic,
                       .partitions = {{.partition = partition.index,
                                       .current_leader_epoch = options.current_leader_epoch,
                                       .fetch_offset = offset,
                                       .last_fetched_epoch = options.last_fetched_epoch,
                                       .partition_max_bytes = options.partition_max_bytes}}}};
    client.send(request, fetch_version);
}

Fetched receive_fetched(Client& client) {
    return read_fetched(*client.receive<FetchResponse>(fetch_version));
}

Fetched fetch(Client& client, const Partition& partition, int64_t offset,
              const FetchOptions& options) {
    send_fetch(client, partition, offset, options);
    return receive_fetched(client);
}

void find_coordinators(Client& client, const std::string& group, const std::string& id) {
    for (const auto key_type : std::initializer_list<int8_t>{0, 1}) {
        FindCoordinatorRequest request{.key_type = key_type,
                                       .coordinator_keys = {key_type == 0 ? group : id}};
        const auto found = client.call<FindCoordinatorResponse>(request, 6);
        REQUIRE(found->coordinators.at(0).error_code == ErrorCode::none);
    }
}

Initialised init_producer_id(Client& client, const std::optional<std::string>& transactional_id,
                             const InitOptions& options) {
    InitProducerIdRequest request{.transaction_timeout_ms = options.timeout_ms,
                                  .producer_id = options.expected.id,
                                  .producer_epoch = options.expected.epoch};
    request.transactional_id.reset();
    if (transactional_id) request.transactional_id = *transactional_id;
    const auto answer = client.call<InitProducerIdResponse>(request, options.version);
    return {answer->error_code, {answer->producer_id, answer->producer_epoch}};
}

Producer start_producer(Client& client, const std::string& transactional_id,
                        const InitOptions& options) {
    find_coordinators(client, "a-group", transactional_id);
    const auto started = init_producer_id(client, transactional_id, options);
    REQUIRE(started.error == ErrorCode::none);
    return started.producer;
}

Producer start_idempotent_producer(Client& client) {
    const auto started = init_producer_id(client, std::nullopt);
    REQUIRE(started.error == ErrorCode::none);
    return started.producer;
}

std::vector<ErrorCode> add_partitions(Client& client, const std::string& transactional_id,
                                      Producer producer, const std::vector<Partition>& partitions,
                                      int16_t version) {
    AddPartitionsToTxnRequest request{.v3_and_below_transactional_id = transactional_id,
                                      .v3_and_below_producer_id = producer.id,
                                      .v3_and_below_producer_epoch = producer.epoch};
    for (const auto& [topic, index] : partitions)
        request.v3_and_below_topics.push_back({.name = topic, .partitions = {index}});
    const auto answer = client.call<AddPartitionsToTxnResponse>(request, version);
    std::vector<ErrorCode> errors;
    for (const auto& topic : answer->results_by_topic_v3_and_below)
        for (const auto& result : topic.results_by_partition)
            errors.push_back(result.partition_error_code);
    return errors;
}

ErrorCode add_offsets(Client& client, const std::string& transactional_id, Producer producer,
                      const std::string& group) {
    const AddOffsetsToTxnRequest request{.transactional_id = transactional_id,
                                         .producer_id = producer.id,
                                         .producer_epoch = producer.epoch,
                                         .group_id = group};
    return client.call<AddOffsetsToTxnResponse>(request, 3)->error_code;
}

Ended end_transaction(Client& client, const std::string& transactional_id, Producer producer,
                      Outcome outcome, int16_t version) {
    const EndTxnRequest request{.transactional_id = transactional_id,
                                .producer_id = producer.id,
                                .producer_epoch = producer.epoch,
                                .committed = outcome == Outcome::commit};
    const auto answer = client.call<EndTxnResponse>(request, version);
    return {answer->error_code, {answer->producer_id, answer->producer_epoch}};
}

ErrorCode commit_offset_in_transaction(Client& client, const std::string& transactional_id,
                                       Producer producer, const std::string& group,
                                       const Partition& partition, int64_t offset,
                                       int16_t version) {
    TxnOffsetCommitRequest request{.transactional_id = transactional_id,
                                   .group_id = group,
                                   .producer_id = producer.id,
                                   .producer_epoch = producer.epoch};
    request.topics = {
        {.name = partition.topic,
         .partitions = {{.partition_index = partition.index, .committed_offset = offset}}}};
    const auto answer = client.call<TxnOffsetCommitResponse>(request, version);
    return answer->topics.at(0).partitions.at(0).error_code;
}

void send_commit_offset(Client& client, const std::string& group, const Partition& partition,
                        int64_t offset) {
    OffsetCommitRequest request{.group_id = group};
    request.topics = {
        {.name = partition.topic,
         .partitions = {{.partition_index = partition.index, .committed_offset = offset}}}};
    client.send(request, 9);
}

ErrorCode commit_offset(Client& client, const std::string& group, const Partition& partition,
                        int64_t offset) {
    send_commit_offset(client, group, partition, offset);
    const auto answer = client.receive<OffsetCommitResponse>(9);
    return answer->topics.at(0).partitions.at(0).error_code;
}

Committed committed_offset(Client& client, const std::string& group, const Partition& partition,
                           bool require_stable) {
    OffsetFetchRequest request{.require_stable = require_stable};
    auto& wanted = request.groups.emplace_back();
    wanted.group_id = group;
    wanted.topics = {{{.name = partition.topic, .partition_indexes = {partition.index}}}};
    const auto answer = client.call<OffsetFetchResponse>(request, 9);
    const auto& group_answer = answer->groups.at(0);
    if (group_answer.error_code != ErrorCode::none) return {group_answer.error_code, -1};
    const auto& found = group_answer.topics.at(0).partitions.at(0);
    return {found.error_code, found.committed_offset};
}

Committed delete_records(Client& client, const Partition& partition, int64_t before_offset) {
    DeleteRecordsRequest request{.timeout_ms = request_timeout_ms};
    request.topics = {
        {.name = partition.topic,
         .partitions = {{.partition_index = partition.index, .offset = before_offset}}}};
    const auto answer = client.call<DeleteRecordsResponse>(request, 2);
    const auto& deleted = answer->topics.at(0).partitions.at(0);
    return {deleted.error_code, deleted.low_watermark};
}

void wait_until(const std::function<bool()>& is_so) {
    const int64_t give_up_ms = now_ms() + 20'000;
    while (!is_so()) {
        REQUIRE(now_ms() < give_up_ms);
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
}

std::string transaction_state(Client& client, const std::string& transactional_id) {
    const auto described = client.call<DescribeTransactionsResponse>(
        DescribeTransactionsRequest{.transactional_ids = {transactional_id}}, 0);
    return described->transaction_states.at(0).transaction_state;
}

}  // namespace broker_fixture
