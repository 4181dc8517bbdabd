// What stays while something else is measured: idle connections, open transactions, topics.
#include <fmt/format.h>
#include <unistd.h>

#include <deque>
#include <memory>

#include "protocol/messages/create_topics.h"
#include "protocol/messages/produce.h"
#include "tools/bench/load/commands.h"
#include "tools/bench/load/connection.h"
#include "tools/bench/load/identity.h"
#include "tools/bench/load/meter.h"
#include "tools/bench/load/produce_frame.h"
#include "tools/bench/load/topic.h"

namespace bench {

namespace {

struct HoldOptions {
    Topic topic;
    int connections = 0;
    int transactions = 0;
    double seconds_max = 60;
};

void open_transaction(Connection& connection, const Topic& topic, int number) {
    const std::string id = fmt::format("{}-{}", topic.name, number);
    ProduceFrame frame({.topic = topic.name,
                        .shape = {.value_bytes = 100},
                        .producer = init_producer_id(connection, id),
                        .transactional_id = id});
    connection.send(frame.next());
    const auto produced = Connection::decode_answer<protocol::ProduceResponse>(
        connection.receive(), ProduceFrame::joining_version);
    require(produced.responses.at(0).partition_responses.at(0).error_code, "opening");
}

// Prints what it costs, and ends when its input does.
void hold(const Target& target, const HoldOptions& options) {
    const double before_mib = memory_mib(target, "VmRSS");
    const auto end = Clock::now() + std::chrono::duration<double>(options.seconds_max);
    Figures figures;
    std::deque<Connection> connections;
    for (int number = 0; number < options.connections; ++number)
        connections.emplace_back(target).say_hello();
    if (options.transactions > 0) {
        create_topic(target, options.topic);
        connections.emplace_back(target);
        int opened = 0;
        while (opened < options.transactions && Clock::now() < end)
            open_transaction(connections.back(), options.topic, opened++);
        figures.set("open_transactions", opened);
    }
    const double after_mib = memory_mib(target, "VmRSS");
    figures.set("rss_before_mib", before_mib);
    figures.set("rss_mib", after_mib);
    figures.print();
    std::fflush(stdout);
    for (char byte = 0; ::read(STDIN_FILENO, &byte, 1) > 0;) continue;
}

struct TopicsOptions {
    int topics = 1000;
    int32_t partitions = 10;
};

// In requests of a few topics each, as brokers differ in how long they take for one.
void create_topics(const Target& target, const TopicsOptions& options) {
    constexpr int16_t version = 4;
    constexpr int step = 20;
    const Meter meter(target);
    Connection connection(target);
    std::deque<std::string> names;
    for (int first = 0; first < options.topics; first += step) {
        protocol::CreateTopicsRequest request;
        for (int number = first; number < std::min(first + step, options.topics); ++number)
            request.topics.push_back({.name = names.emplace_back(fmt::format("many-{}", number)),
                                      .num_partitions = options.partitions,
                                      .replication_factor = 1});
        const auto created = connection.call<protocol::CreateTopicsResponse>(request, version);
        for (const auto& topic : created.topics) require(topic.error_code, "creating topics");
    }
    for (const std::string& name : names)
        create_topic(target, {.name = name, .partitions = options.partitions});
    Figures figures;
    figures.set("seconds", meter.seconds());
    figures.set("cpu_us_per_partition",
                meter.cpu_seconds() * 1e6 / (options.topics * options.partitions));
    figures.set("rss_mib", memory_mib(target, "VmRSS"));
    figures.print();
}

}  // namespace

void add_hold_command(CLI::App& app, const Target& target) {
    auto options = std::make_shared<HoldOptions>();
    CLI::App* command = app.add_subcommand("hold", "until the input ends");
    command->add_option("--connections", options->connections, "that say hello and no more");
    command->add_option("--transactions", options->transactions, "open, with a record each");
    command->add_option("--topic", options->topic.name, "of the transactions, created first");
    command->add_option("--seconds-max", options->seconds_max, "for opening transactions");
    command->callback([options, &target] { hold(target, *options); });
}

void add_topics_command(CLI::App& app, const Target& target) {
    auto options = std::make_shared<TopicsOptions>();
    CLI::App* command = app.add_subcommand("topics", "creates them");
    command->add_option("--topics", options->topics);
    command->add_option("--partitions", options->partitions, "of each");
    command->callback([options, &target] { create_topics(target, *options); });
}

}  // namespace bench
