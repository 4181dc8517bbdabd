// Small transactions one after another, by producers that do nothing else.
#include <fmt/format.h>

#include <memory>

#include "protocol/messages/add_partitions_to_txn.h"
#include "protocol/messages/produce.h"
#include "protocol/messages/txn_offset_commit.h"
#include "tools/bench/load/commands.h"
#include "tools/bench/load/crowd.h"
#include "tools/bench/load/fetch_frame.h"
#include "tools/bench/load/identity.h"
#include "tools/bench/load/meter.h"
#include "tools/bench/load/produce_frame.h"
#include "tools/bench/load/topic.h"

namespace bench {

namespace {

using protocol::ErrorCode;

constexpr int16_t add_partitions_version = 3;
constexpr int16_t txn_offset_commit_version = 5;

struct TransactionOptions {
    Topic topic;
    int producers = 1;
    double seconds = 5;
    size_t value_bytes = 100;
    // As before KIP-890: AddPartitionsToTxn comes first, and the epoch stays.
    bool is_first_version = false;
    // Each transaction begins with a Fetch of a record and commits an offset with what it wrote.
    bool consumes = false;
};

struct Latencies {
    std::vector<float> commit_ms, transaction_ms;
};

float milliseconds_since(Clock::time_point begin) {
    return std::chrono::duration<float, std::milli>(Clock::now() - begin).count();
}

template <class Request>
Blob frame_of(const Request& request, int16_t version) {
    return request_frame(Request::api_key, version, protocol::encode_gathered(request, version));
}

class TransactionProducer : public Conversation {
  public:
    TransactionProducer(const Target& target, const TransactionOptions& options, int number,
                        Latencies& latencies)
        : Conversation(target),
          options_(options),
          latencies_(latencies),
          partition_(number % options.topic.partitions),
          id_(fmt::format("{}-{}", options.topic.name, number)),
          identity_(init_producer_id(connection(), id_)),
          produce_({.version = options.is_first_version ? ProduceFrame::joined_version
                                                        : ProduceFrame::joining_version,
                    .topic = options.topic.name,
                    .partition = partition_,
                    .shape = {.value_bytes = options.value_bytes},
                    .producer = identity_,
                    .transactional_id = id_}) {
        steps_ = {Step::producing, Step::ending};
        if (options.is_first_version) steps_.insert(steps_.begin(), Step::adding);
        if (options.consumes) {
            steps_.insert(steps_.begin(), Step::fetching);
            steps_.insert(steps_.end() - 1, Step::committing_offsets);
            find_coordinator(connection(), CoordinatorOf::group, id_);
        }
    }

    void set_end(Clock::time_point end) { end_ = end; }

    Bytes begin() override {
        begun_ = Clock::now();
        at_ = 0;
        return frame();
    }

    Turn next(Bytes answer) override {
        const ErrorCode error = take(answer);
        // While the markers of the transaction before are being written it has to be sent again.
        if (error == ErrorCode::concurrent_transactions || is_not_ready(error))
            return {.frame = frame_, .later = true};
        require(error, "in a transaction");
        ++at_;
        if (at_ < steps_.size()) return {.frame = frame()};
        latencies_.transaction_ms.push_back(milliseconds_since(begun_));
        if (Clock::now() < end_) return {.frame = begin()};
        return {};
    }

  private:
    enum class Step { fetching, adding, producing, committing_offsets, ending };

    // The request of the step.
    Bytes frame() {
        switch (steps_[at_]) {
            case Step::fetching:
                own_ = FetchPosition(options_.topic.name, 1, {.partition_bytes_max = 1}).frame();
                return frame_ = own_;
            case Step::adding: own_ = add_partition_frame(); return frame_ = own_;
            case Step::producing: return frame_ = produce_.next();
            case Step::committing_offsets: own_ = commit_offset_frame(); return frame_ = own_;
            case Step::ending:
                ending_ = Clock::now();
                own_ = end_txn_frame(id_, identity_, true, end_version());
                return frame_ = own_;
        }
        return {};
    }

    // What its answer says.
    ErrorCode take(Bytes answer) {
        switch (steps_[at_]) {
            case Step::fetching: return ErrorCode::none;
            case Step::adding:
                return Connection::decode_answer<protocol::AddPartitionsToTxnResponse>(
                           answer, add_partitions_version)
                    .results_by_topic_v3_and_below.at(0)
                    .results_by_partition.at(0)
                    .partition_error_code;
            case Step::producing:
                return Connection::decode_answer<protocol::ProduceResponse>(
                           answer, ProduceFrame::joining_version)
                    .responses.at(0)
                    .partition_responses.at(0)
                    .error_code;
            case Step::committing_offsets:
                return Connection::decode_answer<protocol::TxnOffsetCommitResponse>(
                           answer, txn_offset_commit_version)
                    .topics.at(0)
                    .partitions.at(0)
                    .error_code;
            case Step::ending:
                identity_ = identity_after(answer, identity_, end_version());
                if (!options_.is_first_version) produce_.set_producer(identity_);
                latencies_.commit_ms.push_back(milliseconds_since(ending_));
                return ErrorCode::none;
        }
        return ErrorCode::none;
    }

    int16_t end_version() const {
        return options_.is_first_version ? end_txn_same_epoch_version : end_txn_version;
    }

    Blob add_partition_frame() const {
        const protocol::AddPartitionsToTxnRequest request{
            .v3_and_below_transactional_id = id_,
            .v3_and_below_producer_id = identity_.id,
            .v3_and_below_producer_epoch = identity_.epoch,
            .v3_and_below_topics = {{.name = options_.topic.name, .partitions = {partition_}}}};
        return frame_of(request, add_partitions_version);
    }

    Blob commit_offset_frame() const {
        const protocol::TxnOffsetCommitRequest request{
            .transactional_id = id_,
            .group_id = id_,
            .producer_id = identity_.id,
            .producer_epoch = identity_.epoch,
            .topics = {{.name = options_.topic.name,
                        .partitions = {{.partition_index = 0, .committed_offset = 1}}}}};
        return frame_of(request, txn_offset_commit_version);
    }

    const TransactionOptions& options_;
    Latencies& latencies_;
    int32_t partition_;
    std::string id_;
    ProducerIdentity identity_;
    ProduceFrame produce_;
    std::vector<Step> steps_;  // of a transaction
    size_t at_ = 0;
    Bytes frame_;  // sent last
    Blob own_;     // its bytes, unless it is prepared
    Clock::time_point begun_, ending_, end_;
};

// Something to fetch.
void write_one_record(const Target& target, const Topic& topic) {
    Connection connection(target);
    connection.send(ProduceFrame({.topic = topic.name, .shape = {.value_bytes = 100}}).next());
    connection.receive();
}

void run_transactions(const Target& target, const TransactionOptions& options) {
    create_topic(target, options.topic);
    if (options.consumes) write_one_record(target, options.topic);
    Latencies latencies;
    std::deque<TransactionProducer> producers;
    for (int number = 0; number < options.producers; ++number)
        producers.emplace_back(target, options, number, latencies);
    const Meter meter(target);
    const auto seconds = std::chrono::duration<double>(options.seconds);
    const auto end = Clock::now() + std::chrono::duration_cast<Clock::duration>(seconds);
    for (TransactionProducer& producer : producers) producer.set_end(end);
    converse(producers);
    const auto count = static_cast<double>(latencies.commit_ms.size());
    Figures figures;
    figures.set("transactions_per_s", count / meter.seconds());
    figures.set("cpu_us_per_transaction", meter.cpu_seconds() * 1e6 / count);
    figures.set_latencies("commit", std::move(latencies.commit_ms));
    figures.set_latencies("transaction", std::move(latencies.transaction_ms));
    figures.print();
}

}  // namespace

void add_transactions_command(CLI::App& app, const Target& target) {
    auto options = std::make_shared<TransactionOptions>();
    CLI::App* command = app.add_subcommand("transactions", "one record each, one after another");
    command->add_option("--topic", options->topic.name, "created first");
    command->add_option("--partitions", options->topic.partitions, "each producer writes to one");
    command->add_option("--producers", options->producers, "each with a connection of its own");
    command->add_option("--seconds", options->seconds);
    command->add_option("--value-bytes", options->value_bytes);
    command->add_flag("--first-version", options->is_first_version,
                      "as before KIP-890: AddPartitionsToTxn first");
    command->add_flag("--consume", options->consumes,
                      "fetch a record first, and commit an offset with the transaction");
    command->callback([options, &target] { run_transactions(target, *options); });
}

}  // namespace bench
