// The configuration of the group coordinator, under the names of Kafka's broker configs.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace broker::coordinator::group {

// Whether a group goes from the classic protocol to that of consumer groups, or back, while it has
// members (group.consumer.migration.policy).
struct MigrationPolicy {
    bool may_upgrade = true;
    bool may_downgrade = true;
};

struct GroupConfig {
    int32_t group_min_session_timeout_ms = 6'000;
    int32_t group_max_session_timeout_ms = 1'800'000;
    int32_t group_initial_rebalance_delay_ms = 0;
    int32_t group_max_size = std::numeric_limits<int32_t>::max();
    int32_t offset_metadata_max_bytes = 4'096;
    int64_t offsets_retention_ms = 10'080LL * 60'000;  // offsets.retention.minutes
    int64_t offsets_retention_check_interval_ms = 600'000;
    // Of consumer groups (KIP-848); a group's own settings come before the first three.
    int32_t group_consumer_session_timeout_ms = 45'000;
    int32_t group_consumer_heartbeat_interval_ms = 5'000;
    int32_t group_consumer_assignment_interval_ms = 0;
    int32_t group_consumer_max_size = std::numeric_limits<int32_t>::max();
    int32_t group_consumer_regex_refresh_interval_ms = 600'000;
    std::vector<std::string> group_consumer_assignors = {"uniform", "range"};  // first: default
    MigrationPolicy group_consumer_migration_policy;
    // Of share groups (KIP-932); a group's own settings come before the first three.
    int32_t group_share_session_timeout_ms = 45'000;
    int32_t group_share_heartbeat_interval_ms = 5'000;
    int32_t group_share_assignment_interval_ms = 0;
    int32_t group_share_max_size = 200;
    int32_t group_share_initialize_retry_interval_ms = 30'000;
    // Of streams groups (KIP-1071); a group's own settings come before all but the size.
    int32_t group_streams_session_timeout_ms = 45'000;
    int32_t group_streams_heartbeat_interval_ms = 5'000;
    int32_t group_streams_assignment_interval_ms = 0;
    int32_t group_streams_initial_rebalance_delay_ms = 0;
    int32_t group_streams_num_standby_replicas = 0;
    int32_t group_streams_task_offset_interval_ms = 60'000;
    int64_t group_streams_acceptable_recovery_lag = 10'000;
    std::string group_streams_rack_aware_assignment_tags;  // separated by commas
    int32_t group_streams_max_size = std::numeric_limits<int32_t>::max();
    bool group_streams_keeps_topology_descriptions = false;  // members are asked for them
};

}  // namespace broker::coordinator::group
