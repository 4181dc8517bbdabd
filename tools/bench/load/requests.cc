// Many clients that each send one record and wait for its answer; and one client that writes for
// many producer ids.
#include <memory>

#include "protocol/messages/init_producer_id.h"
#include "protocol/messages/produce.h"
#include "tools/bench/load/commands.h"
#include "tools/bench/load/crowd.h"
#include "tools/bench/load/identity.h"
#include "tools/bench/load/meter.h"
#include "tools/bench/load/produce_frame.h"
#include "tools/bench/load/topic.h"

namespace bench {

namespace {

struct RequestOptions {
    Topic topic;
    int connections = 100;
    int64_t requests = 100'000;  // of all together
    double seconds_max = 60;
    size_t value_bytes = 100;
};

// What all of them have left to do.
struct Rest {
    int64_t requests;
    Clock::time_point end;
    std::vector<float> latencies_ms;
};

void require_produced(Bytes answer) {
    const auto produced =
        Connection::decode_answer<protocol::ProduceResponse>(answer, ProduceFrame::joining_version);
    require(produced.responses.at(0).partition_responses.at(0).error_code, "producing");
}

class SmallRequests : public Conversation {
  public:
    SmallRequests(const Target& target, const RequestOptions& options, int number, Rest& rest)
        : Conversation(target),
          rest_(rest),
          produce_({.topic = options.topic.name,
                    .partition = number % options.topic.partitions,
                    .shape = {.value_bytes = options.value_bytes}}) {}

    Bytes begin() override {
        --rest_.requests;
        sent_ = Clock::now();
        return produce_.next();
    }

    Turn next(Bytes answer) override {
        const auto now = Clock::now();
        require_produced(answer);
        rest_.latencies_ms.push_back(std::chrono::duration<float, std::milli>(now - sent_).count());
        if (rest_.requests <= 0 || now >= rest_.end) return {};
        return {.frame = begin()};
    }

  private:
    Rest& rest_;
    ProduceFrame produce_;
    Clock::time_point sent_;
};

Clock::time_point after(double seconds) {
    return Clock::now() +
           std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
}

void send_small_requests(const Target& target, const RequestOptions& options) {
    if (!target.is_null) create_topic(target, options.topic);
    Rest rest{.requests = options.requests};
    std::deque<SmallRequests> clients;
    for (int number = 0; number < options.connections; ++number)
        clients.emplace_back(target, options, number, rest);
    rest.end = after(options.seconds_max);
    const Meter meter(target);
    converse(clients);
    const auto count = static_cast<double>(rest.latencies_ms.size());
    Figures figures;
    figures.set_throughput(meter, count, count * static_cast<double>(options.value_bytes));
    figures.set_latencies("produce", std::move(rest.latencies_ms));
    figures.print();
}

struct ProducerIdOptions {
    Topic topic;
    int producers = 100'000;
    int64_t requests = 200'000;  // of all together
    int in_flight = 5;
    double seconds_max = 60;
};

// `send` is called for each number below `count` while there is time, `receive` as often, and at
// most `in_flight` requests are without an answer. How many were sent.
int64_t pipeline(int64_t count, int in_flight, Clock::time_point end, const auto& send,
                 const auto& receive) {
    int64_t sent = 0;
    int64_t received = 0;
    while (sent < count && Clock::now() < end) {
        send(sent++);
        if (sent - received == in_flight) receive(received++);
    }
    while (received < sent) receive(received++);
    return sent;
}

// Asks for so many producer ids; as many frames of a record each as it got.
std::deque<ProduceFrame> init_producers(Connection& connection, const ProducerIdOptions& options) {
    constexpr int16_t version = 4;
    const protocol::InitProducerIdRequest request{.transactional_id = std::nullopt};
    const Blob frame = request_frame(protocol::InitProducerIdRequest::api_key, version,
                                     protocol::encode_gathered(request, version));
    std::deque<ProduceFrame> frames;
    pipeline(
        options.producers, options.in_flight, after(options.seconds_max),
        [&](int64_t) { connection.send(frame); },
        [&](int64_t number) {
            const auto given = Connection::decode_answer<protocol::InitProducerIdResponse>(
                connection.receive(), version);
            require(given.error_code, "asking for a producer id");
            frames.emplace_back(ProduceFrame::Options{
                .topic = options.topic.name,
                .partition = static_cast<int32_t>(number % options.topic.partitions),
                .shape = {.value_bytes = 100},
                .producer = {.id = given.producer_id, .epoch = given.producer_epoch}});
        });
    return frames;
}

void write_for_producer_ids(const Target& target, const ProducerIdOptions& options) {
    create_topic(target, options.topic);
    Connection connection(target);
    // The first id may be from a block that the broker has to get first.
    init_producer_id(connection);
    const Meter init_meter(target);
    std::deque<ProduceFrame> frames = init_producers(connection, options);
    const auto producers = static_cast<double>(frames.size());
    Figures figures;
    figures.set("producer_ids", producers);
    figures.set("init_cpu_us", init_meter.cpu_seconds() * 1e6 / producers);
    const auto produce = [&](int64_t requests) {
        return pipeline(
            requests, options.in_flight, after(options.seconds_max),
            [&](int64_t number) {
                connection.send(frames[static_cast<size_t>(number) % frames.size()].next());
            },
            [&](int64_t) { require_produced(connection.receive()); });
    };
    // Each is known to the partition before the others are measured.
    produce(static_cast<int64_t>(frames.size()));
    const Meter meter(target);
    const auto count = static_cast<double>(produce(options.requests));
    figures.set("records_per_s", count / meter.seconds());
    figures.set("cpu_us_per_record", meter.cpu_seconds() * 1e6 / count);
    figures.set("rss_mib", memory_mib(target, "VmRSS"));
    figures.print();
}

}  // namespace

void add_requests_command(CLI::App& app, const Target& target) {
    auto options = std::make_shared<RequestOptions>();
    CLI::App* command = app.add_subcommand("requests", "one record each, from many connections");
    command->add_option("--topic", options->topic.name, "created first");
    command->add_option("--partitions", options->topic.partitions, "each client writes to one");
    command->add_option("--connections", options->connections);
    command->add_option("--requests", options->requests, "of all together");
    command->add_option("--value-bytes", options->value_bytes);
    command->add_option("--seconds-max", options->seconds_max, "after which it ends early");
    command->callback([options, &target] { send_small_requests(target, *options); });
}

void add_producer_ids_command(CLI::App& app, const Target& target) {
    auto options = std::make_shared<ProducerIdOptions>();
    CLI::App* command =
        app.add_subcommand("producer-ids", "one record each, from many idempotent producers");
    command->add_option("--topic", options->topic.name, "created first");
    command->add_option("--partitions", options->topic.partitions, "each producer writes to one");
    command->add_option("--producers", options->producers);
    command->add_option("--requests", options->requests, "of all together");
    command->add_option("--in-flight", options->in_flight, "requests without an answer yet");
    command->add_option("--seconds-max", options->seconds_max, "of each step");
    command->callback([options, &target] { write_for_producer_ids(target, *options); });
}

}  // namespace bench
