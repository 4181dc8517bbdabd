// What one step of the hot path costs, beside a memcpy of the same bytes: codec, checksum,
// validation, index, producer state, coordinator. tools/bench/micro prints the table.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>

#include "broker/coordinator/transaction/transaction_coordinator.h"
#include "protocol/codec.h"
#include "protocol/crc32c.h"
#include "protocol/messages/fetch.h"
#include "protocol/messages/metadata.h"
#include "protocol/messages/produce.h"
#include "protocol/record_batch.h"
#include "protocol/record_validation.h"
#include "storage/index.h"
#include "storage/producer_state.h"

namespace {

using namespace protocol;
namespace transaction = broker::coordinator::transaction;

constexpr int64_t now_ms = 1'700'000'000'000;
constexpr int16_t produce_version = 12, fetch_version = 17, metadata_version = 13;
constexpr int16_t end_txn_version = 5;

Blob batch_of(size_t record_count, size_t value_bytes, BatchBuilder::Options options = {}) {
    const Blob value(value_bytes, std::byte{'x'});
    BatchBuilder builder(options);
    for (size_t i = 0; i < record_count; ++i) builder.add(now_ms, std::nullopt, Bytes(value));
    return builder.build();
}

void count_bytes(benchmark::State& state, size_t bytes) {
    state.SetBytesProcessed(static_cast<int64_t>(bytes) * state.iterations());
}

// Arguments of the next three: bytes.
void copy(benchmark::State& state) {
    const Blob from(static_cast<size_t>(state.range(0)), std::byte{'x'});
    Blob to(from.size());
    for (auto _ : state) {
        std::memcpy(to.data(), from.data(), from.size());
        benchmark::DoNotOptimize(to.data());
        benchmark::ClobberMemory();
    }
    count_bytes(state, from.size());
}
BENCHMARK(copy)->Name("memcpy")->Arg(1 << 10)->Arg(16 << 10)->Arg(1 << 20);

void checksum(benchmark::State& state) {
    const Blob bytes(static_cast<size_t>(state.range(0)), std::byte{'x'});
    for (auto _ : state) benchmark::DoNotOptimize(crc32c(bytes));
    count_bytes(state, bytes.size());
}
BENCHMARK(checksum)->Name("crc32c")->Arg(1 << 10)->Arg(16 << 10)->Arg(1 << 20);

// Arguments: records of a batch, bytes of a value.
void validate(benchmark::State& state) {
    const Blob batch =
        batch_of(static_cast<size_t>(state.range(0)), static_cast<size_t>(state.range(1)));
    const ProduceRules rules{.batch_bytes_max = 2 << 20, .now_ms = now_ms};
    for (auto _ : state) {
        const auto valid = validate_produced(batch, rules);
        if (!valid) state.SkipWithError("refused");
        benchmark::DoNotOptimize(valid);
    }
    count_bytes(state, batch.size());
}
BENCHMARK(validate)->Name("validate batch")->Args({1, 100})->Args({15, 1024})->Args({150, 100});

ProduceRequest produce_request(Bytes batch) {
    return {.acks = -1,
            .timeout_ms = 30'000,
            .topic_data = {
                {.name = "orders", .partition_data = {{.index = 0, .records = Records{batch}}}}}};
}

void decode_produce(benchmark::State& state) {
    const Blob batch = batch_of(15, 1024);
    const Blob encoded = encode(produce_request(batch), produce_version);
    for (auto _ : state)
        benchmark::DoNotOptimize(decode<ProduceRequest>(Bytes(encoded), produce_version));
    count_bytes(state, encoded.size());
}
BENCHMARK(decode_produce)->Name("decode Produce request");

void encode_produced(benchmark::State& state) {
    ProduceResponse response;
    response.responses.push_back({.name = "orders", .partition_responses = {{.base_offset = 1}}});
    for (auto _ : state) benchmark::DoNotOptimize(encode_gathered(response, produce_version));
}
BENCHMARK(encode_produced)->Name("encode Produce response");

// Argument: partitions.
void encode_fetched(benchmark::State& state) {
    const Blob batch = batch_of(15, 1024);
    FetchResponse response;
    auto& topic = response.responses.emplace_back();
    for (int32_t i = 0; i < state.range(0); ++i)
        topic.partitions.push_back({.partition_index = i, .records = Records{batch}});
    for (auto _ : state) benchmark::DoNotOptimize(encode_gathered(response, fetch_version));
}
BENCHMARK(encode_fetched)->Name("encode Fetch response")->Arg(1)->Arg(100);

// Argument: partitions.
void encode_metadata(benchmark::State& state) {
    const std::vector<int32_t> nodes{1};
    MetadataResponse response;
    auto& topic = response.topics.emplace_back();
    topic.name = "orders";
    for (int32_t i = 0; i < state.range(0); ++i)
        topic.partitions.push_back(
            {.partition_index = i, .leader_id = 1, .replica_nodes = nodes, .isr_nodes = nodes});
    for (auto _ : state) benchmark::DoNotOptimize(encode_gathered(response, metadata_version));
}
BENCHMARK(encode_metadata)->Name("encode Metadata response")->Arg(1)->Arg(1000);

// Argument: entries of the index; 250,000 are those of a segment of 1 GiB.
void look_up(benchmark::State& state) {
    std::string directory = std::filesystem::temp_directory_path() / "einmal-bench-XXXXXX";
    if (!::mkdtemp(directory.data())) return state.SkipWithError("no directory");
    storage::OffsetIndex index(storage::posix_file_system(), directory + "/0.index");
    const auto count = static_cast<int32_t>(state.range(0));
    for (int32_t i = 1; i <= count; ++i) index.append({i * 10, i * 4096});
    if (!index.persist()) state.SkipWithError("not written");
    uint32_t random = 1;
    for (auto _ : state) {
        random = random * 1664525 + 1013904223;
        const auto found = index.lookup(random % static_cast<uint32_t>(10 * count));
        if (!found) state.SkipWithError("not found");
        benchmark::DoNotOptimize(found);
    }
    std::filesystem::remove_all(directory);
}
BENCHMARK(look_up)->Name("index lookup, anywhere")->Arg(1000)->Arg(250'000);

// Argument: producers that the partition knows.
void check_producer(benchmark::State& state) {
    storage::ProducerState producers;
    for (int64_t id = 0; id < state.range(0); ++id)
        producers.apply(*BatchView::first_in(
            batch_of(1, 1, {.producer_id = id, .producer_epoch = 0, .base_sequence = 0})));
    const Blob batch = batch_of(1, 1, {.producer_id = 0, .producer_epoch = 0, .base_sequence = 1});
    const auto view = BatchView::first_in(batch);
    for (auto _ : state) {
        const auto checked = producers.check(*view, /*new_producer_starts_at_zero=*/false);
        if (!checked || *checked) state.SkipWithError("not new");
        benchmark::DoNotOptimize(checked);
    }
}
BENCHMARK(check_producer)->Name("producer state check")->Arg(1)->Arg(100'000);

void replay(transaction::TransactionCoordinator& coordinator, const transaction::Effects& effects) {
    for (const auto& [key, value] : effects.records)
        if (!coordinator.replay(key, value ? std::optional<Bytes>(*value) : std::nullopt))
            std::abort();
}

// A transaction of one partition (TV2): add, end, markers written. Argument: transactional ids.
void step_coordinator(benchmark::State& state) {
    transaction::TransactionCoordinator coordinator({});
    int64_t fresh_id = 0;
    transaction::Producer producer{.transactional_id = "bench-0"};
    for (int64_t i = 0; i < state.range(0); ++i) {
        const std::string name = "bench-" + std::to_string(i);
        const auto begun = coordinator.init_producer_id(
            {.transactional_id = name, .transaction_timeout_ms = 60'000}, 5, now_ms, ++fresh_id);
        replay(coordinator, begun);
        if (i == 0) producer.id = begun.producer_id, producer.epoch = begun.producer_epoch;
    }
    const std::vector<broker::coordinator::TopicPartition> partitions{{"orders", 0}};
    const auto client = transaction::ClientRequest::produce(produce_version);
    for (auto _ : state) {
        replay(coordinator, coordinator.add_partitions(producer, partitions, client, now_ms));
        const auto ended = coordinator.end({.transactional_id = "bench-0",
                                            .producer_id = producer.id,
                                            .producer_epoch = producer.epoch,
                                            .committed = true},
                                           end_txn_version, now_ms, ++fresh_id);
        if (!ended.markers) return state.SkipWithError("not ended");
        replay(coordinator, ended);
        replay(coordinator, coordinator.markers_written(*ended.markers, now_ms));
        producer.id = ended.producer_id;
        producer.epoch = ended.producer_epoch;
    }
}
BENCHMARK(step_coordinator)->Name("coordinator, one transaction")->Arg(1)->Arg(10'000);

}  // namespace

BENCHMARK_MAIN();
