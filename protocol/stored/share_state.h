// The state of share partitions in __share_group_state (KIP-932): snapshots and updates.
#pragma once

#include <string>
#include <vector>

#include "protocol/types.h"

namespace protocol {

struct ShareSnapshotKey {
    static constexpr int16_t record_type = 0;
    static constexpr Versions valid = between(0, 0), flexible = never;

    std::string group_id;
    Uuid topic_id;
    int32_t partition = 0;

    static void fields(auto& f, auto& m) {
        f("GroupId", m.group_id);
        f("TopicId", m.topic_id);
        f("Partition", m.partition);
    }
};

struct ShareSnapshotValue {
    static constexpr int16_t record_type = 0;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    struct StateBatch {
        int64_t first_offset = 0;
        int64_t last_offset = 0;
        int8_t delivery_state = 0;
        int16_t delivery_count = 0;

        static void fields(auto& f, auto& m) {
            f("FirstOffset", m.first_offset);
            f("LastOffset", m.last_offset);
            f("DeliveryState", m.delivery_state);
            f("DeliveryCount", m.delivery_count);
        }
    };

    int32_t snapshot_epoch = 0;
    int32_t state_epoch = 0;
    int32_t leader_epoch = 0;
    int64_t start_offset = 0;
    int32_t delivery_complete_count = -1;
    int64_t create_timestamp = 0;
    int64_t write_timestamp = 0;
    std::vector<StateBatch> state_batches;

    static void fields(auto& f, auto& m) {
        f("SnapshotEpoch", m.snapshot_epoch);
        f("StateEpoch", m.state_epoch);
        f("LeaderEpoch", m.leader_epoch);
        f("StartOffset", m.start_offset);
        f.tagged(0, "DeliveryCompleteCount", m.delivery_complete_count, always, -1);
        f("CreateTimestamp", m.create_timestamp);
        f("WriteTimestamp", m.write_timestamp);
        f("StateBatches", m.state_batches);
    }
};

struct ShareUpdateKey {
    static constexpr int16_t record_type = 1;
    static constexpr Versions valid = between(0, 0), flexible = never;

    std::string group_id;
    Uuid topic_id;
    int32_t partition = 0;

    static void fields(auto& f, auto& m) {
        f("GroupId", m.group_id);
        f("TopicId", m.topic_id);
        f("Partition", m.partition);
    }
};

struct ShareUpdateValue {
    static constexpr int16_t record_type = 1;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    struct StateBatch {
        int64_t first_offset = 0;
        int64_t last_offset = 0;
        int8_t delivery_state = 0;
        int16_t delivery_count = 0;

        static void fields(auto& f, auto& m) {
            f("FirstOffset", m.first_offset);
            f("LastOffset", m.last_offset);
            f("DeliveryState", m.delivery_state);
            f("DeliveryCount", m.delivery_count);
        }
    };

    int32_t snapshot_epoch = 0;
    int32_t leader_epoch = 0;
    int64_t start_offset = 0;
    int32_t delivery_complete_count = -1;
    std::vector<StateBatch> state_batches;

    static void fields(auto& f, auto& m) {
        f("SnapshotEpoch", m.snapshot_epoch);
        f("LeaderEpoch", m.leader_epoch);
        f("StartOffset", m.start_offset);
        f.tagged(0, "DeliveryCompleteCount", m.delivery_complete_count, always, -1);
        f("StateBatches", m.state_batches);
    }
};

}  // namespace protocol
