// RecordBatch v2 (magic 2, KIP-98): header view, validation, iteration, in-place stamping, builder.
//
// A batch is 61 bytes of header and then records, perhaps compressed. The header is read where it
// lies; records are walked only where Kafka's semantics need them.
#pragma once

#include <concepts>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <type_traits>

#include "protocol/compression.h"
#include "protocol/error.h"
#include "protocol/record.h"
#include "protocol/types.h"

namespace protocol {

inline constexpr size_t batch_header_bytes = 61;
// Base offset and batch length: what has to be read to know where a batch ends, in every magic.
inline constexpr size_t batch_prefix_bytes = 12;
// The most that the records of one compressed batch may expand to: over twice the largest request,
// and an end to what a few kilobytes can claim.
inline constexpr size_t decompressed_bytes_max = 256 << 20;

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

// The sequence number `delta` after `sequence`; wraps from 2^31-1 to 0 (KIP-98). Both from 0.
int32_t sequence_after(int32_t sequence, int32_t delta);

// Where a batch, or a legacy message, begins and ends: what a log needs to walk over any magic.
struct BatchFrame {
    int64_t offset = 0;  // the base offset; the last one in magic 0 and 1
    size_t size_bytes = 0;
    int8_t magic = 0;
};

// The first batch in `bytes`; nullopt when they end before it does. Nothing else is checked.
// Errors: corrupt_message when its size or magic cannot be, so that nothing behind it can be found.
std::expected<std::optional<BatchFrame>, ErrorCode> frame_of(Bytes bytes);

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
    int64_t last_offset() const;
    int64_t next_offset() const;
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
    bool has_producer() const { return producer_id() > no_producer_id; }
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

// The batches of magic 2 that lie one after the other in a file's bytes or a fetch answer.
class BatchCursor {
  public:
    explicit BatchCursor(Bytes bytes) : rest_(bytes) {}

    // The next whole batch; nullopt at the end, or where something else begins.
    std::optional<BatchView> next();
    // What next() has not given yet. Empty: every byte belonged to a batch. Otherwise frame_of()
    // tells whether a batch is cut short (nullopt), is of a legacy magic, or is damaged.
    Bytes rest() const { return rest_; }

  private:
    Bytes rest_;
};

// In place, outside the CRC.
void set_base_offset(MutableBytes batch, int64_t base_offset);
void set_partition_leader_epoch(MutableBytes batch, int32_t leader_epoch);
// In place, and writes the CRC anew unless nothing changes. Requires: a batch with a valid CRC.
void set_max_timestamp(MutableBytes batch, TimestampType type, int64_t max_timestamp);

// Any callable taking a record and returning whether to go on, for the time of a call only. Other
// than std::function it never allocates.
template <class VisitedRecord>
class VisitorOf {
  public:
    template <class Callable>
        requires(!std::same_as<std::remove_cvref_t<Callable>, VisitorOf> &&
                 std::predicate<Callable&, const VisitedRecord&>)
    VisitorOf(Callable&& callable)  // NOLINT: implicit, as a function's parameter is.
        : target_(const_cast<void*>(static_cast<const void*>(std::addressof(callable)))),
          call_([](void* target, const VisitedRecord& record) -> bool {
              return std::invoke(*static_cast<std::remove_reference_t<Callable>*>(target), record);
          }) {}

    bool operator()(const VisitedRecord& record) const { return call_(target_, record); }

  private:
    void* target_;
    bool (*call_)(void*, const VisitedRecord&);
};
using RecordVisitor = VisitorOf<Record>;
using StoredRecordVisitor = VisitorOf<StoredRecord>;

// Calls `visit` for each record in order; stops early, without error, when it returns false.
// Records of an uncompressed batch are views into it; others live for the time of the visit.
// Errors: corrupt_message (cannot be decompressed), invalid_record (structure of a record is
// wrong, or their number), message_too_large (more than decompressed_bytes_max).
std::expected<void, ErrorCode> for_each_record(const BatchView& batch, RecordVisitor visit);

// The same without a step that unpacks headers and makes times and offsets absolute.
std::expected<void, ErrorCode> for_each_stored_record(const BatchView& batch,
                                                      StoredRecordVisitor visit);

// Type, and coordinator epoch of an end-of-transaction marker, of a control batch. A type that
// Kafka has not defined keeps its number.
// Errors: invalid_record, also for a batch that is not a control batch or that compaction emptied.
struct ControlRecord {
    ControlType type;
    int32_t coordinator_epoch = -1;
};
std::expected<ControlRecord, ErrorCode> control_record(const BatchView& batch);

// Makes one batch. Records are added in order; offsets are base_offset, base_offset + 1, …
class BatchBuilder {
  public:
    struct Options {
        int64_t base_offset = 0;
        int32_t partition_leader_epoch = -1;
        Compression compression = Compression::none;
        int compression_level = default_compression_level;
        TimestampType timestamp_type = TimestampType::create_time;
        // With log_append_time: the batch's time, which is that of all its records.
        int64_t log_append_time_ms = no_timestamp;
        int64_t producer_id = no_producer_id;
        int16_t producer_epoch = no_producer_epoch;
        int32_t base_sequence = no_sequence;
        bool transactional = false;
        bool control = false;
        // What compaction keeps of the batch whose remaining records it writes anew: the end of
        // its offsets, and when its tombstones and markers may go (KIP-534).
        std::optional<int64_t> last_offset = std::nullopt;
        std::optional<int64_t> delete_horizon_ms = std::nullopt;
    };
    explicit BatchBuilder(const Options& options) : options_(options) { clear(); }

    void add(int64_t timestamp, std::optional<Bytes> key, std::optional<Bytes> value,
             std::span<const RecordHeader> headers = {});
    // The same with gaps between offsets. Requires: offsets rise, and span less than 2^31.
    void add_at(int64_t offset, int64_t timestamp, std::optional<Bytes> key,
                std::optional<Bytes> value, std::span<const RecordHeader> headers = {});
    int32_t record_count() const { return count_; }
    // An estimate that does not fall short when nothing is compressed.
    size_t size_bytes() const { return batch_.size(); }
    // The finished batch, of less than 2^31 bytes. The builder is empty afterwards.
    Blob build();

  private:
    void clear();

    Options options_;
    Blob batch_;  // room for the header, and the records so far
    int32_t count_ = 0;
    int64_t next_offset_ = 0;
    int64_t base_timestamp_ = no_timestamp;
    int64_t max_timestamp_ = no_timestamp;
};

// What compaction leaves of a batch when no record of it remains: a header that keeps its offsets
// and the producer's last sequence known.
Blob build_emptied_batch(const BatchView& batch);

// The control batch that ends a transaction on a partition (EndTxnMarker.json), offset 0.
Blob build_end_transaction_marker(int64_t producer_id, int16_t producer_epoch, ControlType outcome,
                                  int32_t coordinator_epoch, int64_t timestamp);

// The same records under another codec (topic config compression.type), header fields kept.
// Errors: corrupt_message, message_too_large as for_each_record().
std::expected<Blob, ErrorCode> recompress(const BatchView& batch, Compression compression,
                                          int level);

}  // namespace protocol
