// Frames: int32 size, header, body. The header's version follows from the API and its version.
#pragma once

#include <optional>

#include "protocol/codec.h"
#include "protocol/messages/headers.h"

namespace protocol {

inline constexpr size_t frame_size_bytes = 4;

// Reads the header of a request frame, whose size has been read before, and leaves the reader at
// the body. Nullopt: malformed, or of an API that Kafka does not have. The client id points into
// the frame. The API's version may be any.
std::optional<RequestHeader> decode_request_header(Reader& frame);

// What goes before a response's body: the frame's size and the response header.
size_t response_head_bytes(int16_t api_key, int16_t version);

// Fills in those bytes. Requires: they have been reserved at the front of `response`.
void write_response_head(Encoded& response, int16_t api_key, int16_t version,
                         int32_t correlation_id);

// A whole frame.
template <class Response>
Encoded encode_response_frame(const Response& response, int16_t version, int32_t correlation_id) {
    const size_t head_bytes = response_head_bytes(Response::api_key, version);
    Encoded frame = encode_gathered(response, version, head_bytes);
    write_response_head(frame, Response::api_key, version, correlation_id);
    return frame;
}

}  // namespace protocol
