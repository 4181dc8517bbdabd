#include "protocol/record_validation.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace protocol {
namespace {

// Kafka lists every bad record; the end of this list keeps a refusal of a bomb small.
constexpr size_t record_errors_max = 100'000;
// How many of them the batch-level message repeats, as in Kafka.
constexpr size_t shown_errors_max = 3;

std::unexpected<ProduceRefusal> refuse(ErrorCode error, std::string message) {
    return std::unexpected(ProduceRefusal{.error = error, .message = std::move(message)});
}

// The only batch in `records`; bytes after it that do not make another one are passed over, as
// Kafka does.
std::expected<BatchView, ProduceRefusal> only_batch(Bytes records) {
    const auto frame = frame_of(records);
    if (!frame) return refuse(frame.error(), "the record batch has an impossible size or magic");
    if (!*frame)
        return refuse(ErrorCode::invalid_record,
                      "each partition of a produce request must hold a whole record batch");
    const auto batch = BatchView::first_in(records);
    if (!batch)
        return refuse(
            ErrorCode::invalid_record,
            fmt::format("a record batch must be of magic 2, not {}", int{(*frame)->magic}));
    const auto next = frame_of(records.subspan(batch->size_bytes()));
    if (!next) return refuse(next.error(), "what follows the record batch is no batch");
    if (*next)
        return refuse(ErrorCode::invalid_record,
                      "each partition of a produce request must hold only one record batch");
    return *batch;
}

// The rules of UnifiedLog.append, before those of the validator.
std::optional<ProduceRefusal> check_bytes(const BatchView& batch, const ProduceRules& rules) {
    if (batch.base_offset() != 0)
        return refuse(ErrorCode::invalid_record,
                      fmt::format("the base offset of a produced batch must be 0, not {}",
                                  batch.base_offset()))
            .error();
    if (std::cmp_greater(batch.size_bytes(), rules.batch_bytes_max))
        return refuse(ErrorCode::message_too_large,
                      fmt::format("the record batch has {} bytes; max.message.bytes allows {}",
                                  batch.size_bytes(), rules.batch_bytes_max))
            .error();
    if (!batch.has_valid_crc())
        return refuse(
                   ErrorCode::corrupt_message,
                   fmt::format("the record batch does not match its checksum {:08x}", batch.crc()))
            .error();
    return std::nullopt;
}

std::optional<ProduceRefusal> check_header(const BatchView& batch) {
    const auto invalid = [](std::string message) {
        return refuse(ErrorCode::invalid_record, std::move(message)).error();
    };
    if (batch.last_offset_delta() < 0)
        return invalid(fmt::format("the batch ends at offset delta {}, before its begin",
                                   batch.last_offset_delta()));
    if (batch.record_count() <= 0)
        return invalid(fmt::format("the batch claims {} records", batch.record_count()));
    if (batch.last_offset_delta() != batch.record_count() - 1)
        return invalid(fmt::format("{} records do not fill the offset deltas 0 to {}",
                                   batch.record_count(), batch.last_offset_delta()));
    if (batch.is_control()) return invalid("clients may not write control records");
    if (batch.has_producer() && batch.base_sequence() < 0)
        return invalid(fmt::format("sequence {} of producer id {} is not one",
                                   batch.base_sequence(), batch.producer_id()));
    // Kafka fails with UNKNOWN_SERVER_ERROR on the three codecs that do not exist.
    if (batch.compression() > Compression::zstd)
        return refuse(ErrorCode::corrupt_message,
                      fmt::format("there is no compression codec {}", int(batch.compression())))
            .error();
    if (batch.is_transactional() && !batch.has_producer())
        return refuse(ErrorCode::transactional_id_authorization_failed,
                      "a transactional batch needs a producer id")
            .error();
    // -1 Kafka takes for "no epoch yet", and lets it pass.
    if (batch.has_producer() && batch.producer_epoch() < no_producer_epoch)
        return refuse(ErrorCode::invalid_producer_epoch,
                      fmt::format("epoch {} of producer id {} is not one", batch.producer_epoch(),
                                  batch.producer_id()))
            .error();
    return std::nullopt;
}

// Checks record after record, and gathers what is wrong with single ones.
class RecordChecker {
  public:
    RecordChecker(const BatchView& batch, const ProduceRules& rules)
        : rules_(rules),
          base_timestamp_(static_cast<uint64_t>(batch.base_timestamp())),
          common_timestamp_(batch.timestamp_type() == TimestampType::log_append_time
                                ? std::optional(batch.max_timestamp())
                                : std::nullopt),
          body_bytes_max_(batch.compression() == Compression::none
                              ? std::numeric_limits<size_t>::max()
                              : static_cast<size_t>(rules.decompressed_record_bytes_max)) {}

    // False: the batch is refused whatever follows.
    bool operator()(const StoredRecord& record) {
        if (record.body_bytes > body_bytes_max_) [[unlikely]] {
            too_large_ = record.body_bytes;
            return false;
        }
        // The sum wraps as in Kafka.
        const int64_t timestamp = common_timestamp_.value_or(
            static_cast<int64_t>(base_timestamp_ + static_cast<uint64_t>(record.timestamp_delta)));
        max_timestamp_ = std::max(max_timestamp_, timestamp);
        if (rules_.compacted && !record.key) [[unlikely]] {
            add_error("a compacted topic needs a key in every record");
        } else if (is_out_of_range(timestamp)) [[unlikely]] {
            has_invalid_timestamp_ = true;
            add_error(fmt::format("timestamp {} is more than {} ms before or {} ms after {}",
                                  timestamp, rules_.timestamp_before_max_ms,
                                  rules_.timestamp_after_max_ms, rules_.now_ms));
        } else if (record.offset_delta != index_) [[unlikely]] {
            // Kafka asks this of compressed batches only, and stores others with offsets that
            // repeat or lie outside of their batch.
            add_error(fmt::format("offset delta {} where {} is due", record.offset_delta, index_));
        }
        ++index_;
        return true;
    }

    int64_t max_timestamp() const { return max_timestamp_; }

    std::optional<ProduceRefusal> refusal() {
        if (too_large_)
            return ProduceRefusal{
                .error = ErrorCode::invalid_record,
                .message = fmt::format("record {} has {} bytes, max.decompressed.message.bytes={}",
                                       index_, *too_large_, body_bytes_max_),
                .record_errors = {}};
        if (errors_.empty()) return std::nullopt;
        if (has_invalid_timestamp_)
            return ProduceRefusal{.error = ErrorCode::invalid_timestamp,
                                  .message = "records are refused for their timestamps",
                                  .record_errors = std::move(errors_)};
        auto message = fmt::format("{} records are refused:", error_count_);
        for (size_t i = 0; i < std::min(errors_.size(), shown_errors_max); ++i)
            message += fmt::format(" {}: {};", errors_[i].index, errors_[i].message);
        message.back() = '.';
        return ProduceRefusal{.error = ErrorCode::invalid_record,
                              .message = std::move(message),
                              .record_errors = std::move(errors_)};
    }

  private:
    bool is_out_of_range(int64_t timestamp) const {
        if (rules_.timestamp_type == TimestampType::log_append_time || timestamp == no_timestamp)
            return false;
        // Differences wrap as in Kafka, which finds the times near the ends of the range too.
        const auto age = static_cast<int64_t>(static_cast<uint64_t>(rules_.now_ms) -
                                              static_cast<uint64_t>(timestamp));
        const auto lead = static_cast<int64_t>(-static_cast<uint64_t>(age));
        return age > rules_.timestamp_before_max_ms || lead > rules_.timestamp_after_max_ms;
    }

    void add_error(std::string message) {
        ++error_count_;
        if (errors_.size() < record_errors_max)
            errors_.push_back({.index = index_, .message = std::move(message)});
    }

    const ProduceRules& rules_;
    uint64_t base_timestamp_;
    std::optional<int64_t> common_timestamp_;
    size_t body_bytes_max_;
    std::optional<size_t> too_large_;
    int32_t index_ = 0;
    int64_t max_timestamp_ = no_timestamp;
    bool has_invalid_timestamp_ = false;
    size_t error_count_ = 0;
    std::vector<ProduceRefusal::RecordError> errors_;
};

std::string explain(ErrorCode error) {
    switch (error) {
        case ErrorCode::message_too_large: return "the records expand to too much";
        case ErrorCode::invalid_record: return "a record's structure is wrong, or their number";
        default: return "the records cannot be decompressed or read";
    }
}

}  // namespace

std::expected<ProducedBatch, ProduceRefusal> validate_produced(Bytes records,
                                                               const ProduceRules& rules) {
    const auto batch = only_batch(records);
    if (!batch) return std::unexpected(batch.error());
    if (auto refusal = check_bytes(*batch, rules)) return std::unexpected(*std::move(refusal));
    if (auto refusal = check_header(*batch)) return std::unexpected(*std::move(refusal));
    RecordChecker checker(*batch, rules);
    if (const auto walked = for_each_stored_record(*batch, checker); !walked)
        return refuse(walked.error(), explain(walked.error()));
    if (auto refusal = checker.refusal()) return std::unexpected(*std::move(refusal));
    return ProducedBatch{*batch, checker.max_timestamp()};
}

}  // namespace protocol
