// Latency at a fixed rate: a producer that sends in each millisecond what has come together, and a
// consumer that waits for it. A late answer delays no later request.
#include <sys/prctl.h>

#include <future>
#include <memory>
#include <thread>

#include "protocol/messages/produce.h"
#include "tools/bench/load/commands.h"
#include "tools/bench/load/connection.h"
#include "tools/bench/load/fetch_frame.h"
#include "tools/bench/load/identity.h"
#include "tools/bench/load/meter.h"
#include "tools/bench/load/produce_frame.h"
#include "tools/bench/load/topic.h"

namespace bench {

namespace {

using namespace std::chrono_literals;

constexpr auto tick = 1ms;
constexpr int64_t ticks_per_second = 1000;

struct LatencyOptions {
    Topic topic;
    int64_t rate = ticks_per_second;
    double seconds = 5;
    size_t value_bytes = 1024;

    size_t requests() const { return static_cast<size_t>(seconds * ticks_per_second); }
    int32_t batch_records() const { return static_cast<int32_t>(rate / ticks_per_second); }
};

// When each request was sent, acknowledged, and received by the consumer.
struct Times {
    explicit Times(size_t requests) : sent(requests), acknowledged(requests), received(requests) {}
    std::vector<Clock::time_point> sent, acknowledged, received;
};

std::vector<float> milliseconds(const std::vector<Clock::time_point>& from,
                                const std::vector<Clock::time_point>& to) {
    std::vector<float> times;
    for (size_t i = 0; i < from.size(); ++i)
        times.push_back(std::chrono::duration<float, std::milli>(to[i] - from[i]).count());
    return times;
}

void send_all(Connection& connection, ProduceFrame& frame, Times& times) {
    // Else the kernel wakes it up to 50 µs late.
    ::prctl(PR_SET_TIMERSLACK, 1);
    auto due = Clock::now();
    for (auto& sent : times.sent) {
        std::this_thread::sleep_until(due += tick);
        const Bytes next = frame.next();
        sent = Clock::now();
        connection.send(next);
    }
}

void receive_all(Connection& connection, Times& times) {
    for (auto& acknowledged : times.acknowledged) {
        const auto answer = Connection::decode_answer<protocol::ProduceResponse>(
            connection.receive(), ProduceFrame::joining_version);
        acknowledged = Clock::now();
        require(answer.responses.at(0).partition_responses.at(0).error_code, "producing");
    }
}

void consume_all(const Target& target, const LatencyOptions& options, Times& times) {
    Connection connection(target);
    FetchPosition position(options.topic.name, 1, {});
    for (size_t done = 0; done < times.received.size();) {
        connection.send(position.frame());
        const Bytes answer = connection.receive();
        const auto now = Clock::now();
        for (const auto& batch : position.move_on(answer))
            for (; done < times.received.size() &&
                   batch.next_offset >= static_cast<int64_t>(done + 1) * options.batch_records();
                 ++done)
                times.received[done] = now;
    }
}

void measure_latency(const Target& target, const LatencyOptions& options) {
    if (options.batch_records() < 1) throw std::runtime_error("at least 1000 records a second");
    if (!target.is_null) create_topic(target, options.topic);
    Connection connection(target);
    ProduceFrame frame(
        {.topic = options.topic.name,
         .shape = {.records = options.batch_records(), .value_bytes = options.value_bytes},
         .producer = target.is_null ? ProducerIdentity{.id = 1, .epoch = 0}
                                    : init_producer_id(connection)});
    Times times(options.requests());
    const Meter meter(target);
    std::future<void> consumer;
    if (!target.is_null)
        consumer = std::async(std::launch::async, [&] { consume_all(target, options, times); });
    auto sender = std::async(std::launch::async, [&] { send_all(connection, frame, times); });
    receive_all(connection, times);
    sender.get();
    if (consumer.valid()) consumer.get();
    Figures figures;
    const auto records = static_cast<double>(times.sent.size()) * options.batch_records();
    figures.set_throughput(meter, records, records * static_cast<double>(options.value_bytes));
    figures.set_latencies("produce", milliseconds(times.sent, times.acknowledged));
    if (!target.is_null)
        figures.set_latencies("end_to_end", milliseconds(times.sent, times.received));
    figures.print();
}

}  // namespace

void add_latency_command(CLI::App& app, const Target& target) {
    auto options = std::make_shared<LatencyOptions>();
    CLI::App* command = app.add_subcommand("latency", "what a record waits for at a fixed rate");
    command->add_option("--topic", options->topic.name, "created first; new");
    command->add_option("--rate", options->rate, "records per second, a multiple of 1000");
    command->add_option("--seconds", options->seconds);
    command->add_option("--value-bytes", options->value_bytes);
    command->callback([options, &target] { measure_latency(target, *options); });
}

}  // namespace bench
