// A consumer that watches many partitions of which one changes at a time, with an incremental
// fetch session (KIP-227): what a record costs that is produced and fetched.
#include <deque>
#include <memory>

#include "protocol/messages/fetch.h"
#include "protocol/messages/produce.h"
#include "tools/bench/load/commands.h"
#include "tools/bench/load/connection.h"
#include "tools/bench/load/meter.h"
#include "tools/bench/load/produce_frame.h"
#include "tools/bench/load/topic.h"

namespace bench {

namespace {

using protocol::FetchRequest;
using protocol::FetchResponse;
using Watched = FetchRequest::FetchTopic::FetchPartition;

constexpr int16_t fetch_version = 12;
constexpr int32_t wait_ms_max = 500;
constexpr int32_t partition_bytes_max = 1 << 20;

struct SessionOptions {
    Topic topic;
    int64_t requests = 20'000;
    double seconds_max = 20;
};

class Watcher {
  public:
    // Begins a session with all partitions from their start; there is nothing to fetch.
    Watcher(const Target& target, const Topic& topic)
        : connection_(target), topic_(topic), next_offsets_(topic.partitions) {
        std::vector<Watched> all;
        for (int32_t partition = 0; partition < topic.partitions; ++partition)
            all.push_back(watched(partition));
        session_ = fetch(all, 0).session_id;
        if (session_ == 0) throw std::runtime_error("the broker gave no session");
    }

    // Waits for the record of that partition; says what it has of the one before.
    void fetch_record(int32_t partition) {
        std::vector<Watched> changed;
        if (last_) changed.push_back(watched(*last_));
        const FetchResponse answer = fetch(changed, wait_ms_max);
        const auto& fetched = answer.responses.at(0).partitions.at(0);
        require(fetched.error_code, "fetching a partition");
        if (fetched.partition_index != partition)
            throw std::runtime_error("another partition than the one that changed");
        ++next_offsets_[static_cast<size_t>(partition)];
        last_ = partition;
    }

  private:
    Watched watched(int32_t partition) const {
        return {.partition = partition,
                .fetch_offset = next_offsets_[static_cast<size_t>(partition)],
                .partition_max_bytes = partition_bytes_max};
    }

    FetchResponse fetch(const std::vector<Watched>& partitions, int32_t wait_ms) {
        FetchRequest request{.max_wait_ms = wait_ms,
                             .min_bytes = 1,
                             .session_id = session_,
                             .session_epoch = epoch_++};
        if (!partitions.empty())
            request.topics = {{.topic = topic_.name, .partitions = partitions}};
        auto answer = connection_.call<FetchResponse>(request, fetch_version);
        require(answer.error_code, "fetching");
        return answer;
    }

    Connection connection_;
    const Topic& topic_;
    std::vector<int64_t> next_offsets_;
    std::optional<int32_t> last_;
    int32_t session_ = 0;
    int32_t epoch_ = 0;
};

void watch(const Target& target, const SessionOptions& options) {
    create_topic(target, options.topic);
    Connection producer(target);
    std::deque<ProduceFrame> frames;
    for (int32_t partition = 0; partition < options.topic.partitions; ++partition)
        frames.emplace_back(ProduceFrame::Options{
            .topic = options.topic.name, .partition = partition, .shape = {.value_bytes = 100}});
    Watcher watcher(target, options.topic);
    const auto produce_and_fetch = [&](int64_t number) {
        const auto partition = static_cast<int32_t>(number % options.topic.partitions);
        producer.send(frames[static_cast<size_t>(partition)].next());
        producer.receive();
        watcher.fetch_record(partition);
    };
    const auto limit = std::chrono::duration<double>(options.seconds_max);
    auto end = Clock::now() + limit;
    // The first record of each partition, for which files are made, is not counted.
    for (int32_t partition = 0; partition < options.topic.partitions; ++partition) {
        produce_and_fetch(partition);
        if (Clock::now() >= end) throw std::runtime_error("the first records took too long");
    }
    end = Clock::now() + limit;
    const Meter meter(target);
    int64_t done = 0;
    for (; done < options.requests && Clock::now() < end; ++done) produce_and_fetch(done);
    Figures figures;
    figures.set("records_per_s", static_cast<double>(done) / meter.seconds());
    figures.set("cpu_us_per_record", meter.cpu_seconds() * 1e6 / static_cast<double>(done));
    figures.print();
}

}  // namespace

void add_sessions_command(CLI::App& app, const Target& target) {
    auto options = std::make_shared<SessionOptions>();
    CLI::App* command =
        app.add_subcommand("sessions", "a consumer of many partitions, one of which changes");
    command->add_option("--topic", options->topic.name, "created first; new");
    command->add_option("--partitions", options->topic.partitions, "watched");
    command->add_option("--requests", options->requests);
    command->add_option("--seconds-max", options->seconds_max, "after which it ends early");
    command->callback([options, &target] { watch(target, *options); });
}

}  // namespace bench
