// How stored records say what they are: coordinator records by an int16 type before the key and an
// int16 version before the value, records of the metadata log by three varints before the body.
#pragma once

#include <cassert>
#include <limits>
#include <optional>

#include "protocol/codec.h"

namespace protocol {

// In one array of a stored value: as many as its bytes hold. Who had it written may have been
// allowed more than Kafka's million.
inline constexpr int32_t stored_array_elements_max = std::numeric_limits<int32_t>::max();

// The type of a coordinator record, from its key. Nullopt: too short.
inline std::optional<int16_t> peek_record_type(Bytes key) {
    Reader reader(key);
    const auto type = reader.integer<int16_t>();
    return reader.ok() ? std::optional(type) : std::nullopt;
}

// The version of a coordinator record's value. Nullopt: too short.
inline std::optional<int16_t> peek_value_version(Bytes value) { return peek_record_type(value); }

namespace detail {

// An int16 and the message, which is how keys, values and some files are framed.
template <class Message>
Blob encode_after_int16(int16_t number, const Message& message, int16_t version) {
    Encoded encoded = encode_gathered(message, version, sizeof number);
    assert(encoded.splices.empty());
    BufferSink(encoded.bytes.data()).integer(number);
    return std::move(encoded.bytes);
}

}  // namespace detail

template <class Key>
Blob encode_key(const Key& key) {
    return detail::encode_after_int16(Key::record_type, key, 0);
}

// Nullopt: malformed, or the key of another type of record.
template <class Key>
std::optional<Key> decode_key(Bytes bytes) {
    Reader reader(bytes);
    if (reader.integer<int16_t>() != Key::record_type || !reader.ok()) return std::nullopt;
    return decode<Key>(reader, 0);
}

// Requires: the version is one of Value::valid.
template <class Value>
Blob encode_value(const Value& value, int16_t version) {
    assert(Value::valid.contains(version));
    return detail::encode_after_int16(version, value, version);
}

// Nullopt: malformed, or of a version that is not known.
template <class Value>
std::optional<Value> decode_value(Bytes bytes) {
    Reader reader(bytes, stored_array_elements_max);
    const auto version = reader.integer<int16_t>();
    if (!reader.ok() || !Value::valid.contains(version)) return std::nullopt;
    return decode<Value>(reader, version);
}

// As decode_value(), but a version from the future is read by the newest known layout and the rest
// is ignored: the rule of ConsumerProtocolSubscription and ConsumerProtocolAssignment.
template <class Value>
std::optional<Value> decode_lenient_value(Bytes bytes) {
    Reader reader(bytes);
    const auto version = reader.integer<int16_t>();
    if (!reader.ok() || version < Value::valid.first) return std::nullopt;
    return decode<Value>(reader, std::min(version, Value::valid.last));
}

// What stands before the body of a record in the metadata log, after the frame version 1.
struct MetadataRecordHead {
    int16_t record_type = 0;
    int16_t version = 0;
};

// Leaves the reader at the body. Nullopt: malformed, or of another frame version.
std::optional<MetadataRecordHead> read_metadata_record_head(Reader& reader);

// Writes the head of a record whose body is `body`.
Blob frame_metadata_record(MetadataRecordHead head, Bytes body);

// Requires: the version is one of Record::valid.
template <class Record>
Blob encode_metadata_record(const Record& record, int16_t version) {
    assert(Record::valid.contains(version));
    return frame_metadata_record({Record::record_type, version}, encode(record, version));
}

// Nullopt: malformed, another type of record, or of a version that is not known.
template <class Record>
std::optional<Record> decode_metadata_record(Bytes bytes) {
    Reader reader(bytes, stored_array_elements_max);
    const auto head = read_metadata_record_head(reader);
    if (!head || head->record_type != Record::record_type || !Record::valid.contains(head->version))
        return std::nullopt;
    return decode<Record>(reader, head->version);
}

}  // namespace protocol
