#include "broker/metadata/metadata_record.h"

#include "broker/metadata/features.h"
#include "protocol/stored/framing.h"

namespace broker::metadata {

namespace {

using namespace protocol;

template <class Record>
int16_t version_of(const Record&, int16_t) {
    static_assert(Record::valid.last == 0, "say which version goes with which metadata.version");
    return 0;
}

int16_t partition_version(int16_t metadata_version) {
    if (metadata_version >= metadata_version_of::eligible_leader_replicas) return 2;
    return metadata_version >= metadata_version_of::directory_assignment ? 1 : 0;
}

int16_t version_of(const PartitionRecord&, int16_t metadata_version) {
    return partition_version(metadata_version);
}

int16_t version_of(const PartitionChangeRecord&, int16_t metadata_version) {
    return partition_version(metadata_version);
}

int16_t version_of(const RegisterBrokerRecord&, int16_t metadata_version) {
    if (metadata_version >= metadata_version_of::cordoned_log_dirs) return 4;
    if (metadata_version >= metadata_version_of::directory_assignment) return 3;
    return metadata_version >= metadata_version_of::zk_migration ? 2 : 1;
}

// The oldest that can say it.
int16_t version_of(const BrokerRegistrationChangeRecord& change, int16_t) {
    if (change.cordoned_log_dirs) return 3;
    if (!change.log_dirs.empty()) return 2;
    return change.in_controlled_shutdown != 0 ? 1 : 0;
}

template <class... Records>
std::optional<MetadataRecord> decode_one_of(Bytes value, int16_t record_type,
                                            std::variant<Records...>*) {
    std::optional<MetadataRecord> decoded;
    const auto attempt = [&]<class Record>(Record*) {
        if (decoded || Record::record_type != record_type) return;
        if (auto record = decode_metadata_record<Record>(value)) decoded = std::move(*record);
    };
    (attempt(static_cast<Records*>(nullptr)), ...);
    return decoded;
}

}  // namespace

Blob encode(const MetadataRecord& record, int16_t metadata_version) {
    return std::visit(
        [metadata_version](const auto& one) {
            return encode_metadata_record(one, version_of(one, metadata_version));
        },
        record);
}

std::optional<MetadataRecord> decode(Bytes value) {
    Reader reader(value);
    const auto head = read_metadata_record_head(reader);
    if (!head) return std::nullopt;
    return decode_one_of(value, head->record_type, static_cast<MetadataRecord*>(nullptr));
}

}  // namespace broker::metadata
