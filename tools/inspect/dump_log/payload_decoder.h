// Says in JSON what the records of the internal topics hold.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/record.h"

namespace inspect {

enum class PayloadDecoder : uint8_t {
    strings,  // keys and values as they are
    offsets,
    transaction_log,
    cluster_metadata,
    share_group_state,
};

// What the records of a topic are written in.
PayloadDecoder decoder_of_topic(std::string_view topic);

struct DecodedText {
    std::string text;
    bool is_json = false;
};

// A record that cannot be decoded says so, in Kafka's words, in the place of its key or, in the
// metadata log, of its value.
struct DecodedPayload {
    std::optional<DecodedText> key;
    std::optional<DecodedText> value;
    bool is_decoded = true;
};

// Requires: another decoder than `strings`.
DecodedPayload decode_payload(PayloadDecoder decoder, const protocol::Record& record);

// The JSON of the record of a control batch that is no marker; nullopt: malformed, or of a type
// that is not known.
struct ControlMessage {
    std::string_view label;           // as in Kafka's output
    std::string_view text_separator;  // which differs there
    std::string json;
};
std::optional<ControlMessage> decode_control_message(const protocol::Record& record);

}  // namespace inspect
