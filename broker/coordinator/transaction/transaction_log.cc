#include "broker/coordinator/transaction/transaction_log.h"

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "protocol/codec_impl.h"
#include "protocol/stored/framing.h"
#include "protocol/stored/transaction_log.h"

namespace broker::coordinator::transaction {

namespace {

constexpr int16_t key_version = 0;
constexpr int16_t value_version = 1;

// Kafka keeps the last epoch in memory only, and fences a producer that repeats its InitProducerId
// after the coordinator moved. One tag of our own, which Kafka skips, spares the producer that; it
// is written only where there is such an epoch.
struct StoredTransaction : protocol::TransactionLogValue {
    int16_t last_producer_epoch = no_epoch;

    static void fields(auto& f, auto& m) {
        protocol::TransactionLogValue::fields(f, m);
        f.tagged(10'000, "LastProducerEpoch", m.last_producer_epoch, protocol::since(1), no_epoch);
    }
};

// The int16 that leads keys (the record type) and values (the version).
template <class Message>
protocol::Blob encode_after(int16_t prefix, const Message& message, int16_t version) {
    protocol::Blob encoded(sizeof(prefix) + protocol::encoded_size(message, version).bytes);
    protocol::BufferSink(encoded.data()).integer(prefix);
    protocol::encode_to(encoded.data() + sizeof(prefix), message, version);
    return encoded;
}

protocol::Blob encode_key(std::string_view transactional_id) {
    const protocol::TransactionLogKey key{.transactional_id = std::string(transactional_id)};
    return encode_after(protocol::TransactionLogKey::record_type, key, key_version);
}

// Grouped by topic; the set is in that order.
std::vector<protocol::TransactionLogValue::PartitionsSchema> by_topic(
    const std::set<TopicPartition>& partitions) {
    std::vector<protocol::TransactionLogValue::PartitionsSchema> topics;
    for (const auto& [topic, partition] : partitions) {
        if (topics.empty() || topics.back().topic != topic) topics.push_back({.topic = topic});
        topics.back().partition_ids.push_back(partition);
    }
    return topics;
}

// No time that is so far away that adding to it would overflow: a log may be damaged.
int64_t sane_time(int64_t time_ms) {
    return std::clamp<int64_t>(time_ms, -1, std::numeric_limits<int64_t>::max() / 2);
}

bool is_stored(int8_t status) {
    return status >= static_cast<int8_t>(State::empty) &&
           status <= static_cast<int8_t>(State::complete_abort);
}

}  // namespace

Record to_record(std::string_view transactional_id, const Transaction& transaction) {
    StoredTransaction value;
    value.producer_id = transaction.producer_id;
    value.previous_producer_id = transaction.previous_producer_id;
    value.next_producer_id = transaction.next_producer_id;
    value.producer_epoch = transaction.producer_epoch;
    value.transaction_timeout_ms = transaction.timeout_ms;
    value.transaction_status = static_cast<int8_t>(transaction.state);
    value.transaction_partitions.reset();  // as Kafka does for Empty
    if (transaction.state != State::empty)
        value.transaction_partitions = by_topic(transaction.partitions);
    value.transaction_last_update_timestamp_ms = transaction.updated_ms;
    value.transaction_start_timestamp_ms = transaction.started_ms;
    value.client_transaction_version = transaction.client_transaction_version;
    value.last_producer_epoch = transaction.last_producer_epoch;
    return {.key = encode_key(transactional_id),
            .value = encode_after(value_version, value, value_version)};
}

Record tombstone(std::string_view transactional_id) {
    return {.key = encode_key(transactional_id), .value = std::nullopt};
}

std::optional<std::string> read_key(protocol::Bytes key) {
    protocol::Reader reader(key);
    if (reader.integer<int16_t>() != protocol::TransactionLogKey::record_type || !reader.ok())
        return std::nullopt;
    auto decoded = protocol::decode<protocol::TransactionLogKey>(reader, key_version);
    if (!decoded) return std::nullopt;
    return std::move(decoded->transactional_id);
}

std::optional<Transaction> read_value(protocol::Bytes value) {
    protocol::Reader reader(value, protocol::stored_array_elements_max);
    const auto version = reader.integer<int16_t>();
    if (!reader.ok() || !StoredTransaction::valid.contains(version)) return std::nullopt;
    const auto decoded = protocol::decode<StoredTransaction>(reader, version);
    if (!decoded || !is_stored(decoded->transaction_status)) return std::nullopt;

    Transaction transaction;
    transaction.producer_id = decoded->producer_id;
    transaction.previous_producer_id = decoded->previous_producer_id;
    transaction.next_producer_id = decoded->next_producer_id;
    transaction.producer_epoch = decoded->producer_epoch;
    transaction.last_producer_epoch = decoded->last_producer_epoch;
    transaction.timeout_ms = decoded->transaction_timeout_ms;
    transaction.state = static_cast<State>(decoded->transaction_status);
    if (decoded->transaction_partitions && transaction.state != State::empty)
        for (const auto& topic : *decoded->transaction_partitions)
            for (const int32_t partition : topic.partition_ids)
                transaction.partitions.insert({topic.topic, partition});
    transaction.started_ms = sane_time(decoded->transaction_start_timestamp_ms);
    transaction.updated_ms = sane_time(decoded->transaction_last_update_timestamp_ms);
    transaction.client_transaction_version = decoded->client_transaction_version;
    return transaction;
}

}  // namespace broker::coordinator::transaction
