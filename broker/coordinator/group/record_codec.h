// The two halves of a record of __consumer_offsets: the type of a key, or the version of a value,
// and the body behind it.
#pragma once

#include <cstdint>
#include <optional>

#include "protocol/codec.h"
#include "protocol/stored/framing.h"
#include "protocol/types.h"

namespace broker::coordinator::group {

template <class Message>
protocol::Blob with_prefix(int16_t prefix, const Message& message, int16_t version) {
    protocol::Blob blob(sizeof(prefix) + protocol::encoded_size(message, version).bytes);
    blob[0] = static_cast<std::byte>(static_cast<uint16_t>(prefix) >> 8);
    blob[1] = static_cast<std::byte>(prefix & 0xff);
    protocol::encode_to(blob.data() + sizeof(prefix), message, version);
    return blob;
}

template <class Key>
protocol::Blob key_of(const Key& key) {
    return with_prefix(Key::record_type, key, 0);
}

// Nullopt: damaged, or of a later version.
template <class Value>
std::optional<Value> decode_value(protocol::Bytes bytes) {
    protocol::Reader reader(bytes, protocol::stored_array_elements_max);
    const auto version = reader.integer<int16_t>();
    if (!reader.ok() || !Value::valid.contains(version)) return std::nullopt;
    return protocol::decode<Value>(reader, version);
}

}  // namespace broker::coordinator::group
