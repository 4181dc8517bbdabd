// Owners and deadlines around librdkafka's C API.
#include "client.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <stdexcept>

namespace interop {

using Clock = std::chrono::steady_clock;

std::string bootstrap() {
    const char* address = std::getenv("EINMAL_BOOTSTRAP");
    if (address == nullptr) throw std::runtime_error("EINMAL_BOOTSTRAP is not set");
    return address;
}

std::string unique(const std::string& prefix) {
    static int count = 0;
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return prefix + "-" + std::to_string(now / std::chrono::milliseconds(1)) + "-" +
           std::to_string(getpid()) + "-" + std::to_string(++count);
}

void require(bool held, const std::string& what) {
    if (!held) throw std::runtime_error(what);
}

void wait_until(const std::string& what, const std::function<bool()>& condition) {
    const auto deadline = Clock::now() + std::chrono::milliseconds(deadline_ms);
    bool held = condition();
    while (!held && Clock::now() < deadline) held = condition();
    require(held, "waited in vain until " + what);
}

Partitions make_partitions(const std::vector<TopicPartition>& wanted) {
    Partitions list(rd_kafka_topic_partition_list_new(static_cast<int>(wanted.size())));
    for (const auto& item : wanted) {
        rd_kafka_topic_partition_list_add(list.get(), item.topic.c_str(), item.partition)->offset =
            item.offset;
    }
    return list;
}

namespace {

void require_success(rd_kafka_resp_err_t error, const std::string& what) {
    require(error == RD_KAFKA_RESP_ERR_NO_ERROR, what + ": " + rd_kafka_err2name(error));
}

Handle make_handle(rd_kafka_type_t type, const Settings& settings,
                   const std::function<void(rd_kafka_conf_t*)>& adjust = {}) {
    char error[512];
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    auto set = [&](const std::string& name, const std::string& value) {
        if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), error, sizeof error) !=
            RD_KAFKA_CONF_OK) {
            throw std::runtime_error(error);
        }
    };
    set("bootstrap.servers", bootstrap());
    set("log_level", "2");
    for (const auto& [name, value] : settings) set(name, value);
    if (adjust) adjust(conf);
    rd_kafka_t* handle = rd_kafka_new(type, conf, error, sizeof error);
    if (handle == nullptr) throw std::runtime_error(error);
    return Handle(handle);
}

struct MessageDeleter {
    void operator()(rd_kafka_message_t* message) const { rd_kafka_message_destroy(message); }
};
using Message = std::unique_ptr<rd_kafka_message_t, MessageDeleter>;

Outcome outcome(rd_kafka_error_t* error) {
    if (error == nullptr) return {};
    Outcome result{rd_kafka_error_name(error), rd_kafka_error_is_retriable(error) != 0,
                   rd_kafka_error_txn_requires_abort(error) != 0,
                   rd_kafka_error_is_fatal(error) != 0};
    rd_kafka_error_destroy(error);
    return result;
}

std::optional<std::string> bytes(const void* data, size_t size) {
    if (data == nullptr) return std::nullopt;
    return std::string(static_cast<const char*>(data), size);
}

Record to_record(const rd_kafka_message_t* message) {
    Record record;
    record.topic = rd_kafka_topic_name(message->rkt);
    record.partition = message->partition;
    record.offset = message->offset;
    rd_kafka_timestamp_type_t kind;
    record.timestamp_ms = rd_kafka_message_timestamp(message, &kind);
    record.key = bytes(message->key, message->key_len);
    record.value = bytes(message->payload, message->len);
    rd_kafka_headers_t* headers = nullptr;
    if (rd_kafka_message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return record;
    const char* name;
    const void* value;
    size_t size;
    for (size_t i = 0;
         rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
         ++i) {
        record.headers.emplace_back(name, bytes(value, size));
    }
    return record;
}

}  // namespace

Producer::Producer(Settings settings) {
    settings.emplace("enable.idempotence", "true");
    settings.emplace("linger.ms", "2");
    handle_ = make_handle(RD_KAFKA_PRODUCER, settings, [this](rd_kafka_conf_t* conf) {
        rd_kafka_conf_set_opaque(conf, this);
        rd_kafka_conf_set_dr_msg_cb(conf, &Producer::on_delivery);
    });
}

void Producer::on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* self) {
    auto* producer = static_cast<Producer*>(self);
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        producer->failures_.emplace_back(rd_kafka_err2name(message->err));
    } else {
        producer->delivered_.push_back(
            {rd_kafka_topic_name(message->rkt), message->partition, message->offset});
    }
}

void Producer::produce(Record record) {
    ++queued_;
    rd_kafka_headers_t* headers = rd_kafka_headers_new(record.headers.size());
    for (const auto& [name, value] : record.headers) {
        rd_kafka_header_add(headers, name.data(), static_cast<ssize_t>(name.size()),
                            value ? value->data() : nullptr,
                            value ? static_cast<ssize_t>(value->size()) : 0);
    }
    const int64_t timestamp_ms = std::max<int64_t>(record.timestamp_ms, 0);  // 0: now.
    void* key = record.key ? record.key->data() : nullptr;
    const size_t key_size = record.key ? record.key->size() : 0;
    void* value = record.value ? record.value->data() : nullptr;
    const size_t value_size = record.value ? record.value->size() : 0;
    const auto error = rd_kafka_producev(
        handle_.get(), RD_KAFKA_V_TOPIC(record.topic.c_str()),
        RD_KAFKA_V_PARTITION(record.partition), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
        RD_KAFKA_V_KEY(key, key_size), RD_KAFKA_V_VALUE(value, value_size),
        RD_KAFKA_V_TIMESTAMP(timestamp_ms), RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_END);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
        rd_kafka_headers_destroy(headers);
        failures_.emplace_back(rd_kafka_err2name(error));
    }
}

void Producer::produce(const std::string& topic, const std::string& value, int32_t partition) {
    Record record;
    record.topic = topic;
    record.partition = partition;
    record.value = value;
    produce(std::move(record));
}

void Producer::flush() { require_success(rd_kafka_flush(handle_.get(), deadline_ms), "flush"); }

void Producer::poll(int timeout_ms) { rd_kafka_poll(handle_.get(), timeout_ms); }

Outcome Producer::init_transactions() {
    return outcome(rd_kafka_init_transactions(handle_.get(), deadline_ms));
}

Outcome Producer::begin() { return outcome(rd_kafka_begin_transaction(handle_.get())); }

Outcome Producer::send_offsets(const std::vector<TopicPartition>& offsets,
                               const Consumer& consumer) {
    auto* member = rd_kafka_consumer_group_metadata(consumer.handle());
    auto result = send_offsets(offsets, member);
    rd_kafka_consumer_group_metadata_destroy(member);
    return result;
}

Outcome Producer::send_offsets(const std::vector<TopicPartition>& offsets,
                               const rd_kafka_consumer_group_metadata_t* member) {
    return outcome(rd_kafka_send_offsets_to_transaction(
        handle_.get(), make_partitions(offsets).get(), member, deadline_ms));
}

Outcome Producer::commit() {
    return outcome(rd_kafka_commit_transaction(handle_.get(), deadline_ms));
}

Outcome Producer::abort() {
    return outcome(rd_kafka_abort_transaction(handle_.get(), deadline_ms));
}

Consumer::Consumer(Settings settings) {
    settings.emplace("group.id", unique("reader"));
    settings.emplace("auto.offset.reset", "earliest");
    settings.emplace("enable.auto.commit", "false");
    settings.emplace("fetch.wait.max.ms", "50");
    settings.emplace("heartbeat.interval.ms", "300");
    handle_ = make_handle(RD_KAFKA_CONSUMER, settings);
    rd_kafka_poll_set_consumer(handle_.get());
}

Consumer::~Consumer() { close(); }

void Consumer::assign(const std::vector<TopicPartition>& partitions) {
    // Asks for the topics' leaders first: librdkafka would look for them once a second.
    for (const auto& item : partitions) {
        auto* topic = rd_kafka_topic_new(handle_.get(), item.topic.c_str(), nullptr);
        const struct rd_kafka_metadata* metadata = nullptr;
        require_success(rd_kafka_metadata(handle_.get(), 0, topic, &metadata, deadline_ms),
                        "metadata");
        rd_kafka_metadata_destroy(metadata);
        rd_kafka_topic_destroy(topic);
    }
    require_success(rd_kafka_assign(handle_.get(), make_partitions(partitions).get()), "assign");
}

void Consumer::seek(const std::vector<TopicPartition>& partitions) {
    auto* error =
        rd_kafka_seek_partitions(handle_.get(), make_partitions(partitions).get(), deadline_ms);
    const auto result = outcome(error);
    require(result.ok(), "seek: " + result.name);
}

void Consumer::subscribe(const std::string& topic) {
    const auto list = make_partitions({{topic, RD_KAFKA_PARTITION_UA}});
    require_success(rd_kafka_subscribe(handle_.get(), list.get()), "subscribe");
}

std::optional<Record> Consumer::poll(int timeout_ms) {
    const Message message(rd_kafka_consumer_poll(handle_.get(), timeout_ms));
    if (!message) return std::nullopt;
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) return std::nullopt;  // librdkafka retries.
    return to_record(message.get());
}

std::vector<Record> Consumer::read(size_t count) {
    std::vector<Record> records;
    wait_until("all records have come", [&] {
        while (auto record = poll(100)) records.push_back(std::move(*record));
        return records.size() >= count;
    });
    return records;
}

std::vector<Record> Consumer::read_to_end() {
    std::vector<Record> records;
    wait_until("the end of the partition is reached", [&] {
        const Message message(rd_kafka_consumer_poll(handle_.get(), 100));
        if (!message) return false;
        if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) records.push_back(to_record(message.get()));
        return message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF;
    });
    return records;
}

void Consumer::commit(const std::vector<TopicPartition>& offsets) {
    const auto list = make_partitions(offsets);
    require_success(rd_kafka_commit(handle_.get(), list.get(), 0), "commit");
}

int64_t Consumer::committed(const std::string& topic, int32_t partition) const {
    const auto list = make_partitions({{topic, partition}});
    require_success(rd_kafka_committed(handle_.get(), list.get(), deadline_ms), "committed");
    return list->elems[0].offset;
}

std::vector<int32_t> Consumer::assignment() const {
    rd_kafka_topic_partition_list_t* raw = nullptr;
    require_success(rd_kafka_assignment(handle_.get(), &raw), "assignment");
    const Partitions list(raw);
    std::vector<int32_t> partitions;
    for (int i = 0; i < list->cnt; ++i) partitions.push_back(list->elems[i].partition);
    return partitions;
}

void Consumer::close() { rd_kafka_consumer_close(handle_.get()); }

int64_t committed(const std::string& group, const std::string& topic, int32_t partition) {
    return Consumer({{"group.id", group}}).committed(topic, partition);
}

std::vector<Record> read_partition(const std::string& topic, int32_t partition,
                                   const std::string& isolation_level) {
    // A consumer needs half a second to find its group's coordinator, so one serves all reads.
    static std::map<std::string, std::unique_ptr<Consumer>> readers;
    auto& reader = readers[isolation_level];
    if (!reader) {
        reader = std::make_unique<Consumer>(Settings{{"isolation.level", isolation_level},
                                                     {"enable.partition.eof", "true"},
                                                     {"check.crcs", "true"}});
    }
    reader->assign({{topic, partition, 0}});
    auto records = reader->read_to_end();
    reader->assign({});
    return records;
}

std::vector<std::string> values_of(const std::string& topic, const std::string& isolation_level,
                                   int32_t partition) {
    std::vector<std::string> values;
    for (const auto& record : read_partition(topic, partition, isolation_level)) {
        values.push_back(record.value.value_or("(null)"));
    }
    return values;
}

void create_topic(const std::string& topic, int32_t partitions, const Settings& configs) {
    char error[512];
    const Handle handle = make_handle(RD_KAFKA_PRODUCER, {});
    auto* queue = rd_kafka_queue_new(handle.get());
    auto* wanted = rd_kafka_NewTopic_new(topic.c_str(), partitions, 1, error, sizeof error);
    for (const auto& [name, value] : configs) {
        rd_kafka_NewTopic_set_config(wanted, name.c_str(), value.c_str());
    }
    rd_kafka_CreateTopics(handle.get(), &wanted, 1, nullptr, queue);
    auto* event = rd_kafka_queue_poll(queue, deadline_ms);
    require(event != nullptr, "CreateTopics was not answered");
    require_success(rd_kafka_event_error(event), "CreateTopics");
    size_t count = 0;
    const auto* result = rd_kafka_event_CreateTopics_result(event);
    require(result != nullptr, "not an answer to CreateTopics");
    const auto* topics = rd_kafka_CreateTopics_result_topics(result, &count);
    require(count == 1, "CreateTopics answered for other topics");
    require_success(rd_kafka_topic_result_error(topics[0]), "CreateTopics");
    rd_kafka_event_destroy(event);
    rd_kafka_NewTopic_destroy(wanted);
    rd_kafka_queue_destroy(queue);
}

std::vector<std::string> numbered(const std::string& prefix, int count) {
    std::vector<std::string> values;
    for (int i = 0; i < count; ++i) values.push_back(prefix + std::to_string(i));
    return values;
}

}  // namespace interop
