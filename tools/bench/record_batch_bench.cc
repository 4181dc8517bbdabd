// What a byte of a produced batch costs: checksum, validation, walking, building, packing.
#include <benchmark/benchmark.h>

#include <string>

#include "protocol/crc32c.h"
#include "protocol/record_batch.h"
#include "protocol/record_validation.h"

namespace {

using namespace protocol;

constexpr int64_t now_ms = 1'700'000'000'000;

// Words rather than noise, so that packing has something to do.
Blob payload(size_t size) {
    constexpr std::string_view words = "order 4711 paid by customer 815 with card; ";
    Blob bytes(size);
    for (size_t i = 0; i < size; ++i)
        bytes[i] = static_cast<std::byte>(i % 7 == 0 ? i / 7 : words[i % words.size()]);
    return bytes;
}

Blob batch_of(size_t record_count, size_t value_bytes, Compression codec) {
    const Blob value = payload(value_bytes);
    BatchBuilder builder({.compression = codec});
    for (size_t i = 0; i < record_count; ++i)
        builder.add(now_ms, Bytes(value).first(8), Bytes(value));
    return builder.build();
}

void count_bytes(benchmark::State& state, size_t bytes) {
    state.SetBytesProcessed(static_cast<int64_t>(bytes) * state.iterations());
}

void crc32c_by_instruction(benchmark::State& state) {
    const Blob bytes = payload(static_cast<size_t>(state.range(0)));
    for (auto _ : state) benchmark::DoNotOptimize(crc32c(bytes));
    count_bytes(state, bytes.size());
}
BENCHMARK(crc32c_by_instruction)->Arg(128)->Arg(1 << 10)->Arg(16 << 10)->Arg(1 << 20);

void crc32c_by_tables(benchmark::State& state) {
    const Blob bytes = payload(static_cast<size_t>(state.range(0)));
    for (auto _ : state) benchmark::DoNotOptimize(crc32c_portable(bytes));
    count_bytes(state, bytes.size());
}
BENCHMARK(crc32c_by_tables)->Arg(16 << 10);

// Arguments: codec, number of records, bytes of a value.
void validate(benchmark::State& state) {
    const Blob batch =
        batch_of(static_cast<size_t>(state.range(1)), static_cast<size_t>(state.range(2)),
                 static_cast<Compression>(state.range(0)));
    const ProduceRules rules{.batch_bytes_max = 2 << 20, .now_ms = now_ms};
    for (auto _ : state) {
        const auto valid = validate_produced(batch, rules);
        if (!valid) state.SkipWithError("refused");
        benchmark::DoNotOptimize(valid);
    }
    count_bytes(state, batch.size());
}
BENCHMARK(validate)
    ->Args({0, 1, 1024})
    ->Args({0, 16, 1024})
    ->Args({0, 1000, 1024})
    ->Args({0, 1000, 16})
    ->Args({1, 1, 1024})
    ->Args({2, 1, 1024})
    ->Args({3, 1, 1024})
    ->Args({4, 1, 1024})
    ->Args({1, 100, 1024})
    ->Args({2, 100, 1024})
    ->Args({3, 100, 1024})
    ->Args({4, 100, 1024});

void walk_records(benchmark::State& state) {
    const Blob batch = batch_of(1000, 100, Compression::none);
    const auto view = BatchView::first_in(batch);
    for (auto _ : state) {
        size_t sum = 0;
        const auto walked = for_each_record(*view, [&sum](const Record& record) {
            sum += record.value->size();
            return true;
        });
        benchmark::DoNotOptimize(walked);
        benchmark::DoNotOptimize(sum);
    }
    state.SetItemsProcessed(1000 * state.iterations());
}
BENCHMARK(walk_records);

void build(benchmark::State& state) {
    for (auto _ : state)
        benchmark::DoNotOptimize(batch_of(1000, 100, static_cast<Compression>(state.range(0))));
    state.SetItemsProcessed(1000 * state.iterations());
}
BENCHMARK(build)->DenseRange(0, 4);

}  // namespace

BENCHMARK_MAIN();
