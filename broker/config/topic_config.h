// A topic's configs, resolved: its own, then the broker's under another name, then the default.
#pragma once

#include <cstdint>
#include <expected>
#include <limits>
#include <optional>

#include "broker/config/config_values.h"
#include "protocol/compression.h"
#include "protocol/record_batch.h"
#include "storage/log_config.h"

namespace broker::config {

// Sizes in bytes, times in ms.
struct TopicConfig {
    storage::LogConfig log;
    int32_t max_message_bytes = 1'048'588;
    int32_t min_insync_replicas = 1;
    int32_t decompressed_record_bytes_max = 2'147'483'639;
    // nullopt: "producer", batches are kept as they came.
    std::optional<protocol::Compression> compression;
    int32_t gzip_level = -1;
    int32_t lz4_level = 9;
    int32_t zstd_level = 3;
    int64_t timestamp_before_max_ms = std::numeric_limits<int64_t>::max();
    int64_t timestamp_after_max_ms = 3'600'000;
};

// Checks what a client wants to set on a topic: unknown keys, bad values, and values that do not
// go together are invalid_config with a message.
std::expected<void, ConfigError> validate_topic_config(const Values& overrides);

// Requires: `overrides` passed validate_topic_config.
TopicConfig resolve_topic_config(const Values& overrides, const BrokerValues& broker);

}  // namespace broker::config
