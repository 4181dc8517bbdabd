// Throughput through librdkafka, with as little work for each record as its API allows: the value
// is always the same bytes, nothing is copied, and one partition takes all.
//   client_load BROKER at-most-once|exactly-once TOPIC SECONDS
// At most once: acks=0, nothing is sent again. Exactly once: transactions of 100 ms. Prints the
// seconds, how many records were written, and the bytes of each.
#include <fmt/format.h>
#include <librdkafka/rdkafka.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>

namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr size_t value_bytes = 1024;
constexpr auto transaction_time = 100ms;
constexpr int patience_ms = 60'000;
constexpr int poll_every = 1000;  // records; deliveries are not counted one by one

struct HandleDeleter {
    void operator()(rd_kafka_t* handle) const { rd_kafka_destroy(handle); }
};
struct TopicDeleter {
    void operator()(rd_kafka_topic_t* topic) const { rd_kafka_topic_destroy(topic); }
};
using Handle = std::unique_ptr<rd_kafka_t, HandleDeleter>;
using Topic = std::unique_ptr<rd_kafka_topic_t, TopicDeleter>;

void require(rd_kafka_error_t* error) {
    if (error != nullptr) throw std::runtime_error(rd_kafka_error_string(error));
}

Handle make_producer(const std::string& broker, bool exactly_once) {
    char error[512];
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    const auto set = [&](const char* name, const char* value) {
        if (rd_kafka_conf_set(conf, name, value, error, sizeof error) != RD_KAFKA_CONF_OK)
            throw std::runtime_error(error);
    };
    set("bootstrap.servers", broker.c_str());
    set("queue.buffering.max.kbytes", "65536");
    if (exactly_once) {
        set("transactional.id", "client-load");
    } else {
        set("acks", "0");
        set("retries", "0");
    }
    rd_kafka_t* handle = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof error);
    if (handle == nullptr) throw std::runtime_error(error);
    return Handle(handle);
}

class Load {
  public:
    Load(const std::string& broker, bool exactly_once, const std::string& topic)
        : exactly_once_(exactly_once),
          producer_(make_producer(broker, exactly_once)),
          topic_(rd_kafka_topic_new(producer_.get(), topic.c_str(), nullptr)) {
        if (exactly_once_) require(rd_kafka_init_transactions(producer_.get(), patience_ms));
    }

    void run(std::chrono::duration<double> time) {
        const auto end = Clock::now() + std::chrono::duration_cast<Clock::duration>(time);
        while (Clock::now() < end) {
            if (exactly_once_)
                write_transaction();
            else
                write_until(end);
        }
        rd_kafka_flush(producer_.get(), patience_ms);
        if (rd_kafka_outq_len(producer_.get()) > 0) throw std::runtime_error("records are left");
    }

    int64_t records() const { return records_; }

  private:
    void write_transaction() {
        require(rd_kafka_begin_transaction(producer_.get()));
        write_until(Clock::now() + transaction_time);
        require(rd_kafka_commit_transaction(producer_.get(), patience_ms));
    }

    void write_until(Clock::time_point end) {
        static char value[value_bytes];
        for (int count = 0; count % poll_every != 0 || Clock::now() < end; ++count) {
            if (count % poll_every == 0) rd_kafka_poll(producer_.get(), 0);
            if (rd_kafka_produce(topic_.get(), 0, RD_KAFKA_MSG_F_BLOCK, value, sizeof value,
                                 nullptr, 0, nullptr) != 0)
                throw std::runtime_error(rd_kafka_err2str(rd_kafka_last_error()));
            ++records_;
        }
    }

    bool exactly_once_;
    Handle producer_;
    Topic topic_;
    int64_t records_ = 0;
};

}  // namespace

int main(int argument_count, char** arguments) try {
    if (argument_count != 5) throw std::runtime_error("BROKER MODE TOPIC SECONDS are wanted");
    const bool exactly_once = std::string(arguments[2]) == "exactly-once";
    Load load(arguments[1], exactly_once, arguments[3]);
    load.run(500ms);
    const int64_t before = load.records();
    const auto begin = Clock::now();
    load.run(std::chrono::duration<double>(std::atof(arguments[4])));
    const std::chrono::duration<double> seconds = Clock::now() - begin;
    fmt::print("{} {} {}\n", seconds.count(), load.records() - before, value_bytes);
} catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
}
