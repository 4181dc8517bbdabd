// What a batch costs that is not stored: sent again, out of order, or of a fenced producer.
#include <map>
#include <memory>

#include "protocol/messages/produce.h"
#include "tools/bench/load/commands.h"
#include "tools/bench/load/identity.h"
#include "tools/bench/load/meter.h"
#include "tools/bench/load/produce_frame.h"
#include "tools/bench/load/topic.h"

namespace bench {

namespace {

using protocol::ErrorCode;

enum class Kind { accepted, duplicate, out_of_order, fenced };

const std::map<std::string, Kind> kind_names{{"accepted", Kind::accepted},
                                             {"duplicate", Kind::duplicate},
                                             {"out-of-order", Kind::out_of_order},
                                             {"fenced", Kind::fenced}};

struct RefusedOptions {
    Topic topic;
    Kind kind = Kind::accepted;
    int64_t requests = 50'000;
    int in_flight = 5;
};

ErrorCode take_answer(Connection& connection) {
    return Connection::decode_answer<protocol::ProduceResponse>(connection.receive(),
                                                                ProduceFrame::joining_version)
        .responses.at(0)
        .partition_responses.at(0)
        .error_code;
}

void write(Connection& connection, Bytes frame) {
    connection.send(frame);
    require(take_answer(connection), "producing");
}

// Leaves the frame at a batch that meets that answer; again() has it.
void prepare(Connection& connection, ProduceFrame& frame, ProducerIdentity producer, Kind kind) {
    write(connection, frame.next());
    if (kind == Kind::out_of_order) {
        frame.next();  // is never sent
        frame.next();
    }
    if (kind == Kind::fenced) {
        const ProducerIdentity successor{.id = producer.id,
                                         .epoch = static_cast<int16_t>(producer.epoch + 1)};
        frame.set_producer(successor);
        write(connection, frame.next());
        frame.set_producer(producer);
        frame.next();
    }
}

bool is_met(Kind kind, ErrorCode error) {
    switch (kind) {
        case Kind::accepted: return error == ErrorCode::none;
        case Kind::duplicate:
            return error == ErrorCode::none || error == ErrorCode::duplicate_sequence_number;
        case Kind::out_of_order: return error == ErrorCode::out_of_order_sequence_number;
        case Kind::fenced: return error == ErrorCode::invalid_producer_epoch;
    }
    return false;
}

void send_refused(const Target& target, const RefusedOptions& options) {
    create_topic(target, options.topic);
    Connection connection(target);
    const ProducerIdentity producer = init_producer_id(connection);
    ProduceFrame frame(
        {.topic = options.topic.name, .shape = {.value_bytes = 100}, .producer = producer});
    prepare(connection, frame, producer, options.kind);
    const auto take = [&] {
        const ErrorCode error = take_answer(connection);
        if (!is_met(options.kind, error)) require(error, "an answer of another kind");
    };
    const Meter meter(target);
    int unanswered = 0;
    for (int64_t sent = 0; sent < options.requests; ++sent) {
        connection.send(options.kind == Kind::accepted ? frame.next() : frame.again());
        if (++unanswered < options.in_flight) continue;
        take();
        --unanswered;
    }
    for (; unanswered > 0; --unanswered) take();
    Figures figures;
    const auto count = static_cast<double>(options.requests);
    figures.set("records_per_s", count / meter.seconds());
    figures.set("cpu_us_per_record", meter.cpu_seconds() * 1e6 / count);
    figures.print();
}

}  // namespace

void add_refused_command(CLI::App& app, const Target& target) {
    auto options = std::make_shared<RefusedOptions>();
    CLI::App* command = app.add_subcommand("refused", "the same batch over and over");
    command->add_option("--topic", options->topic.name, "created first; new");
    command->add_option("--kind", options->kind, "what the batch is")
        ->transform(CLI::CheckedTransformer(kind_names));
    command->add_option("--requests", options->requests);
    command->add_option("--in-flight", options->in_flight, "requests without an answer yet");
    command->callback([options, &target] { send_refused(target, *options); });
}

}  // namespace bench
