#include "broker/coordinator/state_log.h"

#include "storage/batch_reader.h"

namespace broker::coordinator {

namespace {

constexpr size_t read_bytes_max = 1 << 20;

}  // namespace

std::expected<void, ErrorCode> StateLog::load(const Visitor& visitor) {
    const auto replica = this->replica();
    if (!replica) return std::unexpected(replica.error());
    const storage::Log& log = (*replica)->log();
    const auto visit = [&](const protocol::BatchView& batch) -> std::expected<void, ErrorCode> {
        // Compaction empties batches that nothing but the state of producers depends on.
        if (batch.record_count() == 0) return {};
        if (batch.is_control()) {
            const auto control = protocol::control_record(batch);
            if (!control) return std::unexpected(control.error());
            visitor.marker(batch.producer_id(), control->type == protocol::ControlType::commit);
            return {};
        }
        const int64_t producer_id =
            batch.is_transactional() ? batch.producer_id() : protocol::no_producer_id;
        std::expected<void, ErrorCode> outcome;
        const auto walked = protocol::for_each_record(batch, [&](const protocol::Record& record) {
            outcome = visitor.record(record, producer_id);
            return outcome.has_value();
        });
        return outcome ? walked : outcome;
    };
    return storage::for_each_batch(log, log.log_start_offset(), log.log_end_offset(),
                                   read_bytes_max, visit);
}

std::expected<int64_t, ErrorCode> StateLog::append(
    std::span<const Record> records, int64_t now_ms,
    const std::optional<TransactionalProducer>& producer) {
    const auto replica = this->replica();
    if (!replica) return std::unexpected(append_error(replica.error()));
    protocol::BatchBuilder::Options options;
    if (producer)
        options = {.producer_id = producer->producer_id,
                   .producer_epoch = producer->producer_epoch,
                   .transactional = true};
    protocol::BatchBuilder builder(options);
    for (const Record& record : records)
        builder.add(now_ms, record.key,
                    record.value ? std::optional<protocol::Bytes>(*record.value) : std::nullopt);
    auto batch = builder.build();
    const auto appended =
        producer ? (*replica)->append_transactional_own(batch, producer->ticket, now_ms)
                 : (*replica)->append_own(batch, now_ms);
    if (!appended) return std::unexpected(append_error(appended.error()));
    return appended->base_offset;
}

ErrorCode append_error(ErrorCode error) {
    switch (error) {
        case ErrorCode::kafka_storage_error:
        case ErrorCode::corrupt_message:
        case ErrorCode::unknown_topic_or_partition: return ErrorCode::coordinator_not_available;
        default: return error;
    }
}

}  // namespace broker::coordinator
