#include "tests/simulation/producers.h"

#include "protocol/messages/add_offsets_to_txn.h"
#include "protocol/messages/add_partitions_to_txn.h"
#include "protocol/messages/end_txn.h"
#include "protocol/messages/init_producer_id.h"
#include "protocol/messages/produce.h"
#include "protocol/messages/txn_offset_commit.h"

namespace simulation {

using namespace protocol;

namespace {

// Less than the broker remembers a producer, less the time that a request may be late.
constexpr int64_t delivery_timeout_ms = 4'000;

Blob build(const std::vector<Entry>& entries, const BatchBuilder::Options& options,
           int64_t now_ms) {
    BatchBuilder builder(options);
    for (const Entry& entry : entries) {
        const Blob value = entry.encode();
        builder.add(now_ms, std::nullopt, Bytes(value));
    }
    return builder.build();
}

template <class Response>
ErrorCode error_code(const Response& response) {
    return response.error_code;
}

template <class Response>
std::optional<ErrorCode> error_in(const std::optional<Received<Response>>& received,
                                  ErrorCode (*error_of)(const Response&)) {
    if (!received) return std::nullopt;
    return error_of(received->message);
}

ErrorCode produce_error(const ProduceResponse& response) {
    return response.responses.at(0).partition_responses.at(0).error_code;
}

ErrorCode offset_error(const TxnOffsetCommitResponse& response) {
    return response.topics.at(0).partitions.at(0).error_code;
}

ErrorCode added_error(const AddPartitionsToTxnResponse& response) {
    return response.results_by_topic_v3_and_below.at(0)
        .results_by_partition.at(0)
        .partition_error_code;
}

}  // namespace

void ProducerClient::become(Producer producer) {
    require(producer.epoch >= 0, "a client got no epoch");
    ledger().take(producer.id, producer.epoch, number_);
    if (producer.id != producer_.id || producer.epoch != producer_.epoch) sequences_.clear();
    producer_ = producer;
}

asio::awaitable<std::optional<ErrorCode>> ProducerClient::produce(Batch batch) {
    int32_t& sequence = sequences_[batch.partition];
    const Blob records = build(batch.entries,
                               {.producer_id = producer_.id,
                                .producer_epoch = producer_.epoch,
                                .base_sequence = sequence,
                                .transactional = batch.transactional_id.has_value()},
                               machine().clock.now_ms());
    ProduceRequest request{.acks = -1, .timeout_ms = 1'000};
    if (batch.transactional_id) request.transactional_id = *batch.transactional_id;
    request.topic_data = {
        {.name = batch.partition.topic,
         .partition_data = {{.index = batch.partition.index, .records = Records{records}}}}};
    const auto answer = co_await ask<ProduceResponse>(request, batch.version, &produce_error,
                                                      machine().clock.now_ms() + batch.patience_ms);
    const auto error = error_in(answer, &produce_error);
    if (error != ErrorCode::none) co_return error;
    sequence += static_cast<int32_t>(batch.entries.size());
    for (const Entry& entry : batch.entries)
        ledger().writer(entry.writer).acked[batch.partition].push_back(entry);
    co_return error;
}

Partition ProducerClient::any_partition() {
    if (dice().happens(30)) return {scratch_topic, 0};
    return {input_topic, static_cast<int32_t>(dice().below(input_partition_count))};
}

asio::awaitable<void> IdempotentProducer::run() {
    const auto answer = co_await ask<InitProducerIdResponse>(
        InitProducerIdRequest{.transactional_id = std::nullopt}, 5, &error_code,
        machine().clock.now_ms() + delivery_timeout_ms);
    if (!answer) co_return;
    require((*answer)->error_code == ErrorCode::none, "an idempotent producer is refused");
    become({(*answer)->producer_id, (*answer)->producer_epoch});

    const int32_t writer = ledger().begin(/*is_transaction=*/false);
    int64_t number = 0;
    for (int64_t batches = dice().between(1, 20); batches > 0 && !scene_.is_over; --batches) {
        Batch batch{.partition = any_partition(), .patience_ms = delivery_timeout_ms};
        for (int64_t count = dice().between(1, 3); count > 0; --count)
            batch.entries.push_back({.writer = writer, .number = ++number});
        const bool may_be_deleted = batch.partition.topic == scratch_topic;
        const auto error = co_await produce(std::move(batch));
        if (!error) co_return;  // nobody knows whether it is written
        // A new topic of the same name may have got an older batch, late, in another one's place.
        if (*error != ErrorCode::none && may_be_deleted && scene_.is_deleting) co_return;
        require(*error == ErrorCode::none,
                "an idempotent batch is refused: " + std::string(name(*error)));
        co_await machine().pause(dice().between(0, 500));
    }
}

// False: refused, or the answer is not known. A client that nobody disturbs is not refused.
bool TransactionalClient::accept(const char* what, std::optional<ErrorCode> error) {
    if (error == ErrorCode::none) return true;
    machine().tell("client {} ({}, epoch {}) {}: {}", number_, id_, producer_.epoch, what,
                   error ? name(*error) : "no answer");
    require(!error || !is_undisturbed(),
            std::string("a producer that nobody disturbs is refused: ") + what + ": " +
                std::string(error ? name(*error) : ""));
    return false;
}

bool TransactionalClient::is_undisturbed() const {
    return scene_.incarnations[id_] == 1 && !has_asked_twice_ && !scene_.ids_expire &&
           !(writes_scratch_ && scene_.is_deleting) &&
           scene_.machine.clock.now_ms() < began_ms_ + timeout_ms_;
}

asio::awaitable<bool> TransactionalClient::init() {
    if (!co_await find_coordinator(id_, 1) || !co_await find_coordinator(group, 0)) co_return false;
    const auto timeout_ms = static_cast<int32_t>(dice().between(1'000, transaction_timeout_max_ms));
    // One that comes twice fences its own client, as it should.
    line_.set_repeats(false);
    if (producer_.id == no_producer_id) {
        ++scene_.incarnations[id_];
        began_ms_ = machine().clock.now_ms();
    }
    const auto answer = co_await ask<InitProducerIdResponse>(
        InitProducerIdRequest{.transactional_id = id_,
                              .transaction_timeout_ms = timeout_ms,
                              .producer_id = producer_.id,
                              .producer_epoch = producer_.epoch},
        is_modern_ ? 5 : 4, &error_code, machine().clock.now_ms() + timeout_ms);
    line_.set_repeats(true);
    has_asked_twice_ |= attempt_count_ > 1;
    if (!accept("init", error_in<InitProducerIdResponse>(answer, &error_code))) co_return false;
    timeout_ms_ = timeout_ms;
    become({(*answer)->producer_id, (*answer)->producer_epoch});
    machine().tell("client {} is {}, producer {} epoch {}", number_, id_, producer_.id,
                   producer_.epoch);
    co_return true;
}

void TransactionalClient::begin() {
    transaction_ = ledger().begin(/*is_transaction=*/true);
    began_ms_ = machine().clock.now_ms();
    writes_scratch_ = false;
    added_.clear();
}

asio::awaitable<bool> TransactionalClient::add_partition(Partition partition) {
    if (is_modern_ || added_.contains(partition)) co_return true;
    AddPartitionsToTxnRequest request{.v3_and_below_transactional_id = id_,
                                      .v3_and_below_producer_id = producer_.id,
                                      .v3_and_below_producer_epoch = producer_.epoch};
    request.v3_and_below_topics = {{.name = partition.topic, .partitions = {partition.index}}};
    const auto answer =
        co_await ask<AddPartitionsToTxnResponse>(request, 3, &added_error, until_ms());
    if (!accept("add a partition", error_in(answer, &added_error))) co_return false;
    added_.insert(partition);
    co_return true;
}

asio::awaitable<bool> TransactionalClient::write(Partition partition, std::vector<Entry> entries) {
    writes_scratch_ |= partition.topic == scratch_topic;
    if (!co_await add_partition(partition)) co_return false;
    Batch batch{.partition = std::move(partition),
                .entries = std::move(entries),
                .transactional_id = id_,
                .version = static_cast<int16_t>(is_modern_ ? 12 : 11),
                .patience_ms = timeout_ms_};
    const auto error = co_await produce(std::move(batch));
    co_return accept("produce", error);
}

asio::awaitable<bool> TransactionalClient::add_offsets() {
    if (is_modern_) co_return true;
    const AddOffsetsToTxnRequest request{.transactional_id = id_,
                                         .producer_id = producer_.id,
                                         .producer_epoch = producer_.epoch,
                                         .group_id = group};
    const auto answer = co_await ask<AddOffsetsToTxnResponse>(request, 3, &error_code, until_ms());
    co_return accept("add offsets", error_in<AddOffsetsToTxnResponse>(answer, &error_code));
}

asio::awaitable<bool> TransactionalClient::commit_offset(int32_t input_partition, int64_t offset) {
    if (!co_await add_offsets()) co_return false;
    TxnOffsetCommitRequest request{.transactional_id = id_,
                                   .group_id = group,
                                   .producer_id = producer_.id,
                                   .producer_epoch = producer_.epoch};
    request.topics = {
        {.name = input_topic,
         .partitions = {{.partition_index = input_partition, .committed_offset = offset}}}};
    const auto answer = co_await ask<TxnOffsetCommitResponse>(
        request, static_cast<int16_t>(is_modern_ ? 5 : 4), &offset_error, until_ms());
    if (!accept("commit an offset", error_in(answer, &offset_error))) co_return false;
    transaction().offset = {input_partition, offset};
    co_return true;
}

asio::awaitable<bool> TransactionalClient::end(bool commit) {
    transaction().may_commit |= commit;
    const auto answer = co_await ask<EndTxnResponse>(
        EndTxnRequest{.transactional_id = id_,
                      .producer_id = producer_.id,
                      .producer_epoch = producer_.epoch,
                      .committed = commit},
        static_cast<int16_t>(is_modern_ ? 5 : 4), &error_code, until_ms());
    if (!accept(commit ? "commit" : "abort", error_in<EndTxnResponse>(answer, &error_code)))
        co_return false;
    transaction().told = commit;
    if (is_modern_) become({(*answer)->producer_id, (*answer)->producer_epoch});
    machine().tell("client {} {} transaction {}", number_, commit ? "committed" : "aborted",
                   transaction_);
    co_return true;
}

// A client that is not modern cannot know what its next sequences are without a new epoch.
asio::awaitable<bool> TransactionalClient::recover() {
    if (scene_.is_over || producer_.id == no_producer_id || dice().happens(30)) co_return false;
    const bool aborts = is_modern_ && dice().happens(50);
    bool recovered = false;
    if (aborts)
        recovered = co_await end(/*commit=*/false);
    else
        recovered = co_await init();
    co_return recovered;
}

asio::awaitable<void> TransactionalProducer::run() {
    bool goes_on = co_await init();
    for (int64_t left = dice().between(1, 12); goes_on && left > 0 && !scene_.is_over; --left) {
        begin();
        goes_on = co_await run_transaction();
        if (!goes_on) goes_on = co_await recover();
        co_await machine().pause(dice().between(0, 300));
    }
}

asio::awaitable<bool> TransactionalProducer::run_transaction() {
    for (int64_t batches = dice().between(1, 3); batches > 0; --batches) {
        std::vector<Entry> entries;
        for (int64_t count = dice().between(1, 3); count > 0; --count)
            entries.push_back({.writer = transaction_, .number = ++last_number_});
        if (!co_await write(any_partition(), std::move(entries))) co_return false;
        const int64_t pause_ms =
            dice().happens(5) ? dice().between(0, 10'000) : dice().between(0, 50);
        co_await machine().pause(pause_ms);
        // Its end is the next one's business, or that of the transaction's timeout.
        if (dice().happens(3) || scene_.is_over) co_return false;
    }
    co_return co_await end(/*commit=*/dice().happens(70));
}

asio::awaitable<bool> Copier::find_position() {
    const auto offset = co_await committed_offset(partition_);
    if (!offset) co_return false;
    position_ = std::max<int64_t>(*offset, 0);
    co_return true;
}

asio::awaitable<void> Copier::run() {
    bool goes_on = co_await init();
    if (goes_on) goes_on = co_await find_position();
    while (goes_on && !scene_.is_over) {
        auto fetched = co_await fetch({input_topic, partition_}, position_, 200);
        const bool is_end = fetched && fetched->next_offset >= fetched->high_watermark;
        if (!fetched || fetched->entries.empty()) {
            if (fetched) position_ = fetched->next_offset;
            if (is_end && is_finishing_) co_return;
            co_await machine().pause(dice().between(0, 300));
            continue;
        }
        begin();
        goes_on = co_await copy(*std::move(fetched));
        if (goes_on) continue;
        goes_on = co_await recover();
        // What the transaction came to is known by the offset.
        if (goes_on) goes_on = co_await find_position();
    }
}

asio::awaitable<bool> Copier::copy(Fetched fetched) {
    std::vector<Entry> copies;
    for (const auto& [offset, entry] : fetched.entries)
        copies.push_back({.writer = transaction_, .source = partition_, .number = offset});
    if (!co_await write({output_topic, partition_}, copies)) co_return false;
    if (!co_await write({audit_topic, 0}, copies)) co_return false;
    if (!co_await commit_offset(partition_, fetched.next_offset)) co_return false;
    if (dice().happens(3) && !is_finishing_) co_return false;  // it dies here
    const bool commits = is_finishing_ || dice().happens(85);
    const bool ended = co_await end(commits);
    if (ended && commits) position_ = fetched.next_offset;
    co_return ended;
}

}  // namespace simulation
