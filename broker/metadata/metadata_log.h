// The metadata log, __cluster_metadata-0: where the controller's records are kept (KIP-631).
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "broker/metadata/metadata_record.h"
#include "storage/log.h"

namespace broker::metadata {

// Its topic is none of the cluster's.
inline constexpr std::string_view metadata_topic = "__cluster_metadata";

class MetadataLog {
  public:
    // Opens or makes the log inside `data_directory`, and visits every record in it.
    // Errors: kafka_storage_error, corrupt_message.
    static std::expected<MetadataLog, protocol::ErrorCode> open(
        storage::FileSystem& files, const std::string& data_directory, int64_t now_ms,
        const std::function<void(const MetadataRecord&)>& visit);

    // One batch: after a crash all of the records are there, or none.
    std::expected<void, protocol::ErrorCode> append(std::span<const MetadataRecord> records,
                                                    int64_t now_ms);
    bool is_empty() const { return log_->log_end_offset() == 0; }
    std::expected<void, protocol::ErrorCode> close() { return log_->close(); }

  private:
    explicit MetadataLog(std::unique_ptr<storage::Log> log) : log_(std::move(log)) {}
    std::unique_ptr<storage::Log> log_;
};

}  // namespace broker::metadata
