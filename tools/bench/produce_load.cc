// Sends prepared Produce frames as fast as a broker takes them, and prints what came through: next
// to no work per record, so that the broker is what is measured and not its client.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <deque>
#include <exception>
#include <future>
#include <map>
#include <thread>

#include "protocol/messages/create_topics.h"
#include "protocol/messages/end_txn.h"
#include "protocol/messages/find_coordinator.h"
#include "protocol/messages/init_producer_id.h"
#include "protocol/messages/list_offsets.h"
#include "protocol/messages/produce.h"
#include "tools/bench/connection.h"
#include "tools/bench/produce_frame.h"

namespace {

using namespace bench;
using namespace std::chrono_literals;
using protocol::ErrorCode;
using Clock = std::chrono::steady_clock;

enum class Mode { acks_0, acks_1, acks_all, idempotent, transactions };

const std::map<std::string, Mode> mode_names{{"acks-0", Mode::acks_0},
                                             {"acks-1", Mode::acks_1},
                                             {"acks-all", Mode::acks_all},
                                             {"idempotent", Mode::idempotent},
                                             {"transactions", Mode::transactions}};

constexpr int16_t create_topics_version = 4;
constexpr int16_t find_coordinator_version = 4;
constexpr int16_t init_producer_id_version = 5;
constexpr int16_t end_txn_version = 5;  // KIP-890: each end gives the next epoch
constexpr int16_t list_offsets_version = 7;
constexpr int8_t transaction_coordinator = 1;

struct Options {
    std::string host, port;
    std::string topic = "bench";
    Mode mode = Mode::acks_all;
    int32_t partitions = 1;
    int producers = 1;
    int64_t records = 1'000'000;  // of each producer
    BatchShape shape{.records = 15, .value_bytes = 1024};
    int in_flight = 5;
    int transaction_ms = 100;
    // The peer is a null broker: it knows Produce and nothing else.
    bool is_null = false;
};

void require(ErrorCode error, std::string_view what) {
    if (error != ErrorCode::none)
        throw std::runtime_error(fmt::format("{}: error {}", what, static_cast<int>(error)));
}

// The offsets that the partitions end with, summed up; nullopt while one has no leader yet.
std::optional<int64_t> stored_offsets(Connection& connection, const Options& options) {
    protocol::ListOffsetsRequest request{.replica_id = -1, .topics = {{.name = options.topic}}};
    for (int32_t partition = 0; partition < options.partitions; ++partition)
        request.topics[0].partitions.push_back({.partition_index = partition, .timestamp = -1});
    const auto listed =
        connection.call<protocol::ListOffsetsResponse>(request, list_offsets_version);
    int64_t sum = 0;
    for (const auto& partition : listed.topics.at(0).partitions) {
        if (partition.error_code != ErrorCode::none) return std::nullopt;
        sum += partition.offset;
    }
    return sum;
}

// Waits until all of its partitions serve.
void create_topic(const Options& options) {
    Connection connection(options.host, options.port);
    const protocol::CreateTopicsRequest request{.topics = {{.name = options.topic,
                                                            .num_partitions = options.partitions,
                                                            .replication_factor = 1}}};
    const auto created =
        connection.call<protocol::CreateTopicsResponse>(request, create_topics_version);
    require(created.topics.at(0).error_code, "creating the topic");
    while (!stored_offsets(connection, options)) std::this_thread::sleep_for(20ms);
}

class Producer {
  public:
    Producer(const Options& options, int number)
        : options_(options),
          connection_(options.host, options.port),
          transactional_id_(fmt::format("bench-{}", number)) {
        if (options_.is_null && options_.mode == Mode::idempotent)
            identity_ = {.id = number, .epoch = 0};
        else if (options_.mode == Mode::idempotent || is_transactional())
            identity_ = init_producer_id();
        prepare_frames();
    }

    void run() {
        for (int64_t sent = 0; sent < options_.records; sent += options_.shape.records) {
            if (is_transactional() && !joined_[turn_])
                join();
            else
                send_one();
            turn_ = (turn_ + 1) % frames_.size();
            if (open_ && Clock::now() >= transaction_end_) end_transaction();
        }
        drain();
        if (open_) end_transaction();
        // Both come after all that this connection sent, answered or not.
        if (options_.is_null)
            connection_.finish();
        else
            stored_offsets(connection_, options_);
    }

  private:
    bool is_transactional() const { return options_.mode == Mode::transactions; }

    ProducerIdentity init_producer_id() {
        protocol::InitProducerIdRequest request{.transaction_timeout_ms = 60'000};
        request.transactional_id = std::nullopt;
        if (is_transactional()) {
            find_coordinator();
            request.transactional_id = transactional_id_;
        }
        for (;; std::this_thread::sleep_for(20ms)) {
            const auto answer = connection_.call<protocol::InitProducerIdResponse>(
                request, init_producer_id_version);
            if (answer.error_code == ErrorCode::coordinator_load_in_progress ||
                answer.error_code == ErrorCode::not_coordinator)
                continue;
            require(answer.error_code, "asking for a producer id");
            return {.id = answer.producer_id, .epoch = answer.producer_epoch};
        }
    }

    // A broker creates the log of transactions when it is first asked.
    void find_coordinator() {
        const protocol::FindCoordinatorRequest request{.key_type = transaction_coordinator,
                                                       .coordinator_keys = {transactional_id_}};
        while (
            connection_.call<protocol::FindCoordinatorResponse>(request, find_coordinator_version)
                .coordinators.at(0)
                .error_code != ErrorCode::none)
            std::this_thread::sleep_for(20ms);
    }

    void prepare_frames() {
        frames_.clear();
        for (int32_t partition = 0; partition < options_.partitions; ++partition) {
            ProduceFrame::Options frame{.topic = options_.topic,
                                        .partition = partition,
                                        .shape = options_.shape,
                                        .acks = acks(),
                                        .producer = identity_};
            if (is_transactional()) frame.transactional_id = transactional_id_;
            frames_.emplace_back(frame);
        }
        joined_.assign(frames_.size(), false);
        transaction_end_ = Clock::now() + std::chrono::milliseconds(options_.transaction_ms);
    }

    int16_t acks() const {
        if (options_.mode == Mode::acks_0) return 0;
        return options_.mode == Mode::acks_1 ? 1 : -1;
    }

    void send_one() {
        connection_.send(frames_[turn_].next());
        if (options_.mode == Mode::acks_0) return;
        ++unanswered_;
        if (unanswered_ == options_.in_flight) require(take_answer(), "producing");
    }

    // The first batch of a transaction in a partition is answered before the next is sent: while
    // the markers of the transaction before are being written it has to be sent again.
    void join() {
        drain();
        Bytes frame = frames_[turn_].next();
        for (;; std::this_thread::sleep_for(1ms)) {
            connection_.send(frame);
            ++unanswered_;
            const ErrorCode error = take_answer();
            if (error == ErrorCode::none) break;
            if (error != ErrorCode::concurrent_transactions) require(error, "joining");
        }
        joined_[turn_] = open_ = true;
    }

    ErrorCode take_answer() {
        --unanswered_;
        const auto answer = Connection::decode_answer<protocol::ProduceResponse>(
            connection_.receive(), ProduceFrame::version);
        return answer.responses.at(0).partition_responses.at(0).error_code;
    }

    void drain() {
        while (unanswered_ > 0) require(take_answer(), "producing");
    }

    void end_transaction() {
        drain();
        const protocol::EndTxnRequest request{.transactional_id = transactional_id_,
                                              .producer_id = identity_.id,
                                              .producer_epoch = identity_.epoch,
                                              .committed = true};
        const auto ended = connection_.call<protocol::EndTxnResponse>(request, end_txn_version);
        require(ended.error_code, "ending a transaction");
        open_ = false;
        identity_ = {.id = ended.producer_id, .epoch = ended.producer_epoch};
        prepare_frames();
    }

    const Options& options_;
    Connection connection_;
    std::string transactional_id_;
    ProducerIdentity identity_;
    std::deque<ProduceFrame> frames_;  // one for each partition
    std::vector<bool> joined_;         // whether the partition is in the open transaction
    bool open_ = false;                // a transaction that has a partition
    size_t turn_ = 0;
    int unanswered_ = 0;
    Clock::time_point transaction_end_;
};

Options parse(int argument_count, char** arguments) {
    Options options;
    CLI::App app("Sends prepared Produce frames as fast as a broker takes them.");
    std::string bootstrap;
    app.add_option("bootstrap", bootstrap, "HOST:PORT of the broker")->required();
    app.add_option("--mode", options.mode, "what the producer asks for")
        ->transform(CLI::CheckedTransformer(mode_names));
    app.add_option("--topic", options.topic, "created first")->capture_default_str();
    app.add_option("--partitions", options.partitions, "all in turn")->capture_default_str();
    app.add_option("--producers", options.producers, "each with a connection of its own")
        ->capture_default_str();
    app.add_option("--records", options.records, "of each producer")->capture_default_str();
    app.add_option("--value-bytes", options.shape.value_bytes)->capture_default_str();
    app.add_option("--batch-records", options.shape.records)->capture_default_str();
    app.add_option("--in-flight", options.in_flight, "requests without an answer yet")
        ->capture_default_str();
    app.add_option("--transaction-ms", options.transaction_ms)->capture_default_str();
    app.add_flag("--null", options.is_null, "the peer is null_broker: no topic, no producer ids");
    try {
        app.parse(argument_count, arguments);
    } catch (const CLI::ParseError& error) {
        std::exit(app.exit(error));
    }
    const size_t colon = bootstrap.rfind(':');
    if (colon == std::string::npos) throw std::runtime_error("the broker has no port");
    if (options.is_null && options.mode == Mode::transactions)
        throw std::runtime_error("a null broker has no transactions");
    options.host = bootstrap.substr(0, colon);
    options.port = bootstrap.substr(colon + 1);
    return options;
}

// MB/s of values, from the first frame to the answer behind the last.
double measure(const Options& options) {
    std::deque<Producer> producers;
    for (int number = 0; number < options.producers; ++number)
        producers.emplace_back(options, number);
    const auto begin = Clock::now();
    std::vector<std::future<void>> running;
    for (Producer& producer : producers)
        running.push_back(std::async(std::launch::async, [&producer] { producer.run(); }));
    for (auto& producer : running) producer.get();
    const std::chrono::duration<double> seconds = Clock::now() - begin;
    const auto bytes = static_cast<double>(options.records * options.producers) *
                       static_cast<double>(options.shape.value_bytes);
    return bytes / 1e6 / seconds.count();
}

void require_all_stored(const Options& options) {
    Connection connection(options.host, options.port);
    if (stored_offsets(connection, options).value_or(0) < options.records * options.producers)
        throw std::runtime_error("fewer records than were sent are stored");
}

}  // namespace

int main(int argument_count, char** arguments) try {
    const Options options = parse(argument_count, arguments);
    if (!options.is_null) create_topic(options);
    const double rate = measure(options);
    if (!options.is_null) require_all_stored(options);
    fmt::print("{:.1f} MB/s\n", rate);
} catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
}
