#include "protocol/frame.h"

#include <cassert>

#include "protocol/api.h"

namespace protocol {

namespace {

// An API that Kafka does not have is never answered, so that its header is of no matter.
int16_t response_header_version(int16_t api_key, int16_t version) {
    const Api* api = find_api(api_key);
    assert(api != nullptr);
    return api->response_header_version(version);
}

}  // namespace

std::optional<RequestHeader> decode_request_header(Reader& frame) {
    Reader ahead = frame;
    const Api* api = find_api(ahead.integer<int16_t>());
    const auto version = ahead.integer<int16_t>();
    if (!ahead.ok() || api == nullptr) return std::nullopt;
    return decode<RequestHeader>(frame, api->request_header_version(version));
}

size_t response_head_bytes(int16_t api_key, int16_t version) {
    const int16_t header_version = response_header_version(api_key, version);
    return frame_size_bytes + encoded_size(ResponseHeader{}, header_version).bytes;
}

void write_response_head(Encoded& response, int16_t api_key, int16_t version,
                         int32_t correlation_id) {
    BufferSink sink(response.bytes.data());
    sink.integer(static_cast<int32_t>(response.total_bytes - frame_size_bytes));
    const ResponseHeader header{.correlation_id = correlation_id};
    encode_to(sink.next(), header, response_header_version(api_key, version));
}

}  // namespace protocol
