#include "tools/inspect/batch_description.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tools/inspect/hex.h"
#include "tools/inspect/names.h"

namespace inspect {

namespace {

using nlohmann::json;
using protocol::BatchView;
using protocol::Blob;
using protocol::Bytes;
using protocol::ControlType;
using protocol::StoredRecord;
using protocol::TimestampType;

json hex_or_null(const std::optional<Bytes>& bytes) {
    return bytes ? json(to_hex(*bytes)) : json(nullptr);
}

// Null for a delta that no sound batch has; Kafka's own sum overflows there.
json sequence_in(const BatchView& batch, int32_t offset_delta) {
    if (batch.base_sequence() < 0) return protocol::no_sequence;
    if (offset_delta < 0) return nullptr;
    return protocol::sequence_after(batch.base_sequence(), offset_delta);
}

json describe_stored(const BatchView& batch, const StoredRecord& stored) {
    json record{{"size", stored.size_bytes},
                {"offsetDelta", stored.offset_delta},
                {"timestampDelta", stored.timestamp_delta},
                {"timestamp", batch.base_timestamp() + stored.timestamp_delta},
                {"sequence", sequence_in(batch, stored.offset_delta)}};
    if (batch.timestamp_type() == TimestampType::log_append_time)
        record["consumerTimestamp"] = batch.max_timestamp();
    return record;
}

void describe_read(const protocol::Record& read, json& record) {
    record["offset"] = read.offset;
    record["key"] = hex_or_null(read.key);
    record["value"] = hex_or_null(read.value);
    record["headers"] = json::array();
    for (const auto& header : read.headers)
        record["headers"].push_back({{"key", header.key}, {"value", hex_or_null(header.value)}});
    // The vectors call the time before LogAppendTime "timestamp".
    const char* time = record.contains("consumerTimestamp") ? "consumerTimestamp" : "timestamp";
    record[time] = read.timestamp;
}

json describe_records(const BatchView& batch) {
    json records = json::array();
    const auto stored = for_each_stored_record(batch, [&](const StoredRecord& record) {
        records.push_back(describe_stored(batch, record));
        return true;
    });
    size_t index = 0;
    const auto read = for_each_record(batch, [&](const protocol::Record& record) {
        describe_read(record, records.at(index++));
        return true;
    });
    if (!stored || !read) return "cannot be read";
    const auto control = control_record(batch);
    if (control) {
        records[0]["controlType"] = name(control->type);
        if (control->type == ControlType::abort || control->type == ControlType::commit)
            records[0]["coordinatorEpoch"] = control->coordinator_epoch;
    }
    return records;
}

size_t plain_records_bytes(const BatchView& batch) {
    if (batch.record_count() == 0) return 0;
    Blob plain;
    const auto done =
        decompress(batch.compression(), batch.records(), protocol::decompressed_bytes_max, plain);
    return done ? plain.size() : 0;
}

}  // namespace

json describe(const BatchView& batch) {
    return {{"baseOffset", batch.base_offset()},
            {"batchLength", batch.size_bytes() - protocol::batch_prefix_bytes},
            {"partitionLeaderEpoch", batch.partition_leader_epoch()},
            {"magic", 2},
            {"crc", batch.crc()},
            {"attributes", batch.attributes()},
            {"compression", name(batch.compression())},
            {"timestampType", name(batch.timestamp_type())},
            {"transactional", batch.is_transactional()},
            {"control", batch.is_control()},
            {"deleteHorizonMs",
             batch.has_delete_horizon() ? json(batch.base_timestamp()) : json(nullptr)},
            {"lastOffset", batch.last_offset()},
            {"lastOffsetDelta", batch.last_offset_delta()},
            {"baseTimestamp", batch.base_timestamp()},
            {"maxTimestamp", batch.max_timestamp()},
            {"producerId", batch.producer_id()},
            {"producerEpoch", batch.producer_epoch()},
            {"baseSequence", batch.base_sequence()},
            {"lastSequence", sequence_in(batch, batch.last_offset_delta()).is_null()
                                 ? json(nullptr)
                                 : json(batch.last_sequence())},
            {"count", batch.record_count()},
            {"records", describe_records(batch)},
            {"recordsBytes", plain_records_bytes(batch)}};
}

json describe(const protocol::LegacyMessage& message) {
    json records = json::array();
    const auto read = for_each_legacy_record(message, [&](const protocol::Record& record) {
        json described{{"offset", record.offset},
                       {"key", hex_or_null(record.key)},
                       {"value", hex_or_null(record.value)}};
        if (message.magic() == 1) described["timestamp"] = record.timestamp;
        records.push_back(described);
        return true;
    });
    json description{{"magic", message.magic()},
                     {"wrapperOffset", message.offset()},
                     {"messageSize", message.size_bytes() - protocol::batch_prefix_bytes},
                     {"crc", message.crc()},
                     {"attributes", message.attributes()},
                     {"compression", name(message.compression())},
                     {"baseOffset", records.empty() ? json(nullptr) : records[0]["offset"]},
                     {"lastOffset", message.offset()},
                     {"records", read ? records : json("cannot be read")}};
    if (message.magic() == 1) {
        description["timestampType"] = name(message.timestamp_type());
        description["maxTimestamp"] = message.timestamp();
    }
    return description;
}

std::optional<Blob> build_described(const json& description) {
    const auto codec =
        protocol::compression_named(description.at("compression").get<std::string>());
    if (!codec) return std::nullopt;
    const bool has_append_time = description.at("timestampType") == "LogAppendTime";
    protocol::BatchBuilder::Options options{
        .base_offset = description.at("baseOffset"),
        .partition_leader_epoch = description.at("partitionLeaderEpoch"),
        .compression = *codec,
        .timestamp_type =
            has_append_time ? TimestampType::log_append_time : TimestampType::create_time,
        .producer_id = description.at("producerId"),
        .producer_epoch = description.at("producerEpoch"),
        .base_sequence = description.at("baseSequence"),
        .transactional = description.at("transactional"),
        .control = description.at("control"),
        .last_offset = description.at("lastOffset").get<int64_t>()};
    if (has_append_time) options.log_append_time_ms = description.at("maxTimestamp");
    if (const auto& horizon = description.at("deleteHorizonMs"); !horizon.is_null())
        options.delete_horizon_ms = horizon.get<int64_t>();

    std::vector<Blob> kept;  // what the records view into
    const auto bytes_of = [&kept](const json& hex) -> std::optional<Bytes> {
        if (hex.is_null()) return std::nullopt;
        return kept.emplace_back(from_hex(hex.get<std::string>()).value_or(Blob{}));
    };
    protocol::BatchBuilder builder(options);
    for (const auto& record : description.at("records")) {
        std::vector<protocol::RecordHeader> headers;
        for (const auto& header : record.at("headers"))
            headers.push_back({.key = header.at("key").get_ref<const std::string&>(),
                               .value = bytes_of(header.at("value"))});
        builder.add_at(options.base_offset + record.at("offsetDelta").get<int64_t>(),
                       record.at("timestamp"), bytes_of(record.at("key")),
                       bytes_of(record.at("value")), headers);
    }
    return builder.build();
}

}  // namespace inspect
