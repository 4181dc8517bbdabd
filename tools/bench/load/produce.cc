// Throughput: producers that send prepared batches as fast as the broker takes them.
#include <fmt/format.h>

#include <deque>
#include <future>
#include <map>
#include <memory>
#include <thread>

#include "protocol/messages/produce.h"
#include "tools/bench/load/commands.h"
#include "tools/bench/load/connection.h"
#include "tools/bench/load/identity.h"
#include "tools/bench/load/meter.h"
#include "tools/bench/load/produce_frame.h"
#include "tools/bench/load/topic.h"

namespace bench {

namespace {

using namespace std::chrono_literals;
using protocol::ErrorCode;

enum class Mode { acks_0, acks_1, acks_all, idempotent, transactions };

const std::map<std::string, Mode> mode_names{{"acks-0", Mode::acks_0},
                                             {"acks-1", Mode::acks_1},
                                             {"acks-all", Mode::acks_all},
                                             {"idempotent", Mode::idempotent},
                                             {"transactions", Mode::transactions}};
const std::map<std::string, protocol::Compression> codec_names{
    {"none", protocol::Compression::none},
    {"lz4", protocol::Compression::lz4},
    {"zstd", protocol::Compression::zstd}};

struct ProduceOptions {
    Topic topic;
    Mode mode = Mode::acks_all;
    int producers = 1;
    int64_t records = 1'000'000;  // of each producer
    BatchShape shape{.records = 15, .value_bytes = 1024};
    int in_flight = 5;
    double seconds_max = 60;
    // Whichever comes first ends a transaction; each `abort_every`th is aborted, 0: none.
    int transaction_ms = 100;
    int64_t transaction_records = std::numeric_limits<int64_t>::max();
    int abort_every = 0;
};

class Producer {
  public:
    Producer(const Target& target, const ProduceOptions& options, int number)
        : target_(target),
          options_(options),
          connection_(target),
          transactional_id_(fmt::format("bench-{}", number)) {
        if (target.is_null && options.mode == Mode::idempotent)
            identity_ = {.id = number, .epoch = 0};
        else if (options.mode == Mode::idempotent)
            identity_ = init_producer_id(connection_);
        else if (is_transactional())
            identity_ = init_producer_id(connection_, transactional_id_);
        prepare_frames();
    }

    // How many records were stored.
    int64_t run() {
        const auto end = Clock::now() + std::chrono::duration<double>(options_.seconds_max);
        int64_t sent = 0;
        for (; sent < options_.records && Clock::now() < end; sent += options_.shape.records) {
            if (is_transactional() && transaction_records_ == 0)
                begin_transaction();
            else
                send_one();
            transaction_records_ += options_.shape.records;
            turn_ = (turn_ + 1) % frames_.size();
            if (is_transactional() && (transaction_records_ >= options_.transaction_records ||
                                       Clock::now() >= transaction_end_))
                end_transaction();
        }
        drain();
        if (is_transactional() && transaction_records_ > 0) end_transaction();
        // Both come after all that this connection sent, answered or not.
        if (target_.is_null)
            connection_.finish();
        else
            stored_offsets(connection_, options_.topic);
        return sent;
    }

  private:
    bool is_transactional() const { return options_.mode == Mode::transactions; }

    int16_t acks() const {
        if (options_.mode == Mode::acks_0) return 0;
        return options_.mode == Mode::acks_1 ? 1 : -1;
    }

    void prepare_frames() {
        for (int32_t partition = 0; partition < options_.topic.partitions; ++partition) {
            ProduceFrame::Options frame{.topic = options_.topic.name,
                                        .partition = partition,
                                        .shape = options_.shape,
                                        .acks = acks(),
                                        .producer = identity_};
            if (is_transactional()) frame.transactional_id = transactional_id_;
            frames_.emplace_back(frame);
        }
    }

    void send_one() {
        connection_.send(frames_[turn_].next());
        if (options_.mode == Mode::acks_0) return;
        ++unanswered_;
        if (unanswered_ == options_.in_flight) require(take_answer(), "producing");
    }

    // The first batch of a transaction is answered before the next is sent: while the markers of
    // the transaction before are being written it has to be sent again.
    void begin_transaction() {
        transaction_end_ = Clock::now() + std::chrono::milliseconds(options_.transaction_ms);
        for (Bytes frame = frames_[turn_].next();; std::this_thread::sleep_for(1ms)) {
            connection_.send(frame);
            ++unanswered_;
            const ErrorCode error = take_answer();
            if (error == ErrorCode::none) return;
            if (error != ErrorCode::concurrent_transactions) require(error, "joining");
        }
    }

    ErrorCode take_answer() {
        --unanswered_;
        const auto answer = Connection::decode_answer<protocol::ProduceResponse>(
            connection_.receive(), ProduceFrame::joining_version);
        return answer.responses.at(0).partition_responses.at(0).error_code;
    }

    void drain() {
        while (unanswered_ > 0) require(take_answer(), "producing");
    }

    void end_transaction() {
        drain();
        ++transactions_;
        const bool aborted = options_.abort_every > 0 && transactions_ % options_.abort_every == 0;
        connection_.send(end_txn_frame(transactional_id_, identity_, !aborted));
        identity_ = identity_after(connection_.receive(), identity_);
        for (ProduceFrame& frame : frames_) frame.set_producer(identity_);
        transaction_records_ = 0;
    }

    const Target& target_;
    const ProduceOptions& options_;
    Connection connection_;
    std::string transactional_id_;
    ProducerIdentity identity_;
    std::deque<ProduceFrame> frames_;  // one for each partition
    size_t turn_ = 0;
    int unanswered_ = 0;
    int transactions_ = 0;
    int64_t transaction_records_ = 0;  // of the open one; 0: there is none
    Clock::time_point transaction_end_;
};

void require_all_stored(const Target& target, const Topic& topic, int64_t records) {
    Connection connection(target);
    if (stored_offsets(connection, topic).value_or(0) < records)
        throw std::runtime_error("fewer records than were sent are stored");
}

void produce(const Target& target, const ProduceOptions& options) {
    if (target.is_null && options.mode == Mode::transactions)
        throw std::runtime_error("a null broker has no transactions");
    if (!target.is_null) create_topic(target, options.topic);
    std::deque<Producer> producers;
    for (int number = 0; number < options.producers; ++number)
        producers.emplace_back(target, options, number);
    const Meter meter(target);
    std::vector<std::future<int64_t>> running;
    for (Producer& producer : producers)
        running.push_back(std::async(std::launch::async, &Producer::run, &producer));
    int64_t records = 0;
    for (auto& producer : running) records += producer.get();
    Figures figures;
    const auto bytes =
        static_cast<double>(records) * static_cast<double>(options.shape.value_bytes);
    figures.set_throughput(meter, static_cast<double>(records), bytes);
    if (!target.is_null) require_all_stored(target, options.topic, records);
    figures.print();
}

}  // namespace

void add_produce_command(CLI::App& app, const Target& target) {
    auto options = std::make_shared<ProduceOptions>();
    CLI::App* command = app.add_subcommand("produce", "batches as fast as the broker takes them");
    command->add_option("--mode", options->mode, "what the producer asks for")
        ->transform(CLI::CheckedTransformer(mode_names));
    command->add_option("--topic", options->topic.name, "created first");
    command->add_option("--partitions", options->topic.partitions, "all in turn");
    command->add_option("--producers", options->producers, "each with a connection of its own");
    command->add_option("--records", options->records, "of each producer");
    command->add_option("--value-bytes", options->shape.value_bytes);
    command->add_option("--batch-records", options->shape.records);
    command->add_option("--compression", options->shape.compression)
        ->transform(CLI::CheckedTransformer(codec_names));
    command->add_option("--in-flight", options->in_flight, "requests without an answer yet");
    command->add_option("--seconds-max", options->seconds_max, "after which it ends early");
    command->add_option("--transaction-ms", options->transaction_ms);
    command->add_option("--transaction-records", options->transaction_records);
    command->add_option("--abort-every", options->abort_every, "as many transactions, one is");
    command->callback([options, &target] { produce(target, *options); });
}

}  // namespace bench
