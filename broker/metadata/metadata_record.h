// The records of the metadata log (KRaft, KIP-631): all that Apache Kafka writes.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "protocol/stored/broker_records.h"
#include "protocol/stored/config_record.h"
#include "protocol/stored/feature_level_record.h"
#include "protocol/stored/metadata_log_records.h"
#include "protocol/stored/producer_ids_record.h"
#include "protocol/stored/security_records.h"
#include "protocol/stored/topic_records.h"
#include "protocol/types.h"

namespace broker::metadata {

using MetadataRecord = std::variant<
    protocol::TopicRecord, protocol::PartitionRecord, protocol::PartitionChangeRecord,
    protocol::RemoveTopicRecord, protocol::ClearElrRecord, protocol::ConfigRecord,
    protocol::FeatureLevelRecord, protocol::ProducerIdsRecord, protocol::RegisterBrokerRecord,
    protocol::UnregisterBrokerRecord, protocol::BrokerRegistrationChangeRecord,
    protocol::FenceBrokerRecord, protocol::UnfenceBrokerRecord, protocol::RegisterControllerRecord,
    protocol::UnregisterControllerRecord, protocol::AccessControlEntryRecord,
    protocol::RemoveAccessControlEntryRecord, protocol::UserScramCredentialRecord,
    protocol::RemoveUserScramCredentialRecord, protocol::DelegationTokenRecord,
    protocol::RemoveDelegationTokenRecord, protocol::ClientQuotaRecord,
    protocol::BeginTransactionRecord, protocol::EndTransactionRecord,
    protocol::AbortTransactionRecord, protocol::NoOpRecord, protocol::ZkMigrationStateRecord>;

// The value of the record in the log (frame version, type, version, body), in the layout that
// Apache Kafka writes at this metadata.version.
protocol::Blob encode(const MetadataRecord& record, int16_t metadata_version);

// Nullopt: malformed, or a type or a version that is not known.
std::optional<MetadataRecord> decode(protocol::Bytes value);

// ConfigResource.Type of Kafka's admin protocol.
enum class ConfigResource : int8_t {
    topic = 2,
    broker = 4,
    broker_logger = 8,
    client_metrics = 16,
    group = 32
};

}  // namespace broker::metadata
