// The records of the metadata log that einmal writes and reads (KRaft, KIP-631).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "protocol/stored/config_record.h"
#include "protocol/stored/feature_level_record.h"
#include "protocol/stored/producer_ids_record.h"
#include "protocol/stored/topic_records.h"
#include "protocol/types.h"

namespace broker::metadata {

using MetadataRecord =
    std::variant<protocol::TopicRecord, protocol::PartitionRecord, protocol::RemoveTopicRecord,
                 protocol::ConfigRecord, protocol::FeatureLevelRecord, protocol::ProducerIdsRecord>;

// The value of the record in the log: frame version, type, version, body.
protocol::Blob encode(const MetadataRecord& record);

// Nullopt: a type that einmal has no use for, or a version that it does not know.
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
