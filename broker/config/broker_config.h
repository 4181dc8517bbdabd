// The broker's own settings, resolved: what the parts of the broker are handed at start.
#pragma once

#include <algorithm>
#include <cstdint>
#include <expected>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "broker/config/config_values.h"

namespace broker::config {

struct Endpoint {
    std::string host;
    uint16_t port = 0;
    bool operator==(const Endpoint&) const = default;
};

// One named address to listen on. Controller listeners are not among them: einmal is its own.
struct Listener {
    std::string name;
    Endpoint bind;  // an empty host: every interface; port 0: any free one
    // nullopt: advertise what was bound, or for a wildcard host the address on which the asking
    // connection came in, which an empty host here stands for, too. Port 0 is the bound port.
    std::optional<Endpoint> advertised;

    bool is_wildcard() const {
        return bind.host.empty() || bind.host == "0.0.0.0" || bind.host == "::";
    }
    bool operator==(const Listener&) const = default;
};

// Classic consumer groups, group.*, and the offsets topic, offsets.*. Times in ms.
struct GroupSettings {
    int32_t initial_rebalance_delay_ms = 0;
    int32_t min_session_timeout_ms = 100;
    int32_t max_session_timeout_ms = 1'800'000;
    int32_t max_size = std::numeric_limits<int32_t>::max();
    int32_t offsets_partition_count = 50;
    int32_t offsets_segment_bytes = 104'857'600;
    int64_t offsets_retention_ms = 604'800'000;
    int64_t offsets_retention_check_interval_ms = 600'000;
    int32_t offset_metadata_max_bytes = 4096;
    // Consumer groups (KIP-848), group.consumer.*.
    bool serves_consumer_protocol = true;
    int32_t consumer_session_timeout_ms = 45'000;
    int32_t consumer_heartbeat_interval_ms = 5'000;
    int32_t consumer_assignment_interval_ms = 1'000;
    int32_t consumer_max_size = std::numeric_limits<int32_t>::max();
    int32_t consumer_regex_refresh_interval_ms = 600'000;
    std::vector<std::string> consumer_assignors = {"uniform", "range"};  // first: default
    bool may_upgrade = true;  // group.consumer.migration.policy
    bool may_downgrade = true;
};

// The transaction coordinator, transaction.* and transactional.id.*. Times in ms.
struct TransactionSettings {
    int32_t partition_count = 50;
    int32_t segment_bytes = 104'857'600;
    int32_t max_timeout_ms = 900'000;
    int32_t transactional_id_expiration_ms = 604'800'000;
    bool partition_verification = true;
    bool two_phase_commit = false;
};

// Share groups, group.share.*, and the share coordinator, share.coordinator.*. Times in ms. What a
// group can have of its own is in ShareGroupConfig.
struct ShareSettings {
    int32_t session_count_max = 2'000;  // group.share.max.share.sessions
    int32_t session_timeout_ms = 45'000;
    int32_t heartbeat_interval_ms = 5'000;
    int32_t assignment_interval_ms = 1'000;
    int32_t max_size = 200;
    int32_t initialize_retry_interval_ms = 30'000;
    int32_t state_partition_count = 50;
    int32_t state_segment_bytes = 104'857'600;
    int32_t updates_per_snapshot = 500;
    int32_t cold_snapshot_interval_ms = 300'000;
    int32_t prune_interval_ms = 300'000;
};

// Streams groups, group.streams.*. Times in ms.
struct StreamsSettings {
    bool are_served = true;  // group.coordinator.rebalance.protocols
    int32_t session_timeout_ms = 45'000;
    int32_t heartbeat_interval_ms = 5'000;
    int32_t assignment_interval_ms = 1'000;
    int32_t initial_rebalance_delay_ms = 3'000;
    int32_t num_standby_replicas = 0;
    int32_t task_offset_interval_ms = 60'000;
    int64_t acceptable_recovery_lag = 10'000;
    std::vector<std::string> rack_aware_assignment_tags;
    int32_t max_size = std::numeric_limits<int32_t>::max();
    bool keeps_topology_descriptions = true;  // group.streams.topology.description.plugin.class
};

// Sockets and memory. Sizes in bytes.
struct NetworkSettings {
    int32_t request_max_bytes = 104'857'600;         // socket.request.max.bytes
    int32_t request_array_elements_max = 1'000'000;  // einmal.request.array.elements.max
    int64_t request_memory_max_bytes = 536'870'912;  // queued.max.request.bytes; -1: no limit
    int32_t connection_count_max = std::numeric_limits<int32_t>::max();
    int32_t connection_count_max_per_ip = std::numeric_limits<int32_t>::max();
    // Of single addresses, instead: max.connections.per.ip.overrides.
    std::map<std::string, int32_t, std::less<>> connection_count_max_of;
    int64_t connection_idle_max_ms = 600'000;  // -1: never closed for being idle
    int32_t listen_backlog = 50;
    int32_t fetch_max_bytes = 57'671'680;
    int32_t fetch_session_count_max = 1000;
    int32_t request_partition_count_max = 2000;  // max.request.partition.size.limit
};

// einmal.fsync. Never: as Kafka does by default, the system writes when it likes.
enum class FsyncMode : uint8_t { never, interval, always };

// The log cleaner, log.cleaner.*. Times in ms, sizes in bytes.
struct CleanerSettings {
    bool is_enabled = true;
    int64_t backoff_ms = 15'000;
    int64_t key_map_bytes = 134'217'728;  // log.cleaner.dedupe.buffer.size
    double key_map_load_max = 0.9;        // log.cleaner.io.buffer.load.factor
};

// Moves of replicas between log directories (KIP-113): how fast, replica.alter.log.dirs.*, and over
// which time that is measured, alter.log.dirs.replication.quota.window.*.
struct MoveSettings {
    int64_t bytes_per_second_max = std::numeric_limits<int64_t>::max();
    int32_t sample_count = 11;
    int32_t sample_seconds = 1;
};

// The log directory as a whole. Times in ms.
struct LogSettings {
    std::vector<std::string> directories;  // empty: a temporary one
    FsyncMode fsync = FsyncMode::never;
    int32_t fsync_interval_ms = 1'000;
    int64_t flush_check_interval_ms = std::numeric_limits<int64_t>::max();
    int64_t recovery_point_checkpoint_interval_ms = 60'000;
    int32_t recovery_threads_per_directory = 2;  // num.recovery.threads.per.data.dir
    int64_t retention_check_interval_ms = 300'000;
    int32_t producer_id_expiration_ms = 86'400'000;
    int32_t producer_id_expiration_check_interval_ms = 600'000;
    CleanerSettings cleaner;
    MoveSettings moves;
    std::vector<std::string> cordoned_directories;  // "*": all of them (KIP-1066)

    bool is_cordoned(const std::string& directory) const {
        return std::ranges::any_of(cordoned_directories, [&](const std::string& one) {
            return one == "*" || one == directory;
        });
    }
};

// Over which time the usage of client quotas is averaged: quota.window.*, and for changes to topics
// controller.quota.window.*.
struct QuotaSettings {
    int32_t sample_count = 11;
    int32_t sample_seconds = 1;
    int32_t controller_sample_count = 11;
    int32_t controller_sample_seconds = 1;
};

// When the metadata log is replaced by a snapshot.
struct MetadataSnapshotSettings {
    int64_t bytes_max = 20'971'520;       // metadata.log.max.record.bytes.between.snapshots
    int64_t interval_max_ms = 3'600'000;  // metadata.log.max.snapshot.interval.ms; 0: never
};

inline constexpr int32_t thread_count_max = 256;  // an id of a fetch session names one of them

struct BrokerConfig {
    int32_t node_id = 1;
    std::optional<std::string> cluster_id;  // nullopt: what the data directory says, or a new one
    std::string rack;                       // empty: none
    std::vector<Listener> listeners;
    int32_t thread_count = 1;
    std::optional<uint64_t> seed;             // nullopt: from the system
    int32_t telemetry_max_bytes = 1'048'576;  // telemetry.max.bytes
    bool auto_create_topics = true;
    bool delete_topics = true;
    bool has_authorizer = false;  // access control lists are kept; none is enforced yet
    int32_t default_partition_count = 1;
    int32_t partition_count_max = 100'000;  // over all topics
    int64_t config_bytes_max = 64 << 20;    // over all resources that can be configured
    GroupSettings group;
    TransactionSettings transaction;
    ShareSettings share;
    StreamsSettings streams;
    NetworkSettings network;
    LogSettings log;
    QuotaSettings quota;
    MetadataSnapshotSettings metadata_snapshots;
    BrokerValues values;  // what it was made of: topic defaults and DescribeConfigs come from here
};

// Builds the settings from the layers. Errors: invalid_config naming key and value.
std::expected<BrokerConfig, ConfigError> resolve_broker_config(BrokerValues values);

}  // namespace broker::config
