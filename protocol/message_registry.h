// Every declared message, by the name of its schema and without its type: for tools and tests that
// take any message. The broker knows its messages by type.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "protocol/wire.h"

namespace protocol {

// A message that was read: as JSON (see to_json()), and written again.
struct ReadMessage {
    std::string json;
    Blob encoded;
};

struct MessageType {
    std::string_view schema;  // as in Kafka: "FetchRequest", "OffsetCommitKey", "TopicRecord"
    Versions valid;
    // Reads one body, which leaves the reader behind it. Nullopt: malformed.
    std::optional<ReadMessage> (*read)(Reader& reader, int16_t version);
};

std::span<const MessageType> message_types();

// Nullptr: einmal has no such message.
const MessageType* find_message_type(std::string_view schema);

}  // namespace protocol
