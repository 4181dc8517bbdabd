// The parts of the demonstration that speak Kafka, all with a stock librdkafka: writing numbered
// records, copying them in transactions, and counting what came out. `run` starts and kills them.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <numeric>
#include <span>
#include <stdexcept>

#include "interop/librdkafka/client.h"

namespace {

using interop::Consumer;
using interop::Outcome;
using interop::Producer;
using interop::TopicPartition;

constexpr int32_t partition_count = 4;
constexpr int transaction_records = 1000;
constexpr int abort_every = 20;  // Transactions; an aborted one is copied again.

const std::string input = "numbers";
const std::string output = "copies";
const std::string group = "copiers";

// Reconnects at once: what is timed is the broker's way back, not the client's patience.
const interop::Settings impatience{{"reconnect.backoff.ms", "5"},
                                   {"reconnect.backoff.max.ms", "20"},
                                   {"retry.backoff.ms", "5"},
                                   {"log_level", "0"}};

int64_t now_us() {
    return std::chrono::system_clock::now().time_since_epoch() / std::chrono::microseconds(1);
}

int to_number(std::string_view text) {
    int number = -1;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

// What happened when, one line each: written by copiers and by the script, read by the verdict.
class Journal {
  public:
    explicit Journal(const std::string& path) : file_(path, std::ios::app) {}
    void write(std::string_view event, int64_t value) {
        file_ << event << ' ' << value << std::endl;
    }

  private:
    std::ofstream file_;
};

void write_numbers(int count) {
    for (const auto& topic : {input, output}) interop::create_topic(topic, partition_count);
    Producer producer({{"linger.ms", "20"}});
    for (int i = 0; i < count; ++i) {
        producer.produce(input, std::to_string(i), i % partition_count);
        if (i % 50'000 == 49'999) producer.flush();  // Half of what librdkafka's queue holds.
    }
    producer.flush();
    interop::require(producer.delivered().size() == static_cast<size_t>(count), "writing failed");
}

// Reads, writes and commits in transactions until the input is copied to its end.
class Copier {
  public:
    Copier(int count, const std::string& journal)
        : count_(count),
          journal_(journal),
          consumer_(with_impatience({{"group.id", group}, {"isolation.level", "read_committed"}})),
          producer_(with_impatience({{"transactional.id", "copier"}, {"linger.ms", "1"}})) {}

    void run() {
        require(retry([&] { return producer_.init_transactions(); }), "init_transactions");
        consumer_.assign(committed_places());
        while (copied() < count_) copy_some();
    }

  private:
    static interop::Settings with_impatience(interop::Settings settings) {
        settings.insert(impatience.begin(), impatience.end());
        return settings;
    }

    static void require(const Outcome& outcome, const std::string& step) {
        interop::require(outcome.ok(), step + ": " + outcome.name);
    }

    // A retriable outcome is one of a broker that is away for the moment.
    template <typename Step>
    static Outcome retry(Step step) {
        Outcome outcome = step();
        while (!outcome.ok() && outcome.retriable) outcome = step();
        return outcome;
    }

    int64_t copied() const { return std::accumulate(next_.begin(), next_.end(), int64_t{0}); }

    std::vector<TopicPartition> committed_places() {
        std::vector<TopicPartition> places;
        for (int32_t partition = 0; partition < partition_count; ++partition) {
            next_[partition] = std::max<int64_t>(0, consumer_.committed(input, partition));
            places.push_back({input, partition, next_[partition]});
        }
        return places;
    }

    void copy_some() {
        ++transactions_;
        const auto start = next_;
        const auto failures = producer_.failures().size();
        require(producer_.begin(), "begin");
        for (int i = 0; i < transaction_records && copied() < count_;) {
            const auto record = consumer_.poll(100);
            if (!record) continue;
            producer_.produce(output, "copy of " + record->value.value(), record->partition);
            next_[record->partition] = record->offset + 1;
            ++i;
        }
        await_acknowledgements();
        const bool failed = producer_.failures().size() > failures;
        if (failed || transactions_ % abort_every == 0) return abort();
        commit(start);
    }

    // Notes the times of acknowledgements, at most one in a millisecond.
    void await_acknowledgements() {
        while (producer_.outstanding() > 0) {
            const auto before = producer_.delivered().size();
            producer_.poll(20);
            if (producer_.delivered().size() == before || now_us() - noted_us_ < 1000) continue;
            noted_us_ = now_us();
            journal_.write("ack", noted_us_);
        }
    }

    void commit(const std::array<int64_t, partition_count>& start) {
        std::vector<TopicPartition> places;
        for (int32_t partition = 0; partition < partition_count; ++partition) {
            if (next_[partition] == start[partition]) continue;
            places.push_back({input, partition, next_[partition]});
        }
        auto outcome = retry([&] { return producer_.send_offsets(places, consumer_); });
        if (outcome.ok()) outcome = retry([&] { return producer_.commit(); });
        if (outcome.abortable) return abort();
        require(outcome, "commit");
        journal_.write("committed", copied());
    }

    void abort() {
        require(retry([&] { return producer_.abort(); }), "abort");
        consumer_.seek(committed_places());
    }

    int64_t count_;
    int64_t transactions_ = 0;
    int64_t noted_us_ = 0;                         // When the last acknowledgement was noted.
    std::array<int64_t, partition_count> next_{};  // The offset to copy next, of each partition.
    Journal journal_;
    Consumer consumer_;
    Producer producer_;
};

// What the journal tells: how long after each restart the first record was acknowledged.
void print_restarts(const std::string& path) {
    std::ifstream journal(path);
    std::string event;
    std::string waiting_for;
    int64_t restarted_us = 0;
    int count = 0;
    for (int64_t value = 0; journal >> event >> value;) {
        if (event == "ack" && !waiting_for.empty() && value > restarted_us) {
            fmt::print("restart {}          {}, first ack after {:.0f} ms\n", ++count, waiting_for,
                       static_cast<double>(value - restarted_us) / 1000);
            waiting_for.clear();
        } else if (event == "broker" || event == "copier") {
            waiting_for = event;
            restarted_us = value;
        }
    }
}

// Counts the copies and says whether each number was copied exactly once.
bool verdict(int count, const std::string& journal) {
    std::vector<int> copies(static_cast<size_t>(count));
    size_t committed = 0;
    size_t all = 0;
    int disordered = 0;
    for (int32_t partition = 0; partition < partition_count; ++partition) {
        all += interop::read_partition(output, partition, "read_uncommitted").size();
        int last = -1;
        for (const auto& record : interop::read_partition(output, partition, "read_committed")) {
            const int number = to_number(record.value.value().substr(std::strlen("copy of ")));
            ++copies.at(static_cast<size_t>(number));
            ++committed;
            disordered += number < last ? 1 : 0;
            last = number;
        }
    }
    const auto lost = std::count(copies.begin(), copies.end(), 0);
    const auto doubled = std::count_if(copies.begin(), copies.end(), [](int n) { return n > 1; });
    fmt::print("input              {} records\n", count);
    fmt::print("output             {} records, read_committed\n", committed);
    fmt::print("lost               {}\n", lost);
    fmt::print("doubled            {}\n", doubled);
    fmt::print("out of order       {}\n", disordered);
    fmt::print("aborted, hidden    {} records\n", all - committed);
    print_restarts(journal);
    const bool exactly_once = lost == 0 && doubled == 0 && disordered == 0;
    fmt::print("verdict            {}\n", exactly_once ? "exactly once" : "NOT exactly once");
    return exactly_once;
}

}  // namespace

int main(int argc, char** argv) {
    const std::span arguments(argv, static_cast<size_t>(argc));
    const std::string part = argc > 1 ? arguments[1] : "";
    try {
        if (part == "write" && argc == 3) {
            write_numbers(to_number(arguments[2]));
        } else if (part == "copier" && argc == 4) {
            Copier(to_number(arguments[2]), arguments[3]).run();
        } else if (part == "verdict" && argc == 4) {
            return verdict(to_number(arguments[2]), arguments[3]) ? 0 : 1;
        } else {
            fmt::print(stderr, "usage: demo write|copier|verdict COUNT [JOURNAL]\n");
            return 2;
        }
    } catch (const std::exception& failure) {
        fmt::print(stderr, "demo {}: {}\n", part, failure.what());
        return 1;
    }
    return 0;
}
