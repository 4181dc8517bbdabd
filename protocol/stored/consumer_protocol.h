// What classic consumers put into JoinGroup and SyncGroup: subscriptions and assignments.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "protocol/types.h"

namespace protocol {

struct ConsumerProtocolSubscription {
    static constexpr Versions valid = between(0, 3), flexible = never;

    struct TopicPartition {
        std::string topic;
        std::vector<int32_t> partitions;

        static void fields(auto& f, auto& m) {
            f("Topic", m.topic);
            f("Partitions", m.partitions);
        }
    };

    std::vector<std::string> topics;
    std::optional<Blob> user_data;
    std::vector<TopicPartition> owned_partitions;
    int32_t generation_id = -1;
    std::optional<std::string> rack_id;

    static void fields(auto& f, auto& m) {
        f("Topics", m.topics);
        f("UserData", m.user_data);
        f("OwnedPartitions", m.owned_partitions, since(1));
        f("GenerationId", m.generation_id, since(2));
        f("RackId", m.rack_id, since(3));
    }
};

struct ConsumerProtocolAssignment {
    static constexpr Versions valid = between(0, 3), flexible = never;

    struct TopicPartition {
        std::string topic;
        std::vector<int32_t> partitions;

        static void fields(auto& f, auto& m) {
            f("Topic", m.topic);
            f("Partitions", m.partitions);
        }
    };

    std::vector<TopicPartition> assigned_partitions;
    std::optional<Blob> user_data;

    static void fields(auto& f, auto& m) {
        f("AssignedPartitions", m.assigned_partitions);
        f("UserData", m.user_data);
    }
};

}  // namespace protocol
