#include "broker/metadata/metadata_log.h"

#include <fmt/format.h>

#include "protocol/record_batch.h"
#include "storage/batch_reader.h"

namespace broker::metadata {

namespace {

constexpr int32_t leader_epoch = 1;
constexpr size_t read_bytes_max = 1 << 20;

std::expected<void, protocol::ErrorCode> visit_batch(
    const protocol::BatchView& batch, const std::function<void(const MetadataRecord&)>& visit) {
    if (batch.is_control()) return {};
    return protocol::for_each_record(batch, [&](const protocol::Record& record) {
        if (record.value)
            if (const auto decoded = decode(*record.value)) visit(*decoded);
        return true;
    });
}

}  // namespace

std::expected<MetadataLog, protocol::ErrorCode> MetadataLog::open(
    storage::FileSystem& files, const std::string& data_directory, int64_t now_ms,
    const std::function<void(const MetadataRecord&)>& visit) {
    auto log = storage::Log::open(files, fmt::format("{}/{}-0", data_directory, metadata_topic),
                                  {.now_ms = now_ms});
    if (!log) return std::unexpected(log.error());
    const auto visited = storage::for_each_batch(
        **log, (*log)->log_start_offset(), (*log)->log_end_offset(), read_bytes_max,
        [&](const protocol::BatchView& batch) { return visit_batch(batch, visit); });
    if (!visited) return std::unexpected(visited.error());
    return MetadataLog(std::move(*log));
}

std::expected<void, protocol::ErrorCode> MetadataLog::append(
    std::span<const MetadataRecord> records, int64_t now_ms) {
    protocol::BatchBuilder builder({.partition_leader_epoch = leader_epoch});
    for (const MetadataRecord& record : records) {
        const auto value = encode(record);
        builder.add(now_ms, std::nullopt, value);
    }
    auto batch = builder.build();
    const auto appended = log_->append(batch, leader_epoch, now_ms);
    if (!appended) return std::unexpected(appended.error());
    // Rare, and everything else follows from it: on the disk before anybody is told.
    return log_->flush();
}

}  // namespace broker::metadata
