// What __consumer_offsets holds of KIP-932 share groups.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "protocol/types.h"

namespace protocol {

struct ShareGroupMemberMetadataKey {
    static constexpr int16_t record_type = 10;
    static constexpr Versions valid = between(0, 0), flexible = never;

    std::string group_id;
    std::string member_id;

    static void fields(auto& f, auto& m) {
        f("GroupId", m.group_id);
        f("MemberId", m.member_id);
    }
};

struct ShareGroupMemberMetadataValue {
    static constexpr int16_t record_type = 10;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    std::optional<std::string> rack_id = std::string{};
    std::string client_id;
    std::string client_host;
    std::vector<std::string> subscribed_topic_names;

    static void fields(auto& f, auto& m) {
        f("RackId", m.rack_id);
        f("ClientId", m.client_id);
        f("ClientHost", m.client_host);
        f("SubscribedTopicNames", m.subscribed_topic_names);
    }
};

struct ShareGroupMetadataKey {
    static constexpr int16_t record_type = 11;
    static constexpr Versions valid = between(0, 0), flexible = never;

    std::string group_id;

    static void fields(auto& f, auto& m) { f("GroupId", m.group_id); }
};

struct ShareGroupMetadataValue {
    static constexpr int16_t record_type = 11;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    int32_t epoch = 0;
    int64_t metadata_hash = 0;

    static void fields(auto& f, auto& m) {
        f("Epoch", m.epoch);
        f("MetadataHash", m.metadata_hash);
    }
};

struct ShareGroupTargetAssignmentMetadataKey {
    static constexpr int16_t record_type = 12;
    static constexpr Versions valid = between(0, 0), flexible = never;

    std::string group_id;

    static void fields(auto& f, auto& m) { f("GroupId", m.group_id); }
};

struct ShareGroupTargetAssignmentMetadataValue {
    static constexpr int16_t record_type = 12;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    int32_t assignment_epoch = 0;
    int64_t assignment_timestamp = 0;

    static void fields(auto& f, auto& m) {
        f("AssignmentEpoch", m.assignment_epoch);
        f.tagged(0, "AssignmentTimestamp", m.assignment_timestamp, always);
    }
};

struct ShareGroupTargetAssignmentMemberKey {
    static constexpr int16_t record_type = 13;
    static constexpr Versions valid = between(0, 0), flexible = never;

    std::string group_id;
    std::string member_id;

    static void fields(auto& f, auto& m) {
        f("GroupId", m.group_id);
        f("MemberId", m.member_id);
    }
};

struct ShareGroupTargetAssignmentMemberValue {
    static constexpr int16_t record_type = 13;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    struct TopicPartition {
        Uuid topic_id;
        std::vector<int32_t> partitions;

        static void fields(auto& f, auto& m) {
            f("TopicId", m.topic_id);
            f("Partitions", m.partitions);
        }
    };

    std::vector<TopicPartition> topic_partitions;

    static void fields(auto& f, auto& m) { f("TopicPartitions", m.topic_partitions); }
};

struct ShareGroupCurrentMemberAssignmentKey {
    static constexpr int16_t record_type = 14;
    static constexpr Versions valid = between(0, 0), flexible = never;

    std::string group_id;
    std::string member_id;

    static void fields(auto& f, auto& m) {
        f("GroupId", m.group_id);
        f("MemberId", m.member_id);
    }
};

struct ShareGroupCurrentMemberAssignmentValue {
    static constexpr int16_t record_type = 14;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    struct TopicPartitions {
        Uuid topic_id;
        std::vector<int32_t> partitions;

        static void fields(auto& f, auto& m) {
            f("TopicId", m.topic_id);
            f("Partitions", m.partitions);
        }
    };

    int32_t member_epoch = 0;
    int32_t previous_member_epoch = 0;
    int8_t state = 0;
    std::vector<TopicPartitions> assigned_partitions;

    static void fields(auto& f, auto& m) {
        f("MemberEpoch", m.member_epoch);
        f("PreviousMemberEpoch", m.previous_member_epoch);
        f("State", m.state);
        f("AssignedPartitions", m.assigned_partitions);
    }
};

struct ShareGroupStatePartitionMetadataKey {
    static constexpr int16_t record_type = 15;
    static constexpr Versions valid = between(0, 0), flexible = never;

    std::string group_id;

    static void fields(auto& f, auto& m) { f("GroupId", m.group_id); }
};

struct ShareGroupStatePartitionMetadataValue {
    static constexpr int16_t record_type = 15;
    static constexpr Versions valid = between(0, 0), flexible = since(0);

    struct TopicPartitionsInfo {
        Uuid topic_id;
        std::string topic_name;
        std::vector<int32_t> partitions;

        static void fields(auto& f, auto& m) {
            f("TopicId", m.topic_id);
            f("TopicName", m.topic_name);
            f("Partitions", m.partitions);
        }
    };

    struct TopicInfo {
        Uuid topic_id;
        std::string topic_name;

        static void fields(auto& f, auto& m) {
            f("TopicId", m.topic_id);
            f("TopicName", m.topic_name);
        }
    };

    std::vector<TopicPartitionsInfo> initializing_topics;
    std::vector<TopicPartitionsInfo> initialized_topics;
    std::vector<TopicInfo> deleting_topics;

    static void fields(auto& f, auto& m) {
        f("InitializingTopics", m.initializing_topics);
        f("InitializedTopics", m.initialized_topics);
        f("DeletingTopics", m.deleting_topics);
    }
};

}  // namespace protocol
