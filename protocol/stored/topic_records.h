// Topics and partitions in the metadata log (KIP-631; KIP-858 directories, KIP-966 eligible
// leader replicas).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "protocol/types.h"

namespace protocol {

struct TopicRecord {
    static constexpr int16_t record_type = 2;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    std::string name;
    Uuid topic_id;

    static void fields(auto& f, auto& m) {
        f("Name", m.name);
        f("TopicId", m.topic_id);
    }
};

struct PartitionRecord {
    static constexpr int16_t record_type = 3;
    static constexpr Versions valid = between(0, 2), flexible = since(0);

    int32_t partition_id = -1;
    Uuid topic_id;
    std::vector<int32_t> replicas;
    std::vector<int32_t> isr;
    std::vector<int32_t> removing_replicas;
    std::vector<int32_t> adding_replicas;
    int32_t leader = -1;
    int8_t leader_recovery_state = 0;
    int32_t leader_epoch = -1;
    int32_t partition_epoch = -1;
    std::vector<Uuid> directories;
    std::optional<std::vector<int32_t>> eligible_leader_replicas;
    std::optional<std::vector<int32_t>> last_known_elr;

    static void fields(auto& f, auto& m) {
        f("PartitionId", m.partition_id);
        f("TopicId", m.topic_id);
        f("Replicas", m.replicas);
        f("Isr", m.isr);
        f("RemovingReplicas", m.removing_replicas);
        f("AddingReplicas", m.adding_replicas);
        f("Leader", m.leader);
        f.tagged(0, "LeaderRecoveryState", m.leader_recovery_state, always);
        f("LeaderEpoch", m.leader_epoch);
        f("PartitionEpoch", m.partition_epoch);
        f("Directories", m.directories, since(1));
        f.tagged(1, "EligibleLeaderReplicas", m.eligible_leader_replicas, since(2));
        f.tagged(2, "LastKnownElr", m.last_known_elr, since(2));
    }
};

struct PartitionChangeRecord {
    static constexpr int16_t record_type = 5;
    static constexpr Versions valid = between(0, 2), flexible = since(0);

    int32_t partition_id = -1;
    Uuid topic_id;
    std::optional<std::vector<int32_t>> isr;
    int32_t leader = -2;
    std::optional<std::vector<int32_t>> replicas;
    std::optional<std::vector<int32_t>> removing_replicas;
    std::optional<std::vector<int32_t>> adding_replicas;
    int8_t leader_recovery_state = -1;
    std::optional<std::vector<Uuid>> directories;
    std::optional<std::vector<int32_t>> eligible_leader_replicas;
    std::optional<std::vector<int32_t>> last_known_elr;

    static void fields(auto& f, auto& m) {
        f("PartitionId", m.partition_id);
        f("TopicId", m.topic_id);
        f.tagged(0, "Isr", m.isr, always);
        f.tagged(1, "Leader", m.leader, always, -2);
        f.tagged(2, "Replicas", m.replicas, always);
        f.tagged(3, "RemovingReplicas", m.removing_replicas, always);
        f.tagged(4, "AddingReplicas", m.adding_replicas, always);
        f.tagged(5, "LeaderRecoveryState", m.leader_recovery_state, always, -1);
        f.tagged(6, "EligibleLeaderReplicas", m.eligible_leader_replicas, since(2));
        f.tagged(7, "LastKnownElr", m.last_known_elr, since(2));
        f.tagged(8, "Directories", m.directories, since(1));
    }
};

struct RemoveTopicRecord {
    static constexpr int16_t record_type = 9;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    Uuid topic_id;

    static void fields(auto& f, auto& m) { f("TopicId", m.topic_id); }
};

// Forgets the eligible leader replicas of a topic's partitions; without a name of all.
struct ClearElrRecord {
    static constexpr int16_t record_type = 28;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    std::string topic_name;

    static void fields(auto& f, auto& m) { f("TopicName", m.topic_name); }
};

}  // namespace protocol
