#include "broker/config/broker_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "broker/config/listeners.h"

namespace broker::config {

namespace {

std::unexpected<ConfigError> refuse(std::string message) {
    return std::unexpected(ConfigError{ErrorCode::invalid_config, std::move(message)});
}

// Reads values that were validated.
struct Reader {
    const BrokerValues& values;

    std::string text(std::string_view key) const {
        return effective_value(key, values).value_or("");
    }
    int64_t int64(std::string_view key) const { return parse_integer(text(key)).value_or(-1); }
    int32_t int32(std::string_view key) const { return static_cast<int32_t>(int64(key)); }
    double real(std::string_view key) const { return parse_double(text(key)).value_or(0); }
    std::vector<std::string> list(std::string_view key) const { return parse_list(text(key)); }
    bool boolean(std::string_view key) const { return parse_boolean(text(key)).value_or(false); }
};

GroupSettings group_settings(const Reader& read) {
    constexpr int64_t minute_ms = 60'000;
    std::string policy = read.text("group.consumer.migration.policy");
    std::ranges::transform(policy, policy.begin(), [](unsigned char c) { return std::tolower(c); });
    return {
        .initial_rebalance_delay_ms = read.int32("group.initial.rebalance.delay.ms"),
        .min_session_timeout_ms = read.int32("group.min.session.timeout.ms"),
        .max_session_timeout_ms = read.int32("group.max.session.timeout.ms"),
        .max_size = read.int32("group.max.size"),
        .offsets_partition_count = read.int32("offsets.topic.num.partitions"),
        .offsets_segment_bytes = read.int32("offsets.topic.segment.bytes"),
        .offsets_retention_ms = read.int64("offsets.retention.minutes") * minute_ms,
        .offsets_retention_check_interval_ms = read.int64("offsets.retention.check.interval.ms"),
        .offset_metadata_max_bytes = read.int32("offset.metadata.max.bytes"),
        .serves_consumer_protocol =
            std::ranges::count(read.list("group.coordinator.rebalance.protocols"), "consumer") > 0,
        .consumer_session_timeout_ms = read.int32("group.consumer.session.timeout.ms"),
        .consumer_heartbeat_interval_ms = read.int32("group.consumer.heartbeat.interval.ms"),
        .consumer_assignment_interval_ms = read.int32("group.consumer.assignment.interval.ms"),
        .consumer_max_size = read.int32("group.consumer.max.size"),
        .consumer_regex_refresh_interval_ms =
            read.int32("group.consumer.regex.refresh.interval.ms"),
        .consumer_assignors = read.list("group.consumer.assignors"),
        .may_upgrade = policy == "bidirectional" || policy == "upgrade",
        .may_downgrade = policy == "bidirectional" || policy == "downgrade",
    };
}

TransactionSettings transaction_settings(const Reader& read) {
    return {
        .partition_count = read.int32("transaction.state.log.num.partitions"),
        .segment_bytes = read.int32("transaction.state.log.segment.bytes"),
        .max_timeout_ms = read.int32("transaction.max.timeout.ms"),
        .transactional_id_expiration_ms = read.int32("transactional.id.expiration.ms"),
        .partition_verification = read.boolean("transaction.partition.verification.enable"),
        .two_phase_commit = read.boolean("transaction.two.phase.commit.enable"),
    };
}

ShareSettings share_settings(const Reader& read) {
    return {
        .session_count_max = read.int32("group.share.max.share.sessions"),
        .session_timeout_ms = read.int32("group.share.session.timeout.ms"),
        .heartbeat_interval_ms = read.int32("group.share.heartbeat.interval.ms"),
        .assignment_interval_ms = read.int32("group.share.assignment.interval.ms"),
        .max_size = read.int32("group.share.max.size"),
        .initialize_retry_interval_ms = read.int32("group.share.initialize.retry.interval.ms"),
        .state_partition_count = read.int32("share.coordinator.state.topic.num.partitions"),
        .state_segment_bytes = read.int32("share.coordinator.state.topic.segment.bytes"),
        .updates_per_snapshot =
            read.int32("share.coordinator.snapshot.update.records.per.snapshot"),
        .cold_snapshot_interval_ms =
            read.int32("share.coordinator.cold.partition.snapshot.interval.ms"),
        .prune_interval_ms = read.int32("share.coordinator.state.topic.prune.interval.ms"),
    };
}

StreamsSettings streams_settings(const Reader& read) {
    return {
        .are_served =
            std::ranges::count(read.list("group.coordinator.rebalance.protocols"), "streams") > 0,
        .session_timeout_ms = read.int32("group.streams.session.timeout.ms"),
        .heartbeat_interval_ms = read.int32("group.streams.heartbeat.interval.ms"),
        .assignment_interval_ms = read.int32("group.streams.assignment.interval.ms"),
        .initial_rebalance_delay_ms = read.int32("group.streams.initial.rebalance.delay.ms"),
        .num_standby_replicas = read.int32("group.streams.num.standby.replicas"),
        .task_offset_interval_ms = read.int32("group.streams.task.offset.interval.ms"),
        .acceptable_recovery_lag = read.int64("group.streams.acceptable.recovery.lag"),
        .rack_aware_assignment_tags = read.list("group.streams.rack.aware.assignment.tags"),
        .max_size = read.int32("group.streams.max.size"),
        .keeps_topology_descriptions =
            !read.text("group.streams.topology.description.plugin.class").empty(),
    };
}

NetworkSettings network_settings(const Reader& read) {
    return {
        .request_max_bytes = read.int32("socket.request.max.bytes"),
        .request_array_elements_max = read.int32("einmal.request.array.elements.max"),
        .request_memory_max_bytes = read.int64("queued.max.request.bytes"),
        .connection_count_max = read.int32("max.connections"),
        .connection_count_max_per_ip = read.int32("max.connections.per.ip"),
        .connection_idle_max_ms = read.int64("connections.max.idle.ms"),
        .listen_backlog = read.int32("socket.listen.backlog.size"),
        .fetch_max_bytes = read.int32("fetch.max.bytes"),
        .fetch_session_count_max = read.int32("max.incremental.fetch.session.cache.slots"),
        .request_partition_count_max = read.int32("max.request.partition.size.limit"),
    };
}

MoveSettings move_settings(const Reader& read) {
    constexpr std::string_view rate = "replica.alter.log.dirs.io.max.bytes.per.second";
    return {
        .bytes_per_second_max =
            parse_integer(read.text(rate)).value_or(std::numeric_limits<int64_t>::max()),
        .sample_count = read.int32("alter.log.dirs.replication.quota.window.num"),
        .sample_seconds = read.int32("alter.log.dirs.replication.quota.window.size.seconds"),
    };
}

FsyncMode fsync_mode(std::string_view name) {
    if (name == "always") return FsyncMode::always;
    return name == "interval" ? FsyncMode::interval : FsyncMode::never;
}

LogSettings log_settings(const Reader& read) {
    return {
        .directories = parse_list(read.text("log.dirs")),
        .fsync = fsync_mode(read.text("einmal.fsync")),
        .fsync_interval_ms = read.int32("einmal.fsync.interval.ms"),
        .flush_check_interval_ms = read.int64("log.flush.scheduler.interval.ms"),
        .recovery_point_checkpoint_interval_ms =
            read.int64("log.flush.offset.checkpoint.interval.ms"),
        .recovery_threads_per_directory = read.int32("num.recovery.threads.per.data.dir"),
        .retention_check_interval_ms = read.int64("log.retention.check.interval.ms"),
        .producer_id_expiration_ms = read.int32("producer.id.expiration.ms"),
        .producer_id_expiration_check_interval_ms =
            read.int32("producer.id.expiration.check.interval.ms"),
        .cleaner =
            {
                .is_enabled = read.boolean("log.cleaner.enable"),
                .backoff_ms = read.int64("log.cleaner.backoff.ms"),
                .key_map_bytes = read.int64("log.cleaner.dedupe.buffer.size"),
                .key_map_load_max = read.real("log.cleaner.io.buffer.load.factor"),
            },
        .moves = move_settings(read),
        .cordoned_directories = read.list("cordoned.log.dirs"),
    };
}

QuotaSettings quota_settings(const Reader& read) {
    return {
        .sample_count = read.int32("quota.window.num"),
        .sample_seconds = read.int32("quota.window.size.seconds"),
        .controller_sample_count = read.int32("controller.quota.window.num"),
        .controller_sample_seconds = read.int32("controller.quota.window.size.seconds"),
    };
}

MetadataSnapshotSettings metadata_snapshot_settings(const Reader& read) {
    return {
        .bytes_max = read.int64("metadata.log.max.record.bytes.between.snapshots"),
        .interval_max_ms = read.int64("metadata.log.max.snapshot.interval.ms"),
    };
}

std::expected<void, ConfigError> validate_all(const BrokerValues& values) {
    for (const auto* layer : {&values.dynamic_broker, &values.dynamic_default, &values.fixed}) {
        for (const auto& [name, value] : *layer) {
            const auto* key = find_broker_key(name);
            // Dynamic ones may have any name: Kafka's plugins have keys of their own.
            if (!key && layer != &values.fixed) continue;
            if (!key) return refuse(fmt::format("{}: there is no such broker config", name));
            if (auto valid = validate(*key, value); !valid) return valid;
        }
    }
    return {};
}

// The hosts of max.connections.per.ip.overrides, host:count.
std::expected<void, ConfigError> read_connection_limits(const Reader& read,
                                                        NetworkSettings& network) {
    constexpr std::string_view key = "max.connections.per.ip.overrides";
    for (const std::string& entry : parse_list(read.text(key))) {
        if (entry.empty()) continue;
        const auto colon = entry.rfind(':');
        const auto count =
            colon == entry.npos ? std::nullopt : parse_integer(entry.substr(colon + 1));
        if (!count || !std::in_range<int32_t>(*count))
            return refuse(fmt::format(
                "Error parsing configuration property '{}': {} is not host:count", key, entry));
        network.connection_count_max_of[entry.substr(0, colon)] = static_cast<int32_t>(*count);
    }
    if (network.connection_count_max_per_ip == 0 && network.connection_count_max_of.empty())
        return refuse(fmt::format(
            "max.connections.per.ip can be set to zero only if {} property is set.", key));
    return {};
}

// What limits a group's own settings (KIP-848) limits the broker's, too.
std::expected<void, ConfigError> check_consumer_groups(const Reader& read) {
    const auto key = [](std::string_view name) { return fmt::format("group.consumer.{}", name); };
    for (const std::string_view name :
         {"heartbeat.interval.ms", "session.timeout.ms", "assignment.interval.ms"}) {
        const auto own = key(name), min = key(fmt::format("min.{}", name));
        const auto max = key(fmt::format("max.{}", name));
        if (read.int64(max) < read.int64(min))
            return refuse(fmt::format("{} must be greater than or equal to {}", max, min));
        if (read.int64(own) < read.int64(min))
            return refuse(fmt::format("{} must be greater than or equal to {}", own, min));
        if (read.int64(own) > read.int64(max))
            return refuse(fmt::format("{} must be less than or equal to {}", own, max));
    }
    const auto session = key("session.timeout.ms"), heartbeat = key("heartbeat.interval.ms");
    if (read.int64(session) <= read.int64(heartbeat))
        return refuse(fmt::format("{} must be greater than {}", session, heartbeat));
    if (read.list(key("assignors")).empty())
        return refuse("group.consumer.assignors must name an assignor");
    return {};
}

// What no key can see by itself.
std::expected<void, ConfigError> check_together(const BrokerConfig& config) {
    const Reader read{config.values};
    if (config.group.min_session_timeout_ms > config.group.max_session_timeout_ms)
        return refuse(
            fmt::format("group.min.session.timeout.ms={} is above group.max.session.timeout.ms={}",
                        config.group.min_session_timeout_ms, config.group.max_session_timeout_ms));
    if (effective_value("log.retention.ms", config.values) == "0")
        return refuse("log.retention.ms must be unlimited (-1) or, greater than or equal to 1");
    if (read.int64("log.roll.ms") < 1)
        return refuse("log.roll.ms must be greater than or equal to 1");
    if (read.int64("log.roll.jitter.ms") < 0)
        return refuse("log.roll.jitter.ms must be greater than or equal to 0");
    constexpr int64_t key_map_bytes_min = 1 << 20;
    const auto cleaner_count = std::max<int64_t>(read.int64("log.cleaner.threads"), 1);
    if (config.log.cleaner.key_map_bytes / cleaner_count <= key_map_bytes_min)
        return refuse("log.cleaner.dedupe.buffer.size must be at least 1MB per cleaner thread.");
    return check_consumer_groups(read);
}

// The metadata log is in the first one, unless metadata.log.dir names another.
std::expected<void, ConfigError> put_metadata_first(std::vector<std::string>& directories,
                                                    const std::string& metadata) {
    if (metadata.empty()) return {};
    const auto found = std::ranges::find(directories, metadata);
    if (found == directories.end())
        return refuse(fmt::format("metadata.log.dir={}: must be one of log.dirs", metadata));
    std::rotate(directories.begin(), found, found + 1);
    return {};
}

std::expected<int32_t, ConfigError> node_id(const Reader& read) {
    const auto& fixed = read.values.fixed;
    const bool by_new_name = fixed.contains("node.id");
    const bool by_old_name = fixed.contains("broker.id");
    const auto id = read.int32(by_old_name && !by_new_name ? "broker.id" : "node.id");
    if (id < 0) return refuse(fmt::format("broker.id={}: must be at least 0", id));
    if (by_new_name && by_old_name && id != read.int32("broker.id")) {
        return refuse(
            fmt::format("node.id={} and broker.id={} must agree", id, read.int32("broker.id")));
    }
    return id;
}

}  // namespace

std::expected<BrokerConfig, ConfigError> resolve_broker_config(BrokerValues values) {
    if (auto valid = validate_all(values); !valid) return std::unexpected(valid.error());
    BrokerConfig config;
    config.values = std::move(values);
    const Reader read{config.values};
    const auto id = node_id(read);
    if (!id) return std::unexpected(id.error());
    config.node_id = *id;
    // Both names are reported back, whichever one was set.
    auto& fixed = config.values.fixed;
    if (fixed.contains("node.id") || fixed.contains("broker.id")) {
        fixed["node.id"] = fixed["broker.id"] = std::to_string(*id);
    }
    auto listeners = resolve_listeners(config.values);
    if (!listeners) return std::unexpected(listeners.error());
    config.listeners = *std::move(listeners);

    config.cluster_id = effective_value("einmal.cluster.id", config.values);
    config.rack = read.text("broker.rack");
    config.thread_count = read.int32("einmal.threads");
    if (effective_value("einmal.seed", config.values)) {
        config.seed = static_cast<uint64_t>(read.int64("einmal.seed"));
    }
    config.telemetry_max_bytes = read.int32("telemetry.max.bytes");
    config.auto_create_topics = read.boolean("auto.create.topics.enable");
    config.has_authorizer = !read.text("authorizer.class.name").empty();
    config.delete_topics = read.boolean("delete.topic.enable");
    config.default_partition_count = read.int32("num.partitions");
    config.partition_count_max = read.int32("einmal.partition.count.max");
    config.config_bytes_max = read.int64("einmal.config.bytes.max");
    config.group = group_settings(read);
    config.transaction = transaction_settings(read);
    config.share = share_settings(read);
    config.streams = streams_settings(read);
    config.network = network_settings(read);
    config.log = log_settings(read);
    config.quota = quota_settings(read);
    config.metadata_snapshots = metadata_snapshot_settings(read);
    if (auto limits = read_connection_limits(read, config.network); !limits)
        return std::unexpected(limits.error());
    if (auto sound = check_together(config); !sound) return std::unexpected(sound.error());
    const auto metadata = effective_value("metadata.log.dir", config.values).value_or("");
    if (auto put = put_metadata_first(config.log.directories, metadata); !put)
        return std::unexpected(put.error());
    return config;
}

}  // namespace broker::config
