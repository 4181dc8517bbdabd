// The parts of librdkafka's C API that the tests use, with owners that clean up and with waits
// that end: every call has a deadline, and a deadline that passes fails the test.
#pragma once

#include <librdkafka/rdkafka.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace interop {

constexpr int deadline_ms =
    20'000;  // For whatever should happen at once; never waited for in full.

using Settings = std::map<std::string, std::string>;
using Header = std::pair<std::string, std::optional<std::string>>;

/// The broker's address, from EINMAL_BOOTSTRAP.
std::string bootstrap();

/// A name that no other test and no other run uses, beginning with `prefix`.
std::string unique(const std::string& prefix);

/// Throws, which fails the test with `what` as the reason, unless `held`.
void require(bool held, const std::string& what);

/// Calls `condition`, which does the waiting, until it holds. Fails the test if it does not within
/// the deadline.
void wait_until(const std::string& what, const std::function<bool()>& condition);

struct Record {
    std::string topic;
    int32_t partition = RD_KAFKA_PARTITION_UA;
    int64_t offset = -1;
    int64_t timestamp_ms = -1;
    std::optional<std::string> key;
    std::optional<std::string> value;
    std::vector<Header> headers;
};

/// How a transactional call ended. `name` is librdkafka's error name, empty on success.
struct Outcome {
    std::string name;
    bool retriable = false;
    bool abortable = false;
    bool fatal = false;
    bool ok() const { return name.empty(); }
};

struct HandleDeleter {
    void operator()(rd_kafka_t* handle) const { rd_kafka_destroy(handle); }
};
using Handle = std::unique_ptr<rd_kafka_t, HandleDeleter>;

struct PartitionsDeleter {
    void operator()(rd_kafka_topic_partition_list_t* list) const {
        rd_kafka_topic_partition_list_destroy(list);
    }
};
using Partitions = std::unique_ptr<rd_kafka_topic_partition_list_t, PartitionsDeleter>;

struct TopicPartition {
    std::string topic;
    int32_t partition = 0;
    int64_t offset = RD_KAFKA_OFFSET_INVALID;
};
Partitions make_partitions(const std::vector<TopicPartition>& wanted);

class Consumer;

/// A producer; with `transactional.id` among its settings a transactional one.
class Producer {
  public:
    explicit Producer(Settings settings = {});

    /// Queues a record; its fate shows in delivered(), failures() after flush().
    void produce(Record record);
    void produce(const std::string& topic, const std::string& value, int32_t partition = 0);
    /// Waits until every queued record was delivered or has failed.
    void flush();
    /// Takes in what the broker has answered; waits up to `timeout_ms` for it.
    void poll(int timeout_ms);
    /// Records queued whose fate is not known yet.
    size_t outstanding() const { return queued_ - delivered_.size() - failures_.size(); }
    /// The records acknowledged so far, in the order of their acknowledgements.
    const std::vector<TopicPartition>& delivered() const { return delivered_; }
    /// The error names of records that were not acknowledged.
    const std::vector<std::string>& failures() const { return failures_; }

    Outcome init_transactions();
    Outcome begin();
    Outcome send_offsets(const std::vector<TopicPartition>& offsets, const Consumer& consumer);
    Outcome send_offsets(const std::vector<TopicPartition>& offsets,
                         const rd_kafka_consumer_group_metadata_t* member);
    Outcome commit();
    Outcome abort();

  private:
    static void on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* self);

    size_t queued_ = 0;
    std::vector<TopicPartition> delivered_;
    std::vector<std::string> failures_;
    Handle handle_;
};

/// A consumer that reads from the beginning of what it has no committed offset for.
class Consumer {
  public:
    explicit Consumer(Settings settings);
    ~Consumer();
    Consumer(const Consumer&) = delete;
    Consumer& operator=(const Consumer&) = delete;

    void assign(const std::vector<TopicPartition>& partitions);
    /// Goes on from other offsets of the assigned partitions.
    void seek(const std::vector<TopicPartition>& partitions);
    void subscribe(const std::string& topic);
    /// The next record, if one comes within `timeout_ms`.
    std::optional<Record> poll(int timeout_ms);
    /// Reads until `count` records came. Fails the test if they do not.
    std::vector<Record> read(size_t count);
    /// Reads the one assigned partition up to its end. Requires: `enable.partition.eof`.
    std::vector<Record> read_to_end();
    void commit(const std::vector<TopicPartition>& offsets);
    /// The group's committed offset of a partition; -1001 if it has none.
    int64_t committed(const std::string& topic, int32_t partition) const;
    /// The partitions that the group's leader has given this member.
    std::vector<int32_t> assignment() const;
    /// Leaves the group.
    void close();
    rd_kafka_t* handle() const { return handle_.get(); }

  private:
    Handle handle_;
};

/// As Consumer::committed, for tests that have no consumer of the group.
int64_t committed(const std::string& group, const std::string& topic, int32_t partition = 0);

/// All records that an isolation level shows of a partition, from its beginning to its end.
std::vector<Record> read_partition(const std::string& topic, int32_t partition,
                                   const std::string& isolation_level);

/// The values of all records that an isolation level ("read_committed", "read_uncommitted") shows
/// of a partition.
std::vector<std::string> values_of(const std::string& topic, const std::string& isolation_level,
                                   int32_t partition = 0);

/// Creates a topic and waits for the broker's answer.
void create_topic(const std::string& topic, int32_t partitions = 1, const Settings& configs = {});

/// "0".."count-1", each after `prefix`.
std::vector<std::string> numbered(const std::string& prefix, int count);

}  // namespace interop
