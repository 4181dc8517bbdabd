#include "protocol/stored/framing.h"

#include <limits>

namespace protocol {

namespace {

constexpr uint32_t metadata_frame_version = 1;

}  // namespace

std::optional<MetadataRecordHead> read_metadata_record_head(Reader& reader) {
    const uint32_t frame_version = reader.unsigned_varint();
    const uint32_t record_type = reader.unsigned_varint();
    const uint32_t version = reader.unsigned_varint();
    constexpr uint32_t number_max = std::numeric_limits<int16_t>::max();
    if (!reader.ok() || frame_version != metadata_frame_version || record_type > number_max ||
        version > number_max)
        return std::nullopt;
    return MetadataRecordHead{static_cast<int16_t>(record_type), static_cast<int16_t>(version)};
}

Blob frame_metadata_record(MetadataRecordHead head, Bytes body) {
    const auto write = [&](auto& sink) {
        sink.unsigned_varint(metadata_frame_version);
        sink.unsigned_varint(static_cast<uint32_t>(head.record_type));
        sink.unsigned_varint(static_cast<uint32_t>(head.version));
        sink.bytes(body);
    };
    SizeSink size;
    write(size);
    Blob framed(size.size());
    BufferSink sink(framed.data());
    write(sink);
    return framed;
}

}  // namespace protocol
