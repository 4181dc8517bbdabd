#include "broker/config/topic_config.h"

#include <fmt/format.h>

#include <algorithm>

namespace broker::config {

namespace {

std::unexpected<ConfigError> refuse(std::string message) {
    return std::unexpected(ConfigError{ErrorCode::invalid_config, std::move(message)});
}

// Reads one topic's values, each from the strongest layer that has it.
class TopicValues {
  public:
    TopicValues(const Values& overrides, const BrokerValues& broker)
        : overrides_(overrides), broker_(broker) {}

    std::string text(std::string_view name) const {
        if (const auto own = overrides_.find(name); own != overrides_.end()) return own->second;
        const auto* key = find_topic_key(name);
        if (!key->broker_key.empty()) return effective_value(key->broker_key, broker_).value_or("");
        return std::string(key->default_value().value_or(""));
    }
    int64_t int64(std::string_view name) const { return parse_integer(text(name)).value_or(0); }
    int32_t int32(std::string_view name) const { return static_cast<int32_t>(int64(name)); }
    double real(std::string_view name) const { return parse_double(text(name)).value_or(0); }

  private:
    const Values& overrides_;
    const BrokerValues& broker_;
};

storage::LogConfig log_config(const TopicValues& values, const Values& overrides) {
    storage::LogConfig log;
    // Tests of small segments go below Kafka's smallest segment.bytes with the internal key.
    const bool small = overrides.contains("internal.segment.bytes");
    log.segment_bytes = values.int32(small ? "internal.segment.bytes" : "segment.bytes");
    log.segment_ms = values.int64("segment.ms");
    log.segment_jitter_ms = values.int64("segment.jitter.ms");
    log.segment_index_bytes = values.int32("segment.index.bytes");
    log.index_interval_bytes = values.int32("index.interval.bytes");
    log.flush_messages = values.int64("flush.messages");
    log.flush_ms = values.int64("flush.ms");
    log.timestamp_type = values.text("message.timestamp.type") == "LogAppendTime"
                             ? protocol::TimestampType::log_append_time
                             : protocol::TimestampType::create_time;
    const auto policies = parse_list(values.text("cleanup.policy"));
    log.compacts = std::ranges::find(policies, "compact") != policies.end();
    log.deletes = std::ranges::find(policies, "delete") != policies.end();
    log.retention_ms = values.int64("retention.ms");
    log.retention_bytes = values.int64("retention.bytes");
    log.file_delete_delay_ms = values.int64("file.delete.delay.ms");
    log.delete_retention_ms = values.int64("delete.retention.ms");
    log.min_compaction_lag_ms = values.int64("min.compaction.lag.ms");
    log.max_compaction_lag_ms = values.int64("max.compaction.lag.ms");
    log.min_cleanable_dirty_ratio = values.real("min.cleanable.dirty.ratio");
    return log;
}

}  // namespace

std::expected<void, ConfigError> validate_topic_config(const Values& overrides) {
    for (const auto& [name, value] : overrides) {
        const auto* key = find_topic_key(name);
        if (!key) return refuse(fmt::format("Unknown topic config name: {}", name));
        if (auto valid = validate(*key, value); !valid) return valid;
    }
    const BrokerValues none;
    const TopicValues values(overrides, none);
    const auto min_lag = values.int64("min.compaction.lag.ms");
    const auto max_lag = values.int64("max.compaction.lag.ms");
    if (min_lag > max_lag) {
        constexpr std::string_view conflict = "conflict topic config setting";
        return refuse(fmt::format("{} min.compaction.lag.ms ({}) > max.compaction.lag.ms ({})",
                                  conflict, min_lag, max_lag));
    }
    if (parse_boolean(values.text("remote.storage.enable")).value_or(false)) {
        return refuse(fmt::format("{} {}",
                                  "Tiered Storage functionality is disabled in the broker.",
                                  "Topic cannot be configured with remote log storage."));
    }
    return {};
}

TopicConfig resolve_topic_config(const Values& overrides, const BrokerValues& broker) {
    const TopicValues values(overrides, broker);
    TopicConfig topic;
    topic.log = log_config(values, overrides);
    topic.max_message_bytes = values.int32("max.message.bytes");
    topic.min_insync_replicas = values.int32("min.insync.replicas");
    topic.decompressed_record_bytes_max = values.int32("max.decompressed.message.bytes");
    // "producer" is no codec's name.
    topic.compression = protocol::compression_named(values.text("compression.type"));
    topic.gzip_level = values.int32("compression.gzip.level");
    topic.lz4_level = values.int32("compression.lz4.level");
    topic.zstd_level = values.int32("compression.zstd.level");
    topic.timestamp_before_max_ms = values.int64("message.timestamp.before.max.ms");
    topic.timestamp_after_max_ms = values.int64("message.timestamp.after.max.ms");
    return topic;
}

}  // namespace broker::config
