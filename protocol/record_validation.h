// What Kafka's LogValidator asks of a client's batch, with record-level errors (KIP-467).
#pragma once

#include <cstdint>
#include <expected>
#include <limits>
#include <string>
#include <vector>

#include "protocol/record_batch.h"

namespace protocol {

// The topic's rules; timestamps in ms.
struct ProduceRules {
    bool compacted = false;       // each record needs a key
    int32_t batch_bytes_max = 0;  // max.message.bytes
    // max.decompressed.message.bytes: of one record of a compressed batch.
    int32_t decompressed_record_bytes_max = std::numeric_limits<int32_t>::max();
    TimestampType timestamp_type = TimestampType::create_time;
    int64_t timestamp_before_max_ms = std::numeric_limits<int64_t>::max();
    int64_t timestamp_after_max_ms = std::numeric_limits<int64_t>::max();
    int64_t now_ms = 0;
};

// Why a batch was refused. `record_errors` names single records (KIP-467), by index in the batch.
struct ProduceRefusal {
    ErrorCode error = ErrorCode::invalid_record;
    std::string message;
    struct RecordError {
        int32_t index;
        std::string message;
    };
    std::vector<RecordError> record_errors;
};

// A batch that passed. Its header may still carry a maximum timestamp and a timestamp type that
// are the client's word only: hand max_record_timestamp, or the time now, to set_max_timestamp().
struct ProducedBatch : BatchView {
    int64_t max_record_timestamp = no_timestamp;
};

// The one batch in the records of a produce request, checked against every rule of wire format and
// topic that needs no state: magic, length, size, CRC, header fields, record structure, offsets,
// keys, timestamps. Nothing is changed; uncompressed records are neither copied nor allocated for.
//
// For the owner of the partition's state remain: the order of sequences, epochs and transactions,
// whether the request's transactional id is allowed, and that zstd needs Produce v7.
std::expected<ProducedBatch, ProduceRefusal> validate_produced(Bytes records,
                                                               const ProduceRules& rules);

}  // namespace protocol
