// RecordBatch v2 (magic 2, KIP-98): header view, validation, iteration, in-place stamping, builder.
//
// A batch is 61 bytes of header and then records, perhaps compressed. The header is read where it
// lies; records are walked only where Kafka's semantics need them.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "protocol/compression.h"
#include "protocol/error.h"
#include "protocol/types.h"

namespace protocol {

inline constexpr size_t batch_header_bytes = 61;
// Base offset and batch length: what has to be read to know where a batch ends, in every magic.
inline constexpr size_t batch_prefix_bytes = 12;

enum class TimestampType : uint8_t { create_time = 0, log_append_time = 1 };
enum class ControlType : int16_t {
    abort = 0,
    commit = 1,
    leader_change = 2,
    snapshot_header = 3,
    snapshot_footer = 4,
    kraft_version = 5,
    kraft_voters = 6,
};

inline constexpr int64_t no_producer_id = -1;
inline constexpr int16_t no_producer_epoch = -1;
inline constexpr int32_t no_sequence = -1;
inline constexpr int64_t no_timestamp = -1;

// The sequence number `delta` after `sequence`; wraps from 2^31-1 to 0 (KIP-98).
int32_t sequence_after(int32_t sequence, int32_t delta);

// A view of one whole batch of magic 2. Cheap to copy; owns nothing.
class BatchView {
  public:
    // The first batch in `bytes`, if a whole one of magic 2 with a plausible length is there.
    // Its CRC and its records are not looked at.
    static std::optional<BatchView> first_in(Bytes bytes);

    Bytes bytes() const { return bytes_; }
    size_t size_bytes() const { return bytes_.size(); }
    int64_t base_offset() const;
    int32_t partition_leader_epoch() const;
    uint32_t crc() const;
    int16_t attributes() const;
    int32_t last_offset_delta() const;
    int64_t last_offset() const { return base_offset() + last_offset_delta(); }
    int64_t next_offset() const { return last_offset() + 1; }
    int64_t base_timestamp() const;
    int64_t max_timestamp() const;
    int64_t producer_id() const;
    int16_t producer_epoch() const;
    int32_t base_sequence() const;
    int32_t last_sequence() const;
    int32_t record_count() const;
    Compression compression() const;
    TimestampType timestamp_type() const;
    bool is_transactional() const;
    bool is_control() const;
    bool has_producer() const { return producer_id() != no_producer_id; }
    // KIP-534: set by compaction, then base_timestamp() is the horizon.
    bool has_delete_horizon() const;
    // The records part, as stored (compressed or not).
    Bytes records() const;
    // CRC-32C of everything from the attributes on.
    bool has_valid_crc() const;

  private:
    explicit BatchView(Bytes bytes) : bytes_(bytes) {}
    Bytes bytes_;
};

// In place, outside the CRC.
void set_base_offset(MutableBytes batch, int64_t base_offset);
void set_partition_leader_epoch(MutableBytes batch, int32_t leader_epoch);
// In place, and writes the CRC anew.
void set_max_timestamp(MutableBytes batch, TimestampType type, int64_t max_timestamp);

struct RecordHeader {
    std::string_view key;
    std::optional<Bytes> value;
};

// One record, viewing into its batch or into the buffer that it was decompressed to.
struct Record {
    int64_t offset = 0;
    int64_t timestamp = no_timestamp;
    std::optional<Bytes> key;
    std::optional<Bytes> value;
    std::vector<RecordHeader> headers;
};

// Calls `visit` for each record in order; stops early when it returns false.
// Errors: corrupt_message (cannot be decompressed), invalid_record (structure of a record is wrong).
std::expected<void, ErrorCode> for_each_record(const BatchView& batch,
                                               const std::function<bool(const Record&)>& visit);

// Type, and coordinator epoch of an end-of-transaction marker, of a control batch.
struct ControlRecord {
    ControlType type;
    int32_t coordinator_epoch = -1;
};
std::expected<ControlRecord, ErrorCode> control_record(const BatchView& batch);

// What Kafka's LogValidator asks of a client's batch; timestamps in ms.
struct ProduceRules {
    bool compacted = false;  // each record needs a key
    int32_t batch_bytes_max = 0;  // max.message.bytes
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

// The one batch in the records of a produce request, checked against every rule of
// wire format and topic: magic, length, CRC, header fields, record structure, keys, timestamps,
// size. Nothing is changed. Idempotence and transactions are not this function's matter.
std::expected<BatchView, ProduceRefusal> validate_produced(Bytes records, const ProduceRules& rules);

// Makes one batch. Records are added in order; offsets are base_offset, base_offset + 1, …
class BatchBuilder {
  public:
    struct Options {
        int64_t base_offset = 0;
        int32_t partition_leader_epoch = -1;
        Compression compression = Compression::none;
        int compression_level = default_compression_level;
        TimestampType timestamp_type = TimestampType::create_time;
        int64_t producer_id = no_producer_id;
        int16_t producer_epoch = no_producer_epoch;
        int32_t base_sequence = no_sequence;
        bool transactional = false;
        bool control = false;
    };
    explicit BatchBuilder(const Options& options) : options_(options) {}

    void add(int64_t timestamp, std::optional<Bytes> key, std::optional<Bytes> value,
             std::span<const RecordHeader> headers = {});
    int32_t record_count() const { return count_; }
    // An estimate that does not fall short when nothing is compressed.
    size_t size_bytes() const { return batch_header_bytes + records_.size(); }
    // The finished batch. The builder is empty afterwards.
    Blob build();

  private:
    Options options_;
    Blob records_;
    int32_t count_ = 0;
    int64_t base_timestamp_ = no_timestamp;
    int64_t max_timestamp_ = no_timestamp;
};

// The control batch that ends a transaction on a partition (EndTxnMarker.json), offset 0.
Blob build_end_transaction_marker(int64_t producer_id, int16_t producer_epoch, ControlType outcome,
                                  int32_t coordinator_epoch, int64_t timestamp);

// The same records under another codec (topic config compression.type), header fields kept.
std::expected<Blob, ErrorCode> recompress(const BatchView& batch, Compression compression,
                                          int level);

}  // namespace protocol
