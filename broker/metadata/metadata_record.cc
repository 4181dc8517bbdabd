#include "broker/metadata/metadata_record.h"

#include <algorithm>

#include "protocol/stored/framing.h"

namespace broker::metadata {

namespace {

// The layouts of metadata.version 30 (4.3-IV0): what Apache Kafka writes at that level.
template <class Record>
constexpr int16_t version_of = Record::valid.last;

template <class... Records>
std::optional<MetadataRecord> decode_one_of(protocol::Bytes value, int16_t record_type,
                                            std::variant<Records...>*) {
    std::optional<MetadataRecord> decoded;
    const auto attempt = [&]<class Record>(Record*) {
        if (decoded || Record::record_type != record_type) return;
        if (auto record = protocol::decode_metadata_record<Record>(value))
            decoded = std::move(*record);
    };
    (attempt(static_cast<Records*>(nullptr)), ...);
    return decoded;
}

}  // namespace

protocol::Blob encode(const MetadataRecord& record) {
    return std::visit(
        []<class Record>(const Record& one) {
            return protocol::encode_metadata_record(one, version_of<Record>);
        },
        record);
}

std::optional<MetadataRecord> decode(protocol::Bytes value) {
    protocol::Reader reader(value);
    const auto head = protocol::read_metadata_record_head(reader);
    if (!head) return std::nullopt;
    return decode_one_of(value, head->record_type, static_cast<MetadataRecord*>(nullptr));
}

}  // namespace broker::metadata
